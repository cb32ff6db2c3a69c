//! Where the command keeps compiled code between two calls: in the user's
//! cache folder, under a key in the user's data folder. `FLOWHOST_CACHE` names
//! another folder; when it is empty nothing is kept.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flowhost::{EngineBuilder, Secret};

const VARIABLE: &str = "FLOWHOST_CACHE";

/// A builder with the cache, where this user has a place for it.
pub(super) fn cached(builder: EngineBuilder) -> EngineBuilder {
    let Some(folder) = folder() else { return builder };
    match dirs::data_dir().and_then(|data| key(&data.join("flowhost").join("code-cache.key"))) {
        Some(key) => builder.code_cache(folder, key),
        None => builder,
    }
}

fn folder() -> Option<PathBuf> {
    match std::env::var_os(VARIABLE) {
        Some(folder) if folder.is_empty() => None,
        Some(folder) => Some(folder.into()),
        None => Some(dirs::cache_dir()?.join("flowhost").join("code")),
    }
}

/// The key, made when there is none yet. Of several processes that make one at
/// once all use the one that was linked first.
fn key(path: &Path) -> Option<Secret> {
    if let Some(key) = read(path) {
        return Some(key);
    }
    if path.exists() {
        // It is no key of ours: half of one, say.
        _ = fs::remove_file(path);
    }
    fs::create_dir_all(path.parent()?).ok()?;
    let partial = path.with_extension(format!("{}.partial", std::process::id()));
    write(&partial, &Secret::random().ok()?).ok()?;
    _ = fs::hard_link(&partial, path);
    _ = fs::remove_file(&partial);
    read(path)
}

fn read(path: &Path) -> Option<Secret> {
    let text = fs::read_to_string(path).ok()?;
    // A file of another shape is nobody's key.
    (text.len() == 43).then(|| Secret::new(text))
}

/// A file that nobody else can read.
fn write(path: &Path, key: &Secret) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(key.expose().as_bytes())?;
    file.sync_all()
}
