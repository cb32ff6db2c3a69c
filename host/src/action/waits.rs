//! [`Waits`]: how long a run has waited: for a site, or for time to pass. A run that
//! only let others have their turn is woken at once, and that is no waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::{Duration, Instant};

use super::meter::micros;
use crate::clock::stopwatch;

/// What a run may wait before it makes room for others: most wait for nothing.
pub(super) const PATIENCE: Duration = Duration::from_millis(5);

#[derive(Default)]
pub(super) struct Waits {
    waited: Duration,
    /// Since when nothing was done.
    since: Option<Instant>,
    /// What tells that there is something to do.
    woken: Option<Arc<Woken>>,
}

/// Wakes a task, and remembers when it did so first.
struct Woken {
    task: Waker,
    origin: Instant,
    /// Microseconds after `origin`; none yet when 0.
    at: AtomicU64,
}

impl Waits {
    /// What to poll the run with.
    pub(super) fn waker(&mut self, context: &Context<'_>) -> Waker {
        let known = self.woken.as_ref().filter(|woken| woken.task.will_wake(context.waker()));
        let woken = known.cloned().unwrap_or_else(|| {
            let task = context.waker().clone();
            Arc::new(Woken { task, origin: stopwatch(), at: AtomicU64::new(0) })
        });
        self.woken = Some(Arc::clone(&woken));
        Waker::from(woken)
    }

    /// It was polled, and has nothing to do.
    pub(super) fn begin(&mut self) {
        self.since = Some(stopwatch());
    }

    /// It is about to be polled again.
    pub(super) fn end(&mut self) {
        let Some(since) = self.since.take() else { return };
        let woken = self.woken.as_ref().and_then(|woken| woken.taken());
        let until = woken.unwrap_or_else(stopwatch);
        self.waited += until.saturating_duration_since(since);
    }

    /// What it may still wait; nothing when that is over.
    pub(super) fn left(&self) -> Option<Duration> {
        PATIENCE.checked_sub(self.waited).filter(|left| !left.is_zero())
    }
}

impl Woken {
    /// When it was woken since this was asked for last.
    fn taken(&self) -> Option<Instant> {
        let at = self.at.swap(0, Ordering::Relaxed);
        (at > 0).then(|| self.origin + Duration::from_micros(at))
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let now = micros(self.origin.elapsed()).max(1);
        _ = self.at.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
        self.task.wake_by_ref();
    }
}
