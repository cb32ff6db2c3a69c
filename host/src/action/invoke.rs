//! One run of an action: a fresh instance under every limit, one call, and
//! what came of it. Answers what happened and never fails itself; what it
//! means for the flow is for the cursor.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::oneshot::{self, error::TryRecvError};
use tokio::time::Instant;
use wasmtime::component::ResourceTableError;
use wasmtime::{
    PoolConcurrencyLimitError, Store, StoreContextMut, Trap, UpdateDeadline, WasmBacktrace,
};
use wasmtime_wasi::I32Exit;

use super::lanes::Started;
use super::meter::{Meter, Metered};
use super::state::{CameBack, LimitPassed, RunState, Surroundings};
use super::v1::types::Failure as Raised;
use super::waits::Waits;
use super::{LoadedAction, Runtime};
use crate::cursor::Handler;
use crate::effects::Effects;
use crate::error::Code;
use crate::flow::BoundAction;
use crate::outcome::{LogLevel, LogLine};

/// How much fuel passes between two chances for others to run.
const YIELD_INTERVAL: u64 = 1_000_000;

/// How many frames of a backtrace are worth reading.
const MAX_FRAMES: usize = 12;

/// What came of a run.
pub(crate) struct Invocation {
    /// What went wrong; none when the handler returned.
    pub(crate) failure: Option<(Code, String)>,
    pub(crate) effects: Effects,
    pub(crate) logs: Vec<LogLine>,
    pub(crate) fuel: u64,
    pub(crate) duration_us: u64,
    pub(crate) memory_bytes: u64,
    /// Whether it computed for long, where there was a run.
    pub(crate) slow: Option<bool>,
}

impl Invocation {
    /// What ended after `deadline` did not end well.
    pub(crate) fn in_time(mut self, deadline: Instant) -> Self {
        if self.failure.is_none() && Instant::now() >= deadline {
            self.failure = Some(out_of_time());
        }
        self
    }

    /// What came of a run that was not waited for any more: its time was over, and it
    /// computes still, or wants to.
    pub(crate) fn abandoned() -> Self {
        Invocation { slow: Some(true), ..Invocation::too_late() }
    }

    /// What came of a run that never began: its time was over.
    pub(crate) fn too_late() -> Self {
        let (code, message) = out_of_time();
        Invocation::none(code, message)
    }

    /// What came of a run that there was none of.
    pub(crate) fn none(code: Code, message: impl Into<String>) -> Self {
        Invocation {
            failure: Some((code, message.into())),
            effects: Effects::default(),
            logs: Vec::new(),
            fuel: 0,
            duration_us: 0,
            memory_bytes: 0,
            slow: None,
        }
    }
}

fn out_of_time() -> (Code, String) {
    (Code::WallClockExceeded, "the flow's time was over".to_owned())
}

/// A run of a handler, at most until `deadline`.
pub(crate) fn invoke(
    runtime: &Arc<Runtime>,
    action: &Arc<BoundAction>,
    handler: Handler,
    flow: &Arc<Surroundings>,
    came_back: CameBack,
    deadline: Instant,
) -> Started {
    let meter = Meter::new(runtime.quick());
    let state = RunState::new(Arc::clone(flow), came_back, Arc::clone(action), Arc::clone(&meter));
    // Made here, so that the future below stays small: it is moved a few times.
    let mut store = Store::new(runtime.engine(), state);
    let prepared = prepare(&mut store);
    let (end, ended) = oneshot::channel();
    let run = run(store, prepared, Arc::clone(action), handler, ended);
    Started { run: Box::pin(run), meter, waits: Waits::default(), deadline, end: Some(end) }
}

async fn run(
    mut store: Store<RunState>,
    prepared: wasmtime::Result<()>,
    action: Arc<BoundAction>,
    handler: Handler,
    time_over: oneshot::Receiver<()>,
) -> Invocation {
    let ended = match prepared {
        Ok(()) => {
            let meter = Arc::clone(&store.data().meter);
            let call = pin!(call(&mut store, &action.component, handler));
            unless_over(time_over, Metered { future: call, meter: &meter }).await
        }
        Err(error) => Some(Err(error)),
    };
    finish(store, ended)
}

/// How a call ends, unless its time is over before. Most end at once, and need nobody
/// who wakes them.
pub(super) async fn unless_over<T>(
    mut time_over: oneshot::Receiver<()>,
    mut call: impl Future<Output = T> + Unpin,
) -> Option<T> {
    poll_fn(|context| {
        // First: what would end well now comes too late.
        if time_over.try_recv() != Err(TryRecvError::Empty) {
            return Poll::Ready(None);
        }
        match Pin::new(&mut call).poll(context) {
            Poll::Ready(ended) => Poll::Ready(Some(ended)),
            Poll::Pending => Pin::new(&mut time_over).poll(context).map(|_| None),
        }
    })
    .await
}

/// What came of a run, from how its call ended: not at all when its time was over.
fn finish(
    store: Store<RunState>,
    ended: Option<wasmtime::Result<Result<(), Raised>>>,
) -> Invocation {
    let left = store.get_fuel().unwrap_or(0);
    let state = store.into_data();
    let logs = &state.logs;
    let meter = &state.meter;
    let duration_us = if ended.is_some() { meter.ended() } else { meter.elapsed() };
    let failure = match ended {
        Some(Ok(Ok(()))) => None,
        Some(Ok(Err(raised))) => Some(failure_of(&raised, logs)),
        Some(Err(error)) => Some(classify(&error, logs)),
        None => Some(out_of_time()),
    };
    let redactor = &state.own.redactor;
    Invocation {
        failure: failure.map(|(code, message)| (code, redactor.redact(message))),
        fuel: state.own.limits.fuel.saturating_sub(left),
        duration_us,
        memory_bytes: state.peak_memory(),
        slow: Some(meter.is_slow()),
        logs: logs.take().map(super::logs::Logs::finish).unwrap_or_default(),
        effects: state.effects,
    }
}

fn prepare(store: &mut Store<RunState>) -> wasmtime::Result<()> {
    let limits = &store.data().own.limits;
    let (fuel, handles) = (limits.fuel, saturating(limits.handles));
    // One call's data may be a little more than its text: lengths, tags.
    let per_call = saturating(limits.host_call_bytes.saturating_add(4096));
    store.limiter(|state| state);
    store.set_fuel(fuel)?;
    store.fuel_async_yield_interval(Some(YIELD_INTERVAL))?;
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(tick);
    store.set_hostcall_fuel(per_call);
    store.set_max_component_handles(handles);
    Ok(())
}

fn saturating(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// Looks at what no other meter sees, and lets others run.
fn tick(store: StoreContextMut<'_, RunState>) -> wasmtime::Result<UpdateDeadline> {
    let state = store.data();
    let limit = state.own.limits.cpu_time;
    if state.meter.computed() > limit.saturating_mul(1000) {
        let message = format!("the action computed for more than {limit} ms");
        return Err(LimitPassed::error(Code::CpuTimeExceeded, message));
    }
    state.check_overrun()?;
    Ok(UpdateDeadline::Yield(1))
}

async fn call(
    store: &mut Store<RunState>,
    action: &LoadedAction,
    handler: Handler,
) -> wasmtime::Result<Result<(), Raised>> {
    let instance = action.pre.instantiate_async(&mut *store).await?;
    let Some(export) = action.export(handler) else {
        return Err(LimitPassed::error(Code::ContinueMissing, "the action has no such handler"));
    };
    let handle = instance.get_typed_func::<(), (Result<(), Raised>,)>(&mut *store, export)?;
    let (result,) = handle.call_async(&mut *store, ()).await?;
    // A short run may end before its next tick.
    store.data().check_overrun()?;
    match (&result, store.data().lost_command()) {
        (Ok(()), Some(lost)) if !store.data().denied() => {
            Err(LimitPassed::error(Code::CommandRefused, lost))
        }
        _ => Ok(result),
    }
}

/// The error that a handler returned.
fn failure_of(raised: &Raised, logs: &super::state::SharedLogs) -> (Code, String) {
    if let Some(stack) = raised.stack.as_deref().filter(|stack| !stack.is_empty()) {
        logs.with(|logs| logs.push(LogLevel::Error, stack.to_owned()));
    }
    (Code::ActionError, format!("{}: {}", raised.name, raised.message))
}

/// The name of what ended a run from outside the handler.
fn classify(error: &wasmtime::Error, logs: &super::state::SharedLogs) -> (Code, String) {
    if let Some(passed) = error.downcast_ref::<LimitPassed>() {
        return (passed.code, passed.message.clone());
    }
    if let Some(I32Exit(status)) = error.downcast_ref::<I32Exit>() {
        return (Code::ActionTrapped, format!("the action ended the process with status {status}"));
    }
    if matches!(error.downcast_ref(), Some(ResourceTableError::Full)) {
        return (Code::HandlesExceeded, "the action holds too many handles".to_owned());
    }
    if error.downcast_ref::<PoolConcurrencyLimitError>().is_some() {
        return (Code::ActionUnavailable, format!("no room for another action: {error}"));
    }
    if let Some(trace) = error.downcast_ref::<WasmBacktrace>() {
        log_backtrace(trace, logs);
    }
    let root = error.root_cause().to_string();
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => (Code::OutOfFuel, "the action ran out of fuel".to_owned()),
        Some(Trap::StackOverflow) => (Code::StackOverflow, "the action's stack is full".to_owned()),
        _ if root.contains("handle limit exceeded") => {
            (Code::HandlesExceeded, "the action holds too many handles".to_owned())
        }
        _ if root.contains("instance count too high") => {
            (Code::InstancesExceeded, "the action consists of too many instances".to_owned())
        }
        _ if root.contains("too much data is being copied") => {
            (Code::HostCallBytesExceeded, "one call handed too much data to the host".to_owned())
        }
        _ => (Code::ActionTrapped, root),
    }
}

fn log_backtrace(trace: &WasmBacktrace, logs: &super::state::SharedLogs) {
    let name = |frame: &wasmtime::FrameInfo| {
        let name = frame
            .func_name()
            .map_or_else(|| format!("function {}", frame.func_index()), short_name);
        format!("    at {name}")
    };
    let frames: Vec<String> = trace.frames().iter().take(MAX_FRAMES).map(name).collect();
    if !frames.is_empty() {
        logs.with(|logs| logs.push(LogLevel::Error, format!("trapped\n{}", frames.join("\n"))));
    }
}

/// Rust's names end in a hash that says nothing.
fn short_name(name: &str) -> String {
    let short = name.rsplit_once("::h").filter(|(_, hash)| hash.len() == 16);
    short.map_or(name, |(path, _)| path).to_owned()
}
