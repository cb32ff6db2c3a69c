//! From a core module, which a compiler made, to a component. The module says by its
//! exports which handlers the action has, and so which world of the contract it is
//! made for. What its C library wants of a system that is not there goes through the
//! adapter that every WASI toolchain uses.

use flowhost::{Code, Error, Result};
use tempfile::TempDir;
use wasm_encoder::{Module, RawSection};
use wasmparser::{Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::behind;
use super::zig_compiler::MODULE;

/// The contract, as it is in `wit/`.
const WIT: [&str; 4] = [
    include_str!("../../../wit/world.wit"),
    include_str!("../../../wit/api.wit"),
    include_str!("../../../wit/event.wit"),
    include_str!("../../../wit/log.wit"),
];

/// The module that the C library's imports are of.
const PREVIEW1: &str = "wasi_snapshot_preview1";

/// The component of the module that was built into this folder. `missing` says how the
/// language writes the handler that every action must have.
pub(super) fn component(built: &TempDir, missing: &str) -> Result<Vec<u8>> {
    let mut module = std::fs::read(built.path().join(MODULE)).map_err(broken)?;
    module = lean(&module).and_then(behind::each_handler).map_err(broken)?;
    let interface = interface(&module).map_err(broken)?;
    if !interface.on_execute {
        return Err(Error::new(Code::BuildFailed, "the action has no handler")
            .with_hint(format!("every action has this one: {missing}")));
    }
    let world = if interface.on_continue { "action" } else { "execute-only" };
    embed(&mut module, world)?;
    let mut encoder = ComponentEncoder::default().module(&module).map_err(broken)?;
    if interface.preview1 {
        let adapter =
            wasi_preview1_component_adapter_provider::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER;
        encoder = encoder.adapter(PREVIEW1, adapter).map_err(broken)?;
    }
    encoder.encode().map_err(broken)
}

/// The module without debug information. The names of functions stay: a trap says in
/// which one.
fn lean(module: &[u8]) -> wasmparser::Result<Vec<u8>> {
    let mut lean = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::CustomSection(section) if section.name().starts_with(".debug_") => {}
            other => {
                if let Some((id, range)) = other.as_section() {
                    lean.section(&RawSection { id, data: &module[range] });
                }
            }
        }
    }
    Ok(lean.finish())
}

/// What a module says of itself.
#[derive(Default)]
struct Interface {
    on_execute: bool,
    on_continue: bool,
    preview1: bool,
}

fn interface(module: &[u8]) -> wasmparser::Result<Interface> {
    let mut interface = Interface::default();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    interface.preview1 |= import?.module == PREVIEW1;
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let name = export?.name;
                    interface.on_execute |= name.contains("/on-execute@");
                    interface.on_continue |= name.contains("/on-continue@");
                }
            }
            _ => {}
        }
    }
    Ok(interface)
}

/// Writes into the module which world it is made for.
fn embed(module: &mut Vec<u8>, world: &str) -> Result<()> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("contract.wit", &WIT.join("\n"));
    let package = package.map_err(broken)?;
    let world = resolve.select_world(&[package], Some(world)).map_err(broken)?;
    embed_component_metadata(module, &resolve, world, StringEncoding::UTF8).map_err(broken)
}

fn broken(error: impl Into<anyhow::Error>) -> Error {
    let error = error.into();
    Error::new(Code::BuildFailed, format!("what was compiled makes no component: {error:#}"))
}
