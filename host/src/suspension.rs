//! [`Suspension`]: all that is needed to go on with a flow that waits for its
//! user, as one sealed record that a store keeps without understanding it.
//! Holds no secret and not the state itself, only its digest.
//!
//! [`EndRecord`] is what is kept of a flow that ended, [`Answer`] what was
//! answered to a state, in case the answer gets lost.

mod answer;
mod end_record;
mod form;
#[cfg(all(feature = "cli", any(fuzzing, clippy)))]
pub(crate) mod fuzzing;
mod seal;
mod ticket;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cursor::{Cursor, Wait};
use crate::digest::Digest;
use crate::error::{Code, Error, Result};
use crate::flow::FlowDefinition;
use crate::keys::KeyRing;
use crate::store::Head;
use seal::Place;

pub(crate) use answer::Answer;
pub(crate) use end_record::EndRecord;
pub(crate) use seal::{broken as seal_broken, subject};
pub use ticket::Binding;
pub(crate) use ticket::{Names, Ticket, random_bytes, random_id, random_key, random_number};

/// Raised when the record's form changes. That one may leave out what is `None` is no
/// change: it always read so.
const RECORD_VERSION: u32 = 3;

/// A suspended flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Suspension {
    version: u32,
    #[serde(with = "form::definition")]
    pub(crate) definition: FlowDefinition,
    pub(crate) cursor: Cursor,
    pub(crate) wait: Wait,
    /// The event as JSON text: without secrets, which belong to actions.
    #[serde(with = "form::event")]
    pub(crate) event: String,
    /// The digest of what binds the flow to a browser, if anything does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) binding: Option<Digest>,
    /// What ran so far, as reports have it.
    pub(crate) runs: Vec<Value>,
}

impl Suspension {
    pub(crate) fn new(
        definition: &FlowDefinition,
        cursor: &Cursor,
        wait: &Wait,
        event: String,
        binding: Option<Digest>,
        runs: Vec<Value>,
    ) -> Self {
        Suspension {
            version: RECORD_VERSION,
            definition: definition.clone(),
            cursor: cursor.clone(),
            wait: wait.clone(),
            event,
            binding,
            runs,
        }
    }

    /// The record to store under `ticket` beside `head`.
    pub(crate) fn seal(&self, keys: &KeyRing, ticket: &Digest, head: &Head) -> Result<Vec<u8>> {
        let text = serde_json::to_vec(self).map_err(|error| broken(&error.to_string()))?;
        seal::seal(keys, &Place::Record { ticket, head }, &text)
    }

    /// Reads a record that was stored under `ticket` beside `head`.
    pub(crate) fn open(
        keys: &KeyRing,
        ticket: &Digest,
        head: &Head,
        record: &[u8],
    ) -> Result<Self> {
        let text = seal::open(keys, &Place::Record { ticket, head }, record)?;
        Suspension::read(&text)
    }

    /// Reads what was behind the seal, which says that it belongs to its head: the
    /// digest of the definition there is that of when it was written, and may be
    /// another today, when definitions say more.
    fn read(text: &[u8]) -> Result<Self> {
        /// Read first: another version may have another form.
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let read = |error: serde_json::Error| broken(&error.to_string());
        let Version { version } = serde_json::from_slice(text).map_err(read)?;
        if version != RECORD_VERSION {
            return Err(Error::new(
                Code::StoreIncompatible,
                format!(
                    "the suspended flow was written in form {version}, this is {RECORD_VERSION}"
                ),
            ));
        }
        serde_json::from_slice(text).map_err(read)
    }

    /// The prompt that was answered, as `event.prompt`.
    pub(crate) fn answered_prompt(&self, answers: &Value) -> Option<Value> {
        let Wait::Prompt { id, vars, .. } = &self.wait else { return None };
        let mut prompt = serde_json::Map::new();
        prompt.insert("id".to_owned(), id.clone().into());
        prompt.insert("fields".to_owned(), answers.clone());
        if let Some(vars) = vars {
            prompt.insert("vars".to_owned(), vars.clone());
        }
        Some(Value::Object(prompt))
    }
}

fn broken(why: &str) -> Error {
    Error::new(Code::StoreIncompatible, format!("the suspended flow cannot be read: {why}"))
}
