//! Has a function of the kit called behind each handler of a module. A C library writes
//! what it kept back when the program exits, and an action never does: what it printed
//! last would be lost. A kit cannot do it alone, as only the linker knows which handlers
//! there are, and what the host calls behind them may call nothing of the host.

use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, Function, FunctionSection, Instruction, Module,
    RawSection,
};
use wasmparser::{ExternalKind, Parser, Payload, TypeRef};

/// What a kit calls the function. It is no export of what is built.
const BEHIND: &str = "flowhost-after-handler";

/// The interface that all that is printed goes to.
const LOG: &str = "/log@";

/// The module as it is, if its kit asks for nothing.
pub(super) fn each_handler(module: Vec<u8>) -> wasmparser::Result<Vec<u8>> {
    let found = Found::of(&module)?;
    match found.behind {
        Some(behind) => rewritten(&module, &found, behind),
        None => Ok(module),
    }
}

#[derive(Default)]
struct Found {
    /// The function to be called.
    behind: Option<u32>,
    imported: u32,
    /// The type of each function that is not imported.
    types: Vec<u32>,
    handlers: Vec<u32>,
    logs: bool,
}

impl Found {
    fn of(module: &[u8]) -> wasmparser::Result<Found> {
        let mut found = Found::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        found.imported += u32::from(matches!(import.ty, TypeRef::Func(_)));
                        found.logs |= import.module.contains(LOG);
                    }
                }
                Payload::FunctionSection(section) => {
                    found.types = section.into_iter().collect::<wasmparser::Result<_>>()?;
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        if export.name == BEHIND {
                            found.behind = Some(export.index);
                        } else if is_handler(export.name) {
                            found.handlers.push(export.index);
                        }
                    }
                }
                _ => {}
            }
        }
        // Without the log nothing can have been printed.
        if !found.logs {
            found.handlers.clear();
        }
        Ok(found)
    }

    fn functions(&self) -> u32 {
        self.imported + u32::try_from(self.types.len()).unwrap_or(u32::MAX)
    }

    fn type_of(&self, function: u32) -> Option<u32> {
        let own = function.checked_sub(self.imported)?;
        self.types.get(usize::try_from(own).ok()?).copied()
    }
}

fn is_handler(export: &str) -> bool {
    export.contains("/on-execute@") || export.contains("/on-continue@")
}

fn rewritten(module: &[u8], found: &Found, behind: u32) -> wasmparser::Result<Vec<u8>> {
    let mut rewritten = Module::new();
    let mut code = CodeSection::new();
    let mut bodies = 0;
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::FunctionSection(_) => {
                let mut functions = FunctionSection::new();
                let handlers = found.handlers.iter().filter_map(|index| found.type_of(*index));
                for ty in found.types.iter().copied().chain(handlers) {
                    functions.function(ty);
                }
                rewritten.section(&functions);
            }
            Payload::ExportSection(section) => {
                rewritten.section(&exports(section, found)?);
            }
            Payload::CodeSectionStart { count, .. } => bodies = count,
            Payload::CodeSectionEntry(body) => {
                code.raw(&module[body.range()]);
                if code.len() == bodies {
                    for handler in &found.handlers {
                        code.function(&calling(*handler, behind));
                    }
                    rewritten.section(&code);
                }
            }
            other => {
                if let Some((id, range)) = other.as_section() {
                    rewritten.section(&RawSection { id, data: &module[range] });
                }
            }
        }
    }
    Ok(rewritten.finish())
}

/// What was exported, with the new functions instead of the handlers.
fn exports(
    section: wasmparser::ExportSectionReader<'_>,
    found: &Found,
) -> wasmparser::Result<ExportSection> {
    let mut exports = ExportSection::new();
    let mut new = found.functions();
    for export in section {
        let export = export?;
        let kind = match export.kind {
            ExternalKind::Func | ExternalKind::FuncExact => ExportKind::Func,
            ExternalKind::Table => ExportKind::Table,
            ExternalKind::Memory => ExportKind::Memory,
            ExternalKind::Global => ExportKind::Global,
            ExternalKind::Tag => ExportKind::Tag,
        };
        if export.name == BEHIND {
            continue;
        }
        if is_handler(export.name) && found.logs {
            exports.export(export.name, kind, new);
            new += 1;
        } else {
            exports.export(export.name, kind, export.index);
        }
    }
    Ok(exports)
}

/// Answers what the handler answers.
fn calling(handler: u32, behind: u32) -> Function {
    let mut function = Function::new([]);
    function.instruction(&Instruction::Call(handler));
    function.instruction(&Instruction::Call(behind));
    function.instruction(&Instruction::End);
    function
}
