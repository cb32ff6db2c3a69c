//! [`Instance`]: the runtime while a file is loaded into it. It has no host
//! yet: whatever it imports traps. Under limits of its own, for what is at the
//! top of a file runs here.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use wasmtime::{
    Engine, Linker, Memory, Module, ResourceLimiter, Result, Store, Trap, TypedFunc, WasmParams,
    WasmResults,
};
use wasmtime_wizer::{InstanceState, ModuleContext, SnapshotVal, Wizer};

use crate::action::Runtime;

/// Wizer wants the name of a function that initialises; ours takes arguments
/// and is called before.
pub(super) const NO_INIT: &str = "flowhost-answer";

/// What loading a file may compute: some seconds on any machine, and enough for
/// the largest file.
const FUEL: u64 = 10_000_000_000;

/// The same in ticks of the engine's clock of 10 ms, should a machine be slow.
const TICKS: u64 = 1_500;

/// What loading a file may take: as much as a run.
const MEMORY: usize = 64 << 20;

/// What the runtime says of a file that was loaded.
pub(super) struct Loaded {
    /// The handlers it exports.
    pub(super) handlers: Vec<String>,
    /// The interfaces it cannot reach.
    pub(super) beyond: Vec<String>,
}

/// Why a file was not loaded.
pub(super) enum Refusal {
    Thrown { name: String, message: String, stack: String },
    Endless,
    Memory,
    Trapped(String),
}

pub(super) struct Instance {
    store: Store<Bounds>,
    instance: wasmtime::Instance,
    memory: Memory,
}

/// Keeps the memory within its limit, and remembers that it did.
#[derive(Default)]
struct Bounds {
    exceeded: bool,
}

impl ResourceLimiter for Bounds {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        if desired > MEMORY {
            self.exceeded = true;
            wasmtime::bail!("the memory limit is reached");
        }
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
        Ok(true)
    }
}

impl Instance {
    pub(super) fn new(runtime: &Runtime, module: &Module) -> Result<Self> {
        let mut store = Store::new(runtime.engine(), Bounds::default());
        store.limiter(|bounds| bounds);
        store.set_fuel(FUEL)?;
        store.set_epoch_deadline(TICKS);
        let instance = without_host(runtime.engine(), module)?.instantiate(&mut store, module)?;
        let memory = instance
            .get_memory(&mut store, "memory")
            .ok_or_else(|| wasmtime::format_err!("it has no memory"))?;
        Ok(Instance { store, instance, memory })
    }

    /// Loads a file.
    pub(super) fn load(&mut self, name: &str, text: &str) -> std::result::Result<Loaded, Refusal> {
        let written = [name.as_bytes(), b"\0", text.as_bytes()].concat();
        let (fine, answer) = match self.exchange(&written) {
            Ok(answered) => answered,
            Err(error) => return Err(self.refusal(&error)),
        };
        let mut parts = answer.split('\0').map(str::to_owned);
        let mut part = || parts.next().unwrap_or_default();
        if fine {
            let list = |part: String| part.split(',').map(str::to_owned).collect();
            return Ok(Loaded { handlers: list(part()), beyond: list(part()) });
        }
        Err(Refusal::Thrown { name: part(), message: part(), stack: part() })
    }

    fn exchange(&mut self, written: &[u8]) -> Result<(bool, String)> {
        let length = u32::try_from(written.len())?;
        let address = self.function::<u32, u32>("flowhost-alloc")?.call(&mut self.store, length)?;
        self.memory.write(&mut self.store, address as usize, written)?;
        let fine = self.function::<(), u32>("flowhost-load")?.call(&mut self.store, ())?;
        let answer = self.function::<(), u64>("flowhost-answer")?.call(&mut self.store, ())?;
        let (address, length) = place(answer);
        let bytes = self.memory.data(&self.store).get(address..address.saturating_add(length));
        let text = String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
        Ok((fine == 1, text))
    }

    fn function<P: WasmParams, R: WasmResults>(&mut self, name: &str) -> Result<TypedFunc<P, R>> {
        self.instance.get_typed_func(&mut self.store, name)
    }

    fn refusal(&self, error: &wasmtime::Error) -> Refusal {
        if self.store.data().exceeded {
            return Refusal::Memory;
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel | Trap::Interrupt) => Refusal::Endless,
            Some(Trap::StackOverflow) => Refusal::Trapped("the stack is full".to_owned()),
            _ => Refusal::Trapped(error.root_cause().to_string()),
        }
    }

    /// Wipes what the runtime needed for loading only: a snapshot holds all
    /// that is not zero.
    fn wipe(&mut self) -> Result<()> {
        let spent = self.function::<(), u64>("flowhost-spent")?;
        loop {
            let (address, length) = place(spent.call(&mut self.store, ())?);
            if length == 0 {
                return Ok(());
            }
            self.memory.write(&mut self.store, address, &vec![0; length])?;
        }
    }

    /// The module as it is now.
    pub(super) fn snapshot(
        mut self,
        wizer: &Wizer,
        context: &ModuleContext<'_>,
    ) -> Result<Vec<u8>> {
        self.wipe()?;
        let snapshot = pin!(wizer.snapshot(context, &mut self));
        // Nothing in it waits.
        match snapshot.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(module) => module,
            Poll::Pending => wasmtime::bail!("the snapshot waits"),
        }
    }
}

impl InstanceState for Instance {
    async fn global_get(&mut self, name: &str, _: wasmtime_wizer::ValType) -> SnapshotVal {
        use wasmtime::Val;
        let global =
            self.instance.get_global(&mut self.store, name).map(|g| g.get(&mut self.store));
        match global {
            Some(Val::I32(value)) => SnapshotVal::I32(value),
            Some(Val::I64(value)) => SnapshotVal::I64(value),
            Some(Val::F32(bits)) => SnapshotVal::F32(bits),
            Some(Val::F64(bits)) => SnapshotVal::F64(bits),
            Some(Val::V128(value)) => SnapshotVal::V128(value.as_u128()),
            // Wizer has looked: there are no others.
            _ => SnapshotVal::I32(0),
        }
    }

    async fn memory_contents(&mut self, _: &str, contents: impl FnOnce(&[u8]) + Send) {
        contents(self.memory.data(&self.store));
    }
}

/// An address in the upper half, a length in the lower one.
fn place(number: u64) -> (usize, usize) {
    ((number >> 32) as usize, (number & 0xffff_ffff) as usize)
}

/// A linker whose every function traps.
fn without_host(engine: &Engine, module: &Module) -> Result<Linker<Bounds>> {
    let mut linker = Linker::new(engine);
    linker.define_unknown_imports_as_traps(module)?;
    Ok(linker)
}
