//! [`EndRecord`]: what is kept of a flow that ended, for the backend that asks how.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::broken;
use super::seal::{self, Place};
use crate::digest::Digest;
use crate::error::Result;
use crate::keys::KeyRing;
use crate::store::End;

/// The sealed part of an [`End`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct EndRecord {
    /// The definition the flow went by.
    pub(crate) flow_digest: Digest,
    /// Whose password it is about.
    pub(crate) user_id: String,
    /// What else is to be said of the outcome, as reports have it.
    pub(crate) details: Option<Value>,
    /// Where the user goes at last.
    pub(crate) result_url: Option<String>,
    /// All that ran, as reports have it.
    pub(crate) runs: Vec<Value>,
}

impl EndRecord {
    /// Seals it into `end`.
    pub(crate) fn seal(&self, keys: &KeyRing, mut end: End) -> Result<End> {
        let text = serde_json::to_vec(self).map_err(|error| broken(&error.to_string()))?;
        end.record = seal::seal(keys, &Place::End(&end), &text)?;
        Ok(end)
    }

    /// Opens what [`seal`](EndRecord::seal) made.
    pub(crate) fn open(keys: &KeyRing, end: &End) -> Result<Self> {
        let text = seal::open(keys, &Place::End(end), &end.record)?;
        serde_json::from_slice(&text).map_err(|error| broken(&error.to_string()))
    }
}
