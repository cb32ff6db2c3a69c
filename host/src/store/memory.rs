//! [`MemoryStore`]: suspensions in memory, gone with the process. For tests,
//! for one-shot runs and for embedders who keep flows short.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Claim, Head, Lease, Look, NewSuspension, Refusal, Settlement, Store, StoreFuture};
use crate::clock::Timestamp;
use crate::digest::Digest;

/// Suspensions in memory.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    suspensions: HashMap<Digest, Row>,
    /// With when they may be forgotten.
    outcomes: HashMap<String, (String, Timestamp)>,
}

#[derive(Debug)]
struct Row {
    head: Head,
    record: Vec<u8>,
    generation: u64,
    status: Status,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Status {
    Waiting,
    Claimed { until: Timestamp },
    Consumed,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        MemoryStore::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that holds the lock can panic half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn insert(&mut self, suspension: NewSuspension) {
        let NewSuspension { ticket, head, record } = suspension;
        self.suspensions
            .insert(ticket, Row { head, record, generation: 0, status: Status::Waiting });
    }

    /// The row of a ticket that may be claimed.
    fn waiting(&mut self, ticket: &Digest, now: Timestamp) -> Result<&mut Row, Refusal> {
        let row = self.suspensions.get_mut(ticket).ok_or(Refusal::Unknown)?;
        match row.status {
            Status::Consumed => Err(Refusal::AlreadyUsed),
            Status::Claimed { until } if now < until => Err(Refusal::AlreadyUsed),
            _ if now >= row.head.expires_at => Err(Refusal::Expired),
            Status::Waiting | Status::Claimed { .. } => Ok(row),
        }
    }

    fn look(&mut self, ticket: &Digest, now: Timestamp) -> Look {
        match self.waiting(ticket, now) {
            Ok(row) => Look::Waiting { head: row.head.clone(), record: row.record.clone() },
            Err(refusal) => Look::Refused(refusal),
        }
    }

    fn claim(&mut self, ticket: Digest, now: Timestamp) -> Claim {
        match self.waiting(&ticket, now) {
            Ok(row) => {
                row.status = Status::Claimed { until: now.plus_millis(row.head.lease_millis) };
                row.generation += 1;
                Claim::Taken(Lease { ticket, generation: row.generation })
            }
            Err(refusal) => Claim::Refused(refusal),
        }
    }

    /// The row of a lease that is still held.
    fn leased(&mut self, lease: &Lease) -> Option<&mut Row> {
        let row = self.suspensions.get_mut(&lease.ticket)?;
        let held = matches!(row.status, Status::Claimed { .. });
        (held && row.generation == lease.generation).then_some(row)
    }

    fn settle(&mut self, lease: &Lease, settlement: Settlement) -> bool {
        let Some(row) = self.leased(lease) else { return false };
        row.status = Status::Consumed;
        row.record.clear();
        let (flow_id, end) = (row.head.flow_id.clone(), row.head.expires_at);
        match settlement {
            Settlement::Suspended(next) => self.insert(next),
            Settlement::Ended(outcome) => _ = self.outcomes.insert(flow_id, (outcome, end)),
        }
        true
    }

    fn sweep(&mut self, before: Timestamp) -> u64 {
        let all = self.suspensions.len();
        self.suspensions.retain(|_, row| row.head.expires_at >= before);
        self.outcomes.retain(|_, (_, end)| *end >= before);
        (all - self.suspensions.len()) as u64
    }
}

fn ready<T: Send + 'static>(value: T) -> StoreFuture<'static, T> {
    Box::pin(std::future::ready(Ok(value)))
}

impl Store for MemoryStore {
    fn suspend(&self, suspension: NewSuspension) -> StoreFuture<'_, ()> {
        self.state().insert(suspension);
        ready(())
    }

    fn look(&self, ticket: Digest, now: Timestamp) -> StoreFuture<'_, Look> {
        ready(self.state().look(&ticket, now))
    }

    fn claim(&self, ticket: Digest, now: Timestamp) -> StoreFuture<'_, Claim> {
        ready(self.state().claim(ticket, now))
    }

    fn settle(&self, lease: Lease, settlement: Settlement) -> StoreFuture<'_, bool> {
        ready(self.state().settle(&lease, settlement))
    }

    fn outcome(&self, flow_id: &str) -> StoreFuture<'_, Option<String>> {
        ready(self.state().outcomes.get(flow_id).map(|(outcome, _)| outcome.clone()))
    }

    fn sweep(&self, before: Timestamp) -> StoreFuture<'_, u64> {
        ready(self.state().sweep(before))
    }
}
