//! [`Store`]: where suspended flows wait. The contract every store keeps:
//!
//! - **suspend**: once it answered, the suspension survives a crash.
//! - **look**: what a ticket would resume, without taking it.
//! - **claim**: takes a suspension for a bounded time, the lease. Of any
//!   number of claims at once exactly one succeeds. A lease that ended without
//!   being settled (the process died) may be claimed again.
//! - **settle**: in one transaction consumes a claimed suspension and records
//!   what it led to: the next suspension, or the outcome. Refused when the
//!   lease was lost, so that an outcome is recorded exactly once.
//! - **sweep**: forgets what nobody can use any more.
//!
//! A store never sees a state, only its digest, and does not read records.

mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::future::Future;
use std::pin::Pin;

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::error::Result;

pub use memory::MemoryStore;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;

/// The answer of a store.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Where suspended flows wait.
pub trait Store: Send + Sync + 'static {
    /// Keeps a suspension.
    fn suspend(&self, suspension: NewSuspension) -> StoreFuture<'_, ()>;

    /// What a ticket would resume.
    fn look(&self, ticket: Digest, now: Timestamp) -> StoreFuture<'_, Look>;

    /// Takes a suspension for as long as its head says.
    fn claim(&self, ticket: Digest, now: Timestamp) -> StoreFuture<'_, Claim>;

    /// Consumes a claimed suspension; false when the lease was lost.
    fn settle(&self, lease: Lease, settlement: Settlement) -> StoreFuture<'_, bool>;

    /// The recorded outcome of a flow that was suspended and has ended.
    fn outcome(&self, flow_id: &str) -> StoreFuture<'_, Option<String>>;

    /// Forgets suspensions that ended before `before`; how many.
    fn sweep(&self, before: Timestamp) -> StoreFuture<'_, u64>;
}

/// A suspension to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSuspension {
    /// The digest of its state.
    pub ticket: Digest,
    /// What is readable without the record.
    pub head: Head,
    /// The rest, opaque.
    pub record: Vec<u8>,
}

impl NewSuspension {
    /// The suspension to find by the digest of its state.
    pub fn new(ticket: Digest, head: Head, record: Vec<u8>) -> Self {
        NewSuspension { ticket, head, record }
    }
}

/// What is readable of a suspension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The passage through the flow it belongs to.
    pub flow_id: String,
    /// The flow's name.
    pub flow: String,
    /// Where the flow was loaded from, if it said so.
    pub origin: Option<String>,
    /// When it was suspended.
    pub created_at: Timestamp,
    /// When its state ends.
    pub expires_at: Timestamp,
    /// How long a claim of it lasts, in milliseconds.
    pub lease_millis: u64,
}

impl Head {
    /// The head of a flow that was suspended at `created_at` and came from
    /// nowhere that could be named.
    pub fn new(
        flow_id: impl Into<String>,
        flow: impl Into<String>,
        created_at: Timestamp,
        expires_at: Timestamp,
        lease_millis: u64,
    ) -> Self {
        let (flow_id, flow) = (flow_id.into(), flow.into());
        Head { flow_id, flow, origin: None, created_at, expires_at, lease_millis }
    }

    /// Says where the flow was loaded from.
    #[must_use]
    pub fn with_origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = Some(origin.into());
        self
    }
}

/// What a ticket would resume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// A suspension that may be claimed.
    Waiting {
        /// What is readable of it.
        head: Head,
        /// The record that was suspended.
        record: Vec<u8>,
    },
    /// Nothing, and why.
    Refused(Refusal),
}

/// What came of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is the caller's until the lease ends.
    Taken(Lease),
    /// It is not, and why.
    Refused(Refusal),
}

/// Why a ticket resumes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such state.
    Unknown,
    /// It was used, or is being used right now.
    AlreadyUsed,
    /// Its lifetime is over.
    Expired,
}

/// The right to settle a suspension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The suspension.
    pub ticket: Digest,
    /// Which claim of it: each claim gets a new number.
    pub generation: u64,
}

/// What a claimed suspension led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// The flow suspended again.
    Suspended(NewSuspension),
    /// The flow ended. The name of the outcome, such as `completed`.
    Ended(String),
}
