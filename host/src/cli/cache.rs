//! Where the command keeps compiled code between two calls: in the user's
//! cache folder, under a key in the user's data folder. `FLOWHOST_CACHE` names
//! another folder; when it is empty nothing is kept.

use std::path::{Path, PathBuf};

use flowhost::{EngineBuilder, Secret};

use super::key_file;

const VARIABLE: &str = "FLOWHOST_CACHE";

/// 32 bytes in base64url.
const KEY_LENGTH: usize = 43;

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

fn key(path: &Path) -> Option<Secret> {
    let make = || Secret::random().map_err(std::io::Error::other);
    let key = key_file::read_or_make(path, make).ok()?;
    if key.expose().len() == KEY_LENGTH {
        return Some(key);
    }
    // A file of another shape is nobody's key: half of one, say.
    key_file::replace(path, &Secret::random().ok()?).ok()?;
    key_file::read_or_make(path, make).ok()
}
