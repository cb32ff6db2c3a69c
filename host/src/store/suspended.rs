//! What stores keep: suspensions, the leases on them, and what they led to.

use crate::clock::Timestamp;
use crate::digest::Digest;

/// A suspension to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSuspension {
    /// The digest of its state.
    pub ticket: Digest,
    /// What is readable without opening the record.
    pub head: Head,
    /// The rest, sealed.
    pub record: Vec<u8>,
}

/// What is readable of a suspension. The record is bound to all of it: with a
/// changed head it does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Head {
    /// The passage through the flow it belongs to.
    pub flow_id: String,
    /// The tenant of the event.
    pub tenant: String,
    /// The flow's name.
    pub flow: String,
    /// The digest of the flow's definition.
    pub flow_digest: Digest,
    /// The component that runs when it is resumed.
    pub action: Digest,
    /// The user, under a key: equal for one user of a flow, and not to be
    /// guessed without the key.
    pub subject: Digest,
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
    /// The head of a suspension of `flow_id` in the flow called `flow`, of
    /// nobody and with no component.
    pub fn new(
        flow_id: impl Into<String>,
        flow: impl Into<String>,
        created_at: Timestamp,
        expires_at: Timestamp,
        lease_millis: u64,
    ) -> Self {
        let none = Digest::of(b"");
        Head {
            flow_id: flow_id.into(),
            tenant: String::new(),
            flow: flow.into(),
            flow_digest: none,
            action: none,
            subject: none,
            origin: None,
            created_at,
            expires_at,
            lease_millis,
        }
    }

    /// Says where the flow was loaded from.
    #[must_use]
    pub fn with_origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = Some(origin.into());
        self
    }
}

/// The right to settle a suspension. Its holder is a number that whoever
/// claims draws at random: a claim that is repeated is the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The suspension.
    pub ticket: Digest,
    /// Who claims it.
    pub holder: u64,
}

/// What a claimed suspension led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// When it was settled.
    pub settled_at: Timestamp,
    /// What was answered, sealed: to be given again if it was lost.
    pub answer: Vec<u8>,
    /// What comes next.
    pub next: Next,
}

/// What comes after a claimed suspension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// The flow suspended again.
    Suspended(NewSuspension),
    /// The flow ended.
    Ended(End),
}

/// How a flow ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The passage that ended.
    pub flow_id: String,
    /// The name of the outcome: `completed`, `denied`, `failed` or `cancelled`.
    pub outcome: String,
    /// The flow's name.
    pub flow: String,
    /// When.
    pub ended_at: Timestamp,
    /// The rest, sealed.
    pub record: Vec<u8>,
}
