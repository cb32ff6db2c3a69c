//! [`Bent`]: a store between the engine and a real one, that fails when a test
//! wants it to, and shows what a test wants it to show.

use std::sync::Arc;

use flowhost::store::{
    Cancel, Claim, End, Found, Lease, Look, NewSuspension, Settlement, Store, StoreFuture,
};
use flowhost::{Code, Digest, Error, Timestamp};

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is done and answered.
    Done,
    /// It is not done, and an error answered.
    FailsBefore,
    /// It is done, and an error answered: the caller cannot know.
    FailsAfter,
}

type Decide = Box<dyn Fn(&'static str) -> Fate + Send + Sync>;
type Show = Box<dyn Fn(Look) -> Look + Send + Sync>;
type ShowFound = Box<dyn Fn(Option<Found>) -> Option<Found> + Send + Sync>;

/// A store that fails and lies. Each call gives others their turn before and
/// after it is done: whoever drops it there stopped at its edge.
pub struct Bent {
    store: Arc<dyn Store>,
    fate: Decide,
    show: Show,
    show_found: ShowFound,
}

impl Bent {
    /// Does everything as `store` does.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Bent {
            store,
            fate: Box::new(|_| Fate::Done),
            show: Box::new(|look| look),
            show_found: Box::new(|found| found),
        }
    }

    /// Decides what becomes of each call, by its name.
    #[must_use]
    pub fn failing(mut self, fate: impl Fn(&'static str) -> Fate + Send + Sync + 'static) -> Self {
        self.fate = Box::new(fate);
        self
    }

    /// Changes what a look shows.
    #[must_use]
    pub fn showing(mut self, show: impl Fn(Look) -> Look + Send + Sync + 'static) -> Self {
        self.show = Box::new(show);
        self
    }

    /// Changes what is found.
    #[must_use]
    pub fn finding(
        mut self,
        show: impl Fn(Option<Found>) -> Option<Found> + Send + Sync + 'static,
    ) -> Self {
        self.show_found = Box::new(show);
        self
    }

    fn ask<'a, T: Send + 'a>(
        &'a self,
        call: &'static str,
        answer: StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        let fate = (self.fate)(call);
        let error = || Error::new(Code::StoreUnavailable, "the disk is gone");
        Box::pin(async move {
            tokio::task::yield_now().await;
            if fate == Fate::FailsBefore {
                return Err(error());
            }
            let answer = answer.await;
            tokio::task::yield_now().await;
            match fate {
                Fate::FailsAfter => answer.and(Err(error())),
                _ => answer,
            }
        })
    }
}

impl Store for Bent {
    fn suspend(&self, suspension: NewSuspension) -> StoreFuture<'_, ()> {
        self.ask("suspend", Box::pin(async { self.store.suspend(suspension).await }))
    }

    fn look(&self, ticket: Digest, now: Timestamp) -> StoreFuture<'_, Look> {
        let look = async move { self.store.look(ticket, now).await.map(&self.show) };
        self.ask("look", Box::pin(look))
    }

    fn claim(&self, lease: Lease, now: Timestamp) -> StoreFuture<'_, Claim> {
        self.ask("claim", Box::pin(async move { self.store.claim(lease, now).await }))
    }

    fn settle(&self, lease: Lease, settlement: Settlement) -> StoreFuture<'_, bool> {
        self.ask("settle", Box::pin(async move { self.store.settle(lease, settlement).await }))
    }

    fn find(&self, flow_id: &str, now: Timestamp) -> StoreFuture<'_, Option<Found>> {
        let flow_id = flow_id.to_owned();
        let found = async move { self.store.find(&flow_id, now).await.map(&self.show_found) };
        self.ask("find", Box::pin(found))
    }

    fn cancel(&self, end: End, now: Timestamp) -> StoreFuture<'_, Cancel> {
        self.ask("cancel", Box::pin(async move { self.store.cancel(end, now).await }))
    }

    fn sweep(&self, before: Timestamp, now: Timestamp) -> StoreFuture<'_, u64> {
        self.ask("sweep", Box::pin(async move { self.store.sweep(before, now).await }))
    }

    fn ready(&self) -> StoreFuture<'_, ()> {
        self.ask("ready", Box::pin(async move { self.store.ready().await }))
    }

    fn is_durable(&self) -> bool {
        self.store.is_durable()
    }
}
