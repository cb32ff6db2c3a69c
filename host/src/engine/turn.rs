//! [`Turns`]: how many legs run at once, and how many wait. A leg begins in one of a
//! few quick places. When its action computes or waits for long it gives that up for a
//! place among the long ones: quick legs never queue behind them. What a component is
//! known to do it does from the start.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::places::{Place, Places};
use crate::action::Pace;
use crate::digest::Digest;
use crate::error::{Code, Error, Result};

/// Long places for each quick one.
const LONG: usize = 8;
/// And such as are kept for legs that have begun: they cannot queue.
const SPARE: usize = 4;

pub(super) struct Turns {
    quick: Semaphore,
    /// Legs in the queue for a quick place, and the most there may be.
    queueing: AtomicUsize,
    queue: usize,
    long: Places,
    long_queue: Places,
    spare: Places,
}

/// The right to run a leg, given up when dropped.
pub(super) struct Turn<'t> {
    turns: &'t Turns,
    held: Held<'t>,
    slow: bool,
}

/// The place of a leg.
enum Held<'t> {
    Quick { _permit: SemaphorePermit<'t> },
    Long { _place: Place<'t> },
}

impl Turns {
    pub(super) fn new(runs: usize, queue: usize) -> Self {
        Turns {
            quick: Semaphore::new(runs),
            queueing: AtomicUsize::new(0),
            queue,
            long: Places::new(LONG * runs),
            long_queue: Places::new(queue),
            spare: Places::new(SPARE * runs),
        }
    }

    /// How many runs there are at most, for so many quick ones.
    pub(super) fn runs(quick: usize) -> usize {
        quick * (1 + LONG + SPARE)
    }

    /// Waits for a turn, in a queue of bounded length, and not for ever.
    pub(super) async fn take(&self, pace: Pace, patience: Duration) -> Result<Turn<'_>> {
        let (component, slow) = match pace {
            Pace::Quick => (None, false),
            Pace::Waits(component) => (Some(component), false),
            Pace::Computes(component) => (Some(component), true),
        };
        let held = async {
            Ok(match component {
                None => Held::Quick { _permit: self.enter().await? },
                Some(component) => Held::Long { _place: self.enter_long(component).await? },
            })
        };
        let held = timeout(patience, held).await.unwrap_or_else(|_| Err(overloaded()))?;
        Ok(Turn { turns: self, held, slow })
    }

    async fn enter(&self) -> Result<SemaphorePermit<'_>> {
        if let Ok(permit) = self.quick.try_acquire() {
            return Ok(permit);
        }
        let queued = Queued::enter(&self.queueing);
        if queued.position > self.queue {
            return Err(overloaded());
        }
        self.quick.acquire().await.map_err(|_| overloaded())
    }

    async fn enter_long(&self, component: Digest) -> Result<Place<'_>> {
        if let Some(place) = self.long.try_take(component) {
            return Ok(place);
        }
        let _queued = self.long_queue.try_take(component).ok_or_else(overloaded)?;
        Ok(self.long.take(component).await)
    }
}

impl Turn<'_> {
    /// Whether its actions run in the slow lane.
    pub(super) fn is_slow(&self) -> bool {
        self.slow
    }

    /// Whether others queue for the place it has.
    pub(super) fn is_quick(&self) -> bool {
        matches!(self.held, Held::Quick { .. })
    }

    /// Leaves its place to others: its action waits for long.
    pub(super) fn step_aside(&mut self, component: Digest) -> Result<()> {
        if self.is_quick() {
            let (long, spare) = (&self.turns.long, &self.turns.spare);
            let place = long.try_take(component).or_else(|| spare.try_take(component));
            self.held = Held::Long { _place: place.ok_or_else(overloaded)? };
        }
        Ok(())
    }

    /// The same, for the slow lane: its action computes for long.
    pub(super) fn slow_down(&mut self, component: Digest) -> Result<()> {
        self.slow = true;
        self.step_aside(component)
    }
}

fn overloaded() -> Error {
    Error::new(Code::Overloaded, "too many flows run at once")
        .with_hint("try again in a moment, or raise the engine's max_runs")
}

/// A place in the queue for quick legs, given up when dropped.
struct Queued<'q> {
    count: &'q AtomicUsize,
    position: usize,
}

impl<'q> Queued<'q> {
    fn enter(count: &'q AtomicUsize) -> Self {
        let position = count.fetch_add(1, Ordering::SeqCst) + 1;
        Queued { count, position }
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::SeqCst);
    }
}
