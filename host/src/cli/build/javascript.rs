//! Actions in JavaScript and TypeScript: the engine's own build, which needs no
//! tools. In a folder it is the file that a package's manifest calls its main
//! one, or `action.js` and the like.

use std::path::PathBuf;

use flowhost::{Code, Component, Error, Result, is_javascript};
use serde_json::Value;

use super::{Language, Source};
use crate::cli::block_on;

/// Tells a folder in which nothing else does.
pub(super) const MANIFEST: &str = "package.json";

pub(super) const LANGUAGE: Language = Language {
    name: "JavaScript and TypeScript",
    extensions: &["js", "mjs", "cjs", "ts", "mts", "cts"],
    markers: &["action.js", "action.ts", "action.mjs", "action.mts", "action.cjs"],
    build,
};

fn build(source: &Source<'_>) -> Result<Component> {
    let file = match source.main.ends_with(MANIFEST) {
        true => main_of(source)?,
        false => source.main.clone(),
    };
    block_on(source.engine.build_javascript(&file)).map(Component::Bytes)
}

/// The file that the manifest names.
fn main_of(source: &Source<'_>) -> Result<PathBuf> {
    let failed = |why: String| {
        Error::new(Code::BuildFailed, format!("{}: {why}", source.main.display())).with_hint(
            "call the file action.js or action.ts, or name it: \"main\": \"dist/action.js\"",
        )
    };
    let text = std::fs::read_to_string(&source.main).map_err(|error| failed(error.to_string()))?;
    let manifest: Value = serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
    let main = manifest["main"].as_str().ok_or_else(|| failed("it names no `main`".to_owned()))?;
    let file = source.path.join(main);
    match is_javascript(&file) && file.is_file() {
        true => Ok(file),
        false => Err(failed(format!("its `main`, {main}, is no file in JavaScript or TypeScript"))),
    }
}
