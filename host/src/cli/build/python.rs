//! Actions in Python, by the Bytecode Alliance's componentize-py: CPython itself is
//! in the component, with all that the action had imported when it was built. The kit
//! that it imports is part of this program.

pub(in crate::cli) mod kit;
mod said;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flowhost::{Code, Component, Error, Result};
use tempfile::TempDir;

use super::{Language, Source, inert};

/// The version that the kit is made and tested with; others of its minor one will do.
const PINNED: &str = "0.25.1";

/// Names a `componentize-py` that is not on the path.
const NAMED_BY: &str = "FLOWHOST_COMPONENTIZE_PY";

pub(super) const LANGUAGE: Language =
    Language { name: "Python", extensions: &["py"], markers: &["action.py"], build };

const WIT: [(&str, &str); 4] = [
    ("world.wit", include_str!("../../../wit/world.wit")),
    ("api.wit", include_str!("../../../wit/api.wit")),
    ("event.wit", include_str!("../../../wit/event.wit")),
    ("log.wit", include_str!("../../../wit/log.wit")),
];

/// The module that componentize-py starts with.
const ENTRY: &str = "flowhost_entry";

fn build(source: &Source<'_>) -> Result<Component> {
    let action = Action::of(source)?;
    let tool = find()?;
    let folder = prepare(&action).map_err(|error| {
        Error::new(Code::BuildFailed, format!("the build has no folder to work in: {error}"))
    })?;
    let made = folder.path().join("made.wasm");
    let output = componentize(&tool, &action, &folder, &made).output().map_err(|error| {
        Error::new(Code::ToolchainMissing, format!("componentize-py cannot be started: {error}"))
    })?;
    if !output.status.success() {
        let said = said::of_the_action(&output, &action.folder, folder.path());
        let message = format!("{}: the action could not be built\n{said}", source.path.display());
        return Err(Error::new(Code::BuildFailed, message.trim_end()));
    }
    let failed = |error: String| {
        Error::new(Code::BuildFailed, format!("{}: {error}", source.path.display()))
    };
    let component = std::fs::read(&made).map_err(|error| failed(error.to_string()))?;
    let component = inert::without_files_and_sockets(component);
    component.map(Component::Bytes).map_err(|error| failed(format!("{error:#}")))
}

/// A module, and the folder that it and its neighbours are imported from.
struct Action {
    module: String,
    folder: PathBuf,
}

impl Action {
    fn of(source: &Source<'_>) -> Result<Action> {
        let failed = |why: &str| {
            Error::new(Code::BuildFailed, format!("{}: {why}", source.main.display()))
                .with_hint("call the file action.py")
        };
        let main = source.main.canonicalize().map_err(|error| failed(&error.to_string()))?;
        let stem = main.file_stem().and_then(|stem| stem.to_str());
        let stem = stem.filter(|stem| !stem.contains(['.', '"', '\\', '\n']));
        let module = stem.ok_or_else(|| failed("this cannot be the name of a module"))?;
        let folder = main.parent().unwrap_or(Path::new("/")).to_owned();
        Ok(Action { module: module.to_owned(), folder })
    }
}

/// The tool, if it is there and of the right version.
fn find() -> Result<OsString> {
    let named = std::env::var_os(NAMED_BY).filter(|named| !named.is_empty());
    let tool = named.unwrap_or_else(|| "componentize-py".into());
    let output = Command::new(&tool).arg("--version").stdin(Stdio::null()).output();
    let output = output.ok().filter(|output| output.status.success());
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let what = match said.as_deref().map(|said| said.trim_start_matches("componentize-py ")) {
        Some(version) if fits(version) => return Ok(tool),
        Some(version) => format!("componentize-py {version} is there, {PINNED} is needed"),
        None => "componentize-py is not there, which makes components of Python".to_owned(),
    };
    Err(Error::new(Code::ToolchainMissing, what).with_hint(format!(
        "pip install componentize-py=={PINNED}   ({NAMED_BY} names one that is not on the path)"
    )))
}

/// A version of the same minor one.
fn fits(version: &str) -> bool {
    let minor = |version: &str| version.split('.').take(2).map(str::to_owned).collect::<Vec<_>>();
    minor(version) == minor(PINNED)
}

/// A folder with the contract, the kit, and the module to start with.
fn prepare(action: &Action) -> std::io::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("flowhost-").tempdir()?;
    let write = |inside: &str, files: &[(&str, &str)]| {
        let inside = folder.path().join(inside);
        std::fs::create_dir_all(&inside)?;
        files.iter().try_for_each(|(name, text)| std::fs::write(inside.join(name), text))
    };
    write("wit", &WIT)?;
    kit::write(&folder.path().join("python"))?;
    let entry = format!(
        "from flowhost_action.component import export\n\
         \n\
         _on_execute, _on_continue = export(\"{}\")\n\
         \n\
         \n\
         class WitWorld:\n    \
             pass\n\
         \n\
         \n\
         class OnExecute:\n    \
             def handle(self):\n        \
                 _on_execute()\n\
         \n\
         \n\
         class OnContinue:\n    \
             def handle(self):\n        \
                 _on_continue()\n",
        action.module
    );
    write("python", &[(&format!("{ENTRY}.py"), &entry)])?;
    Ok(folder)
}

fn componentize(tool: &OsString, action: &Action, folder: &TempDir, made: &Path) -> Command {
    let mut command = Command::new(tool);
    command.arg("-d").arg(folder.path().join("wit"));
    // The action's own modules go first, so that a neighbour is found as Python would.
    command.args(["-w", "action", "--world-module", "wit_world", "componentize"]);
    command.arg("-p").arg(&action.folder).arg("-p").arg(folder.path().join("python"));
    command.arg("-o").arg(made).arg(ENTRY);
    command.current_dir(folder.path()).stdin(Stdio::null()).env("RUST_BACKTRACE", "0");
    command
}
