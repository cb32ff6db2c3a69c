//! The name by which a component that was built before is found again: the digest of
//! all that it was made of. Building takes some 20 seconds, at each `flowhost run` of
//! a flow that names a source.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use flowhost::Digest;

use super::{Action, componentize};

/// A folder with more in it holds something else than an action: then nothing is kept.
const MOST_FILES: usize = 10_000;
const MOST_BYTES: u64 = 64 << 20;

/// The digest; none where it cannot be told.
pub(super) fn made_of(action: &Action, tool: &Path) -> Option<Digest> {
    let output = Command::new(tool).arg("--version").stdin(Stdio::null()).output().ok()?;
    let mut parts = vec![b"python".to_vec(), output.stdout, action.module.clone().into_bytes()];
    parts.extend(componentize::ingredients().map(|text| text.as_bytes().to_vec()));
    let mut files = Files::default();
    files.find(&action.folder, &action.folder)?;
    files.found.sort();
    for (name, text) in files.found {
        parts.extend([name.into_encoded_bytes(), text]);
    }
    Some(Digest::of_parts(parts.iter().map(Vec::as_slice)))
}

/// What an action can import or read while it is built.
#[derive(Default)]
struct Files {
    found: Vec<(OsString, Vec<u8>)>,
    bytes: u64,
}

impl Files {
    fn find(&mut self, folder: &Path, root: &Path) -> Option<()> {
        for entry in std::fs::read_dir(folder).ok()? {
            let entry = entry.ok()?;
            let (path, name) = (entry.path(), entry.file_name());
            let text = name.to_string_lossy();
            if text.starts_with('.') || text == "__pycache__" || text.ends_with(".wasm") {
                continue;
            }
            if entry.file_type().ok()?.is_dir() {
                self.find(&path, root)?;
                continue;
            }
            // A link to a folder, or a pipe, is nothing that can be read here.
            let size = path.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
            self.bytes += size;
            if self.bytes > MOST_BYTES || self.found.len() >= MOST_FILES {
                return None;
            }
            let bytes = std::fs::read(&path).ok()?;
            let name = path.strip_prefix(root).ok()?.as_os_str().to_owned();
            self.found.push((name, bytes));
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_can_be_imported_counts_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let file = folder.path().join(name);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            std::fs::write(file, text).expect("a file");
        };
        let action = |module: &str| Action {
            module: module.to_owned(),
            folder: folder.path().canonicalize().expect("a path"),
        };
        // What the tool says is its version.
        let made_of =
            |module: &str, tool: &str| made_of(&action(module), Path::new(tool)).expect("a digest");
        write("action.py", "1");
        write("inner/a.py", "2");
        let first = made_of("action", "echo");
        for other in ["action.wasm", ".git/x", "__pycache__/a.pyc", "inner/__pycache__/b.pyc"] {
            write(other, "other");
            assert_eq!(made_of("action", "echo"), first, "{other}");
        }
        assert_ne!(made_of("other", "echo"), first);
        assert_ne!(made_of("action", "true"), first);
        write("inner/a.py", "3");
        let second = made_of("action", "echo");
        assert_ne!(second, first);
        write("data.json", "{}");
        assert_ne!(made_of("action", "echo"), second);
    }

    #[cfg(unix)]
    #[test]
    fn where_not_all_can_be_known_there_is_no_name() {
        let folder = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink("/", folder.path().join("all")).expect("a link");
        let action = Action { module: "action".into(), folder: folder.path().to_owned() };
        assert_eq!(made_of(&action, Path::new("echo")), None);
    }
}
