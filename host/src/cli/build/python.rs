//! Actions in Python, by the Bytecode Alliance's componentize-py: CPython itself is
//! in the component, with all that the action had imported when it was built. The kit
//! that it imports is part of this program.

mod componentize;
mod kept;
pub(in crate::cli) mod kit;
mod said;

use std::path::{Path, PathBuf};

use flowhost::{Code, Component, Error, Result};

use super::tool::{Tool, same_minor};
use super::{Language, Source, inert};
use componentize::{Made, World, componentize};

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

fn build(source: &Source<'_>) -> Result<Component> {
    let action = Action::of(source)?;
    let fits = |version: &str| same_minor(version, PINNED);
    let tool = COMPONENTIZE_PY.find(fits, std::iter::empty())?;
    let made_of = kept::made_of(&action, &tool);
    if let Some(kept) = made_of.and_then(|made_of| source.engine.built_before(&made_of)) {
        return Ok(Component::Bytes(kept));
    }
    let failed = |said: &str| {
        let message = format!("{}: the action could not be built\n{said}", source.path.display());
        Error::new(Code::BuildFailed, message.trim_end())
    };
    let mut world = World::guess(&source.main);
    let mut made = componentize(&tool, &action, world)?;
    if matches!(made, Made::OfAnotherWorld) {
        world = world.other();
        made = componentize(&tool, &action, world)?;
    }
    let (component, alone) = match made {
        Made::Component { bytes, alone } => (bytes, alone),
        Made::OfAnotherWorld => return Err(failed("it does not always have the same handlers")),
        Made::Nothing(said) => return Err(failed(&said)),
    };
    let component = inert::without_files_and_sockets(component);
    let component = component.map_err(|error| failed(&format!("{error:#}")))?;
    // What was there at the end must be what was there at the beginning.
    if let Some(made_of) = made_of.filter(|_| alone)
        && Some(made_of) == kept::made_of(&action, &tool)
    {
        source.engine.keep_built(&made_of, &component);
    }
    Ok(Component::Bytes(component))
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
