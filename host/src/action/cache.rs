//! [`CodeCache`]: machine code kept on disk between processes, so that nothing
//! is compiled twice. Used by [`Runtime`](super::Runtime) alone.
//!
//! Machine code is trusted: what is read back is run. So every entry carries a
//! MAC (HMAC-SHA-256, RFC 2104) over its name and its bytes, under a key that
//! lives elsewhere, and it is checked before wasmtime sees any of it. An entry
//! that is damaged, of another engine or of another key is compiled anew. The
//! only `unsafe` of the crate is here.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use wasmtime::Engine;
#[cfg(feature = "javascript")]
use wasmtime::Module;
use wasmtime::component::Component;

use crate::digest::Digest;
use crate::secret::Secret;

const MAC: usize = 32;

/// When all entries together have more bytes, the oldest are removed.
const MAX_BYTES: u64 = 512 << 20;

/// Compiled code by what it was compiled from.
#[derive(Debug, Clone)]
pub(crate) struct CodeCache {
    folder: PathBuf,
    key: Secret,
}

impl CodeCache {
    /// A cache in `folder`, made when something is kept.
    pub(crate) fn new(folder: PathBuf, key: Secret) -> Self {
        CodeCache { folder, key }
    }

    /// A component that was compiled before by an engine like this one.
    pub(super) fn component(&self, engine: &Engine, digest: &Digest) -> Option<Component> {
        let code = self.read(&name("component", engine, digest))?;
        // SAFETY: the MAC says that these are the bytes that `serialize` gave
        // under this name, in a process that holds the key.
        #[expect(unsafe_code, reason = "the one place where compiled code is read")]
        unsafe { Component::deserialize(engine, code) }.ok()
    }

    /// The same for a module.
    #[cfg(feature = "javascript")]
    pub(super) fn module(&self, engine: &Engine, digest: &Digest) -> Option<Module> {
        let code = self.read(&name("module", engine, digest))?;
        // SAFETY: as above.
        #[expect(unsafe_code, reason = "the one place where compiled code is read")]
        unsafe { Module::deserialize(engine, code) }.ok()
    }

    pub(super) fn keep_component(&self, engine: &Engine, digest: &Digest, component: &Component) {
        if let Ok(code) = component.serialize() {
            self.write(&name("component", engine, digest), &code);
        }
    }

    #[cfg(feature = "javascript")]
    pub(super) fn keep_module(&self, engine: &Engine, digest: &Digest, module: &Module) {
        if let Ok(code) = module.serialize() {
            self.write(&name("module", engine, digest), &code);
        }
    }

    /// An entry whose MAC is right.
    pub(super) fn read(&self, name: &str) -> Option<Vec<u8>> {
        // The whole file before anything is looked at: what is checked is what
        // is used.
        let mut entry = fs::read(self.folder.join(name)).ok()?;
        let mac = entry.split_off(entry.len().checked_sub(MAC)?);
        self.mac(name, &entry)?.verify_slice(&mac).ok()?;
        Some(entry)
    }

    /// Keeps an entry, whole or not at all. A cache that cannot be written is
    /// no error: everything is compiled then.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) {
        let Some(mac) = self.mac(name, bytes) else { return };
        let written = make_folder(&self.folder).and_then(|()| {
            let (mut file, path) = tempfile(&self.folder, name)?;
            let whole = file.write_all(bytes).and_then(|()| {
                file.write_all(&mac.finalize().into_bytes())?;
                fs::rename(&path, self.folder.join(name))
            });
            whole.inspect_err(|_| _ = fs::remove_file(&path))
        });
        match written {
            Ok(()) => self.evict(),
            Err(error) => tracing::warn!(%error, "compiled code cannot be kept"),
        }
    }

    fn mac(&self, name: &str, bytes: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.expose().as_bytes()).ok()?;
        mac.update(&(name.len() as u64).to_le_bytes());
        mac.update(name.as_bytes());
        mac.update(bytes);
        Some(mac)
    }

    /// Removes what was written longest ago until the rest fits; what serves
    /// many components comes last.
    fn evict(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().filter_map(|entry| {
            let entry = entry.ok()?;
            let metadata = entry.metadata().ok()?;
            let written = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let serves_many = !entry.file_name().to_string_lossy().starts_with("component-");
            Some((serves_many, written, metadata.len(), entry.path()))
        });
        let mut entries: Vec<_> = entries.collect();
        let mut bytes: u64 = entries.iter().map(|(_, _, length, _)| length).sum();
        entries.sort();
        for (_, _, length, path) in entries {
            if bytes <= MAX_BYTES {
                return;
            }
            _ = fs::remove_file(path);
            bytes -= length;
        }
    }
}

/// A name that no other engine's code goes by.
fn name(kind: &str, engine: &Engine, digest: &Digest) -> String {
    format!("{kind}-{}-{digest}", fingerprint(engine))
}

/// What compiled code depends on besides what it was compiled from.
pub(super) fn fingerprint(engine: &Engine) -> String {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// A folder of ours that nobody else can write to, made if there is none.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let metadata = fs::symlink_metadata(folder)?;
    #[cfg(unix)]
    let shared = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o022 != 0;
    #[cfg(not(unix))]
    let shared = false;
    match metadata.is_dir() && !shared {
        true => Ok(()),
        false => Err(std::io::Error::other("it is a link, or others can write to it")),
    }
}

/// A new file beside the entry: one that was there, or a link, is none of ours.
fn tempfile(folder: &Path, name: &str) -> std::io::Result<(fs::File, PathBuf)> {
    let random = crate::suspension::random_id().map_err(std::io::Error::other)?;
    let path = folder.join(format!("{name}.{random}.partial"));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok((options.open(&path)?, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(folder: &Path, key: &str) -> CodeCache {
        CodeCache::new(folder.to_owned(), Secret::new(key))
    }

    #[test]
    fn an_entry_is_read_back_under_its_name_and_key_alone() {
        let folder = std::env::temp_dir().join(format!("flowhost-cache-{}", std::process::id()));
        let mine = cache(&folder, "key");
        mine.write("a", b"code");
        mine.write("b", b"other");
        assert_eq!(mine.read("a").as_deref(), Some(&b"code"[..]));
        assert_eq!(mine.read("c"), None);
        assert_eq!(cache(&folder, "another").read("a"), None);
        fs::copy(folder.join("b"), folder.join("a")).expect("a swap");
        assert_eq!(mine.read("a"), None);
        fs::remove_dir_all(&folder).expect("the folder");
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_others_can_write_to_is_not_used() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = std::env::temp_dir().join(format!("flowhost-shared-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).expect("shared");
        cache(&folder, "key").write("a", b"code");
        assert!(!folder.join("a").exists());
        let link = folder.join("link");
        let real = folder.join("real");
        fs::create_dir(&real).expect("a folder");
        std::os::unix::fs::symlink(&real, &link).expect("a link");
        cache(&link, "key").write("a", b"code");
        assert!(!real.join("a").exists());
        fs::remove_dir_all(&folder).expect("the folder");
    }

    #[test]
    fn a_damaged_entry_is_no_entry() {
        let folder = std::env::temp_dir().join(format!("flowhost-damage-{}", std::process::id()));
        let mine = cache(&folder, "key");
        mine.write("a", b"code");
        let whole = fs::read(folder.join("a")).expect("the entry");
        for bit in 0..whole.len() * 8 {
            let mut damaged = whole.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            fs::write(folder.join("a"), &damaged).expect("written");
            assert_eq!(mine.read("a"), None, "bit {bit}");
        }
        for length in 0..whole.len() {
            fs::write(folder.join("a"), &whole[..length]).expect("written");
            assert_eq!(mine.read("a"), None, "length {length}");
        }
        fs::remove_dir_all(&folder).expect("the folder");
    }
}
