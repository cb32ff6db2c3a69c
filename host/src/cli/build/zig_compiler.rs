//! The compiler for C, C++ and Zig: `zig`, which brings along the libraries of both
//! C and C++. It is one package of PyPI, so that nothing else need be there.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flowhost::{Code, Error, Result};
use tempfile::TempDir;

use super::tool::{Tool, located, same_minor};

/// The version that the kits are made and tested with.
pub(super) const PINNED: &str = "0.17.1";

const ZIG: Tool = Tool {
    name: "zig",
    programs: &["zig", "python-zig"],
    named_by: "FLOWHOST_ZIG",
    version: &["version"],
    before_version: "",
    needed: PINNED,
    what_for: "which compiles C, C++ and Zig",
    install: "pip install ziglang==0.17.1",
};

/// Where Python has put the package, if it has one. Nothing of it is executed.
const WHERE: &str = "import importlib.util, site, sys
sys.path.append(site.getusersitepackages())
found = importlib.util.find_spec('ziglang')
print(*(found and found.submodule_search_locations or []), sep='\\n')";

/// Which versions will do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Versions {
    /// C does not change.
    Any,
    /// Zig does, from one minor version to the next.
    Pinned,
}

pub(super) struct Zig {
    program: PathBuf,
}

impl Zig {
    /// The first that is there and will do.
    pub(super) fn find(versions: Versions) -> Result<Zig> {
        let fits = |version: &str| versions == Versions::Any || same_minor(version, PINNED);
        let packages = ["python3", "python"].into_iter().filter_map(of_python);
        ZIG.find(fits, packages).map(|program| Zig { program })
    }

    /// Compiles in `folder`, so that messages name its files as the author does. `into`
    /// is where the result and all else that is left goes.
    pub(super) fn run(
        &self,
        folder: &Path,
        into: &TempDir,
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<()> {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(folder).stdin(Stdio::null());
        command.env("ZIG_LOCAL_CACHE_DIR", into.path().join("cache"));
        let output = command.output().map_err(|error| ZIG.not_started(&self.program, &error))?;
        let said = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            let why = format!("zig could not build the action\n{}", said.trim_end());
            return Err(Error::new(Code::BuildFailed, format!("{}: {why}", folder.display())));
        }
        // Warnings.
        anstream::eprint!("{said}");
        Ok(())
    }
}

/// The compiler in the package that a Python has. Python is asked from a folder that is
/// nobody's, and to look nowhere else: a `ziglang.py` beside an action is a stranger's.
fn of_python(python: &str) -> Option<PathBuf> {
    let mut ask = Command::new(located(OsStr::new(python))?);
    ask.args(["-I", "-c", WHERE]).current_dir("/").stdin(Stdio::null());
    let output = ask.output().ok().filter(|output| output.status.success())?;
    let said = String::from_utf8(output.stdout).ok()?;
    let folder = said.lines().next().map(Path::new).filter(|folder| folder.is_absolute())?;
    located(folder.join("zig").as_os_str())
}

/// What the compiler is told to call the module.
pub(super) const MODULE: &str = "module.wasm";

/// The folder that a source is in; for a file that is named alone, the one at hand.
pub(super) fn folder_around(main: &Path) -> &Path {
    match main.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
