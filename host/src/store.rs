//! [`Store`]: where suspended flows wait. The contract every store keeps:
//!
//! - **suspend**: once it answered, the suspension survives a crash.
//! - **look**: what a state would resume, without taking it.
//! - **claim**: takes a suspension for a bounded time, the lease. Of any
//!   number of claims at once exactly one succeeds: a guarded update whose row
//!   count decides. A lease that ended without being settled (the process
//!   died) may be claimed again.
//! - **settle**: in one transaction consumes a claimed suspension and records
//!   what it led to: the next suspension or the end, and the answer, which is
//!   given again to the same browser if the first one was lost. Refused when
//!   the lease was lost, so that a flow ends exactly once.
//! - **find** and **cancel**: by the id of the flow.
//! - **sweep**: forgets what nobody can use any more, a little at a time.
//!
//! Each of `suspend`, `claim` and `settle` may be repeated with the same
//! values when its answer was lost: what was done is not done twice. An error
//! means that it is not known whether it was done.
//!
//! A store never sees a state, only its digest; records, answers and ends are
//! sealed before they get here. What is readable is the [`Head`], and a changed
//! head opens nothing.

mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
mod suspended;

use std::future::Future;
use std::pin::Pin;

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::error::Result;

pub use memory::MemoryStore;
#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
pub use suspended::{End, Head, Lease, NewSuspension, Next, Settlement};

/// The answer of a store.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Where suspended flows wait. See the module for what each call promises.
///
/// # Errors
/// All calls: `store_unavailable`, when it is not known whether the call had
/// an effect.
pub trait Store: Send + Sync + 'static {
    /// Keeps a suspension.
    fn suspend(&self, suspension: NewSuspension) -> StoreFuture<'_, ()>;

    /// What the state with this digest would resume.
    fn look(&self, ticket: Digest, now: Timestamp) -> StoreFuture<'_, Look>;

    /// Takes a suspension, from `now` for as long as its head says.
    fn claim(&self, lease: Lease, now: Timestamp) -> StoreFuture<'_, Claim>;

    /// Consumes a claimed suspension; false when the lease was lost.
    fn settle(&self, lease: Lease, settlement: Settlement) -> StoreFuture<'_, bool>;

    /// How the flow with this id stands; none when it never suspended, or was
    /// forgotten.
    fn find(&self, flow_id: &str, now: Timestamp) -> StoreFuture<'_, Option<Found>>;

    /// Ends a flow that waits, in one transaction; afterwards nothing resumes
    /// it. A flow that is running or has ended is left alone.
    fn cancel(&self, end: End, now: Timestamp) -> StoreFuture<'_, Cancel>;

    /// Forgets suspensions whose state ended before `before`, flows that ended
    /// before it, and answers older than [`ANSWER_MILLIS`] at `now`; how many
    /// suspensions and flows. Never one with a live lease.
    fn sweep(&self, before: Timestamp, now: Timestamp) -> StoreFuture<'_, u64>;

    /// Whether it can be used right now.
    fn ready(&self) -> StoreFuture<'_, ()>;

    /// Whether what it keeps outlives the process. Such a store is used with
    /// keys that outlive it too.
    fn is_durable(&self) -> bool {
        true
    }

    /// Keeps a component for flows that are pinned to it, at least until
    /// `until`; false when this store keeps no components. Stores that several
    /// machines share do.
    fn keep_component(
        &self,
        digest: Digest,
        component: Vec<u8>,
        until: Timestamp,
    ) -> StoreFuture<'_, bool> {
        _ = (digest, component, until);
        Box::pin(std::future::ready(Ok(false)))
    }

    /// A component that was kept.
    fn component(&self, digest: Digest) -> StoreFuture<'_, Option<Vec<u8>>> {
        _ = digest;
        Box::pin(std::future::ready(Ok(None)))
    }
}

/// How long an answer is given again to the browser it was for, in
/// milliseconds after it was settled.
pub const ANSWER_MILLIS: u64 = 60_000;

/// What a state would resume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// A suspension that may be claimed.
    Waiting {
        /// What is readable of it.
        head: Head,
        /// The record that was suspended.
        record: Vec<u8>,
    },
    /// One that somebody has claimed, and may still settle.
    Running {
        /// What is readable of it.
        head: Head,
        /// The record that was suspended.
        record: Vec<u8>,
    },
    /// One that was settled.
    Settled {
        /// What is readable of it.
        head: Head,
        /// The answer it was settled with; empty when it was swept.
        answer: Vec<u8>,
        /// When.
        settled_at: Timestamp,
    },
    /// Nothing, and why.
    Refused(Refusal),
}

/// What came of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It is the caller's until the lease ends.
    Taken,
    /// It is not, and why.
    Refused(Refusal),
}

/// Why a state resumes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such state.
    Unknown,
    /// It was used.
    AlreadyUsed,
    /// It is being used right now. The answer to a claim.
    InUse,
    /// Its lifetime is over.
    Expired,
}

/// How a flow stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It waits, or runs, or waited too long.
    Suspended {
        /// The digest of the state that resumes it.
        ticket: Digest,
        /// What is readable of it.
        head: Head,
        /// The record that was suspended.
        record: Vec<u8>,
        /// Whether somebody holds a live lease.
        running: bool,
    },
    /// It ended.
    Ended(End),
}

impl Found {
    /// The flow it is about.
    pub fn flow_id(&self) -> &str {
        match self {
            Found::Suspended { head, .. } => &head.flow_id,
            Found::Ended(end) => &end.flow_id,
        }
    }
}

/// What came of cancelling a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancel {
    /// It ended as it should.
    Done,
    /// It runs right now.
    Running,
    /// It had ended before.
    Ended,
    /// There is no such flow.
    Unknown,
}
