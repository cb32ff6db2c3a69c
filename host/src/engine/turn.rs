//! [`Turns`]: how many legs run at once, and how many wait. Legs that compute for
//! long give up their turn for one among the slow, of which there are as many:
//! quick legs never queue behind them.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use crate::error::{Code, Error, Result};

pub(super) struct Turns {
    quick: Line,
    slow: Line,
}

/// Those of one kind.
struct Line {
    permits: Semaphore,
    waiting: AtomicUsize,
    queue: usize,
}

/// The right to run a leg, given up when dropped.
pub(super) struct Turn<'t> {
    turns: &'t Turns,
    slow: bool,
    /// Held for as long as the leg runs.
    permit: SemaphorePermit<'t>,
}

impl Turns {
    pub(super) fn new(runs: usize, queue: usize) -> Self {
        let line =
            |runs| Line { permits: Semaphore::new(runs), waiting: AtomicUsize::new(0), queue };
        Turns { quick: line(runs), slow: line(runs) }
    }

    /// Waits for a turn, in a queue of bounded length.
    pub(super) async fn take(&self, slow: bool) -> Result<Turn<'_>> {
        let line = if slow { &self.slow } else { &self.quick };
        Ok(Turn { turns: self, slow, permit: line.enter().await? })
    }
}

impl Turn<'_> {
    pub(super) fn is_slow(&self) -> bool {
        self.slow
    }

    /// Becomes a slow one; stays what it is when that cannot be in time.
    pub(super) async fn slow_down(&mut self, deadline: Instant) {
        if self.slow {
            return;
        }
        if let Ok(Ok(permit)) = timeout_at(deadline, self.turns.slow.permits.acquire()).await {
            self.permit = permit;
            self.slow = true;
        }
    }
}

impl Line {
    async fn enter(&self) -> Result<SemaphorePermit<'_>> {
        if let Ok(permit) = self.permits.try_acquire() {
            return Ok(permit);
        }
        let overloaded = || {
            Error::new(Code::Overloaded, "too many flows run at once")
                .with_hint("try again in a moment, or raise the engine's max_runs")
        };
        let waiting = Waiting::enter(&self.waiting);
        if waiting.position > self.queue {
            return Err(overloaded());
        }
        self.permits.acquire().await.map_err(|_| overloaded())
    }
}

/// A place in the queue, given up when dropped.
struct Waiting<'l> {
    count: &'l AtomicUsize,
    position: usize,
}

impl<'l> Waiting<'l> {
    fn enter(count: &'l AtomicUsize) -> Self {
        let position = count.fetch_add(1, Ordering::SeqCst) + 1;
        Waiting { count, position }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::SeqCst);
    }
}
