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
use crate::error::{Code, Error, Problem, Result};
use instance::Refusal;
use source::Source;
pub use source::is_javascript;

/// The runtime: `cargo xtask runtime` builds it from `guest-sdk/javascript`.
const RUNTIME: &[u8] = include_bytes!("../runtime/javascript.wasm");

/// Builds the component of the action in the file at `path`. Takes some tenths
/// of a second: to be called where blocking is allowed.
pub(crate) fn build(runtime: &Runtime, path: &Path) -> Result<Vec<u8>> {
    let source = Source::read(path)?;
    build_source(runtime, &source).map_err(|error| error.in_file(path))
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
