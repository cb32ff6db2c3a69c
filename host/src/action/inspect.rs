//! What a component says about itself, read from its bytes before anything is
//! compiled: imports, exports, the version of the contract. [`Inspection::check`]
//! refuses what no action may have, by name.

use std::fmt::Write as _;

use semver::Version;
use serde::Serialize;
use wasmparser::{Encoding, Parser, Payload};

use super::maker::{self, Maker, Producers};
use super::v1;
use crate::api::wasi::{self, OUTBOUND_IMPORTS};
use crate::cursor::Handler;
use crate::digest::Digest;
use crate::error::{Code, Error, Problem, Result};
use crate::limits::Limits;

/// What core modules import that were made for WASI 0.1.
const WASI_0_1: &str = "wasi_snapshot_preview1";

/// What a component says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Inspection {
    /// SHA-256 of the bytes.
    pub digest: Digest,
    /// Bytes.
    pub size: usize,
    /// The version of `flowhost:post-challenge` it was made for; none when it
    /// has no part of it.
    pub api_version: Option<String>,
    /// The interfaces it imports.
    pub imports: Vec<String>,
    /// The interfaces it exports.
    pub exports: Vec<String>,
    /// Functions in it, imported ones included.
    pub functions: u64,
    /// Modules and components nested in it.
    pub modules: u64,
    /// The language it was written in, where its tools have left a mark.
    #[serde(rename = "language", serialize_with = "maker_name")]
    maker: Option<Maker>,
}

fn maker_name<S: serde::Serializer>(
    maker: &Option<Maker>,
    to: S,
) -> std::result::Result<S::Ok, S::Error> {
    maker.map(Maker::name).serialize(to)
}

/// Reads what a component says about itself.
///
/// # Errors
/// `not_a_component` for bytes that are no WebAssembly component, with what
/// they are instead where that can be told.
pub fn inspect(bytes: &[u8]) -> Result<Inspection> {
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    let (mut functions, mut modules) = (0, 0);
    let mut depth = 0_usize;
    let mut first = true;
    let mut producers = Producers::default();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(|error| not_a_component(bytes, &error.to_string()))? {
            Payload::Version { encoding: Encoding::Module, .. } if first => {
                return Err(core_module(bytes));
            }
            Payload::Version { .. } => first = false,
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                depth += 1;
                modules += 1;
            }
            Payload::CustomSection(section) => producers.add(&section),
            Payload::ImportSection(section) => functions += u64::from(section.count()),
            Payload::FunctionSection(section) => functions += u64::from(section.count()),
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    let import = import.map_err(|e| not_a_component(bytes, &e.to_string()))?;
                    imports.push(import.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    let export = export.map_err(|e| not_a_component(bytes, &e.to_string()))?;
                    exports.push(export.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    let api_version = imports.iter().chain(&exports).filter_map(|name| Interface::parse(name));
    let api_version = api_version.filter(|i| i.package == v1::PACKAGE).map(|i| i.version).max();
    Ok(Inspection {
        digest: Digest::of(bytes),
        size: bytes.len(),
        api_version: api_version.map(|version| version.to_string()),
        imports,
        exports,
        functions,
        modules,
        maker: producers.maker(),
    })
}

/// A core module is one step from a component; which step depends on its tools.
fn core_module(bytes: &[u8]) -> Error {
    let mut producers = Producers::default();
    let mut wasi = false;
    for payload in Parser::new(0).parse_all(bytes).map_while(std::result::Result::ok) {
        match payload {
            Payload::CustomSection(section) => producers.add(&section),
            Payload::ImportSection(section) => {
                let mut imports = section.into_imports().flatten();
                wasi |= imports.any(|import| import.module == WASI_0_1);
            }
            _ => {}
        }
    }
    let message = match wasi {
        true => "this is a core WebAssembly module for WASI 0.1 (wasip1), not a component",
        false => "this is a core WebAssembly module, not a component",
    };
    let hint = maker::componentize(producers.maker_of_module());
    Error::new(Code::NotAComponent, message).with_hint(hint)
}

fn not_a_component(bytes: &[u8], why: &str) -> Error {
    if bytes.starts_with(b"\0asm") {
        return Error::new(Code::NotAComponent, format!("the component is damaged: {why}"));
    }
    let hint = match std::str::from_utf8(bytes) {
        Ok(_) => "it looks like text; name source code with `source`, not `component`",
        Err(_) => "an action is a WebAssembly component, such as `flowhost build` makes",
    };
    Error::new(Code::NotAComponent, "this is no WebAssembly").with_hint(hint)
}

/// `flowhost:post-challenge/event@1.0.0`, taken apart.
struct Interface<'n> {
    package: &'n str,
    name: &'n str,
    version: Version,
}

impl<'n> Interface<'n> {
    fn parse(text: &'n str) -> Option<Self> {
        let (path, version) = text.split_once('@')?;
        let (package, name) = path.split_once('/')?;
        Some(Interface { package, name, version: Version::parse(version).ok()? })
    }

    /// Whether it is one of these interfaces of WASI 0.2.
    fn is_in(&self, known: &[&str]) -> bool {
        let path = format!("{}/{}", self.package, self.name);
        known.contains(&path.as_str()) && (self.version.major, self.version.minor) == (0, 2)
    }

    /// Whether it is of the contract, which begins with version 1.
    fn is_ours(&self) -> bool {
        self.package == v1::PACKAGE && self.version.major == v1::VERSION.0
    }

    fn is_too_new(&self) -> bool {
        (self.version.major, self.version.minor) > v1::VERSION
    }
}

impl Inspection {
    /// The exported interface that holds a handler.
    pub(crate) fn export_of(&self, handler: Handler) -> Option<&str> {
        let ours = |name: &&String| {
            Interface::parse(name).is_some_and(|i| i.is_ours() && i.name == handler.as_str())
        };
        self.exports.iter().find(ours).map(String::as_str)
    }

    /// The language it was written in, where its tools have left a mark.
    pub fn language(&self) -> Option<&'static str> {
        self.maker.map(Maker::name)
    }

    /// Whether it can go on after a redirect or a prompt.
    pub fn has_continue(&self) -> bool {
        self.export_of(Handler::OnContinue).is_some()
    }

    /// The interfaces it imports that an action gets only if its flow grants
    /// it origins: `outbound`.
    pub fn outbound_imports(&self) -> impl Iterator<Item = &str> {
        self.imports.iter().map(String::as_str).filter(|name| is_outbound(name))
    }

    /// Refuses what no action may have, whatever its flow grants.
    ///
    /// # Errors
    /// `component_api_too_new`, `component_import_refused` with every such
    /// import, `component_wrong_world` without an `on-execute` export.
    pub fn check(&self) -> Result<()> {
        self.check_for(true)
    }

    /// Refuses what an action may not have that is granted outbound requests,
    /// or is not.
    pub(crate) fn check_for(&self, outbound: bool) -> Result<()> {
        let too_new: Vec<_> =
            self.imports.iter().chain(&self.exports).filter(|n| too_new(n)).collect();
        if let Some(name) = too_new.first() {
            let (major, minor) = v1::VERSION;
            let message =
                format!("{name}: this flowhost knows version {major}.{minor} of the contract");
            return Err(
                Error::new(Code::ComponentApiTooNew, message).with_hint(maker::older(self.maker))
            );
        }
        let refused = self.imports.iter().filter_map(|name| refuse_import(name));
        let mut refused: Vec<Problem> = refused.collect();
        match outbound {
            true => {}
            false if refused.is_empty() => refuse_ungranted(self.outbound_imports())?,
            false => refused.extend(self.outbound_imports().map(ungranted)),
        }
        if !refused.is_empty() {
            let message = "the component asks for more than an action may have";
            return Err(Error::new(Code::ComponentImportRefused, message)
                .with_problems(refused)
                .with_hint(maker::import_less(self.maker)));
        }
        match self.export_of(Handler::OnExecute) {
            Some(_) => Ok(()),
            None => Err(self.wrong_world()),
        }
    }

    /// Refuses what is small as a file and large as a program.
    pub(crate) fn check_size(&self, limits: &Limits) -> Result<()> {
        let refused = |count: u64, limit: u64, what: &str| {
            let message = format!("the component has {count} {what}; {limit} are allowed");
            Err(Error::new(Code::ComponentTooComplex, message))
        };
        if self.functions > limits.functions {
            return refused(self.functions, limits.functions, "functions");
        }
        if self.modules > limits.modules {
            return refused(self.modules, limits.modules, "nested modules and components");
        }
        Ok(())
    }

    pub(crate) fn wrong_world(&self) -> Error {
        let mut message = format!("the component has no export `{}/on-execute`", v1::PACKAGE);
        match self.exports.as_slice() {
            [] => message.push_str("; it exports nothing"),
            exports => _ = write!(message, "; it exports {}", exports.join(", ")),
        }
        Error::new(Code::ComponentWrongWorld, message).with_hint(maker::export(self.maker))
    }
}

/// Refuses imports that need a grant, where there is none.
pub(super) fn refuse_ungranted<'n>(imports: impl Iterator<Item = &'n str>) -> Result<()> {
    let refused: Vec<Problem> = imports.map(ungranted).collect();
    match refused.is_empty() {
        true => Ok(()),
        false => {
            let message = "the component calls other sites, and its flow does not say which";
            Err(Error::new(Code::ComponentImportRefused, message).with_problems(refused).with_hint(
                "grant them in the flow file, under [[action]]: outbound = [\"https://risk.example.com\"]; or none: outbound = []",
            ))
        }
    }
}

fn ungranted(name: &str) -> Problem {
    Problem::at_path(name, "needs `outbound`: the origins that the action may call")
}

fn is_outbound(name: &str) -> bool {
    Interface::parse(name).is_some_and(|interface| interface.is_in(OUTBOUND_IMPORTS))
}

fn too_new(name: &str) -> bool {
    Interface::parse(name).is_some_and(|i| i.package == v1::PACKAGE && i.is_too_new())
}

fn refuse_import(name: &str) -> Option<Problem> {
    let why = match Interface::parse(name) {
        Some(interface) if interface.package == v1::PACKAGE => {
            if interface.is_ours() && v1::IMPORTS.contains(&interface.name) {
                return None;
            }
            "no interface of this package"
        }
        Some(interface) if interface.package.starts_with("wasi:") => {
            let outbound = interface.is_in(OUTBOUND_IMPORTS);
            if interface.is_in(wasi::IMPORTS) || (outbound && cfg!(feature = "outbound")) {
                return None;
            }
            match outbound {
                true => "this flowhost is built without outbound requests",
                false => "not granted to actions",
            }
        }
        _ => "unknown to flowhost",
    };
    Some(Problem::at_path(name, why))
}
