//! [`Suspension`]: all that is needed to go on with a flow that waits for its
//! user, as one record that a store keeps without understanding it. Holds no
//! secret and not the state itself, only its digest.

mod ticket;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cursor::{Cursor, Wait};
use crate::digest::Digest;
use crate::error::{Code, Error, Result};
use crate::flow::FlowDefinition;

pub use ticket::Binding;
pub(crate) use ticket::{Ticket, random_id, random_key};

/// Raised when the record's form changes.
const RECORD_VERSION: u32 = 1;

/// A suspended flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Suspension {
    version: u32,
    pub(crate) flow_id: String,
    pub(crate) definition: FlowDefinition,
    pub(crate) cursor: Cursor,
    pub(crate) wait: Wait,
    /// The event as JSON text: without secrets, which belong to actions.
    pub(crate) event: String,
    /// The digest of what binds the flow to a browser, if anything does.
    pub(crate) binding: Option<Digest>,
}

impl Suspension {
    pub(crate) fn new(
        flow_id: &str,
        definition: &FlowDefinition,
        cursor: &Cursor,
        wait: &Wait,
        event: String,
        binding: Option<Digest>,
    ) -> Self {
        Suspension {
            version: RECORD_VERSION,
            flow_id: flow_id.to_owned(),
            definition: definition.clone(),
            cursor: cursor.clone(),
            wait: wait.clone(),
            event,
            binding,
        }
    }

    pub(crate) fn to_record(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|error| broken(&error.to_string()))
    }

    pub(crate) fn from_record(record: &[u8]) -> Result<Self> {
        /// Read first: another version may have another form.
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let read = |error: serde_json::Error| broken(&error.to_string());
        let Version { version } = serde_json::from_slice(record).map_err(read)?;
        if version != RECORD_VERSION {
            return Err(Error::new(
                Code::StoreIncompatible,
                format!(
                    "the suspended flow was written in form {version}, this is {RECORD_VERSION}"
                ),
            ));
        }
        serde_json::from_slice(record).map_err(read)
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
