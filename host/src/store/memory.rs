//! [`MemoryStore`]: suspensions in memory, gone with the process. For tests,
//! for one-shot runs and for embedders who keep flows short.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{
    ANSWER_MILLIS, Cancel, Claim, End, Found, Head, Lease, Look, NewSuspension, Next, Refusal,
    Settlement, Store, StoreFuture,
};
use crate::clock::Timestamp;
use crate::digest::Digest;

/// Suspensions in memory.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    suspensions: HashMap<Digest, Row>,
    /// The suspension of each flow that is not consumed.
    flows: HashMap<String, Digest>,
    ends: HashMap<String, End>,
}

#[derive(Debug)]
struct Row {
    head: Head,
    record: Vec<u8>,
    status: Status,
}

#[derive(Debug)]
enum Status {
    Waiting,
    Claimed { holder: u64, until: Timestamp },
    Consumed { holder: Option<u64>, answer: Vec<u8>, at: Timestamp },
}

impl Row {
    fn running(&self, now: Timestamp) -> bool {
        matches!(self.status, Status::Claimed { until, .. } if now < until)
    }

    /// Why it cannot be claimed by `holder`.
    fn refusal(&self, holder: Option<u64>, now: Timestamp) -> Option<Refusal> {
        match self.status {
            Status::Consumed { .. } => Some(Refusal::AlreadyUsed),
            Status::Claimed { holder: other, .. } if self.running(now) => {
                (holder != Some(other)).then_some(Refusal::InUse)
            }
            _ => (now >= self.head.expires_at).then_some(Refusal::Expired),
        }
    }
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
        if self.suspensions.contains_key(&ticket) {
            return; // The call is repeated.
        }
        self.flows.insert(head.flow_id.clone(), ticket);
        self.suspensions.insert(ticket, Row { head, record, status: Status::Waiting });
    }

    fn look(&self, ticket: &Digest, now: Timestamp) -> Look {
        let Some(row) = self.suspensions.get(ticket) else {
            return Look::Refused(Refusal::Unknown);
        };
        if let Status::Consumed { answer, at, .. } = &row.status {
            let (head, answer) = (row.head.clone(), answer.clone());
            return Look::Settled { head, answer, settled_at: *at };
        }
        let (head, record) = (row.head.clone(), row.record.clone());
        match row.refusal(None, now) {
            Some(Refusal::InUse) => Look::Running { head, record },
            Some(refusal) => Look::Refused(refusal),
            None => Look::Waiting { head, record },
        }
    }

    fn claim(&mut self, lease: Lease, now: Timestamp) -> Claim {
        let Some(row) = self.suspensions.get_mut(&lease.ticket) else {
            return Claim::Refused(Refusal::Unknown);
        };
        if let Some(refusal) = row.refusal(Some(lease.holder), now) {
            return Claim::Refused(refusal);
        }
        let until = now.plus_millis(row.head.lease_millis);
        row.status = Status::Claimed { holder: lease.holder, until };
        Claim::Taken
    }

    fn settle(&mut self, lease: &Lease, settlement: Settlement) -> bool {
        let Some(row) = self.suspensions.get_mut(&lease.ticket) else { return false };
        match row.status {
            Status::Claimed { holder, .. } if holder == lease.holder => {}
            Status::Consumed { holder, .. } => return holder == Some(lease.holder),
            _ => return false,
        }
        let Settlement { settled_at: at, answer, next } = settlement;
        row.status = Status::Consumed { holder: Some(lease.holder), answer, at };
        row.record.clear();
        let flow_id = row.head.flow_id.clone();
        self.flows.remove(&flow_id);
        match next {
            Next::Suspended(next) => self.insert(next),
            Next::Ended(end) => _ = self.ends.insert(flow_id, end),
        }
        true
    }

    fn find(&self, flow_id: &str, now: Timestamp) -> Option<Found> {
        if let Some(end) = self.ends.get(flow_id) {
            return Some(Found::Ended(end.clone()));
        }
        let ticket = *self.flows.get(flow_id)?;
        let row = self.suspensions.get(&ticket)?;
        let (head, record) = (row.head.clone(), row.record.clone());
        Some(Found::Suspended { ticket, head, record, running: row.running(now) })
    }

    fn cancel(&mut self, end: End, now: Timestamp) -> Cancel {
        if self.ends.contains_key(&end.flow_id) {
            return Cancel::Ended;
        }
        let row = self.flows.get(&end.flow_id).and_then(|it| self.suspensions.get_mut(it));
        let Some(row) = row else { return Cancel::Unknown };
        if row.running(now) {
            return Cancel::Running;
        }
        row.status = Status::Consumed { holder: None, answer: Vec::new(), at: end.ended_at };
        row.record.clear();
        self.flows.remove(&end.flow_id);
        self.ends.insert(end.flow_id.clone(), end);
        Cancel::Done
    }

    fn sweep(&mut self, before: Timestamp, now: Timestamp) -> u64 {
        let count = |state: &State| state.suspensions.len() + state.ends.len();
        let all = count(self);
        self.suspensions.retain(|_, row| row.head.expires_at >= before || row.running(now));
        let suspensions = &self.suspensions;
        self.flows.retain(|_, ticket| suspensions.contains_key(ticket));
        self.ends.retain(|_, end| end.ended_at >= before);
        for row in self.suspensions.values_mut() {
            if let Status::Consumed { answer, at, .. } = &mut row.status
                && at.plus_millis(ANSWER_MILLIS) < now
            {
                *answer = Vec::new();
            }
        }
        (all - count(self)) as u64
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

    fn claim(&self, lease: Lease, now: Timestamp) -> StoreFuture<'_, Claim> {
        ready(self.state().claim(lease, now))
    }

    fn settle(&self, lease: Lease, settlement: Settlement) -> StoreFuture<'_, bool> {
        ready(self.state().settle(&lease, settlement))
    }

    fn find(&self, flow_id: &str, now: Timestamp) -> StoreFuture<'_, Option<Found>> {
        ready(self.state().find(flow_id, now))
    }

    fn cancel(&self, end: End, now: Timestamp) -> StoreFuture<'_, Cancel> {
        ready(self.state().cancel(end, now))
    }

    fn sweep(&self, before: Timestamp, now: Timestamp) -> StoreFuture<'_, u64> {
        ready(self.state().sweep(before, now))
    }

    fn ready(&self) -> StoreFuture<'_, ()> {
        ready(())
    }

    fn is_durable(&self) -> bool {
        false
    }
}
