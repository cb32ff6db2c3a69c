//! [`CodeCache`]: machine code kept on disk between processes, so that nothing
//! is compiled twice. Used by [`Runtime`](super::Runtime) alone.
//!
//! Machine code is trusted: what is read back is run. So every entry carries a
//! MAC over its name and its bytes, under a key that lives elsewhere, and it is
//! checked before wasmtime sees any of it. An entry that is damaged, of another
//! engine or of another key is compiled anew, and so is one in a place where
//! others can write (`cache/folder.rs`). The only `unsafe` of the crate is here.

mod folder;

use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use wasmtime::Engine;
#[cfg(feature = "javascript")]
use wasmtime::Module;
use wasmtime::component::Component;

use super::sealed;
use crate::digest::Digest;
use crate::secret::Secret;
use folder::Folder;

/// When all entries together have more bytes, those that were not used for
/// longest are removed.
const MAX_BYTES: u64 = 512 << 20;

/// Compiled code by what it was compiled from.
#[derive(Debug, Clone)]
pub(crate) struct CodeCache {
    folder: Folder,
    key: Secret,
}

impl CodeCache {
    /// A cache in `folder`, made when something is kept.
    pub(crate) fn new(folder: PathBuf, key: Secret) -> Self {
        CodeCache { folder: Folder::new(folder, MAX_BYTES), key }
    }

    /// Where it is, and the key: for a compiler in a process of its own.
    pub(crate) fn place(&self) -> (&Path, &Secret) {
        (self.folder.path(), &self.key)
    }

    /// A component that was compiled before by an engine like this one.
    pub(super) fn component(&self, engine: &Engine, name: &str) -> Option<Component> {
        component(engine, &self.read(name)?).ok()
    }

    /// The same for a module.
    #[cfg(feature = "javascript")]
    pub(super) fn module(&self, engine: &Engine, name: &str) -> Option<Module> {
        let code = self.read(name)?;
        // SAFETY: the MAC says that these are the bytes that `serialize` gave
        // under this name, in a process that holds the key.
        #[expect(unsafe_code, reason = "one of two places where compiled code is read")]
        unsafe { Module::deserialize(engine, code) }.ok()
    }

    /// An entry whose MAC is right.
    pub(super) fn read(&self, name: &str) -> Option<Vec<u8>> {
        // The whole file before anything is looked at: what is checked is what
        // is used.
        sealed::open(&self.key, name, self.folder.read(name)?)
    }

    /// Keeps an entry, whole or not at all. A cache that cannot be written is
    /// no error: everything is compiled then.
    pub(super) fn write(&self, name: &str, mut bytes: Vec<u8>) {
        if sealed::seal(&self.key, name, &mut bytes).is_none() {
            return;
        }
        if let Err(error) = self.folder.write(name, &bytes) {
            tracing::warn!(%error, "compiled code cannot be kept");
        }
    }
}

/// The component of machine code that was [opened](sealed::open), from the cache
/// or from the compiler that was started for it; or of what this process compiled.
pub(super) fn component(engine: &Engine, opened: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: callers have checked a MAC over the bytes and over the name of
    // component and engine: they are what `serialize` or `precompile` gave in
    // a process that holds the key. Or it gave them to the caller.
    #[expect(unsafe_code, reason = "one of two places where compiled code is read")]
    unsafe {
        Component::deserialize(engine, opened)
    }
}

/// A name that no other engine's code goes by.
pub(super) fn name(kind: &str, engine: &Engine, digest: &Digest) -> String {
    format!("{kind}-{}-{digest}", fingerprint(engine))
}

/// What compiled code depends on besides what it was compiled from: the version
/// of wasmtime, its settings, the processor.
pub(super) fn fingerprint(engine: &Engine) -> String {
    let mut settings = Settings(Vec::new());
    engine.precompile_compatibility_hash().hash(&mut settings);
    Digest::of(&settings.0).to_string()
}

/// What is hashed, as it is.
struct Settings(Vec<u8>);

impl Hasher for Settings {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Nobody asks: the bytes are what is wanted.
    fn finish(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests;
