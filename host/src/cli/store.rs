//! `--store`: which store a URL names, and an engine that uses it. The file is
//! opened when the first flow suspends or resumes: a flow that runs to its end
//! leaves nothing behind.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use flowhost::store::{
    Claim, Lease, Look, MemoryStore, NewSuspension, Settlement, SqliteStore, Store, StoreFuture,
};
use flowhost::{Code, Digest, Engine, Error, Result, Timestamp};

use super::args::StoreUrl;
use super::cache;

/// An engine on the store that was asked for.
pub(super) fn engine(url: &StoreUrl) -> Result<Engine> {
    let builder = cache::cached(Engine::builder());
    match place(url)? {
        None => builder.store(MemoryStore::new()).build(),
        Some(file) => {
            let mut components = file.clone().into_os_string();
            components.push("-components");
            let store = LazySqlite { file, opened: OnceLock::new() };
            builder.store(store).component_folder(PathBuf::from(components)).build()
        }
    }
}

/// An engine for what stores nothing.
pub(super) fn engine_without_store() -> Result<Engine> {
    cache::cached(Engine::builder()).build()
}

/// The file of the store; none for one in memory.
fn place(url: &StoreUrl) -> Result<Option<PathBuf>> {
    let Some(url) = &url.url else { return default_file().map(Some) };
    match url.split_once(':') {
        Some(("memory", "")) => Ok(None),
        Some(("sqlite", path)) if !path.is_empty() => Ok(Some(PathBuf::from(path))),
        _ => Err(Error::new(Code::Usage, format!("unknown store `{url}`"))
            .with_hint("`sqlite:PATH` or `memory:`")),
    }
}

fn default_file() -> Result<PathBuf> {
    let folder = dirs::data_dir().ok_or_else(|| {
        Error::new(Code::StoreUnavailable, "there is no data folder for this user")
            .with_hint("name a file: --store sqlite:PATH")
    })?;
    Ok(folder.join("flowhost").join("flowhost.db"))
}

/// A SQLite store that is opened when it is needed.
struct LazySqlite {
    file: PathBuf,
    opened: OnceLock<Arc<SqliteStore>>,
}

impl LazySqlite {
    fn open(&self) -> Result<Arc<SqliteStore>> {
        if let Some(store) = self.opened.get() {
            return Ok(Arc::clone(store));
        }
        make_folder(&self.file)?;
        let store = Arc::new(SqliteStore::open(&self.file)?);
        Ok(Arc::clone(self.opened.get_or_init(|| store)))
    }

    fn with<T: 'static>(
        &self,
        ask: impl FnOnce(Arc<SqliteStore>) -> StoreFuture<'static, T> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        Box::pin(async move { ask(self.open()?).await })
    }
}

fn make_folder(file: &Path) -> Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.map_or(Ok(()), std::fs::create_dir_all).map_err(|error| {
        let message = format!("{}: {error}", file.display());
        Error::new(Code::StoreUnavailable, message).with_hint("name another file with --store")
    })
}

impl Store for LazySqlite {
    fn suspend(&self, suspension: NewSuspension) -> StoreFuture<'_, ()> {
        self.with(|store| Box::pin(async move { store.suspend(suspension).await }))
    }

    fn look(&self, ticket: Digest, now: Timestamp) -> StoreFuture<'_, Look> {
        self.with(move |store| Box::pin(async move { store.look(ticket, now).await }))
    }

    fn claim(&self, ticket: Digest, now: Timestamp) -> StoreFuture<'_, Claim> {
        self.with(move |store| Box::pin(async move { store.claim(ticket, now).await }))
    }

    fn settle(&self, lease: Lease, settlement: Settlement) -> StoreFuture<'_, bool> {
        self.with(|store| Box::pin(async move { store.settle(lease, settlement).await }))
    }

    fn outcome(&self, flow_id: &str) -> StoreFuture<'_, Option<String>> {
        let flow_id = flow_id.to_owned();
        self.with(|store| Box::pin(async move { store.outcome(&flow_id).await }))
    }

    fn sweep(&self, before: Timestamp) -> StoreFuture<'_, u64> {
        self.with(move |store| Box::pin(async move { store.sweep(before).await }))
    }
}
