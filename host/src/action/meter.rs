//! [`Meter`]: how long a run has computed. Shared between the run, which is
//! polled by an executor, and the callbacks that wasmtime makes from inside of it.
//!
//! Measured by what its thread got of a processor, where the system tells: the clock
//! on the wall counts what others did meanwhile.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::clock::stopwatch;

/// Counts the time one run computes: the time inside `poll`, not between.
#[derive(Debug)]
pub(crate) struct Meter {
    /// What all times are measured from.
    origin: Instant,
    /// Microseconds computed in polls that have ended.
    spent: AtomicU64,
    /// What the clock said at the start of the running poll.
    poll_started: AtomicU64,
}

impl Meter {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Meter {
            origin: stopwatch(),
            spent: AtomicU64::new(0),
            poll_started: AtomicU64::new(0),
        })
    }

    /// What was computed in polls that have ended.
    pub(super) fn spent(&self) -> Duration {
        Duration::from_micros(self.spent.load(Ordering::Relaxed))
    }

    /// Microseconds, on the clock that is asked in this thread's polls.
    fn clock(&self) -> u64 {
        thread_micros().unwrap_or_else(|| self.micros())
    }

    fn micros(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Microseconds computed so far; to be asked from inside the run.
    pub(crate) fn computed(&self) -> u64 {
        let started = self.poll_started.load(Ordering::Relaxed);
        self.spent.load(Ordering::Relaxed) + self.clock().saturating_sub(started)
    }

    /// Microseconds since the meter was made.
    pub(crate) fn elapsed(&self) -> u64 {
        self.micros()
    }
}

/// The processor time of this thread, where the system tells.
fn thread_micros() -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        let seconds = u64::try_from(time.tv_sec).ok()?;
        Some(seconds * 1_000_000 + u64::try_from(time.tv_nsec).ok()? / 1_000)
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// A future whose computing time is counted.
pub(crate) struct Metered<F> {
    pub(crate) future: Pin<Box<F>>,
    pub(crate) meter: Arc<Meter>,
}

impl<F: Future> Future for Metered<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let started = self.meter.clock();
        self.meter.poll_started.store(started, Ordering::Relaxed);
        let polled = self.future.as_mut().poll(context);
        let spent = self.meter.clock().saturating_sub(started);
        self.meter.spent.fetch_add(spent, Ordering::Relaxed);
        polled
    }
}
