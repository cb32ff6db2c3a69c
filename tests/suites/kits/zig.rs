//! The contract as a source in Zig: types as one writes them, which `flowhost.zig`
//! lays out as the component model wants them, and the imports as they are.

use std::fmt::Write as _;

use wit_parser::abi::WasmType;
use wit_parser::{Function, Type, TypeDef, TypeDefKind};

use super::wit::{Contract, docs, name, snake};

pub(super) fn source(contract: &Contract) -> String {
    let mut text = format!(
        "//! The contract {} {} in Zig. Made of the WIT: change nothing here.\n\
         //! Import `flowhost` instead.\n\n\
         pub const Text = []const u8;\n\
         pub const Pair = struct {{ Text, Text }};\n\
         pub const on_execute = \"{0}/on-execute@{1}#handle\";\n\
         pub const on_continue = \"{0}/on-continue@{1}#handle\";\n",
        contract.package, contract.version
    );
    for interface in contract.imports() {
        for (name, def) in contract.types(interface) {
            text += &define(contract, name, def);
        }
        if interface.functions.is_empty() {
            continue;
        }
        let module = contract.module(interface);
        _ = writeln!(text, "\npub const {} = struct {{", name(interface));
        for function in interface.functions.values() {
            text += &import(contract, function, &module);
        }
        text += "};\n";
    }
    text
}

fn define(contract: &Contract, name: &str, def: &TypeDef) -> String {
    let mut text = format!("\n{}pub const {} = ", docs(&def.docs, "///"), pascal(name));
    match &def.kind {
        TypeDefKind::Type(other) => {
            _ = writeln!(text, "{};", ty(contract, other));
        }
        TypeDefKind::Record(record) => {
            text += "struct {\n";
            for field in &record.fields {
                text += &docs(&field.docs, "    ///");
                let none = is_option(contract, &field.ty).then_some(" = null");
                _ = writeln!(
                    text,
                    "    {}: {}{},",
                    word(&field.name),
                    ty(contract, &field.ty),
                    none.unwrap_or_default()
                );
            }
            text += "};\n";
        }
        TypeDefKind::Enum(cases) => {
            let names: Vec<String> = cases.cases.iter().map(|case| word(&case.name)).collect();
            _ = writeln!(text, "enum(u8) {{ {} }};", names.join(", "));
        }
        TypeDefKind::Variant(variant) => {
            text += "union(enum(u8)) {\n";
            for case in &variant.cases {
                text += &docs(&case.docs, "    ///");
                let of = case.ty.as_ref().map(|of| format!(": {}", ty(contract, of)));
                _ = writeln!(text, "    {}{},", word(&case.name), of.unwrap_or_default());
            }
            text += "};\n";
        }
        other => panic!("{name}: a {} has no place yet", other.as_str()),
    }
    text
}

fn is_option(contract: &Contract, of: &Type) -> bool {
    let Type::Id(id) = of else { return false };
    matches!(contract.seen(*id).kind, TypeDefKind::Option(_))
}

fn ty(contract: &Contract, of: &Type) -> String {
    let id = match of {
        Type::Bool => return "bool".to_owned(),
        Type::F64 => return "f64".to_owned(),
        Type::S64 => return "i64".to_owned(),
        Type::String => return "Text".to_owned(),
        Type::Id(id) => *id,
        other => panic!("{other:?} has no place yet"),
    };
    let def = contract.seen(id);
    match &def.kind {
        TypeDefKind::Option(of) => format!("?{}", ty(contract, of)),
        TypeDefKind::List(of) => format!("[]const {}", ty(contract, of)),
        TypeDefKind::Tuple(tuple) if tuple.types == [Type::String; 2] => "Pair".to_owned(),
        _ => pascal(def.name.as_deref().expect("a name")),
    }
}

/// The import as it is.
fn import(contract: &Contract, function: &Function, module: &str) -> String {
    let signature = contract.signature(function);
    let mut params: Vec<&str> = signature.params.iter().map(core).collect();
    if signature.retptr {
        _ = params.pop();
        params.push("*anyopaque");
    }
    let result = signature.results.first().map_or("void", core);
    let params: Vec<String> = params.iter().map(|param| format!("_: {param}")).collect();
    let params = params.join(", ");
    let quoted = format!("@\"{}\"", function.name);
    let name = if function.name.contains('-') { quoted } else { function.name.clone() };
    format!(
        "{}    pub extern \"{module}\" fn {name}({params}) {result};\n",
        docs(&function.docs, "    ///"),
    )
}

fn core(ty: &WasmType) -> &'static str {
    match ty {
        WasmType::I32 => "i32",
        WasmType::I64 => "i64",
        WasmType::F64 => "f64",
        WasmType::Pointer | WasmType::Length => "usize",
        other => panic!("{other:?} has no place yet"),
    }
}

/// A word of Zig's own is quoted.
fn word(name: &str) -> String {
    if name == "error" { format!("@\"{name}\"") } else { snake(name) }
}

fn pascal(name: &str) -> String {
    let capital = |part: &str| part[..1].to_uppercase() + &part[1..];
    name.split('-').map(capital).collect()
}
