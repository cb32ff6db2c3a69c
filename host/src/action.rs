//! One action: its component checked, compiled and linked ([`LoadedAction`]),
//! and one run of it ([`invoke`]).

mod cache;
mod engine_config;
mod functions;
mod inspect;
mod invoke;
mod lanes;
pub(crate) mod logs;
mod maker;
pub(crate) mod meter;
mod pace;
mod runtime;
pub(crate) mod sealed;
pub(crate) mod state;
pub(crate) mod v1;
mod waits;

use wasmtime::component::types::{ComponentItem, Type};
use wasmtime::component::{Component, ComponentExportIndex, InstancePre};

use crate::compiler::Bounds;
use crate::cursor::Handler;
use crate::digest::Digest;
use crate::error::{Code, Error, Result};
use crate::limits::Limits;

pub(crate) use cache::CodeCache;
pub use inspect::{Inspection, inspect};
pub(crate) use invoke::{Invocation, invoke};
pub(crate) use lanes::{Begun, QUICK, Started};
pub(crate) use pace::{Habits, Pace};
pub(crate) use runtime::{Runtime, compile_component};
use state::RunState;

/// An engine with the settings that actions run with, and no cache.
pub(crate) fn engine_for_running(runs: usize) -> wasmtime::Result<wasmtime::Engine> {
    engine_config::for_running(runs, None)
}

/// A component that is ready to run.
pub(crate) struct LoadedAction {
    pub(crate) digest: Digest,
    pre: InstancePre<RunState>,
    on_execute: ComponentExportIndex,
    on_continue: Option<ComponentExportIndex>,
    inspection: Inspection,
}

impl LoadedAction {
    /// Checks and links a component, which is taken from the cache or compiled within
    /// `bounds`; none when it may not be compiled. Takes long: to be called where
    /// blocking is allowed. `outbound` says whether its flow lets it call other sites.
    pub(crate) fn load(
        runtime: &Runtime,
        bytes: &[u8],
        outbound: bool,
        limits: &Limits,
        bounds: Option<Bounds>,
    ) -> Result<Option<Self>> {
        let inspection = inspect(bytes)?;
        inspection.check_for(outbound)?;
        inspection.check_size(limits)?;
        let component = runtime.component(bytes, &inspection.digest, bounds)?;
        let Some(component) = component else { return Ok(None) };
        let export = |handler| -> Result<Option<ComponentExportIndex>> {
            let name = inspection.export_of(handler);
            name.map(|name| handler_export(&component, name)).transpose()
        };
        let on_execute = export(Handler::OnExecute)?.ok_or_else(|| inspection.wrong_world())?;
        let on_continue = export(Handler::OnContinue)?;
        let pre = runtime.linker().instantiate_pre(&component).map_err(|error| {
            let message = format!("the component is not valid: {error:#}");
            Error::new(Code::ComponentWrongWorld, message)
        })?;
        Ok(Some(LoadedAction {
            digest: inspection.digest,
            pre,
            on_execute,
            on_continue,
            inspection,
        }))
    }

    /// Refuses it as an action that may not call other sites, if it does, or
    /// that may not be as large. One component may be several actions.
    pub(crate) fn check_for(&self, outbound: bool, limits: &Limits) -> Result<()> {
        self.inspection.check_size(limits)?;
        match outbound {
            true => Ok(()),
            false => inspect::refuse_ungranted(self.inspection.outbound_imports()),
        }
    }

    pub(crate) fn has_continue(&self) -> bool {
        self.on_continue.is_some()
    }

    fn export(&self, handler: Handler) -> Option<&ComponentExportIndex> {
        match handler {
            Handler::OnExecute => Some(&self.on_execute),
            Handler::OnContinue => self.on_continue.as_ref(),
        }
    }
}

/// The `handle` function of an exported interface, which must have the type
/// the contract gives it.
fn handler_export(component: &Component, interface: &str) -> Result<ComponentExportIndex> {
    let wrong = |why: &str| Error::new(Code::ComponentWrongWorld, format!("{interface}: {why}"));
    let instance = component
        .get_export_index(None, interface)
        .ok_or_else(|| wrong("the export is no interface"))?;
    let (item, index) = component
        .get_export(Some(&instance), "handle")
        .ok_or_else(|| wrong("the function `handle` is missing"))?;
    let ComponentItem::ComponentFunc(function) = item else {
        return Err(wrong("`handle` is no function"));
    };
    let result = match &function.results().collect::<Vec<_>>()[..] {
        [Type::Result(result)] => result.clone(),
        _ => return Err(wrong("`handle` must return a result")),
    };
    let failure = |ty: Type| match ty {
        Type::Record(record) => {
            record.fields().map(|f| f.name).eq(["name", "message", "stack"])
                && record.fields().map(|f| f.ty).zip([false, false, true]).all(is_text)
        }
        _ => false,
    };
    let fits = function.params().len() == 0
        && !function.async_()
        && result.ok().is_none()
        && result.err().is_some_and(failure);
    match fits {
        true => Ok(index),
        false => Err(wrong("`handle` must be `func() -> result<_, failure>`")),
    }
}

/// A string, or where it is optional an option of one.
fn is_text((ty, optional): (Type, bool)) -> bool {
    match ty {
        Type::String => !optional,
        Type::Option(inner) => optional && matches!(inner.ty(), Type::String),
        _ => false,
    }
}
