//! [`Runtime`]: the wasmtime engine with its settings, and all that actions
//! can be linked with. Made in one place: compiled code and fuel depend on
//! every setting here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[cfg(feature = "javascript")]
use wasmtime::Module;
use wasmtime::component::{Component, Linker};
use wasmtime::{
    CacheStore, Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel,
    PoolingAllocationConfig,
};

use super::cache::{self, CodeCache};
use super::functions::Functions;
use super::state::RunState;
use super::v1;
use crate::digest::Digest;
use crate::error::{Code, Error, Result};

/// How often a computing action is interrupted to look at its limits.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// The wasm stack of a run.
const WASM_STACK: usize = 512 * 1024;

/// The stack of the fiber a run lives on: the wasm stack and what host calls
/// need above it.
const FIBER_STACK: usize = WASM_STACK + 1024 * 1024;

/// What one run may take from the pool: large guests, such as Python, consist
/// of more than fifteen core instances and a few memories.
const CORE_INSTANCES: u32 = 64;
const MEMORIES: u32 = 4;
const TABLES: u32 = 32;

/// The most a memory can grow to, whatever a flow's limits say.
const MAX_MEMORY: usize = 4 << 30;

/// The engine and the linker. One per [`crate::Engine`].
pub(crate) struct Runtime {
    engine: Engine,
    linker: Linker<RunState>,
    /// Where compiled code is kept, and the functions of it.
    kept: Option<(CodeCache, Arc<Functions>)>,
    _ticker: Ticker,
}

impl Runtime {
    /// A runtime for `runs` actions at once.
    pub(crate) fn new(runs: usize, cache: Option<CodeCache>) -> Result<Self> {
        let kept = cache.map(|cache| (cache.clone(), Arc::new(Functions::new(cache))));
        let engine = new_engine(runs, kept.as_ref().map(|(_, functions)| functions))?;
        if let Some((_, functions)) = &kept {
            functions.serve(&cache::fingerprint(&engine));
        }
        let mut linker = Linker::new(&engine);
        v1::link(&mut linker).and_then(|()| crate::api::wasi::link(&mut linker)).map_err(broken)?;
        #[cfg(feature = "outbound")]
        crate::api::outbound::link(&mut linker).map_err(broken)?;
        let ticker = Ticker::start(engine.clone())?;
        Ok(Runtime { engine, linker, kept, _ticker: ticker })
    }

    /// Compiles a component, or takes it from the cache.
    pub(super) fn component(&self, bytes: &[u8], digest: &Digest) -> wasmtime::Result<Component> {
        let compile = || Component::new(&self.engine, bytes);
        self.cached(digest, compile, CodeCache::component, CodeCache::keep_component)
    }

    /// The same for a module.
    #[cfg(feature = "javascript")]
    pub(crate) fn module(&self, bytes: &[u8]) -> wasmtime::Result<Module> {
        let compile = || Module::new(&self.engine, bytes);
        self.cached(&Digest::of(bytes), compile, CodeCache::module, CodeCache::keep_module)
    }

    fn cached<C>(
        &self,
        digest: &Digest,
        compile: impl FnOnce() -> wasmtime::Result<C>,
        known: impl FnOnce(&CodeCache, &Engine, &Digest) -> Option<C>,
        keep: impl FnOnce(&CodeCache, &Engine, &Digest, &C),
    ) -> wasmtime::Result<C> {
        let Some((cache, functions)) = &self.kept else { return compile() };
        if let Some(code) = known(cache, &self.engine, digest) {
            return Ok(code);
        }
        let code = compile()?;
        functions.save();
        keep(cache, &self.engine, digest, &code);
        Ok(code)
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn linker(&self) -> &Linker<RunState> {
        &self.linker
    }
}

/// The pool reserves address space. Where there is not enough, or the kernel
/// lacks what makes it fast, runs get their memory one by one.
fn new_engine(runs: usize, functions: Option<&Arc<Functions>>) -> Result<Engine> {
    let pooled = config(functions)
        .and_then(|mut config| Engine::new(config.allocation_strategy(pool(runs))));
    let engine = pooled.or_else(|error| {
        tracing::warn!(%error, "no pooled memory: actions start slower");
        Engine::new(&config(functions)?)
    });
    engine.map_err(broken)
}

fn config(functions: Option<&Arc<Functions>>) -> wasmtime::Result<Config> {
    let mut config = Config::new();
    if let Some(functions) = functions {
        let functions: Arc<dyn CacheStore> = Arc::clone(functions) as _;
        config.enable_incremental_compilation(functions)?;
    }
    config
        .consume_fuel(true)
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK)
        .async_stack_size(FIBER_STACK)
        .cranelift_opt_level(OptLevel::Speed)
        .memory_init_cow(true)
        .concurrency_support(false)
        .wasm_memory64(false)
        .wasm_multi_memory(true);
    Ok(config)
}

fn pool(runs: usize) -> InstanceAllocationStrategy {
    let runs = u32::try_from(runs.max(1)).unwrap_or(u32::MAX);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(runs)
        .total_core_instances(runs.saturating_mul(CORE_INSTANCES))
        .total_memories(runs.saturating_mul(MEMORIES))
        .total_tables(runs.saturating_mul(TABLES))
        .total_stacks(runs)
        .max_core_instances_per_component(CORE_INSTANCES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .max_component_instance_size(8 << 20)
        .max_core_instance_size(8 << 20)
        .max_memory_size(MAX_MEMORY)
        .table_elements(1 << 20)
        .linear_memory_keep_resident(keep_resident())
        .table_keep_resident(64 << 10)
        .pagemap_scan(Enabled::Auto);
    InstanceAllocationStrategy::Pooling(pool)
}

/// How much of a memory stays mapped between two runs. Where the kernel tells
/// which pages were written, only those are restored, and all that a guest
/// with an engine inside touches may stay; elsewhere each byte of it is copied.
fn keep_resident() -> usize {
    match PoolingAllocationConfig::is_pagemap_scan_available() {
        true => 16 << 20,
        false => 256 << 10,
    }
}

fn broken(error: wasmtime::Error) -> Error {
    Error::new(Code::EngineUnavailable, format!("the wasm engine cannot start: {error:#}"))
}

/// The thread that makes time pass for running actions.
struct Ticker(Arc<AtomicBool>);

impl Ticker {
    fn start(engine: Engine) -> Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let tick = move || {
            while !stopped.load(Ordering::Relaxed) {
                std::thread::sleep(TICK);
                engine.increment_epoch();
            }
        };
        let thread = std::thread::Builder::new().name("flowhost-ticker".to_owned()).spawn(tick);
        thread.map_err(|error| broken(wasmtime::Error::new(error)))?;
        Ok(Ticker(stop))
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
