//! Which handlers a Go module has. The kit exports both, as it cannot know at compile
//! time what it will be given; a continue handler that nobody wrote would let the flow
//! go on. Go's linker keeps a method only if a type has it that is used as an
//! interface, and keeps its name: no such name, no handler. Where another type than the
//! action has one the kit's own handler fails the flow.

use wasm_encoder::{ExportSection, Module, RawSection};
use wasmparser::{Export, KnownCustom, Name, Parser, Payload};

/// How the method's name ends, after that of its package and type.
const METHOD: &str = ".OnContinue";

/// What the names of the kit's functions begin with, as the linker spells it.
const KIT: &str = "github.com_flowhost_flowhost_guest_sdk_go";

const CONTINUE: &str = "/on-continue@";

/// The module without the continue handler, if it has no such method.
pub(super) fn without_forgotten(module: &[u8]) -> wasmparser::Result<Vec<u8>> {
    if continues(module)? {
        return Ok(module.to_vec());
    }
    let mut kept = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ExportSection(section) => {
                let mut exports = ExportSection::new();
                for export in section {
                    let Export { name, kind, index } = export?;
                    if !name.contains(CONTINUE) {
                        exports.export(name, kind.into(), index);
                    }
                }
                kept.section(&exports);
            }
            other => {
                if let Some((id, range)) = other.as_section() {
                    kept.section(&RawSection { id, data: &module[range] });
                }
            }
        }
    }
    Ok(kept.finish())
}

/// Whether a function is such a method.
fn continues(module: &[u8]) -> wasmparser::Result<bool> {
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CustomSection(section) = payload? else { continue };
        let KnownCustom::Name(names) = section.as_known() else { continue };
        for name in names {
            let Name::Function(functions) = name? else { continue };
            for function in functions {
                if is_handler(function?.name) {
                    return Ok(true);
                }
            }
        }
    }
    Ok(false)
}

fn is_handler(function: &str) -> bool {
    function.ends_with(METHOD) && !function.starts_with(KIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handler_is_a_method_of_any_type_but_the_kits() {
        assert!(is_handler("main.verify.OnContinue") && is_handler("main.__verify_.OnContinue"));
        for other in ["main.OnContinued", "main.verify.OnContinue_fm", "main.verify.OnExecute"] {
            assert!(!is_handler(other), "{other}");
        }
        assert!(!is_handler(&format!("{KIT}.Continuer.OnContinue")));
    }
}
