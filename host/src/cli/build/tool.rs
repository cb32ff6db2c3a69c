//! A program that a build needs and flowhost does not bring along: where it is, whether
//! it will do, and the folder it works in. Builds change the folder they run in, so a
//! program is known by its whole path from here on.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flowhost::{Code, Error, Result};
use tempfile::TempDir;

pub(super) struct Tool {
    /// As people call it.
    pub(super) name: &'static str,
    /// What it is called on the path, the likeliest first.
    pub(super) programs: &'static [&'static str],
    /// The variable that names one that is not on the path.
    pub(super) named_by: &'static str,
    /// The arguments it tells its version for, and what it says before it.
    pub(super) version: &'static [&'static str],
    pub(super) before_version: &'static str,
    /// The version that is needed, or the oldest that is.
    pub(super) needed: &'static str,
    /// What it is for, if its name does not say so.
    pub(super) what_for: &'static str,
    /// How to have it.
    pub(super) install: &'static str,
}

/// Why a program will not do.
enum Unfit {
    /// It does not run, or is something else.
    Broken(String),
    Version(String),
}

impl Tool {
    /// The first that is there and will do. Those that `elsewhere` gives are tried last.
    pub(super) fn find(
        &self,
        fits: impl Fn(&str) -> bool,
        elsewhere: impl Iterator<Item = PathBuf>,
    ) -> Result<PathBuf> {
        let named = std::env::var_os(self.named_by).filter(|named| !named.is_empty());
        if let Some(named) = named {
            return self.named(&named, fits);
        }
        let on_path = self.programs.iter().filter_map(|name| located(OsStr::new(name)));
        let mut unfit = None;
        for program in on_path.chain(elsewhere) {
            match self.try_one(&program, &fits) {
                Ok(()) => return Ok(program),
                Err(why) => _ = unfit.get_or_insert((program, why)),
            }
        }
        Err(match unfit {
            Some((program, Unfit::Version(version))) => self.another(&version, &program),
            Some((program, Unfit::Broken(why))) => {
                self.missing(format!("{} is not what it should be: {why}", program.display()))
            }
            None if self.what_for.is_empty() => self.missing(format!("{} is not there", self.name)),
            None => self.missing(format!("{} is not there, {}", self.name, self.what_for)),
        })
    }

    /// The one that the variable names, and no other.
    fn named(&self, named: &OsStr, fits: impl Fn(&str) -> bool) -> Result<PathBuf> {
        let by = self.named_by;
        let Some(program) = located(named) else {
            let named = named.display();
            return Err(self.missing(format!(
                "{} is not there: {by} names {named}, and there is no such program",
                self.name
            )));
        };
        match self.try_one(&program, fits) {
            Ok(()) => Ok(program),
            Err(Unfit::Version(version)) => Err(self.another(&version, &program)),
            Err(Unfit::Broken(why)) => {
                let program = program.display();
                Err(self.missing(format!("{by} names {program}, which cannot be used: {why}")))
            }
        }
    }

    fn another(&self, version: &str, program: &Path) -> Error {
        let (name, program) = (self.name, program.display());
        self.missing(format!("{name} {version} is there, {} is needed ({program})", self.needed))
    }

    fn missing(&self, what: String) -> Error {
        Error::new(Code::ToolchainMissing, what).with_hint(format!(
            "{}   ({} names one that is not on the path)",
            self.install, self.named_by
        ))
    }

    fn try_one(&self, program: &Path, fits: impl Fn(&str) -> bool) -> Result<(), Unfit> {
        let version = self.version_of(program).map_err(Unfit::Broken)?;
        if fits(&version) { Ok(()) } else { Err(Unfit::Version(version)) }
    }

    fn version_of(&self, program: &Path) -> Result<String, String> {
        let asked = self.version.join(" ");
        let mut command = Command::new(program);
        let output = command.args(self.version).stdin(Stdio::null()).output();
        let output = output.map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(format!("`{asked}` ended with {}", output.status));
        }
        let said = String::from_utf8_lossy(&output.stdout);
        let version = said.trim().strip_prefix(self.before_version);
        let version = version.filter(|version| version.starts_with(|c: char| c.is_ascii_digit()));
        version.map(str::to_owned).ok_or_else(|| format!("`{asked}` tells no version"))
    }

    /// What went wrong when it was to be started.
    pub(super) fn not_started(&self, program: &Path, error: &std::io::Error) -> Error {
        self.missing(format!("{}, {}, cannot be started: {error}", self.name, program.display()))
    }
}

/// The whole path of a program: one that is named by a path, or one of that name on the
/// path. None if there is no such file.
pub(super) fn located(program: &OsStr) -> Option<PathBuf> {
    let path = Path::new(program);
    let candidates = if path.components().count() > 1 || path.is_absolute() {
        vec![path.to_owned()]
    } else {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&folders).map(|folder| folder.join(path)).collect()
    };
    let with_suffix = |path: PathBuf| {
        let mut other = OsString::from(&path);
        other.push(std::env::consts::EXE_SUFFIX);
        [path, PathBuf::from(other)]
    };
    let mut candidates = candidates.into_iter().flat_map(with_suffix);
    let found = candidates.find(|candidate| is_program(candidate))?;
    // Links stay: what a program finds beside itself depends on them.
    std::path::absolute(found).ok()
}

fn is_program(path: &Path) -> bool {
    let Ok(metadata) = path.metadata() else { return false };
    #[cfg(unix)]
    let executable = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let executable = true;
    metadata.is_file() && executable
}

/// Whether a version is of the same minor one.
pub(super) fn same_minor(one: &str, other: &str) -> bool {
    one.split('.').take(2).eq(other.split('.').take(2))
}

/// A folder that is gone when it is dropped, with these files in it.
pub(super) fn folder_of(files: &[(&str, &str)]) -> Result<TempDir> {
    let made = tempfile::Builder::new().prefix("flowhost-").tempdir().and_then(|folder| {
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text)?;
        }
        Ok(folder)
    });
    made.map_err(|error| no_folder(&error))
}

pub(super) fn no_folder(error: &std::io::Error) -> Error {
    Error::new(Code::BuildFailed, format!("the build has no folder to work in: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_of_one_minor_one_or_not() {
        assert!(same_minor("0.17.1", "0.17.4") && same_minor("0.17.0-dev", "0.17.1"));
        assert!(!same_minor("0.16.1", "0.17.1") && !same_minor("0", "0.17.1"));
    }
}
