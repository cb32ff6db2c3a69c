//! The compiler for C, C++ and Zig: `zig`, which brings along the libraries of both
//! C and C++. It is one package of PyPI, so that nothing else need be there.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use flowhost::{Code, Error, Result};
use tempfile::TempDir;

/// The version that the kits are made and tested with.
pub(super) const PINNED: &str = "0.17.1";

/// What it is called where `FLOWHOST_ZIG` names nothing.
const NAMES: [&[&str]; 4] =
    [&["zig"], &["python-zig"], &["python3", "-m", "ziglang"], &["python", "-m", "ziglang"]];

/// Which versions will do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Versions {
    /// C does not change.
    Any,
    /// Zig does, from one minor version to the next.
    Pinned,
}

pub(super) struct Zig {
    words: Vec<OsString>,
}

impl Zig {
    /// The first that is there and will do.
    pub(super) fn find(versions: Versions) -> Result<Zig> {
        let named = std::env::var_os("FLOWHOST_ZIG").filter(|named| !named.is_empty());
        let candidates: Vec<Vec<OsString>> = match named {
            Some(named) => vec![vec![named]],
            None => NAMES.iter().map(|words| words.iter().map(Into::into).collect()).collect(),
        };
        let mut unfit = None;
        for words in candidates {
            let zig = Zig { words };
            match zig.version() {
                Some(version) if versions == Versions::Pinned && !fits(&version) => {
                    unfit.get_or_insert(version);
                }
                Some(_) => return Ok(zig),
                None => {}
            }
        }
        let what = match unfit {
            Some(version) => format!("zig {version} is there, {PINNED} is needed"),
            None => "zig is not there, which compiles C, C++ and Zig".to_owned(),
        };
        Err(Error::new(Code::ToolchainMissing, what).with_hint(format!(
            "pip install ziglang=={PINNED}   (FLOWHOST_ZIG names a `zig` that is not on the path)"
        )))
    }

    fn version(&self) -> Option<String> {
        let output = self.command().arg("version").output().ok()?;
        let version = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        (output.status.success() && version.starts_with(|c: char| c.is_ascii_digit()))
            .then_some(version)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).stdin(Stdio::null());
        command
    }

    /// Compiles in `folder`, so that messages name its files as the author does. `into`
    /// is where the result and all else that is left goes.
    pub(super) fn run(
        &self,
        folder: &Path,
        into: &TempDir,
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<()> {
        let mut command = self.command();
        command.args(arguments).current_dir(folder);
        command.env("ZIG_LOCAL_CACHE_DIR", into.path().join("cache"));
        let failed =
            |why: String| Error::new(Code::BuildFailed, format!("{}: {why}", folder.display()));
        let output = command.output().map_err(|error| failed(error.to_string()))?;
        let said = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(failed(format!("zig could not build the action\n{}", said.trim_end())));
        }
        // Warnings.
        anstream::eprint!("{said}");
        Ok(())
    }
}

/// What the compiler is told to call the module.
pub(super) const MODULE: &str = "module.wasm";

/// A version of the same minor one.
fn fits(version: &str) -> bool {
    let minor = |version: &str| version.split('.').take(2).map(str::to_owned).collect::<Vec<_>>();
    minor(version) == minor(PINNED)
}

/// A folder that is gone when it is dropped, with these files in it.
pub(super) fn folder_of(files: &[(&str, &str)]) -> Result<TempDir> {
    let made = tempfile::Builder::new().prefix("flowhost-").tempdir().and_then(|folder| {
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text)?;
        }
        Ok(folder)
    });
    made.map_err(|error| {
        Error::new(Code::BuildFailed, format!("the build has no folder to work in: {error}"))
    })
}

/// The folder that a source is in; for a file that is named alone, the one at hand.
pub(super) fn folder_around(main: &Path) -> &Path {
    match main.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
