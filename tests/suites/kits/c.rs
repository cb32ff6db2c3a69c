//! The contract as a header in C, which C++ reads as well. The types are laid out in
//! memory as the component model wants them, so nothing is copied on the way.

use std::collections::HashSet;
use std::fmt::Write as _;

use wit_parser::abi::WasmType;
use wit_parser::{Function, Interface, Type, TypeDef, TypeDefKind};

use super::wit::{Contract, docs, name, snake};

pub(super) fn header(contract: &Contract) -> String {
    let mut header = Header { contract, known: HashSet::new(), text: head(contract) };
    for interface in contract.imports() {
        _ = writeln!(header.text, "\n// {}", contract.module(interface));
        for (name, def) in contract.types(interface) {
            header.define(name, def);
        }
        for function in interface.functions.values() {
            header.import(interface, function);
        }
    }
    header.text + "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n"
}

fn head(contract: &Contract) -> String {
    format!(
        "// The contract {} {} in C and C++. Made of the WIT: change nothing here.\n\
         // Include `flowhost_action.h` or `flowhost_action.hpp` instead.\n\n\
         #ifndef FLOWHOST_CONTRACT_H\n#define FLOWHOST_CONTRACT_H\n\n\
         #include \"flowhost_shapes.h\"\n\n\
         #ifdef __cplusplus\nextern \"C\" {{\n#endif\n\n\
         #define FH_ON_EXECUTE \"{0}/on-execute@{1}#handle\"\n\
         #define FH_ON_CONTINUE \"{0}/on-continue@{1}#handle\"\n",
        contract.package, contract.version
    )
}

struct Header<'a> {
    contract: &'a Contract,
    /// Lists and options that have a name already.
    known: HashSet<String>,
    text: String,
}

impl Header<'_> {
    fn define(&mut self, name: &str, def: &TypeDef) {
        let c_name = format!("fh_{}", snake(name));
        let comment = docs(&def.docs, "//");
        match &def.kind {
            TypeDefKind::Type(other) => {
                let other = self.ty(other);
                _ = writeln!(self.text, "\n{comment}typedef {other} {c_name};");
            }
            TypeDefKind::Record(record) => {
                let mut fields = String::new();
                for field in &record.fields {
                    fields += &docs(&field.docs, "  //");
                    _ = writeln!(fields, "  {} {};", self.ty(&field.ty), snake(&field.name));
                }
                _ = writeln!(self.text, "\n{comment}typedef struct {{\n{fields}}} {c_name};");
            }
            TypeDefKind::Enum(cases) => {
                let names = cases.cases.iter().map(|case| case.name.as_str());
                let constants = constants(name, names);
                _ = writeln!(
                    self.text,
                    "\n{comment}typedef uint8_t {c_name};\nenum {{ {constants} }};"
                );
            }
            TypeDefKind::Variant(variant) => {
                let constants = constants(name, variant.cases.iter().map(|case| &*case.name));
                let mut values = String::new();
                for case in &variant.cases {
                    if let Some(ty) = &case.ty {
                        _ = writeln!(values, "    {} {};", self.ty(ty), snake(&case.name));
                    }
                }
                _ = writeln!(
                    self.text,
                    "\nenum {{ {constants} }};\n{comment}typedef struct {{\n  uint8_t tag;\n  \
                     union {{\n{values}  }} value;\n}} {c_name};"
                );
            }
            other => panic!("{name}: a {} has no place yet", other.as_str()),
        }
    }

    /// What a type is called. Lists and options are defined where they are first
    /// wanted.
    fn ty(&mut self, ty: &Type) -> String {
        let id = match ty {
            Type::Bool => return "bool".to_owned(),
            Type::F64 => return "double".to_owned(),
            Type::S64 => return "int64_t".to_owned(),
            Type::String => return "fh_string".to_owned(),
            Type::Id(id) => *id,
            other => panic!("{other:?} has no place yet"),
        };
        let def = self.contract.seen(id);
        let (shape, of) = match &def.kind {
            TypeDefKind::Option(of) => ("option", of),
            TypeDefKind::List(of) => ("list", of),
            TypeDefKind::Tuple(tuple) if tuple.types == [Type::String; 2] => {
                return "fh_pair".to_owned();
            }
            _ => return format!("fh_{}", snake(def.name.as_deref().expect("a name"))),
        };
        // What is only another name for text is text here too.
        let of = match of {
            Type::Id(id) => match self.contract.seen(*id).kind {
                TypeDefKind::Type(other) => self.ty(&other),
                _ => self.ty(of),
            },
            _ => self.ty(of),
        };
        let c_name = format!("fh_{shape}_{}", of.trim_start_matches("fh_").trim_end_matches("_t"));
        if self.known.insert(c_name.clone()) {
            _ = writeln!(self.text, "\nFH_{}({c_name}, {of})", shape.to_uppercase());
        }
        c_name
    }

    /// The import as it is, and for a function that only answers one that is nice
    /// to call.
    fn import(&mut self, interface: &Interface, function: &Function) {
        let signature = self.contract.signature(function);
        // Lists and options that are only handed in have names as well.
        for param in &function.params {
            _ = self.ty(&param.ty);
        }
        let raw = format!("fh_import_{}_{}", snake(name(interface)), snake(&function.name));
        let answer = function.result.map(|result| match self.answer(&result) {
            Some(name) => name,
            None => self.ty(&result),
        });
        let mut params: Vec<&str> = signature.params.iter().map(core).collect();
        let mut result = signature.results.first().map_or("void", core);
        let answered = answer.as_ref().map(|name| format!("{name} *"));
        if signature.retptr {
            _ = params.pop();
            params.extend(answered.as_deref());
            result = "void";
        }
        let params = if params.is_empty() { "void".to_owned() } else { params.join(", ") };
        _ = writeln!(
            self.text,
            "\nFH_IMPORT(\"{}\", \"{}\")\n{result} {raw}({params});",
            self.contract.module(interface),
            function.name
        );
        let Some(answer) = answer.filter(|_| function.params.is_empty()) else { return };
        let comment = docs(&function.docs, "//");
        let ask = if signature.retptr {
            format!("{answer} answer;\n  {raw}(&answer);\n  return answer;")
        } else {
            format!("{answer} answer = {{ {raw}() }};\n  return answer;")
        };
        let nice = snake(&function.name);
        _ = writeln!(
            self.text,
            "\n{comment}static inline {answer} fh_{nice}(void) {{\n  {ask}\n}}"
        );
    }

    /// The name of what a call comes to that may be refused.
    fn answer(&mut self, result: &Type) -> Option<String> {
        let Type::Id(id) = result else { return None };
        let TypeDefKind::Result(parts) = &self.contract.seen(*id).kind else { return None };
        assert_eq!(self.ty(&parts.err?), "fh_api_error");
        let value = parts.ok.map(|ok| self.ty(&ok));
        let value = value.map(|name| if name == "fh_json" { "fh_string".to_owned() } else { name });
        let c_name = match &value {
            Some(name) => format!("fh_answer_{}", name.trim_start_matches("fh_")),
            None => "fh_answer".to_owned(),
        };
        if self.known.insert(c_name.clone()) {
            let ok = value.map(|name| format!("    {name} ok;\n")).unwrap_or_default();
            _ = writeln!(
                self.text,
                "\ntypedef struct {{\n  bool is_error;\n  union {{\n{ok}    \
                 fh_api_error error;\n  }} value;\n}} {c_name};"
            );
        }
        Some(c_name)
    }
}

/// The type of a parameter or result of core WebAssembly.
fn core(ty: &WasmType) -> &'static str {
    match ty {
        WasmType::I32 => "int32_t",
        WasmType::I64 => "int64_t",
        WasmType::F64 => "double",
        WasmType::Pointer => "const void *",
        WasmType::Length => "size_t",
        other => panic!("{other:?} has no place yet"),
    }
}

fn constants<'a>(of: &str, names: impl Iterator<Item = &'a str>) -> String {
    let constant = |name: &str| format!("FH_{}_{}", snake(of), snake(name)).to_uppercase();
    names.map(constant).collect::<Vec<_>>().join(", ")
}
