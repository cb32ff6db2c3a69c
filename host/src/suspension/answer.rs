//! [`Answer`]: what a state was answered with. Kept for a minute and given
//! again to the browser that the flow is bound to: a response that got lost
//! must not lose the user. Sealed under the state itself as well, since it
//! holds the next one: whoever reads the store cannot go on with a flow, not
//! even with the keys.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::seal::{self, Place};
use super::{Binding, Ticket, broken};
use crate::digest::Digest;
use crate::error::Result;
use crate::keys::KeyRing;
use crate::outcome::{Methods, Outcome, Report};
use crate::store::Head;

/// What was answered, and to which browser.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// None for a flow without a browser.
    binding: Option<Digest>,
    outcome: Outcome,
    result_url: Option<String>,
    authentication_methods: Vec<Value>,
}

impl Answer {
    /// The answer to keep beside `head`.
    pub(crate) fn seal(
        report: &Report,
        binding: Option<Digest>,
        keys: &KeyRing,
        ticket: &Ticket,
        head: &Head,
    ) -> Result<Vec<u8>> {
        let answer = Answer {
            binding,
            outcome: report.outcome.clone(),
            result_url: report.result_url.clone(),
            authentication_methods: report.authentication_methods(),
        };
        let text = serde_json::to_vec(&answer).map_err(|error| broken(&error.to_string()))?;
        seal::seal(keys, &Place::Answer { ticket, head }, &text)
    }

    /// Opens what [`seal`](Answer::seal) made.
    pub(crate) fn open(
        keys: &KeyRing,
        ticket: &Ticket,
        head: &Head,
        sealed: &[u8],
    ) -> Result<Self> {
        let text = seal::open(keys, &Place::Answer { ticket, head }, sealed)?;
        serde_json::from_slice(&text).map_err(|error| broken(&error.to_string()))
    }

    /// Whether it was for the browser with this binding.
    pub(crate) fn is_for(&self, binding: Option<&Binding>) -> bool {
        binding.zip(self.binding).is_some_and(|(shown, bound)| shown.is(&bound))
    }

    /// The answer again. Nothing ran for it.
    pub(crate) fn into_report(self, head: &Head) -> Report {
        Report {
            flow: head.flow.clone(),
            flow_digest: head.flow_digest,
            flow_id: head.flow_id.clone(),
            outcome: self.outcome,
            result_url: self.result_url,
            methods: Methods::Known(self.authentication_methods),
            runs: Vec::new(),
            repeated: true,
        }
    }
}
