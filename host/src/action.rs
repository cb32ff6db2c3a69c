//! One action: its component checked, compiled and linked ([`LoadedAction`]),
//! and one run of it ([`invoke`]).

mod cache;
mod functions;
mod inspect;
mod invoke;
pub(crate) mod logs;
mod meter;
mod runtime;
pub(crate) mod state;
pub(crate) mod v1;

use wasmtime::component::types::{ComponentItem, Type};
use wasmtime::component::{Component, ComponentExportIndex, InstancePre};

use crate::cursor::Handler;
use crate::digest::Digest;
use crate::error::{Code, Error, Result};

pub(crate) use cache::CodeCache;
pub use inspect::{Inspection, inspect};
pub(crate) use invoke::{Invocation, invoke};
pub(crate) use runtime::Runtime;
use state::RunState;

/// A component that is ready to run.
pub(crate) struct LoadedAction {
    pub(crate) digest: Digest,
    pre: InstancePre<RunState>,
    on_execute: ComponentExportIndex,
    on_continue: Option<ComponentExportIndex>,
    /// What it imports that its flow must grant.
    outbound: Vec<String>,
}

impl LoadedAction {
    /// Checks, compiles and links a component. Takes long: to be called where
    /// blocking is allowed. `outbound` says whether its flow lets it call other
    /// sites.
    pub(crate) fn load(runtime: &Runtime, bytes: &[u8], outbound: bool) -> Result<Self> {
        let inspection = inspect(bytes)?;
        inspection.check_for(outbound)?;
        let component = runtime
            .component(bytes, &inspection.digest)
            .map_err(|error| invalid(Code::ComponentInvalid, &error))?;
        let export = |handler| -> Result<Option<ComponentExportIndex>> {
            let name = inspection.export_of(handler);
            name.map(|name| handler_export(&component, name)).transpose()
        };
        let on_execute = export(Handler::OnExecute)?.ok_or_else(|| inspection.wrong_world())?;
        let on_continue = export(Handler::OnContinue)?;
        let pre = runtime
            .linker()
            .instantiate_pre(&component)
            .map_err(|error| invalid(Code::ComponentWrongWorld, &error))?;
        let outbound = inspection.outbound_imports().map(str::to_owned).collect();
        Ok(LoadedAction { digest: inspection.digest, pre, on_execute, on_continue, outbound })
    }

    /// Refuses a component that calls other sites as an action that may not.
    /// One component may be several actions, with other grants.
    pub(crate) fn check_grant(&self, outbound: bool) -> Result<()> {
        match outbound {
            true => Ok(()),
            false => inspect::refuse_ungranted(self.outbound.iter().map(String::as_str)),
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

fn invalid(code: Code, error: &wasmtime::Error) -> Error {
    Error::new(code, format!("the component is not valid: {error:#}"))
}
