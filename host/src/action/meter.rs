//! [`Meter`]: how long a run has computed, and which limit ended it. Shared
//! between the run, which is polled by an executor, and the callbacks that
//! wasmtime makes from inside of it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Instant;

use crate::clock::stopwatch;

/// Counts the time one run computes: the time inside `poll`, not between.
#[derive(Debug)]
pub(crate) struct Meter {
    /// What all times are measured from.
    origin: Instant,
    /// Microseconds computed in polls that have ended.
    spent: AtomicU64,
    /// Microseconds from the origin to the start of the running poll.
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

    fn micros(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Microseconds computed so far; to be asked from inside the run.
    pub(crate) fn computed(&self) -> u64 {
        let running = self.micros().saturating_sub(self.poll_started.load(Ordering::Relaxed));
        self.spent.load(Ordering::Relaxed) + running
    }

    /// Microseconds since the meter was made.
    pub(crate) fn elapsed(&self) -> u64 {
        self.micros()
    }
}

/// A future whose computing time is counted.
pub(crate) struct Metered<F> {
    pub(crate) future: Pin<Box<F>>,
    pub(crate) meter: Arc<Meter>,
}

impl<F: Future> Future for Metered<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let started = self.meter.micros();
        self.meter.poll_started.store(started, Ordering::Relaxed);
        let polled = self.future.as_mut().poll(context);
        let spent = self.meter.micros().saturating_sub(started);
        self.meter.spent.fetch_add(spent, Ordering::Relaxed);
        polled
    }
}
