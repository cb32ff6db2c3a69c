//! [`Waits`]: how long a run has waited: for a site, or for time to pass. A run that
//! only let others have their turn is woken at once, and that is no waiting.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Wake, Waker};
use std::time::{Duration, Instant};

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
    at: Mutex<Option<Instant>>,
}

impl Waits {
    /// What to poll the run with.
    pub(super) fn waker(&mut self, context: &Context<'_>) -> Waker {
        let known = self.woken.as_ref().filter(|woken| woken.task.will_wake(context.waker()));
        let woken = known.cloned().unwrap_or_else(|| {
            let task = context.waker().clone();
            Arc::new(Woken { task, at: Mutex::default() })
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
        self.at().take()
    }

    fn at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.at().get_or_insert_with(stopwatch);
        self.task.wake_by_ref();
    }
}
