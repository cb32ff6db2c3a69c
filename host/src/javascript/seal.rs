//! From the snapshot to the component. What only the builder needs goes, the
//! handler that the file does not export goes, and what it cannot reach is
//! imported from a stub inside the component instead of from the host. The
//! stub keeps the numbers of all functions as they are in the runtime, so that
//! its compiled code serves every action.

use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, Function, FunctionSection, Instruction, Module,
    RawSection, TypeSection,
};
use wasmparser::{CompositeInnerType, Export, Parser, Payload, TypeRef};
use wit_component::ComponentEncoder;

use super::instance::Loaded;
use crate::error::{Code, Error, Result};

/// The handler that a file may lack, and the part of names that is its.
const CONTINUE_HANDLER: &str = "onContinuePostChallenge";
const CONTINUE: &str = "on-continue";

/// The component of a snapshot.
pub(super) fn component(snapshot: &[u8], loaded: &Loaded) -> Result<Vec<u8>> {
    let keeps = loaded.handlers.iter().any(|handler| handler == CONTINUE_HANDLER);
    let sealed = strip(snapshot, !keeps).map_err(|error| broken(&error))?;
    let mut encoder = ComponentEncoder::default()
        .validate(false)
        .module(&sealed)
        .map_err(|error| broken(&error))?;
    for stub in stubs(snapshot, &loaded.beyond).map_err(|error| broken(&error))? {
        encoder = encoder.adapter(&stub.name, &stub.module).map_err(|error| broken(&error))?;
    }
    encoder.encode().map_err(|error| broken(&error))
}

fn broken(error: &dyn std::fmt::Debug) -> Error {
    Error::new(Code::Internal, format!("the snapshot makes no component: {error:?}"))
}

/// The module without the builder's functions, and without the continue
/// handler where the file has none. All else is copied as it is.
fn strip(module: &[u8], no_continue: bool) -> wasmparser::Result<Vec<u8>> {
    let drops =
        |name: &str| name.starts_with("flowhost-") || (no_continue && name.contains(CONTINUE));
    let mut sealed = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ExportSection(section) => {
                let mut exports = ExportSection::new();
                for export in section {
                    let Export { name, kind, index } = export?;
                    if !drops(name) {
                        exports.export(name, kind.into(), index);
                    }
                }
                sealed.section(&exports);
            }
            Payload::CustomSection(section)
                if section.name().starts_with("component-type") && drops(section.name()) => {}
            other => {
                if let Some((id, range)) = other.as_section() {
                    sealed.section(&RawSection { id, data: &module[range] });
                }
            }
        }
    }
    Ok(sealed.finish())
}

/// A module that stands for an interface: each of its functions traps.
struct Stub {
    name: String,
    module: Vec<u8>,
}

/// The stubs for the interfaces that the file cannot reach.
fn stubs(module: &[u8], beyond: &[String]) -> wasmparser::Result<Vec<Stub>> {
    let mut types = Vec::new();
    let mut imports: Vec<(&str, Vec<(&str, wasmparser::FuncType)>)> = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::TypeSection(section) => {
                for group in section {
                    types.extend(group?.into_types());
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    let interface = import.module.split('@').next().unwrap_or_default();
                    let TypeRef::Func(index) = import.ty else { continue };
                    let Some(CompositeInnerType::Func(function)) =
                        types.get(index as usize).map(|ty| &ty.composite_type.inner)
                    else {
                        continue;
                    };
                    if !beyond.iter().any(|other| other == interface) {
                        continue;
                    }
                    let function = (import.name, function.clone());
                    match imports.iter_mut().find(|(module, _)| *module == import.module) {
                        Some((_, functions)) => functions.push(function),
                        None => imports.push((import.module, vec![function])),
                    }
                }
            }
            _ => {}
        }
    }
    Ok(imports.into_iter().map(|(name, functions)| stub(name, &functions)).collect())
}

fn stub(name: &str, functions: &[(&str, wasmparser::FuncType)]) -> Stub {
    let (mut types, mut declared) = (TypeSection::new(), FunctionSection::new());
    let (mut exports, mut code) = (ExportSection::new(), CodeSection::new());
    for (index, (name, ty)) in (0..).zip(functions) {
        let of = |list: &[wasmparser::ValType]| -> Vec<wasm_encoder::ValType> {
            list.iter().filter_map(|ty| RoundtripReencoder.val_type(*ty).ok()).collect()
        };
        types.ty().function(of(ty.params()), of(ty.results()));
        declared.function(index);
        exports.export(name, ExportKind::Func, index);
        let mut body = Function::new([]);
        body.instruction(&Instruction::Unreachable).instruction(&Instruction::End);
        code.function(&body);
    }
    let mut module = Module::new();
    module.section(&types).section(&declared).section(&exports).section(&code);
    Stub { name: name.to_owned(), module: module.finish() }
}
