//! [`Sealed`]: one record of each kind, and whether other bytes would do in its
//! place. For the fuzz targets.

use serde::Serialize;
use serde_json::json;

use super::seal::{self, Place};
use super::{Answer, EndRecord, RECORD_VERSION, Suspension, Ticket, random_id};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::error::Result;
use crate::keys::KeyRing;
use crate::store::{End, Head, NewSuspension};

/// A kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A suspended flow.
    Suspension,
    /// The answer to a state.
    Answer,
    /// A flow that ended.
    End,
}

/// One record of each kind, sealed for one place with one ring of keys.
#[derive(Debug, Clone)]
pub struct Sealed {
    keys: KeyRing,
    ticket: Ticket,
    head: Head,
    end: End,
}

impl Sealed {
    /// A place with keys of its own.
    ///
    /// # Errors
    /// Without randomness.
    pub fn new() -> Result<Self> {
        let at = Timestamp::from_millis(1_770_000_000_000);
        let head = Head::new("flow-id", "reset", at, at.plus_millis(3_600_000), 30_000);
        let end = End {
            flow_id: "flow-id".to_owned(),
            outcome: "completed".to_owned(),
            flow: "reset".to_owned(),
            ended_at: at,
            record: Vec::new(),
        };
        Ok(Sealed { keys: KeyRing::generate()?, ticket: Ticket::random()?, head, end })
    }

    /// Seals a text, whatever it says, as a record of this kind.
    ///
    /// # Errors
    /// Without randomness.
    pub fn seal(&self, what: What, text: &[u8]) -> Result<Vec<u8>> {
        let digest = self.ticket.digest();
        seal::seal(&self.keys, &self.place(what, &digest), text)
    }

    /// Opens a record of this kind: the text that was sealed.
    ///
    /// # Errors
    /// Why it does not open.
    pub fn open(&self, what: What, sealed: &[u8]) -> Result<Vec<u8>> {
        let digest = self.ticket.digest();
        seal::open(&self.keys, &self.place(what, &digest), sealed)
    }

    /// Opens and reads a record of this kind as the engine does: what was read,
    /// written again.
    ///
    /// # Errors
    /// Why it does not open, or cannot be read.
    pub fn open_and_read(&self, what: What, sealed: &[u8]) -> Result<String> {
        let digest = self.ticket.digest();
        match what {
            What::Suspension => {
                written(&Suspension::open(&self.keys, &digest, &self.head, sealed)?)
            }
            What::Answer => written(&Answer::open(&self.keys, &self.ticket, &self.head, sealed)?),
            What::End => {
                let end = End { record: sealed.to_vec(), ..self.end.clone() };
                written(&EndRecord::open(&self.keys, &end)?)
            }
        }
    }

    /// Reads what was behind the seal of a record of this kind, and does with it
    /// what can be done: what was read, written again.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(&self, what: What, text: &[u8]) -> Result<String> {
        let broken = |error: serde_json::Error| super::broken(&error.to_string());
        match what {
            What::Suspension => {
                let read = Suspension::read(text)?;
                _ = read.answered_prompt(&json!({ "a": 1 }));
                written(&read)
            }
            What::Answer => {
                let read: Answer = serde_json::from_slice(text).map_err(broken)?;
                _ = read.is_for(None);
                let written = written(&read);
                _ = read.into_report(&self.head).to_json();
                written
            }
            What::End => {
                let read: EndRecord = serde_json::from_slice(text).map_err(broken)?;
                written(&read)
            }
        }
    }

    /// A text as a suspended flow of a store, and the state that resumes it:
    /// another one each time.
    ///
    /// # Errors
    /// Without randomness.
    pub fn suspended(&mut self, text: &[u8]) -> Result<(NewSuspension, String)> {
        self.ticket = Ticket::random()?;
        self.head.flow_id = random_id()?;
        let record = self.seal(What::Suspension, text)?;
        let (ticket, head) = (self.ticket.digest(), self.head.clone());
        Ok((NewSuspension { ticket, head, record }, self.ticket.as_str().to_owned()))
    }

    /// The keys it seals with.
    pub fn keys(&self) -> KeyRing {
        self.keys.clone()
    }

    /// When it was sealed.
    pub fn date(&self) -> Timestamp {
        self.head.created_at
    }

    fn place<'a>(&'a self, what: What, digest: &'a Digest) -> Place<'a> {
        match what {
            What::Suspension => Place::Record { ticket: digest, head: &self.head },
            What::Answer => Place::Answer { ticket: &self.ticket, head: &self.head },
            What::End => Place::End(&self.end),
        }
    }

    /// Says that the flow suspended with the definition that `text` holds, if
    /// it holds one: a record with another does not belong there.
    pub fn belongs_to(&mut self, text: &[u8]) {
        if let Ok(read) = serde_json::from_slice::<Suspension>(text)
            && read.version == RECORD_VERSION
        {
            self.head.flow_digest = read.definition.digest();
        }
    }
}

fn written(read: &impl Serialize) -> Result<String> {
    serde_json::to_string(read).map_err(|error| super::broken(&error.to_string()))
}
