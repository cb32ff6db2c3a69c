//! Actions in Python, by the Bytecode Alliance's componentize-py: CPython itself is
//! in the component, with all that the action had imported when it was built. The kit
//! that it imports is part of this program.

pub(in crate::cli) mod kit;
mod said;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flowhost::{Code, Component, Error, Result};
use tempfile::TempDir;

use super::tool::{Tool, folder_of, no_folder, same_minor};
use super::{Language, Source, inert};

/// The version that the kit is made and tested with; others of its minor one will do.
const PINNED: &str = "0.25.1";

const COMPONENTIZE_PY: Tool = Tool {
    name: "componentize-py",
    programs: &["componentize-py"],
    named_by: "FLOWHOST_COMPONENTIZE_PY",
    version: &["--version"],
    before_version: "componentize-py ",
    needed: PINNED,
    what_for: "which makes components of Python",
    install: "pip install componentize-py==0.25.1",
};

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
    let fits = |version: &str| same_minor(version, PINNED);
    let tool = COMPONENTIZE_PY.find(fits, std::iter::empty())?;
    let folder = folder_of(&[])?;
    prepare(&action, folder.path()).map_err(|error| no_folder(&error))?;
    let made = folder.path().join("made.wasm");
    let output = componentize(&tool, &action, &folder, &made).output();
    let output = output.map_err(|error| COMPONENTIZE_PY.not_started(&tool, &error))?;
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

/// Fills the folder with the contract, the kit, and the module to start with.
fn prepare(action: &Action, folder: &Path) -> std::io::Result<()> {
    let write = |inside: &str, files: &[(&str, &str)]| {
        let inside = folder.join(inside);
        std::fs::create_dir_all(&inside)?;
        files.iter().try_for_each(|(name, text)| std::fs::write(inside.join(name), text))
    };
    write("wit", &WIT)?;
    kit::write(&folder.join("python"))?;
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
    write("python", &[(&format!("{ENTRY}.py"), &entry)])
}

fn componentize(tool: &Path, action: &Action, folder: &TempDir, made: &Path) -> Command {
    let mut command = Command::new(tool);
    command.arg("-d").arg(folder.path().join("wit"));
    // The action's own modules go first, so that a neighbour is found as Python would.
    command.args(["-w", "action", "--world-module", "wit_world", "componentize"]);
    command.arg("-p").arg(&action.folder).arg("-p").arg(folder.path().join("python"));
    command.arg("-o").arg(made).arg(ENTRY);
    command.current_dir(folder.path()).stdin(Stdio::null()).env("RUST_BACKTRACE", "0");
    command
}
