//! [`Meter`]: how long a run has computed. Shared between the run, which is
//! polled by an executor, and the callbacks that wasmtime makes from inside of it.
//!
//! Measured by what its thread got of a processor, where the system tells: the clock
//! on the wall counts what others did meanwhile. Asking for that takes longer than many
//! a run, so it is asked once in a while: what a poll took is never more than what the
//! wall says, nor than what its thread got since it was asked last.

use std::cell::Cell;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::clock::stopwatch;

/// How old an answer about a thread may be, and how short a poll that is measured by
/// the wall.
const FRESH: Duration = Duration::from_millis(1);

/// Counts the time one run computes: the time inside `poll`, not between.
#[derive(Debug)]
pub(crate) struct Meter {
    /// What a quick run may compute.
    quick: Duration,
    /// What all times are measured from.
    origin: Instant,
    /// Microseconds computed in polls that have ended.
    spent: AtomicU64,
    /// When the running poll began, in microseconds after the origin, and what its
    /// thread had got by then, or a little earlier.
    began: AtomicU64,
    got: AtomicU64,
}

impl Meter {
    pub(crate) fn new(quick: Duration) -> Arc<Self> {
        Arc::new(Meter {
            quick,
            origin: stopwatch(),
            spent: AtomicU64::new(0),
            began: AtomicU64::new(0),
            got: AtomicU64::new(0),
        })
    }

    /// Whether it has computed for longer than quick runs do, in polls that have ended.
    pub(super) fn is_slow(&self) -> bool {
        Duration::from_micros(self.spent.load(Ordering::Relaxed)) >= self.quick
    }

    /// Microseconds computed so far; to be asked from inside the run.
    pub(crate) fn computed(&self) -> u64 {
        self.spent.load(Ordering::Relaxed) + self.in_poll()
    }

    /// Microseconds since the meter was made.
    pub(crate) fn elapsed(&self) -> u64 {
        micros(self.origin.elapsed())
    }

    fn begin_poll(&self) {
        let now = stopwatch();
        self.began.store(micros(now.saturating_duration_since(self.origin)), Ordering::Relaxed);
        self.got.store(recently_got(now).unwrap_or(0), Ordering::Relaxed);
    }

    fn end_poll(&self) {
        self.spent.fetch_add(self.in_poll(), Ordering::Relaxed);
    }

    /// Microseconds computed in the running poll.
    fn in_poll(&self) -> u64 {
        let wall = self.elapsed().saturating_sub(self.began.load(Ordering::Relaxed));
        if wall < micros(FRESH) {
            return wall;
        }
        let got = got().map(|got| got.saturating_sub(self.got.load(Ordering::Relaxed)));
        got.map_or(wall, |got| got.min(wall))
    }
}

pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// What this thread had got of a processor at some moment in the last millisecond.
fn recently_got(now: Instant) -> Option<u64> {
    thread_local!(static LAST: Cell<Option<(Instant, u64)>> = const { Cell::new(None) });
    if let Some((at, got)) = LAST.get()
        && now.saturating_duration_since(at) < FRESH
    {
        return Some(got);
    }
    let got = got()?;
    LAST.set(Some((now, got)));
    Some(got)
}

/// Microseconds that this thread got of a processor, where the system tells.
fn got() -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        // Not by rustix: it looks for the vDSO where valgrind has hidden it.
        let time = nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID).ok()?;
        let seconds = u64::try_from(time.tv_sec()).ok()?;
        Some(seconds * 1_000_000 + u64::try_from(time.tv_nsec()).ok()? / 1_000)
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
        self.meter.begin_poll();
        let polled = self.future.as_mut().poll(context);
        self.meter.end_poll();
        polled
    }
}
