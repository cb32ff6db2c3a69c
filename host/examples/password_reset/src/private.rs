//! Files and folders that only the user of this process can read.

use std::path::Path;

use anyhow::{Context as _, Result};

/// Makes a folder, unless it is there.
pub(crate) fn folder(path: &Path) -> Result<()> {
    let made = || {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let mut folder = std::fs::DirBuilder::new();
        folder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.create(path)
    };
    made().with_context(|| path.display().to_string())
}

/// Makes a new file with this text.
pub(crate) fn write_new(path: &Path, text: &str) -> Result<()> {
    use std::io::Write as _;
    let mut options = options();
    let written =
        options.create_new(true).open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.with_context(|| path.display().to_string())
}

/// Makes an empty file, unless it is there; then it is closed to others.
pub(crate) fn ensure(path: &Path) -> Result<()> {
    let ensured = options().create(true).truncate(false).open(path).and_then(|file| close(&file));
    ensured.with_context(|| path.display().to_string())
}

fn options() -> std::fs::OpenOptions {
    let mut options = std::fs::OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn close(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn close(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}
