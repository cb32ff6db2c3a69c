//! [`Turns`]: how many legs run at once, and how many wait. A leg begins in one of a
//! few quick places. When its action computes or waits for long it gives that up for a
//! place among the long ones: quick legs never queue behind them. What a component is
//! known to do it does from the start.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
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
    quick: Arc<Semaphore>,
    quick_queue: Arc<Places>,
    long: Arc<Places>,
    long_queue: Arc<Places>,
    spare: Arc<Places>,
}

/// The right to run a leg, given up when dropped.
pub(super) struct Turn<'t> {
    turns: &'t Turns,
    flow: Digest,
    held: Arc<Held>,
    slow: bool,
}

/// The place of a leg. Whoever keeps it may have an instance.
pub(super) enum Held {
    Quick { _permit: OwnedSemaphorePermit },
    Long { _place: Place },
}

impl Turns {
    pub(super) fn new(runs: usize, queue: usize) -> Self {
        Turns {
            quick: Arc::new(Semaphore::new(runs)),
            quick_queue: Places::new(queue),
            long: Places::new(LONG * runs),
            long_queue: Places::new(queue),
            spare: Places::new(SPARE * runs),
        }
    }

    /// How many runs there are at most, for so many quick ones.
    pub(super) fn runs(quick: usize) -> usize {
        quick * (1 + LONG + SPARE)
    }

    /// Waits for a turn of a flow, in a queue of bounded length, and not for ever.
    pub(super) async fn take(
        &self,
        flow: Digest,
        pace: impl Fn() -> Pace,
        patience: Duration,
    ) -> Result<Turn<'_>> {
        let held = match self.quick_place(&pace) {
            Some(held) => held,
            None => {
                let held = timeout(patience, self.enter(flow, &pace)).await;
                held.unwrap_or_else(|_| Err(overloaded()))?
            }
        };
        let slow = matches!(held, Held::Long { .. }) && pace() == Pace::Computes;
        Ok(Turn { turns: self, flow, held: Arc::new(held), slow })
    }

    async fn enter(&self, flow: Digest, pace: impl Fn() -> Pace) -> Result<Held> {
        if pace() == Pace::Quick {
            let permit = self.enter_quick(flow).await?;
            // In the queue it may have turned out to be otherwise.
            if pace() == Pace::Quick {
                return Ok(Held::Quick { _permit: permit });
            }
        }
        Ok(Held::Long { _place: self.enter_long(flow).await? })
    }

    /// A place for a quick leg, if one is free.
    fn quick_place(&self, pace: impl Fn() -> Pace) -> Option<Held> {
        if pace() != Pace::Quick {
            return None;
        }
        let permit = Arc::clone(&self.quick).try_acquire_owned().ok()?;
        Some(Held::Quick { _permit: permit })
    }

    async fn enter_quick(&self, flow: Digest) -> Result<OwnedSemaphorePermit> {
        let _queued = self.quick_queue.try_take(flow).ok_or_else(overloaded)?;
        Arc::clone(&self.quick).acquire_owned().await.map_err(|_| overloaded())
    }

    async fn enter_long(&self, flow: Digest) -> Result<Place> {
        if let Some(place) = self.long.try_enter(flow) {
            return Ok(place);
        }
        let _queued = self.long_queue.try_take(flow).ok_or_else(overloaded)?;
        Ok(self.long.take(flow).await)
    }
}

impl Turn<'_> {
    /// Whether its actions run in the slow lane.
    pub(super) fn is_slow(&self) -> bool {
        self.slow
    }

    /// Whether others queue for the place it has.
    pub(super) fn is_quick(&self) -> bool {
        matches!(*self.held, Held::Quick { .. })
    }

    /// The place, for a run that may go on for longer than this leg.
    pub(super) fn place(&self) -> Arc<Held> {
        Arc::clone(&self.held)
    }

    /// Leaves its place to others: its action waits for long.
    pub(super) fn step_aside(&mut self) -> Result<()> {
        if self.is_quick() {
            let (long, spare) = (&self.turns.long, &self.turns.spare);
            let place = long.try_take(self.flow).or_else(|| spare.try_take(self.flow));
            self.held = Arc::new(Held::Long { _place: place.ok_or_else(overloaded)? });
        }
        Ok(())
    }

    /// The same, for the slow lane: its action computes for long.
    pub(super) fn slow_down(&mut self) -> Result<()> {
        self.slow = true;
        self.step_aside()
    }
}

pub(super) fn overloaded() -> Error {
    Error::new(Code::Overloaded, "too many flows run at once")
        .with_hint("try again in a moment, or raise the engine's max_runs")
}
