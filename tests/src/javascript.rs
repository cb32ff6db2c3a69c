//! Actions in JavaScript for tests, built as `flowhost build` builds them.

use std::path::PathBuf;

use flowhost::Error;
use serde_json::json;
use tempfile::TempDir;

use crate::{Scenario, project, shared_engine, wait_for};

impl Scenario {
    /// One action of this source, called `one`.
    pub fn javascript(source: &str) -> Self {
        Scenario::new().component("one", &javascript("action.js", source), json!({}))
    }

    /// One action whose handlers are the bodies of functions of `event` and
    /// `api`.
    pub fn handling(execute: &str, continues: &str) -> Self {
        Scenario::javascript(&format!(
            "exports.onExecutePostChallenge = async (event, api) => {{\n{execute}\n}};\n\
             exports.onContinuePostChallenge = async (event, api) => {{\n{continues}\n}};\n"
        ))
    }
}

/// The component of a file.
#[track_caller]
pub fn javascript(name: &str, source: &str) -> Vec<u8> {
    match try_javascript(name, source.as_bytes()) {
        Ok(component) => component,
        Err(error) => panic!("{name}: [{}] {error}", error.code()),
    }
}

/// The component of a file, or why there is none.
pub fn try_javascript(name: &str, source: &[u8]) -> Result<Vec<u8>, Error> {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join(name);
    std::fs::write(&file, source).expect("a file");
    wait_for(shared_engine().build_javascript(&file))
}

/// An action as a team brings it along: `tests/auth0/NAME.js`.
pub fn auth0(name: &str) -> String {
    let file: PathBuf = project().join("tests/auth0").join(format!("{name}.js"));
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
