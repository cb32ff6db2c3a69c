//! [`Components`]: every component an engine has compiled, by digest. The bytes
//! of all that flows suspended with are kept in a folder, or in a store that
//! several machines share: what a suspended flow was started with is found
//! after a deploy.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::Semaphore;

use crate::action::{LoadedAction, Runtime};
use crate::clock::Timestamp;
use crate::compiler::{self, Bounds};
use crate::digest::Digest;
use crate::error::{Code, Error, Result};
use crate::flow::{ActionDefinition, ActionSpec, Component};
use crate::limits::Limits;
use crate::store::Store;
use crate::suspension::random_number;

/// Compiling a component below this size may take [`SMALL_COMPILE`]: honest
/// ones need far less, and size alone does not bound it.
const SMALL: usize = 1 << 20;
const SMALL_COMPILE: Bounds = Bounds { millis: 5_000, memory: 512 << 20, code: 16 << 20 };

/// So many components are remembered whether or not a flow has them: those of flows
/// that were replaced, and that others wait in.
const IDLE: usize = 64;

const FOR_EVER: Timestamp = Timestamp::from_millis(i64::MAX);

pub(super) struct Components {
    loaded: Mutex<HashMap<Digest, Arc<LoadedAction>>>,
    /// Their bytes, and until when those are kept already: not at all until
    /// a flow suspends.
    kept: Mutex<HashMap<Digest, Kept>>,
    /// Those that are being loaded.
    loading: Mutex<HashMap<Digest, Weak<Loading>>>,
    /// One for each compiler that may run at once.
    compilers: Semaphore,
    folder: Option<PathBuf>,
}

/// Why a component could not be loaded within which bounds.
type Loading = tokio::sync::Mutex<Option<(Bounds, Error)>>;

#[derive(Clone)]
struct Kept {
    bytes: Arc<[u8]>,
    until: Timestamp,
}

impl Components {
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        Components {
            loaded: Mutex::default(),
            kept: Mutex::default(),
            loading: Mutex::default(),
            compilers: Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)),
            folder,
        }
    }

    /// The components of a flow's actions, compiled at the same time.
    pub(super) async fn load_all(
        &self,
        runtime: &Arc<Runtime>,
        actions: &[ActionSpec],
    ) -> Result<Vec<Arc<LoadedAction>>> {
        let loading = actions.iter().map(async |action| {
            let load = async {
                let bytes: Arc<[u8]> = self.bytes(runtime, action).await?.into();
                let wanted = Wanted {
                    digest: Digest::of(&bytes),
                    limits: &action.limits,
                    outbound: action.outbound.is_some(),
                };
                self.load(runtime, wanted, bytes).await
            };
            load.await.map_err(|error| match &action.component {
                Component::File(path) => error.in_file(path),
                _ => error,
            })
        });
        join_all(loading).await.into_iter().collect()
    }

    /// A component, compiled unless it is known: once, however many ask for it at the
    /// same time, and no more at once than there are processors.
    async fn load(
        &self,
        runtime: &Arc<Runtime>,
        wanted: Wanted<'_>,
        bytes: Arc<[u8]>,
    ) -> Result<Arc<LoadedAction>> {
        let bounds = bounds(bytes.len(), wanted.limits);
        let turn = self.turn(wanted.digest);
        let mut failed = turn.lock().await;
        if let Some(component) = self.known(&wanted.digest) {
            component.check_for(wanted.outbound, wanted.limits)?;
            return Ok(component);
        }
        if let Some((_, error)) = failed.as_ref().filter(|(other, _)| bounds.within(other)) {
            return Err(error.clone());
        }
        let cached = compile(runtime, &wanted, &bytes, None).await?;
        let compiled = match cached {
            Some(component) => Ok(component),
            None => {
                let _slot = self.compilers.acquire().await;
                let compiled = compile(runtime, &wanted, &bytes, Some(bounds)).await;
                compiled.and_then(|component| component.ok_or_else(compiler::crashed))
            }
        };
        let component = compiled.inspect_err(|error| *failed = Some((bounds, error.clone())))?;
        self.keep(&component, bytes);
        Ok(component)
    }

    /// What those hold in turn who load the same component: what came of it last.
    fn turn(&self, digest: Digest) -> Arc<Loading> {
        let mut loading = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        loading.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = loading.get(&digest).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::default();
        loading.insert(digest, Arc::downgrade(&turn));
        turn
    }

    /// The bytes of an action's component, within its limit.
    async fn bytes(&self, runtime: &Arc<Runtime>, action: &ActionSpec) -> Result<Vec<u8>> {
        match &action.component {
            Component::Source(path) => within(build(runtime, path).await?, action),
            _ => read(action),
        }
    }

    /// The component a suspended flow was started with; none when it is gone.
    pub(super) async fn find(
        &self,
        runtime: &Arc<Runtime>,
        store: &dyn Store,
        pinned: &ActionDefinition,
    ) -> Result<Option<Arc<LoadedAction>>> {
        let (digest, outbound) = (&pinned.component, pinned.outbound.is_some());
        if let Some(component) = self.known(digest) {
            component.check_for(outbound, &pinned.limits)?;
            return Ok(Some(component));
        }
        let Some(bytes) = self.fetch(store, digest).await? else { return Ok(None) };
        // Neither folder nor store is an authority on what its bytes are.
        if Digest::of(&bytes) != *digest {
            return Ok(None);
        }
        let wanted = Wanted { digest: *digest, limits: &pinned.limits, outbound };
        self.load(runtime, wanted, bytes.into()).await.map(Some)
    }

    async fn fetch(&self, store: &dyn Store, digest: &Digest) -> Result<Option<Vec<u8>>> {
        let Some(folder) = &self.folder else { return store.component(*digest).await };
        let path = file(folder, digest);
        match blocking(move || (std::fs::read(&path), path)).await? {
            (Ok(bytes), _) => Ok(Some(bytes)),
            (Err(error), _) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            (Err(error), path) => Err(unavailable(&path, &error)),
        }
    }

    fn known(&self, digest: &Digest) -> Option<Arc<LoadedAction>> {
        self.loaded().get(digest).cloned()
    }

    fn loaded(&self) -> std::sync::MutexGuard<'_, HashMap<Digest, Arc<LoadedAction>>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, component: &Arc<LoadedAction>, bytes: Arc<[u8]>) {
        let mut loaded = self.loaded();
        if loaded.len() >= IDLE {
            // What no flow has any more is found again where it is kept.
            let mut kept = self.kept();
            loaded.retain(|digest, other| {
                let used = Arc::strong_count(other) > 1;
                if !used {
                    kept.remove(digest);
                }
                used
            });
        }
        loaded.insert(component.digest, Arc::clone(component));
        drop(loaded);
        let never = Timestamp::from_millis(i64::MIN);
        let kept = Kept { bytes, until: never };
        self.kept().entry(component.digest).or_insert(kept);
    }

    /// Keeps a flow's components at least until `until`, before the flow
    /// suspends. What is kept long enough is not written again.
    pub(super) async fn save(
        &self,
        store: &dyn Store,
        components: impl Iterator<Item = Digest>,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<()> {
        for digest in components {
            let Some(kept) = self.kept().get(&digest).cloned() else { continue };
            if kept.until >= until {
                continue;
            }
            let long = match &self.folder {
                Some(folder) => {
                    let (folder, path) = (folder.clone(), file(folder, &digest));
                    let work = move || {
                        write_once(&folder, &path, &kept.bytes)
                            .map_err(|error| unavailable(&path, &error))
                    };
                    blocking(work).await??;
                    FOR_EVER
                }
                None => {
                    // Longer than needed, so that it is not written for each flow.
                    let long = until.plus_millis(until.since(now));
                    match store.keep_component(digest, kept.bytes.to_vec(), long).await? {
                        true => long,
                        false => FOR_EVER,
                    }
                }
            };
            if let Some(kept) = self.kept().get_mut(&digest) {
                kept.until = long;
                if long == FOR_EVER {
                    kept.bytes = Arc::from([]);
                }
            }
        }
        Ok(())
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<Digest, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A component as an action wants it.
struct Wanted<'a> {
    digest: Digest,
    limits: &'a Limits,
    outbound: bool,
}

/// Takes a component from the cache, or compiles it if that has bounds, on a thread
/// that may block.
async fn compile(
    runtime: &Arc<Runtime>,
    wanted: &Wanted<'_>,
    bytes: &Arc<[u8]>,
    bounds: Option<Bounds>,
) -> Result<Option<Arc<LoadedAction>>> {
    let (limits, outbound) = (wanted.limits.clone(), wanted.outbound);
    let in_child = runtime.compiles_in_child();
    let (runtime, bytes) = (Arc::clone(runtime), Arc::clone(bytes));
    let load = move || LoadedAction::load(&runtime, &bytes, outbound, &limits, bounds);
    let task = tokio::task::spawn_blocking(load);
    // A child is killed when its time is over, and is waited for. Others go on.
    let loaded = match bounds.filter(|_| !in_child) {
        None => task.await,
        Some(bounds) => tokio::time::timeout(Duration::from_millis(bounds.millis), task)
            .await
            .map_err(|_| compiler::too_long(bounds))?,
    };
    // wasmtime's validator panics over some components.
    loaded.map_err(|_| compiler::crashed())?.map(|loaded| loaded.map(Arc::new))
}

fn bounds(bytes: usize, limits: &Limits) -> Bounds {
    let Limits { compile_time: millis, compile_memory: memory, machine_code: code, .. } = *limits;
    match bytes < SMALL {
        true => Bounds {
            millis: millis.min(SMALL_COMPILE.millis),
            memory: memory.min(SMALL_COMPILE.memory),
            code: code.min(SMALL_COMPILE.code),
        },
        false => Bounds { millis, memory, code },
    }
}

/// Runs what touches files on a thread that may block.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::new(Code::Internal, error.to_string()))
}

/// Builds an action from its source.
pub(super) async fn build(runtime: &Arc<Runtime>, path: &Path) -> Result<Vec<u8>> {
    #[cfg(feature = "javascript")]
    if crate::javascript::is_javascript(path) {
        let (runtime, path) = (Arc::clone(runtime), path.to_owned());
        return blocking(move || crate::javascript::build(&runtime, &path)).await?;
    }
    _ = runtime;
    let message = format!("{}: this source is not built yet", path.display());
    Err(Error::new(Code::BuildFailed, message)
        .with_hint("build it with `flowhost build` and name the component"))
}

/// The bytes of a component that is there.
fn read(action: &ActionSpec) -> Result<Vec<u8>> {
    let path = match &action.component {
        Component::Bytes(bytes) => return within(bytes.clone(), action),
        Component::File(path) | Component::Source(path) => path,
    };
    let unreadable = |error: std::io::Error| {
        let message = format!("the component of action `{}` cannot be read: {error}", action.name);
        Error::new(Code::FileUnreadable, message).in_file(path)
    };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > action.limits.component {
        return Err(too_large(size, action).in_file(path));
    }
    within(std::fs::read(path).map_err(unreadable)?, action)
}

fn within(bytes: Vec<u8>, action: &ActionSpec) -> Result<Vec<u8>> {
    match bytes.len() as u64 > action.limits.component {
        true => Err(too_large(bytes.len() as u64, action)),
        false => Ok(bytes),
    }
}

fn too_large(size: u64, action: &ActionSpec) -> Error {
    let limit = action.limits.component;
    let message =
        format!("the component of action `{}` has {size} bytes; {limit} are allowed", action.name);
    Error::new(Code::ComponentTooLarge, message)
}

fn file(folder: &Path, digest: &Digest) -> PathBuf {
    folder.join(format!("{digest}.wasm"))
}

fn unavailable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(Code::StoreUnavailable, format!("{}: {error}", path.display()))
}

/// Writes a file that is there whole or not at all, also when several
/// processes do it at once or the power fails.
fn write_once(folder: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if std::fs::read(path).is_ok_and(|known| known == bytes) {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    // A name that nobody else takes: processes in containers share their numbers.
    let random = random_number().map_err(std::io::Error::other)?;
    let partial = path.with_extension(format!("{random:016x}.partial"));
    let mut file = File::create_new(&partial)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&partial, path)?;
    File::open(folder)?.sync_all()
}
