//! [`Places`]: a number of places that flows share, by the digests of their
//! definitions. One may have as many as are free: alone half of them. Of `n` greedy
//! ones each comes to have a part in `n + 1` as their runs end, and as much stays free
//! for whoever comes next. (Known from the buffers of switches as dynamic thresholds:
//! Choudhury and Hahne, 1998.)

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::digest::Digest;

pub(super) struct Places {
    total: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by: HashMap<Digest, Share>,
    /// The flows that somebody waits for, in turn.
    waiting: VecDeque<Digest>,
}

/// What a flow has, and who waits for more of it, in order.
#[derive(Default)]
struct Share {
    own: usize,
    queue: VecDeque<oneshot::Sender<()>>,
}

/// A place, given up when dropped.
pub(super) struct Place {
    places: Arc<Places>,
    flow: Digest,
}

/// Somebody in a queue.
struct Waiting {
    places: Arc<Places>,
    flow: Digest,
    granted: oneshot::Receiver<()>,
}

impl Places {
    pub(super) fn new(total: usize) -> Arc<Self> {
        Arc::new(Places { total, taken: Mutex::default() })
    }

    /// A place for a run of `flow`, before all who wait; none when it has its share.
    pub(super) fn try_take(self: &Arc<Self>, flow: Digest) -> Option<Place> {
        self.taken().admit(flow, self.total).then(|| self.place(flow))
    }

    /// The same behind those who wait.
    pub(super) fn try_enter(self: &Arc<Self>, flow: Digest) -> Option<Place> {
        self.taken().enter(flow, self.total).then(|| self.place(flow))
    }

    /// The same, waiting until there is one.
    pub(super) async fn take(self: &Arc<Self>, flow: Digest) -> Place {
        loop {
            let granted = {
                // What is given up between looking and waiting would wake nobody.
                let mut taken = self.taken();
                if taken.enter(flow, self.total) {
                    return self.place(flow);
                }
                taken.queue(flow)
            };
            let mut waiting = Waiting { places: Arc::clone(self), flow, granted };
            if (&mut waiting.granted).await.is_ok() {
                return self.place(flow);
            }
        }
    }

    fn place(self: &Arc<Self>, flow: Digest) -> Place {
        Place { places: Arc::clone(self), flow }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn admit(&mut self, flow: Digest, total: usize) -> bool {
        let own = self.by.get(&flow).map_or(0, |share| share.own);
        let admitted = own < total.saturating_sub(self.all);
        if admitted {
            self.all += 1;
            self.by.entry(flow).or_default().own += 1;
        }
        admitted
    }

    fn enter(&mut self, flow: Digest, total: usize) -> bool {
        let others = self.by.get(&flow).is_some_and(|share| !share.queue.is_empty());
        !others && self.admit(flow, total)
    }

    /// Behind all who wait for this flow.
    fn queue(&mut self, flow: Digest) -> oneshot::Receiver<()> {
        let (grant, granted) = oneshot::channel();
        let queue = &mut self.by.entry(flow).or_default().queue;
        // Those who gave up need not be remembered until their turn comes.
        queue.retain(|waiting| !waiting.is_closed());
        queue.push_back(grant);
        if !self.waiting.contains(&flow) {
            self.waiting.push_back(flow);
        }
        granted
    }

    fn give_up(&mut self, flow: Digest, total: usize) {
        self.all -= 1;
        if let Some(share) = self.by.get_mut(&flow) {
            share.own -= 1;
        }
        // Who was served is behind all others.
        let waiting = std::mem::take(&mut self.waiting);
        let (served, not): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|next| self.serve(*next, total));
        let still = |next: &Digest| self.by.get(next).is_some_and(|share| !share.queue.is_empty());
        self.waiting = not.into_iter().chain(served).filter(still).collect();
        self.forget(flow);
    }

    /// Hands a place to whoever has waited for this flow for longest, if it may have
    /// one more.
    fn serve(&mut self, flow: Digest, total: usize) -> bool {
        while self.by.get(&flow).is_some_and(|share| !share.queue.is_empty())
            && self.admit(flow, total)
        {
            let share = self.by.entry(flow).or_default();
            let served = share.queue.pop_front().is_some_and(|next| next.send(()).is_ok());
            if served {
                return true;
            }
            // That one gave up.
            share.own -= 1;
            self.all -= 1;
        }
        self.forget(flow);
        false
    }

    fn forget(&mut self, flow: Digest) {
        if self.by.get(&flow).is_some_and(|share| share.own == 0 && share.queue.is_empty()) {
            self.by.remove(&flow);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.taken().give_up(self.flow, self.places.total);
    }
}

/// Who stops waiting may have been served meanwhile.
impl Drop for Waiting {
    fn drop(&mut self) {
        self.granted.close();
        if self.granted.try_recv().is_ok() {
            drop(self.places.place(self.flow));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::Pin;
    use std::task::Poll;

    use super::*;

    fn flow(number: usize) -> Digest {
        Digest::of(&number.to_le_bytes())
    }

    /// As many as this flow can take.
    fn all(places: &Arc<Places>, number: usize) -> Vec<Place> {
        std::iter::from_fn(|| places.try_take(flow(number))).collect()
    }

    #[test]
    fn greedy_flows_leave_room_for_whoever_comes_next() {
        let places = Places::new(32);
        let mut held: Vec<Vec<Place>> = (0..7).map(|greedy| all(&places, greedy)).collect();
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

    /// Polled once.
    async fn is_ready(mut future: Pin<&mut impl Future<Output = Place>>) -> Option<Place> {
        poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(place) => Poll::Ready(Some(place)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    #[tokio::test]
    async fn who_waits_for_longest_is_next_and_newcomers_are_last() {
        let places = Places::new(2);
        let held = places.take(flow(0)).await;
        let mut first = Box::pin(places.take(flow(0)));
        let mut second = Box::pin(places.take(flow(0)));
        assert!(is_ready(first.as_mut()).await.is_none(), "it has its share");
        assert!(is_ready(second.as_mut()).await.is_none());
        drop(held);
        assert!(places.try_enter(flow(0)).is_none(), "others wait");
        assert!(is_ready(second.as_mut()).await.is_none(), "somebody was there before");
        let held = is_ready(first.as_mut()).await.expect("the first");
        assert!(is_ready(second.as_mut()).await.is_none());
        drop(held);
        assert!(is_ready(second.as_mut()).await.is_some());
    }

    #[tokio::test]
    async fn flows_that_wait_take_turns() {
        let places = Places::new(3);
        let held = [places.take(flow(0)).await, places.take(flow(1)).await];
        let waits = |number| Box::pin(places.take(flow(number)));
        let (mut a, mut b, mut c) = (waits(0), waits(0), waits(1));
        for waiting in [&mut a, &mut b, &mut c] {
            assert!(is_ready(waiting.as_mut()).await.is_none());
        }
        drop(held);
        let a = is_ready(a.as_mut()).await;
        let c = is_ready(c.as_mut()).await;
        assert!(a.is_some() && c.is_some(), "one of each");
        assert!(is_ready(b.as_mut()).await.is_none());
    }

    #[tokio::test]
    async fn who_gives_up_keeps_no_place() {
        let places = Places::new(2);
        for served in [false, true] {
            let held = places.take(flow(0)).await;
            let mut waiting = Box::pin(places.take(flow(0)));
            assert!(is_ready(waiting.as_mut()).await.is_none());
            match served {
                true => drop((held, waiting)),
                false => drop((waiting, held)),
            }
            let taken = places.taken();
            assert_eq!((taken.all, taken.by.len(), taken.waiting.len()), (0, 0, 0), "{served}");
        }
    }

    /// Nobody is left waiting for what was given up while they looked: then nobody would
    /// get the one place any more, for newcomers go behind.
    #[test]
    fn threads_that_want_the_same_place_all_get_it() {
        let places = Places::new(2);
        let come_and_go = || {
            let places = Arc::clone(&places);
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build();
                runtime.expect("a runtime").block_on(async {
                    for _ in 0..20_000 {
                        let place = places.take(flow(0)).await;
                        std::thread::yield_now();
                        drop(place);
                    }
                });
            })
        };
        let threads: Vec<_> = (0..3).map(|_| come_and_go()).collect();
        threads.into_iter().for_each(|thread| thread.join().expect("it ends"));
        assert_eq!(places.taken().all, 0);
        assert!(places.taken().by.is_empty() && places.taken().waiting.is_empty());
    }
}
