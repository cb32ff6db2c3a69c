//! [`Places`]: a number of places that flows share, by the digests of their
//! definitions. One may have as many as are free: alone half of them. Of `n` greedy
//! ones each comes to have a part in `n + 1` as their runs end, and as much stays free
//! for whoever comes next. (Known from the buffers of switches as dynamic thresholds:
//! Choudhury and Hahne, 1998.)

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::digest::Digest;

pub(super) struct Places {
    total: usize,
    taken: Mutex<Taken>,
    freed: Notify,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by: HashMap<Digest, usize>,
}

/// A place, given up when dropped.
pub(super) struct Place<'p> {
    places: &'p Places,
    flow: Digest,
}

impl Places {
    pub(super) fn new(total: usize) -> Self {
        Places { total, taken: Mutex::default(), freed: Notify::new() }
    }

    /// A place for a run of `flow`; none when it has its share.
    pub(super) fn try_take(&self, flow: Digest) -> Option<Place<'_>> {
        let mut taken = self.taken();
        let free = self.total.saturating_sub(taken.all);
        let own = taken.by.get(&flow).copied().unwrap_or_default();
        if own >= free {
            return None;
        }
        taken.all += 1;
        taken.by.insert(flow, own + 1);
        Some(Place { places: self, flow })
    }

    /// The same, waiting until there is one.
    pub(super) async fn take(&self, flow: Digest) -> Place<'_> {
        loop {
            // Before looking: what is given up between looking and waiting counts.
            let freed = self.freed.notified();
            if let Some(place) = self.try_take(flow) {
                return place;
            }
            freed.await;
        }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        let own = taken.by.get(&self.flow).copied().unwrap_or_default();
        match own > 1 {
            true => _ = taken.by.insert(self.flow, own - 1),
            false => _ = taken.by.remove(&self.flow),
        }
        drop(taken);
        self.places.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    use super::*;

    fn flow(number: usize) -> Digest {
        Digest::of(&number.to_le_bytes())
    }

    /// As many as this flow can take.
    fn all(places: &Places, number: usize) -> Vec<Place<'_>> {
        std::iter::from_fn(|| places.try_take(flow(number))).collect()
    }

    #[test]
    fn greedy_flows_leave_room_for_whoever_comes_next() {
        let places = Places::new(32);
        let mut held: Vec<Vec<Place<'_>>> = (0..7).map(|greedy| all(&places, greedy)).collect();
        assert_eq!(held[0].len(), 16, "half of them to one alone");
        // Runs end, and each takes what it can get.
        for _ in 0..32 {
            for (greedy, held) in held.iter_mut().enumerate() {
                held.pop();
                held.extend(all(&places, greedy));
            }
        }
        assert!(held.iter().all(|held| held.len() == 4), "each an eighth");
        assert!(!all(&places, 7).is_empty(), "and the next");
    }

    #[test]
    fn places_that_are_given_up_are_there_again() {
        let places = Places::new(8);
        let held = all(&places, 0);
        assert_eq!(held.len(), 4);
        drop(held);
        assert_eq!(places.taken().all, 0);
        assert!(places.taken().by.is_empty());
        assert_eq!(all(&places, 1).len(), 4);
    }

    #[tokio::test]
    async fn who_waits_gets_the_place_that_becomes_free() {
        let places = Places::new(2);
        let held = places.take(flow(0)).await;
        let mut waiting = pin!(places.take(flow(0)));
        let early = poll_fn(|context| Poll::Ready(waiting.as_mut().poll(context).is_ready())).await;
        assert!(!early, "it has its share");
        drop(held);
        waiting.await;
    }
}
