//! Actions in Python, by the Bytecode Alliance's componentize-py: CPython itself is
//! in the component, with all that the action had imported when it was built. The kit
//! that it imports is part of this program.

mod componentize;
mod kept;
pub(in crate::cli) mod kit;
mod said;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flowhost::{Code, Component, Error, Result};

use super::{Language, Source, inert};
use componentize::{Made, World, componentize};

/// The version that the kit is made and tested with; others of its minor one will do.
const PINNED: &str = "0.25.1";

/// Names a `componentize-py` that is not on the path.
const NAMED_BY: &str = "FLOWHOST_COMPONENTIZE_PY";

pub(super) const LANGUAGE: Language =
    Language { name: "Python", extensions: &["py"], markers: &["action.py"], build };

fn build(source: &Source<'_>) -> Result<Component> {
    let action = Action::of(source)?;
    let tool = find()?;
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
