//! [`Runtime`]: the wasmtime engine, and all that actions can be linked with.
//! Has components compiled, by the compiler it was given. The settings are in
//! `engine_config.rs`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use wasmtime::Engine;
#[cfg(feature = "javascript")]
use wasmtime::Module;
use wasmtime::component::{Component, Linker};

use super::cache::{self, CodeCache};
use super::engine_config::for_running;
use super::functions::{Functions, Whose};
use super::lanes::SlowLane;
use super::state::RunState;
use super::v1;
use crate::compiler::{self, Bounds, Compiler, Request};
use crate::digest::Digest;
use crate::error::{Code, Error, Result};
use crate::secret::Secret;

/// How often a computing action is interrupted to look at its limits.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// The engine and the linker. One per [`crate::Engine`].
pub(crate) struct Runtime {
    engine: Engine,
    linker: Linker<RunState>,
    /// Where compiled code is kept, and the functions of it.
    kept: Option<(CodeCache, Arc<Functions>)>,
    compiler: Compiler,
    slow_lane: SlowLane,
    quick: Duration,
    _ticker: Ticker,
}

impl Runtime {
    /// A runtime for `runs` actions at once, which are slow when they compute for longer
    /// than is `quick`.
    pub(crate) fn new(
        runs: usize,
        cache: Option<CodeCache>,
        compiler: Compiler,
        quick: Duration,
    ) -> Result<Self> {
        let kept = cache.map(|cache| (cache.clone(), Arc::new(Functions::new(cache, Whose::Ours))));
        let engine = for_running(runs, kept.as_ref().map(|(_, functions)| functions));
        let engine = engine.map_err(broken)?;
        if let Some((_, functions)) = &kept {
            functions.serve(&cache::fingerprint(&engine));
        }
        let mut linker = Linker::new(&engine);
        v1::link(&mut linker).and_then(|()| crate::api::wasi::link(&mut linker)).map_err(broken)?;
        #[cfg(feature = "outbound")]
        crate::api::outbound::link(&mut linker).map_err(broken)?;
        let ticker = Ticker::start(engine.clone())?;
        let slow_lane = SlowLane::default();
        Ok(Runtime { engine, linker, kept, compiler, slow_lane, quick, _ticker: ticker })
    }

    /// A component from the cache; or else compiled within `bounds`, if there are any.
    /// Blocks.
    pub(super) fn component(
        &self,
        bytes: &[u8],
        digest: &Digest,
        bounds: Option<Bounds>,
    ) -> Result<Option<Component>> {
        let name = cache::name("component", &self.engine, digest);
        let known = self.cache().and_then(|cache| cache.component(&self.engine, &name));
        let Some(bounds) = bounds.filter(|_| known.is_none()) else { return Ok(known) };
        let compiled = match self.compiler.path() {
            Some(program) => self.compiled_by(program, name, bytes, bounds),
            None => self.compiled_here(&name, bytes, bounds),
        };
        compiled.map(Some)
    }

    fn compiled_here(&self, name: &str, bytes: &[u8], bounds: Bounds) -> Result<Component> {
        let component = Component::new(&self.engine, bytes).map_err(refused)?;
        let code = component.image_range();
        let code = (code.end.addr() - code.start.addr()) as u64;
        if code > bounds.code {
            return Err(compiler::too_much_code(code, bounds.code));
        }
        self.keep(name, || component.serialize());
        Ok(component)
    }

    fn compiled_by(
        &self,
        program: &Path,
        name: String,
        bytes: &[u8],
        bounds: Bounds,
    ) -> Result<Component> {
        let kept = self.cache().map(CodeCache::place);
        let kept = kept.map(|(folder, key)| (folder.to_owned(), key));
        let request = Request::new(name, bounds, kept)?;
        let code = compiler::compile(program, &request, bytes, bounds)?;
        let component = cache::component(&self.engine, &code).map_err(refused)?;
        if let Some(cache) = self.cache() {
            cache.write(&request.name, code);
        }
        Ok(component)
    }

    pub(crate) fn compiles_in_child(&self) -> bool {
        self.compiler.path().is_some()
    }

    /// Compiles a module of our own, here.
    #[cfg(feature = "javascript")]
    pub(crate) fn module(&self, bytes: &[u8]) -> wasmtime::Result<Module> {
        let name = cache::name("module", &self.engine, &Digest::of(bytes));
        let known = self.cache().and_then(|cache| cache.module(&self.engine, &name));
        if let Some(module) = known {
            return Ok(module);
        }
        let module = Module::new(&self.engine, bytes)?;
        self.keep(&name, || module.serialize());
        Ok(module)
    }

    /// A component that was built before, or is now, from what has this digest.
    #[cfg(feature = "javascript")]
    pub(crate) fn built(
        &self,
        made_of: &Digest,
        build: impl FnOnce() -> Result<Vec<u8>>,
    ) -> Result<Vec<u8>> {
        if let Some(component) = self.built_before(made_of) {
            return Ok(component);
        }
        let component = build()?;
        self.keep_built(made_of, &component);
        Ok(component)
    }

    /// A component that was built before from what has this digest.
    #[cfg(feature = "javascript")]
    pub(crate) fn built_before(&self, made_of: &Digest) -> Option<Vec<u8>> {
        self.cache().and_then(|cache| cache.read(&component_of(made_of)))
    }

    /// Keeps a component that was built from what has this digest.
    #[cfg(feature = "javascript")]
    pub(crate) fn keep_built(&self, made_of: &Digest, component: &[u8]) {
        if let Some(cache) = self.cache() {
            cache.write(&component_of(made_of), component.to_vec());
        }
    }

    /// Keeps what was compiled here, and the functions of it.
    fn keep(&self, name: &str, serialize: impl FnOnce() -> wasmtime::Result<Vec<u8>>) {
        let Some((cache, functions)) = &self.kept else { return };
        functions.save();
        if let Ok(code) = serialize() {
            cache.write(name, code);
        }
    }

    fn cache(&self) -> Option<&CodeCache> {
        self.kept.as_ref().map(|(cache, _)| cache)
    }

    /// What a run may compute where it began.
    pub(super) fn quick(&self) -> Duration {
        self.quick
    }

    pub(super) fn slow_lane(&self) -> &SlowLane {
        &self.slow_lane
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn linker(&self) -> &Linker<RunState> {
        &self.linker
    }
}

#[cfg(feature = "javascript")]
fn component_of(made_of: &Digest) -> String {
    format!("component-of-{made_of}")
}

/// A component that is not valid, or that no run has room for; or there was none left
/// to find out.
fn refused(error: wasmtime::Error) -> Error {
    let why = format!("{error:#}");
    if why.contains("pooling allocator") {
        Error::new(Code::ComponentTooComplex, why)
    } else if why.contains(compiler::ENOMEM) {
        Error::new(Code::CompileMemoryExceeded, why)
    } else {
        compiler::invalid(&why)
    }
}

/// What a compiler does in a process of its own: the machine code of a component
/// for the engine that `name` was made for; none if this is another one.
pub(crate) fn compile_component(
    bytes: &[u8],
    name: &str,
    kept: Option<(PathBuf, Secret)>,
) -> Result<Option<Vec<u8>>> {
    let cache = kept.map(|(folder, key)| CodeCache::new(folder, key));
    let functions = cache.map(|cache| Arc::new(Functions::new(cache, Whose::Others)));
    let engine = for_running(1, functions.as_ref()).map_err(broken)?;
    if name != cache::name("component", &engine, &Digest::of(bytes)) {
        return Ok(None);
    }
    if let Some(functions) = &functions {
        functions.serve(&cache::fingerprint(&engine));
    }
    let code = engine.precompile_component(bytes).map_err(refused)?;
    // What no run has room for is found out here, and not by who asked.
    cache::component(&engine, &code).map_err(refused)?;
    if let Some(functions) = &functions {
        functions.save();
    }
    Ok(Some(code))
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
