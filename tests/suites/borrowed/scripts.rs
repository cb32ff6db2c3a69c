//! What WebAssembly scripts (`.wast`) hold: components and modules, and what
//! their authors say of each.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use flowhost::Digest;
use flowhost_tests::serving::files_below;
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::{QuoteWat, Wast, WastDirective, WastExecute, Wat};

/// These test what the parser takes of older text formats, which it is told by
/// its environment.
const WITH_OLD_TEXT: [&str; 1] = ["tests/cli/component-model/legacy-indices.wast"];

/// One component or module of a script.
pub(super) struct Case {
    /// The folder of its script, below the suite.
    pub(super) group: String,
    /// Its script, and where in it.
    pub(super) place: String,
    pub(super) valid: bool,
    pub(super) component: bool,
    pub(super) bytes: Vec<u8>,
}

/// All that is in the scripts below a folder, each only once. What has no
/// binary form, since the text is wrong, is not among them.
pub(super) fn cases(suite: &Path, folder: &str) -> Vec<Case> {
    let mut scripts: Vec<PathBuf> = files_below(&suite.join(folder));
    scripts.retain(|script| script.extension().is_some_and(|extension| extension == "wast"));
    scripts.sort();
    let mut seen = BTreeSet::new();
    let mut cases: Vec<Case> = scripts.iter().flat_map(|script| of_script(suite, script)).collect();
    cases.retain(|case| seen.insert((Digest::of(&case.bytes).to_string(), case.valid)));
    cases
}

fn of_script(suite: &Path, script: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(script).expect("a script");
    let name = script.strip_prefix(suite).expect("below").display().to_string();
    let group = Path::new(&name).parent().expect("a folder").display().to_string();
    // Some scripts have characters that look like others, on purpose.
    let mut lexer = Lexer::new(&text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer).expect("words");
    let parsed: Wast<'_> = match parser::parse(&buffer) {
        Ok(parsed) => parsed,
        Err(_) if WITH_OLD_TEXT.contains(&name.as_str()) => return Vec::new(),
        Err(error) => panic!("{name}: {error}"),
    };
    let mut cases = Vec::new();
    for directive in parsed.directives {
        let span = directive.span();
        let Some((mut module, valid)) = module(directive) else { continue };
        let component = match &module {
            QuoteWat::Wat(Wat::Component(_)) | QuoteWat::QuoteComponent(..) => true,
            QuoteWat::Wat(Wat::Module(_)) | QuoteWat::QuoteModule(..) => false,
        };
        if let Ok(bytes) = module.encode() {
            let place = format!("{name}:{}", span.linecol_in(&text).0 + 1);
            cases.push(Case { group: group.clone(), place, valid, component, bytes });
        }
    }
    cases
}

/// What a directive holds, and whether it is valid.
fn module(directive: WastDirective<'_>) -> Option<(QuoteWat<'_>, bool)> {
    Some(match directive {
        WastDirective::Module(module) | WastDirective::ModuleDefinition(module) => (module, true),
        WastDirective::AssertUnlinkable { module, .. } => (QuoteWat::Wat(module), true),
        WastDirective::AssertTrap { exec: WastExecute::Wat(module), .. } => {
            (QuoteWat::Wat(module), true)
        }
        WastDirective::AssertInvalid { module, .. }
        | WastDirective::AssertMalformed { module, .. } => (module, false),
        _ => return None,
    })
}
