//! Files with keys: readable by their owner only, there whole or not at all,
//! and of several processes that make one at once all use the same.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flowhost::Secret;

/// What the file holds; first what `make` gives, if there is none yet.
pub(super) fn read_or_make(
    path: &Path,
    make: impl FnOnce() -> std::io::Result<Secret>,
) -> std::io::Result<Secret> {
    match read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        other => return other,
    }
    match create(path, &make()?) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => read(path),
    }
}

fn read(path: &Path) -> std::io::Result<Secret> {
    fs::read_to_string(path).map(Secret::new)
}

/// Makes a file that is not there yet, and its folder.
pub(super) fn create(path: &Path, text: &Secret) -> std::io::Result<()> {
    let partial = write_beside(path, text)?;
    let linked = fs::hard_link(&partial, path);
    fs::remove_file(&partial)?;
    linked.and_then(|()| sync_folder(path))
}

/// Replaces a file.
pub(super) fn replace(path: &Path, text: &Secret) -> std::io::Result<()> {
    // What a link leads to is replaced, and keeps its mode.
    let path = fs::canonicalize(path)?;
    let partial = write_beside(&path, text)?;
    fs::set_permissions(&partial, fs::metadata(&path)?.permissions())?;
    fs::rename(&partial, &path)?;
    sync_folder(&path)
}

fn write_beside(path: &Path, text: &Secret) -> std::io::Result<PathBuf> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.partial", std::process::id()));
    let partial = path.with_file_name(name);
    // One that a process with this number left behind.
    _ = fs::remove_file(&partial);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&partial)?;
    file.write_all(text.expose().as_bytes())?;
    file.sync_all()?;
    Ok(partial)
}

/// A name that is not on the disk yet may be gone after a power cut.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
