//! [`RunState`]: what one run of an action has, and what it has done so far.
//! The functions of `api/` are implemented on it. It lives as long as the
//! instance: for one run.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::Value;
use wasmtime::component::ResourceTable;
use wasmtime::{ResourceLimiter, Result};

use super::logs::Logs;
use super::meter::Meter;
use crate::cache::{Caches, TenantCache};
use crate::clock::Clock;
use crate::effects::{Command, Effects};
use crate::error::Code;
use crate::event::Event;
use crate::flow::{BoundAction, FlowDefinition, TRIGGER};
use crate::outcome::LogLevel;

/// What all actions of a leg see of the flow.
pub(crate) struct Surroundings {
    pub(crate) event: Event,
    pub(crate) definition: Arc<FlowDefinition>,
    pub(crate) caches: Arc<Caches>,
    pub(crate) cache: OnceLock<Arc<TenantCache>>,
    pub(crate) clock: Arc<dyn Clock>,
    #[cfg(feature = "outbound")]
    pub(crate) connector: Arc<crate::api::outbound::Connector>,
}

impl Surroundings {
    /// The cache of the tenant, from when it is used first.
    pub(crate) fn cache(&self) -> &TenantCache {
        self.cache.get_or_init(|| self.caches.of(self.event.tenant_id(), TRIGGER))
    }
}

/// What the user came back with: for the handler that goes on, not for later actions.
#[derive(Default)]
pub(crate) struct CameBack {
    /// The prompt that was answered.
    pub(crate) prompt: Option<Value>,
    /// The state the flow was resumed with.
    pub(crate) state: Option<String>,
}

/// The state of one run.
pub(crate) struct RunState {
    pub(crate) flow: Arc<Surroundings>,
    pub(crate) came_back: CameBack,
    pub(crate) own: Arc<BoundAction>,
    pub(crate) effects: Effects,
    pub(crate) logs: SharedLogs,
    pub(crate) meter: Arc<Meter>,
    pub(crate) wasi: crate::api::wasi::LazyWasi,
    #[cfg(feature = "outbound")]
    pub(crate) outbound: crate::api::outbound::LazyOutbound,
    pub(crate) table: ResourceTable,
    /// A denial, challenge, redirect or prompt that was refused.
    lost_command: Option<String>,
    host_calls: u64,
    memory: u64,
    peak_memory: u64,
    table_elements: u64,
}

/// The log is shared with the streams that WASI hands out.
#[derive(Clone)]
pub(crate) struct SharedLogs(Arc<Mutex<Option<Logs>>>);

impl SharedLogs {
    pub(crate) fn with(&self, work: impl FnOnce(&mut Logs)) {
        if let Some(logs) = self.lock().as_mut() {
            work(logs);
        }
    }

    /// Takes the log; what comes later is lost.
    pub(crate) fn take(&self) -> Option<Logs> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Logs>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A limit of the run was passed: ends it.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct LimitPassed {
    pub(crate) code: Code,
    pub(crate) message: String,
}

impl LimitPassed {
    pub(crate) fn error(code: Code, message: impl Into<String>) -> wasmtime::Error {
        wasmtime::Error::new(LimitPassed { code, message: message.into() })
    }
}

impl RunState {
    pub(crate) fn new(
        flow: Arc<Surroundings>,
        came_back: CameBack,
        own: Arc<BoundAction>,
        meter: Arc<Meter>,
    ) -> Self {
        let logs = Logs::new(&own.limits, Arc::clone(&own.redactor));
        let mut table = ResourceTable::new();
        table.set_max_capacity(usize::try_from(own.limits.handles).unwrap_or(usize::MAX));
        RunState {
            #[cfg(feature = "outbound")]
            outbound: crate::api::outbound::LazyOutbound::default(),
            flow,
            came_back,
            own,
            effects: Effects::default(),
            logs: SharedLogs(Arc::new(Mutex::new(Some(logs)))),
            meter,
            wasi: crate::api::wasi::LazyWasi::default(),
            table,
            lost_command: None,
            host_calls: 0,
            memory: 0,
            peak_memory: 0,
            table_elements: 0,
        }
    }

    pub(crate) fn peak_memory(&self) -> u64 {
        self.peak_memory
    }

    /// Counts a call into the host that brings `bytes` along.
    pub(crate) fn enter(&mut self, bytes: usize) -> Result<()> {
        self.host_calls += 1;
        self.check_calls()?;
        let limit = self.own.limits.host_call_bytes;
        if bytes as u64 > limit {
            let message = format!("one call handed {bytes} bytes to the host; {limit} are allowed");
            return Err(LimitPassed::error(Code::HostCallBytesExceeded, message));
        }
        self.exchange(bytes)
    }

    /// Counts `bytes` on their way between the action and the host.
    pub(crate) fn exchange(&mut self, bytes: usize) -> Result<()> {
        self.meter.exchange(bytes);
        self.check_bytes()
    }

    /// Counts a call of WASI, where nothing can be refused: the run ends at
    /// its next tick.
    pub(crate) fn enter_wasi(&mut self) {
        self.host_calls += 1;
    }

    /// Refuses what calls of WASI, and requests, have added up to.
    pub(crate) fn check_overrun(&self) -> Result<()> {
        self.check_calls()?;
        self.check_bytes()
    }

    fn check_calls(&self) -> Result<()> {
        let limit = self.own.limits.host_calls;
        if self.host_calls > limit {
            let message = format!("the action made more than {limit} calls into the host");
            return Err(LimitPassed::error(Code::HostCallsExceeded, message));
        }
        Ok(())
    }

    fn check_bytes(&self) -> Result<()> {
        let limit = self.own.limits.host_bytes;
        if self.meter.exchanged() > limit {
            let message = format!("the action exchanged more than {limit} bytes with the host");
            return Err(LimitPassed::error(Code::HostCallBytesExceeded, message));
        }
        Ok(())
    }

    /// Records a command, unless there are too many.
    pub(crate) fn command(&mut self, command: Command) -> Result<(), (Code, String)> {
        let limit = self.own.limits.commands;
        if self.effects.len() as u64 >= limit {
            let message = format!("an action may issue {limit} commands in one run");
            return Err((Code::MaxSideEffectsExceeded, message));
        }
        // An action that was refused one thing may ask for another.
        if !matches!(command, Command::SetResultUrl { .. }) {
            self.lost_command = None;
        }
        self.effects.push(command);
        Ok(())
    }

    /// Remembers that a denial, challenge, redirect or prompt was refused. An
    /// action that goes on all the same must not be taken for one that had
    /// nothing to ask for.
    pub(crate) fn lose(&mut self, call: &str, (code, message): &(Code, String)) {
        self.lost_command = Some(format!("`{call}` was refused and ignored: {code}: {message}"));
    }

    pub(crate) fn lost_command(&self) -> Option<&str> {
        self.lost_command.as_deref()
    }

    /// Whether a denial was recorded: it stands, whatever else was refused.
    pub(crate) fn denied(&self) -> bool {
        self.effects.commands().iter().any(|command| matches!(command, Command::Deny { .. }))
    }

    pub(crate) fn log(&mut self, level: LogLevel, message: String) {
        self.logs.with(|logs| logs.push(level, message));
    }
}

impl ResourceLimiter for RunState {
    fn instances(&self) -> usize {
        usize::try_from(self.own.limits.instances).unwrap_or(usize::MAX)
    }

    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        let memory = self.memory.saturating_add((desired - current) as u64);
        let limit = self.own.limits.memory;
        if memory > limit {
            let message =
                format!("the action asked for {memory} bytes of memory; {limit} are allowed");
            return Err(LimitPassed::error(Code::MemoryLimitExceeded, message));
        }
        self.memory = memory;
        self.peak_memory = self.peak_memory.max(memory);
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        let elements = self.table_elements.saturating_add((desired - current) as u64);
        let limit = self.own.limits.table_elements;
        if elements > limit {
            let message =
                format!("the action asked for {elements} table elements; {limit} are allowed");
            return Err(LimitPassed::error(Code::TableLimitExceeded, message));
        }
        self.table_elements = elements;
        Ok(true)
    }
}
