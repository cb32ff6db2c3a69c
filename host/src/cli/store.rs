//! `--store`: which store a URL names, and an engine that uses it. The file is
//! opened when the first flow suspends or resumes: a flow that runs to its end
//! leaves nothing behind.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use flowhost::store::{
    Cancel, Claim, End, Found, Lease, Look, MemoryStore, NewSuspension, PostgresStore, Settlement,
    SqliteStore, Store, StoreFuture,
};
use flowhost::{Code, Digest, Engine, EngineBuilder, Error, Result, Timestamp};

use super::args::StoreUrl;
use super::{cache, keys};

/// An engine on the store that was asked for.
pub(super) fn engine(url: &StoreUrl) -> Result<Engine> {
    with_store(cache::cached(Engine::builder()), url)?.build()
}

/// The store that was asked for, and the keys for it.
pub(super) fn with_store(builder: EngineBuilder, url: &StoreUrl) -> Result<EngineBuilder> {
    Ok(match place(url)? {
        Place::Memory => builder.store(MemoryStore::new()),
        Place::File(file) => {
            let mut components = file.clone().into_os_string();
            components.push("-components");
            let store = LazySqlite { file, opened: OnceLock::new() };
            let builder = builder.store(store).component_folder(PathBuf::from(components));
            builder.keys(keys::named_or_own(&url.keys)?)
        }
        Place::Server(server) => {
            // Keys of one machine alone would be of no use to the others.
            let keys = keys::named(&url.keys)?.ok_or_else(|| {
                let message = "a store that machines share needs keys that they share";
                Error::new(Code::KeysMissing, message)
                    .with_hint("flowhost keys new keys.txt, then --keys keys.txt on each of them")
            })?;
            builder.store(PostgresStore::new(&server)?).keys(keys)
        }
    })
}

/// An engine for what stores nothing.
pub(super) fn engine_without_store() -> Result<Engine> {
    cache::cached(Engine::builder()).build()
}

/// Which store a URL names.
enum Place {
    Memory,
    File(PathBuf),
    Server(String),
}

fn place(url: &StoreUrl) -> Result<Place> {
    let Some(url) = &url.url else { return default_file().map(Place::File) };
    match url.split_once(':') {
        Some(("memory", "")) => Ok(Place::Memory),
        Some(("sqlite", path)) if !path.is_empty() => Ok(Place::File(PathBuf::from(path))),
        Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
            Ok(Place::Server(url.clone()))
        }
        // It may hold a password: it is not shown.
        _ => Err(Error::new(Code::Usage, "this store is not known")
            .with_hint("--store takes `sqlite:PATH`, `postgres://…` or `memory:`")),
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
    /// Opening may wait for another process. A server has done it before it
    /// listens.
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

    fn claim(&self, lease: Lease, now: Timestamp) -> StoreFuture<'_, Claim> {
        self.with(move |store| Box::pin(async move { store.claim(lease, now).await }))
    }

    fn settle(&self, lease: Lease, settlement: Settlement) -> StoreFuture<'_, bool> {
        self.with(move |store| Box::pin(async move { store.settle(lease, settlement).await }))
    }

    fn find(&self, flow_id: &str, now: Timestamp) -> StoreFuture<'_, Option<Found>> {
        let flow_id = flow_id.to_owned();
        self.with(move |store| Box::pin(async move { store.find(&flow_id, now).await }))
    }

    fn cancel(&self, end: End, now: Timestamp) -> StoreFuture<'_, Cancel> {
        self.with(move |store| Box::pin(async move { store.cancel(end, now).await }))
    }

    fn sweep(&self, before: Timestamp, now: Timestamp) -> StoreFuture<'_, u64> {
        self.with(move |store| Box::pin(async move { store.sweep(before, now).await }))
    }

    fn ready(&self) -> StoreFuture<'_, ()> {
        self.with(|store| Box::pin(async move { store.ready().await }))
    }
}
