//! One start of componentize-py: a folder with the contract, the kit and the module to
//! begin with, and what came of it. The tool must be told the world, and so whether the
//! component has a continue handler, before the action is imported and can say it. So it
//! is guessed, and the module to begin with refuses what turns out to be wrong.

use std::path::Path;
use std::process::{Command, Stdio};

use flowhost::Result;
use tempfile::TempDir;

use super::super::tool::{folder_of, no_folder};
use super::{Action, COMPONENTIZE_PY, kit, said};

pub(super) const WIT: [(&str, &str); 4] = [
    ("world.wit", include_str!("../../../../wit/world.wit")),
    ("api.wit", include_str!("../../../../wit/api.wit")),
    ("event.wit", include_str!("../../../../wit/event.wit")),
    ("log.wit", include_str!("../../../../wit/log.wit")),
];

/// The module that componentize-py starts with.
const ENTRY: &str = "flowhost_entry";

/// The file that the kit writes beside the entry when the component is made of the action's
/// folder and nothing else.
const ALONE: &str = "alone";

/// What the kit says when the action does not have the handlers of this world.
const ANOTHER_WORLD: &str = "RuntimeError: flowhost: another world";

/// A world of the contract.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum World {
    ExecuteOnly,
    Action,
}

impl World {
    /// That of a file: nearly always right, and nothing is lost but time where it is not.
    pub(super) fn guess(file: &Path) -> World {
        // Tools say better what is wrong with a file.
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let defines = |line: &str| {
            let line = line.trim_start_matches("async ");
            let named = line.strip_prefix("def ").unwrap_or(line).strip_prefix("on_continue");
            named.is_some_and(|rest| rest.trim_start().starts_with(['(', '=', ':']))
        };
        match text.lines().any(defines) {
            true => World::Action,
            false => World::ExecuteOnly,
        }
    }

    pub(super) fn other(self) -> World {
        match self {
            World::ExecuteOnly => World::Action,
            World::Action => World::ExecuteOnly,
        }
    }

    fn name(self) -> &'static str {
        match self {
            World::ExecuteOnly => "execute-only",
            World::Action => "action",
        }
    }

    /// The module to begin with: it has a class for each export.
    fn entry(self, module: &str) -> String {
        let (continues, handlers) = match self {
            World::ExecuteOnly => ("False", &[("Execute", 0)][..]),
            World::Action => ("True", &[("Execute", 0), ("Continue", 1)][..]),
        };
        let mut entry = format!(
            "from flowhost_action.component import export\n\n\
             _handlers = export(\"{module}\", {continues}, __file__)\n\n\n\
             class WitWorld:\n    pass\n"
        );
        for (name, index) in handlers {
            entry += &format!(
                "\n\nclass On{name}:\n    def handle(self):\n        _handlers[{index}]()\n"
            );
        }
        entry
    }
}

/// What came of it.
pub(super) enum Made {
    Component {
        bytes: Vec<u8>,
        /// Whether the action's folder is all that it is made of.
        alone: bool,
    },
    /// The action has other handlers than those of this world.
    OfAnotherWorld,
    /// What the tool said.
    Nothing(String),
}

pub(super) fn componentize(tool: &Path, action: &Action, world: World) -> Result<Made> {
    let folder = folder_of(&[])?;
    prepare(action, world, folder.path()).map_err(|error| no_folder(&error))?;
    let made = folder.path().join("made.wasm");
    let output = command(tool, action, world, &folder, &made).output();
    let output = output.map_err(|error| COMPONENTIZE_PY.not_started(tool, &error))?;
    if output.status.success() {
        let alone = folder.path().join("python").join(ALONE).exists();
        let bytes = std::fs::read(&made).map_err(|error| no_folder(&error))?;
        return Ok(Made::Component { bytes, alone });
    }
    if String::from_utf8_lossy(&output.stderr).lines().any(|line| line == ANOTHER_WORLD) {
        return Ok(Made::OfAnotherWorld);
    }
    Ok(Made::Nothing(said::of_the_action(&output, &action.folder, folder.path())))
}

/// Fills the folder with the contract, the kit, and the module to start with.
fn prepare(action: &Action, world: World, folder: &Path) -> std::io::Result<()> {
    let write = |inside: &str, files: &[(&str, &str)]| {
        let inside = folder.join(inside);
        std::fs::create_dir_all(&inside)?;
        files.iter().try_for_each(|(name, text)| std::fs::write(inside.join(name), text))
    };
    write("wit", &WIT)?;
    kit::write(&folder.join("python"))?;
    write("python", &[(&format!("{ENTRY}.py"), &world.entry(&action.module))])
}

/// What a component is made of besides the action and the tool.
pub(super) fn ingredients() -> impl Iterator<Item = &'static str> {
    let files = WIT.iter().chain(kit::FILES).flat_map(|(name, text)| [*name, *text]);
    files.chain([
        env!("CARGO_PKG_VERSION"),
        include_str!("componentize.rs"),
        include_str!("../inert.rs"),
        include_str!("../inert/refusals.rs"),
    ])
}

fn command(tool: &Path, action: &Action, world: World, folder: &TempDir, made: &Path) -> Command {
    let mut command = Command::new(tool);
    command.arg("-d").arg(folder.path().join("wit"));
    command.args(["-w", world.name(), "--world-module", "wit_world", "componentize"]);
    // The action's own modules go first, so that a neighbour is found as Python would.
    command.arg("-p").arg(&action.folder).arg("-p").arg(folder.path().join("python"));
    command.arg("-o").arg(made).arg(ENTRY);
    command.current_dir(folder.path()).stdin(Stdio::null()).env("RUST_BACKTRACE", "0");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_is_guessed_by_what_begins_a_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let guess = |text: &str| {
            let file = folder.path().join("action.py");
            std::fs::write(&file, text).expect("a file");
            World::guess(&file)
        };
        let with =
            ["def on_continue(event, api):", "on_continue = other", "async def on_continue("];
        for text in with {
            assert_eq!(guess(&format!("import x\n{text}\n")), World::Action, "{text}");
        }
        let without = ["# def on_continue(", "    def on_continue(self):", "on_continued = 1", ""];
        for text in without {
            assert_eq!(guess(text), World::ExecuteOnly, "{text}");
        }
    }
}
