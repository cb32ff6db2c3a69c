//! Actions from JavaScript: source → component, with nothing but this crate.
//!
//! A prebuilt runtime (`runtime/javascript.wasm`, QuickJS and what Auth0
//! actions expect of Node) is instantiated, the file is loaded into it, and
//! what came of it is snapshotted as a component: nothing is parsed and no
//! engine starts when the action runs. Called by the engine for flows that
//! name a source, and by `flowhost build`.
//!
//! What code at the top of a file does, it does here, under limits of its own.

mod instance;
mod seal;
mod source;
mod typescript;

use std::path::Path;

use crate::action::Runtime;
use crate::digest::Digest;
use crate::error::{Code, Error, Problem, Result};
use instance::Refusal;
use source::Source;
pub use source::is_javascript;

/// The runtime: `cargo xtask runtime` builds it from `guest-sdk/javascript`.
const RUNTIME: &[u8] = include_bytes!("../runtime/javascript.wasm");

/// What makes the component out of a file, besides the runtime: if any of it is another,
/// what was built before is not taken.
const BUILDER: [&str; 4] = [
    env!("CARGO_PKG_VERSION"),
    include_str!("javascript/instance.rs"),
    include_str!("javascript/seal.rs"),
    include_str!("javascript/typescript.rs"),
];

/// Builds the component of the action in the file at `path`, or takes it from the cache.
/// Takes some tenths of a second: to be called where blocking is allowed.
pub(crate) fn build(runtime: &Runtime, path: &Path) -> Result<Vec<u8>> {
    let source = Source::read(path)?;
    let built = runtime.built(&made_of(&source), || build_source(runtime, &source));
    built.map_err(|error| error.in_file(path))
}

/// Nothing else becomes part of a component: what is loaded has no clock, no randomness
/// and no files.
fn made_of(source: &Source) -> Digest {
    let parts = BUILDER.iter().map(|part| part.as_bytes());
    let parts = parts.chain([RUNTIME, source.name.as_bytes(), source.text.as_bytes()]);
    Digest::of_parts(parts)
}

fn build_source(runtime: &Runtime, source: &Source) -> Result<Vec<u8>> {
    let script = match source.is_typescript() {
        true => typescript::strip(&source.text)?,
        false => source.text.clone(),
    };
    let broken = |error: wasmtime::Error| {
        Error::new(Code::Internal, format!("the JavaScript runtime is broken: {error:#}"))
    };
    let mut wizer = wasmtime_wizer::Wizer::new();
    wizer.init_func(instance::NO_INIT).keep_init_func(true);
    let (context, instrumented) = wizer.instrument(RUNTIME).map_err(broken)?;
    let module = runtime.module(&instrumented).map_err(broken)?;
    let mut instance = instance::Instance::new(runtime, &module).map_err(broken)?;
    let loaded = match instance.load(&source.name, &script) {
        Ok(loaded) => loaded,
        Err(refusal) => return Err(refused(refusal, source)),
    };
    let snapshot = instance.snapshot(&wizer, &context).map_err(broken)?;
    seal::component(&snapshot, &loaded)
}

/// What is wrong with the file, at its place where it has one.
fn refused(refusal: Refusal, source: &Source) -> Error {
    match refusal {
        Refusal::Thrown { name, message, stack } => {
            let what = match name.as_str() {
                "InvalidHandler" => message,
                _ => format!("{name}: {message}"),
            };
            match source.place_of(&stack) {
                Some((line, column)) => {
                    let problem = Problem::at_place(&source.text, line, column, what);
                    let said = match name.as_str() {
                        "SyntaxError" => "the file is no JavaScript",
                        _ => "the file cannot be loaded",
                    };
                    Error::new(Code::SourceInvalid, said).with_problems(vec![problem])
                }
                None => Error::new(Code::SourceInvalid, what),
            }
        }
        Refusal::Endless => Error::new(
            Code::SourceInvalid,
            "the code at the top of the file does not end, or computes for too long",
        )
        .with_hint("the top of a file runs once, when it is built; move work into a handler"),
        Refusal::Memory => Error::new(
            Code::SourceInvalid,
            "loading the file takes more memory than an action may have",
        ),
        Refusal::Trapped(why) => {
            Error::new(Code::SourceInvalid, format!("the file cannot be loaded: {why}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{CodeCache, QUICK};
    use crate::compiler::Compiler;
    use crate::secret::Secret;

    #[test]
    fn a_file_is_built_once_and_a_changed_one_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime = |cache: &str| {
            let cache = CodeCache::new(folder.path().join(cache), Secret::new("key"));
            Runtime::new(1, Some(cache), Compiler::in_process(), QUICK).expect("a runtime")
        };
        let source = |name: &str, text: &str| Source { name: name.into(), text: text.into() };
        let one = source("a.js", "1");
        let build = |cache, source: &Source, component: &[u8]| {
            runtime(cache).built(&made_of(source), || Ok(component.to_vec())).expect("built")
        };
        assert_eq!(build("x", &one, b"first"), b"first");
        assert_eq!(build("x", &one, b"second"), b"first", "kept, for another process too");
        assert_eq!(build("y", &one, b"second"), b"second", "another cache");
        for other in [source("b.js", "1"), source("a.js", "2"), source("a.j", "s1")] {
            assert_eq!(build("x", &other, b"second"), b"second", "{}", other.name);
        }
    }
}
