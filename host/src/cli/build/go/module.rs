//! The module that Go builds. An action beside a go.mod is a part of that module, which
//! stays as it is: packages of its own, its `vendor` folder. Any other becomes a module
//! of its own somewhere else, with all that is in its folder if it is one: Go embeds
//! files of any kind.

use std::io::{Error, Result};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::super::Source;
use super::{OLDEST, kit};

/// What the kit is imported as.
const KIT: &str = "github.com/flowhost/flowhost/guest-sdk/go";

/// A folder with more files than this is something else than an action.
const MOST_FILES: usize = 5_000;

/// How the compiler is started for a module.
pub(super) struct Module {
    /// Where.
    pub(super) folder: PathBuf,
    /// The go.mod to read instead of the folder's own, if that does not say where the
    /// kit is.
    pub(super) with: Option<PathBuf>,
}

/// Sources without a go.mod become a module in `into`.
pub(super) fn prepare(source: &Source<'_>, into: &TempDir) -> Result<Module> {
    let kit = into.path().join("kit");
    let replace = format!("\nreplace {KIT} => {}\n", quoted(&kit));
    let beside = source.main.parent().filter(|folder| !folder.as_os_str().is_empty());
    let beside = beside.unwrap_or(Path::new(".")).canonicalize()?;
    let own = std::fs::read_to_string(beside.join("go.mod")).ok();
    if let Some(text) = own {
        if says_where_the_kit_is(&text) || beside.join("vendor").is_dir() {
            return Ok(Module { folder: beside, with: None });
        }
        kit::write(&kit)?;
        let with = into.path().join("go.mod");
        let require = if text.contains(KIT) { "" } else { &format!("\nrequire {KIT} v0.0.0\n") };
        std::fs::write(&with, format!("{text}{require}{replace}"))?;
        if let Ok(sums) = std::fs::read(beside.join("go.sum")) {
            std::fs::write(into.path().join("go.sum"), sums)?;
        }
        return Ok(Module { folder: beside, with: Some(with) });
    }
    kit::write(&kit)?;
    let folder = into.path().join("action");
    std::fs::create_dir(&folder)?;
    match source.path.is_dir() {
        true => copy(&beside, &folder, &mut 0)?,
        false => {
            let name = source.main.file_name().unwrap_or_default();
            std::fs::copy(&source.main, folder.join(name))?;
        }
    }
    let (major, minor) = OLDEST;
    let text = format!("module action\n\ngo {major}.{minor}\n\nrequire {KIT} v0.0.0\n{replace}");
    std::fs::write(folder.join("go.mod"), text)?;
    Ok(Module { folder, with: None })
}

/// Copies a folder, but for tests, for what is a module's only, and for what is no part
/// of an action: components, and where versions are kept.
fn copy(from: &Path, to: &Path, count: &mut usize) -> Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let text = name.to_string_lossy();
        if ["vendor", "go.sum", ".git"].contains(&text.as_ref())
            || text.ends_with("_test.go")
            || text.ends_with(".wasm")
        {
            continue;
        }
        *count += 1;
        if *count > MOST_FILES {
            return Err(Error::other(format!(
                "more than {MOST_FILES} files are beside the action: give it a folder of its own"
            )));
        }
        // A link to a folder may lead around in a circle.
        if entry.file_type()?.is_dir() {
            std::fs::create_dir(to.join(&name))?;
            copy(&path, &to.join(&name), count)?;
        } else if path.is_file() {
            std::fs::copy(&path, to.join(&name))?;
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_kit_is_seen_in_a_line_and_in_a_block() {
        let line = format!("module a\nreplace {KIT} => ../kit\n");
        let block = format!("module a\nreplace (\n\t{KIT} v0.1.0 => ../kit\n)\n");
        let comment = format!("module a\n// replace {KIT} => ../kit\n");
        assert!(says_where_the_kit_is(&line) && says_where_the_kit_is(&block));
        assert!(!says_where_the_kit_is(&comment));
    }
}
