//! [`Meter`]: how long a run has computed, and what went between it and its host. Shared
//! between the run, which is polled by an executor, the callbacks that wasmtime makes from
//! inside of it, and its requests, which tasks of their own send.
//!
//! Time is measured by what its thread got of a processor, where the system tells: the clock
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

/// Counts the time one run computes, which is the time inside `poll`, not between; and
/// the bytes it exchanges.
#[derive(Debug)]
pub(crate) struct Meter {
    /// What a quick run may compute.
    quick: Duration,
    /// What all times are measured from.
    origin: Instant,
    /// Microseconds computed in polls that have ended; and when the last one did, after
    /// the origin.
    spent: AtomicU64,
    ended: AtomicU64,
    exchanged: AtomicU64,
    /// When the running poll began, in microseconds after the origin; and what its
    /// thread had got by then, if it got all of the time since it was asked.
    began: AtomicU64,
    got: AtomicU64,
}

impl Meter {
    pub(crate) fn new(quick: Duration) -> Arc<Self> {
        Arc::new(Meter {
            quick,
            origin: stopwatch(),
            spent: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            exchanged: AtomicU64::new(0),
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
        self.spent.load(Ordering::Relaxed) + self.in_poll(self.elapsed())
    }

    /// Microseconds since the meter was made.
    pub(super) fn elapsed(&self) -> u64 {
        micros(self.origin.elapsed())
    }

    /// The same, when the last poll ended.
    pub(super) fn ended(&self) -> u64 {
        self.ended.load(Ordering::Relaxed)
    }

    /// Adds to the bytes that were exchanged, and answers how many there are.
    pub(crate) fn exchange(&self, bytes: usize) -> u64 {
        self.exchanged.fetch_add(bytes as u64, Ordering::Relaxed).saturating_add(bytes as u64)
    }

    pub(crate) fn exchanged(&self) -> u64 {
        self.exchanged.load(Ordering::Relaxed)
    }

    fn begin_poll(&self) {
        let now = stopwatch();
        self.began.store(micros(now.saturating_duration_since(self.origin)), Ordering::Relaxed);
        self.got.store(got_by(now).unwrap_or(0), Ordering::Relaxed);
    }

    fn end_poll(&self) {
        let now = self.elapsed();
        self.spent.fetch_add(self.in_poll(now), Ordering::Relaxed);
        self.ended.store(now, Ordering::Relaxed);
    }

    /// Microseconds computed in the running poll, so many after the origin.
    fn in_poll(&self, now: u64) -> u64 {
        let wall = now.saturating_sub(self.began.load(Ordering::Relaxed));
        if wall < micros(FRESH) {
            return wall;
        }
        let got = got().map(|got| got.saturating_sub(self.got.load(Ordering::Relaxed)));
        got.map_or(wall, |got| got.min(wall))
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

thread_local! {
    /// When this thread was asked last, and what it had got.
    static LAST: Cell<Option<(Instant, u64)>> = const { Cell::new(None) };
}

/// What this thread has got of a processor, at most: it may have been asked a moment
/// ago, and have worked since.
fn got_by(now: Instant) -> Option<u64> {
    if let Some((at, got)) = LAST.get() {
        let since = now.saturating_duration_since(at);
        if since < FRESH {
            return Some(got + micros(since));
        }
    }
    got()
}

/// The same, asked now.
fn got() -> Option<u64> {
    let got = asked()?;
    LAST.set(Some((stopwatch(), got)));
    Some(got)
}

/// Microseconds that this thread got of a processor, where the system tells.
fn asked() -> Option<u64> {
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
pub(crate) struct Metered<'m, F> {
    pub(crate) future: Pin<&'m mut F>,
    pub(crate) meter: &'m Meter,
}

impl<F: Future> Future for Metered<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.meter.begin_poll();
        let polled = self.future.as_mut().poll(context);
        self.meter.end_poll();
        polled
    }
}

/// Computes for so many microseconds of processor time.
#[cfg(all(test, target_os = "linux"))]
pub(super) fn burn(time: u64) {
    let until = asked().unwrap_or_default() + time;
    while asked().unwrap_or(u64::MAX) < until {}
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Waker;

    use super::*;

    fn poll(meter: &Arc<Meter>, run: impl Fn()) {
        let future = pin!(poll_fn(|_| {
            run();
            Poll::Ready(())
        }));
        let metered = Metered { future, meter };
        assert!(pin!(metered).poll(&mut Context::from_waker(Waker::noop())).is_ready());
    }

    #[test]
    fn what_it_computes_is_counted_and_what_it_sleeps_is_not() {
        let meter = Meter::new(Duration::from_millis(20));
        poll(&meter, || burn(5_000));
        let computed = meter.computed();
        assert!((5_000..19_000).contains(&computed), "{computed}");
        poll(&meter, || std::thread::sleep(Duration::from_millis(50)));
        assert!(meter.computed() < computed + 1_000, "{}", meter.computed());
        assert!(!meter.is_slow());
        poll(&meter, || burn(20_000));
        assert!(meter.is_slow());
    }

    #[test]
    fn a_poll_is_not_charged_with_what_its_thread_did_before() {
        let charged = |_| {
            // Its thread is asked, and does something else for less than a millisecond.
            _ = got();
            burn(900);
            let meter = Meter::new(Duration::from_millis(2));
            poll(&meter, || std::thread::sleep(Duration::from_millis(3)));
            meter.computed()
        };
        let mut all: Vec<u64> = (0..20).map(charged).collect();
        all.sort_unstable();
        // A machine that stands still for a moment charges whoever was about to sleep.
        assert!(all[all.len() / 2] < 600, "{all:?}");
    }
}
