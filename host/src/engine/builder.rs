//! [`EngineBuilder`]: the settings of an engine.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::components::Components;
use super::turn::Turns;
use super::{Engine, Inner};
use crate::action::{CodeCache, QUICK, Runtime};
#[cfg(feature = "outbound")]
use crate::api::outbound::{Connector, Network};
use crate::clock::{Clock, SystemClock};
use crate::compiler::Compiler;
use crate::error::{Code, Error, Result};
use crate::keys::KeyRing;
use crate::secret::Secret;
use crate::store::{MemoryStore, Store};
use crate::suspension::Names;

/// How many starts and resumes wait for their turn, for each that runs.
const QUEUE_PER_RUN: usize = 64;

/// The settings of an engine. By default: suspended flows in memory, the
/// machine's clock, twice as many legs at once as there are processors.
#[must_use]
pub struct EngineBuilder {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    keys: Option<KeyRing>,
    max_runs: usize,
    queue: Option<usize>,
    quick: Duration,
    component_folder: Option<PathBuf>,
    code_cache: Option<CodeCache>,
    compiler: Option<Compiler>,
    #[cfg(feature = "outbound")]
    network: Option<Arc<dyn Network>>,
    #[cfg(feature = "outbound")]
    outbound_roots: Vec<u8>,
}

impl EngineBuilder {
    pub(super) fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        EngineBuilder {
            store: Arc::new(MemoryStore::new()),
            clock: Arc::new(SystemClock),
            keys: None,
            max_runs: 2 * processors,
            queue: None,
            quick: QUICK,
            component_folder: None,
            code_cache: None,
            compiler: None,
            #[cfg(feature = "outbound")]
            network: None,
            #[cfg(feature = "outbound")]
            outbound_roots: Vec::new(),
        }
    }

    /// What a run may compute before it makes room for quicker ones, 2 ms unless said. For
    /// measuring where all takes longer.
    #[doc(hidden)]
    pub fn quick(mut self, time: Duration) -> Self {
        self.quick = time;
        self
    }

    /// Where suspended flows wait.
    pub fn store(mut self, store: impl Store) -> Self {
        self.store = Arc::new(store);
        self
    }

    /// The same, for a store that others use too.
    pub fn shared_store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = store;
        self
    }

    /// Where the date comes from.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// What seals suspended flows. Required with a store that outlives the
    /// process; for one that does not, keys are made that do not either.
    pub fn keys(mut self, keys: KeyRing) -> Self {
        self.keys = Some(keys);
        self
    }

    /// How many starts and resumes run at once, `n`. Those that turn out to compute
    /// or to wait for long are not counted among them: there are `8 n` places for
    /// such, and `4 n` more for what is not known before it has begun; those that
    /// compute get the processors when nobody else wants them. No flow can have all of
    /// these places: it gets as many as it leaves free. Each run may use its
    /// limit of memory.
    pub fn max_runs(mut self, runs: usize) -> Self {
        self.max_runs = runs.max(1);
        self
    }

    /// How many more wait for their turn, of all flows together; the next is refused
    /// with `overloaded`. By default 64 for each that runs. No flow can have all of these
    /// places either: alone it gets half of them.
    pub fn max_queue(mut self, queue: usize) -> Self {
        self.queue = Some(queue);
        self
    }

    /// A folder that keeps the components of suspended flows, by digest, so that
    /// a flow suspended by another process finds its own.
    pub fn component_folder(mut self, folder: PathBuf) -> Self {
        self.component_folder = Some(folder);
        self
    }

    /// A folder that keeps compiled code between processes, and the components of
    /// actions in JavaScript, so that nothing is made twice; at most 512 MiB.
    ///
    /// What is in it is run. Each entry is authenticated with `key` before it
    /// is used: whoever knows the key and can write to the folder decides what
    /// this process executes. Keep the key elsewhere, at least 32 random bytes.
    pub fn code_cache(mut self, folder: PathBuf, key: Secret) -> Self {
        self.code_cache = Some(CodeCache::new(folder, key));
        self
    }

    /// Where components are compiled. By default in a child process that runs
    /// this very program, which has called [`Compiler::serve`] for that.
    pub fn compiler(mut self, compiler: Compiler) -> Self {
        self.compiler = Some(compiler);
        self
    }

    /// How requests of actions reach the network. By default with the
    /// machine's own resolver. Which origins and addresses are allowed is not
    /// up to it.
    #[cfg(feature = "outbound")]
    pub fn network(mut self, network: impl Network) -> Self {
        self.network = Some(Arc::new(network));
        self
    }

    /// Root certificates, as PEM, that requests of actions trust beside those
    /// of the machine.
    #[cfg(feature = "outbound")]
    pub fn outbound_roots(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.outbound_roots = pem.into();
        self
    }

    /// Starts the engine.
    ///
    /// # Errors
    /// `engine_unavailable` when this machine cannot run wasm, or additional
    /// root certificates are none; `keys_missing` when the store is durable and
    /// no keys are given; `compiler_unavailable` when nothing was said about who
    /// compiles, and this program does not call [`Compiler::serve`].
    pub fn build(self) -> Result<Engine> {
        let keys = match self.keys {
            Some(keys) => keys,
            None if self.store.is_durable() => {
                let message = "the store outlives this process, and no keys do";
                return Err(Error::new(Code::KeysMissing, message)
                    .with_hint("`flowhost keys new` makes a key file"));
            }
            None => KeyRing::generate()?,
        };
        let compiler = self.compiler.map_or_else(Compiler::by_default, Ok)?;
        #[cfg(feature = "outbound")]
        let connector = Connector::new(self.network, &self.outbound_roots).ok_or_else(|| {
            Error::new(Code::EngineUnavailable, "the additional root certificates are no PEM")
        })?;
        let queue = self.queue.unwrap_or(self.max_runs * QUEUE_PER_RUN);
        let at_once = Turns::runs(self.max_runs);
        Ok(Engine(Arc::new(Inner {
            runtime: Arc::new(Runtime::new(at_once, self.code_cache, compiler, self.quick)?),
            store: self.store,
            clock: self.clock,
            keys,
            caches: Arc::default(),
            components: Components::new(self.component_folder),
            secrets: Mutex::new(HashMap::new()),
            turns: Turns::new(self.max_runs, queue),
            names: Names::default(),
            #[cfg(feature = "outbound")]
            connector: Arc::new(connector),
        })))
    }
}
