//! The component that answers for imports that are taken out of another one. Made
//! from that one's own types, so it fits whichever version of WASI they are of.

use anyhow::Result;
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ExportKind, ExportSection, Function, FunctionSection,
    Instruction, MemorySection, MemoryType, Module, TypeSection, ValType,
};
use wit_component::{
    ComponentEncoder, DecodedWasm, StringEncoding, decode, embed_component_metadata,
};
use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{
    LiftLowerAbi, ManglingAndAbi, Resolve, WasmExport, WasmExportKind, WorldId, WorldItem,
};

pub(super) struct Refusals {
    pub(super) component: Vec<u8>,
    /// The interfaces it imports itself, such as the streams that files are read by.
    pub(super) needs: Vec<String>,
}

/// Where in its memory the answers are. An empty list is two zeros. A result that
/// is an error has its payload at 4, as a handle would be there; the error is case
/// 1 of an enum that WASI has fixed, `access-denied`.
const EMPTY_LIST: i32 = 0;
const ACCESS_DENIED: i32 = 16;
const MEMORY: [u8; 24] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0];

/// What a function of the name answers; nothing if calling it ends the run.
fn answer(function: &str) -> Option<i32> {
    match function {
        "get-directories" => Some(EMPTY_LIST),
        "create-tcp-socket" | "create-udp-socket" => Some(ACCESS_DENIED),
        _ => None,
    }
}

/// None when no import is taken out.
pub(super) fn for_imports_of(
    component: &[u8],
    is_taken_out: impl Fn(&str) -> bool,
) -> Result<Option<Refusals>> {
    let DecodedWasm::Component(mut resolve, world) = decode(component)? else {
        anyhow::bail!("this is a WIT package, not a component");
    };
    let mut exports = resolve.worlds[world].imports.clone();
    exports.retain(|key, _| is_taken_out(&resolve.name_world_key(key)));
    if exports.is_empty() {
        return Ok(None);
    }
    resolve.worlds[world].imports.retain(|key, _| !exports.contains_key(key));
    resolve.worlds[world].exports = exports;
    let mut module = core_module(&resolve, world);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    let component = ComponentEncoder::default().module(&module)?.validate(true).encode()?;
    let DecodedWasm::Component(resolve, world) = decode(&component)? else {
        anyhow::bail!("the refusals are no component");
    };
    let imports = &resolve.worlds[world].imports;
    let needs = imports.keys().map(|key| resolve.name_world_key(key)).collect();
    Ok(Some(Refusals { component, needs }))
}

/// One function for each of the world's exports.
fn core_module(resolve: &Resolve, world: WorldId) -> Vec<u8> {
    let abi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);
    let mut types = TypeSection::new();
    let mut functions = FunctionSection::new();
    let mut exports = ExportSection::new();
    let mut code = CodeSection::new();
    let mut add = |name: &str, parameters: Vec<ValType>, results: Vec<ValType>, answer| {
        let index = functions.len();
        types.ty().function(parameters, results);
        functions.function(index);
        exports.export(name, ExportKind::Func, index);
        let mut body = Function::new([]);
        match answer {
            Some(address) => body.instruction(&Instruction::I32Const(address)),
            None => body.instruction(&Instruction::Unreachable),
        };
        body.instruction(&Instruction::End);
        code.function(&body);
    };
    for (key, item) in &resolve.worlds[world].exports {
        let WorldItem::Interface { id, .. } = item else { continue };
        for function in resolve.interfaces[*id].functions.values() {
            let signature = resolve.wasm_signature(AbiVariant::GuestExport, function);
            let export = WasmExport::Func {
                interface: Some(key),
                func: function,
                kind: WasmExportKind::Normal,
            };
            add(
                &resolve.wasm_export_name(abi, export),
                signature.params.into_iter().map(value_type).collect(),
                signature.results.into_iter().map(value_type).collect(),
                answer(&function.name),
            );
        }
    }
    let realloc = resolve.wasm_export_name(abi, WasmExport::Realloc);
    add(&realloc, vec![ValType::I32; 4], vec![ValType::I32], None);
    exports.export("memory", ExportKind::Memory, 0);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(0), MEMORY);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&memories);
    module.section(&exports).section(&code).section(&data);
    module.finish()
}

fn value_type(ty: WasmType) -> ValType {
    match ty {
        WasmType::I64 | WasmType::PointerOrI64 => ValType::I64,
        WasmType::F32 => ValType::F32,
        WasmType::F64 => ValType::F64,
        WasmType::I32 | WasmType::Pointer | WasmType::Length => ValType::I32,
    }
}
