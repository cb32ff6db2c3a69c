//! How a flow stands, for whoever started it: by its id, at any time, without
//! changing anything; and cancelling it.

use serde_json::{Map, Value, json};

use super::Engine;
use crate::clock::Timestamp;
use crate::cursor::Wait;
use crate::digest::Digest;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::store::{Cancel, End, Found, Head};
use crate::suspension::{EndRecord, Suspension, seal_broken};

/// The name of the outcome of a flow that was cancelled.
pub(super) const CANCELLED: &str = "cancelled";

/// What a flow is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlowStatus {
    /// It waits for its user.
    Waiting,
    /// An action runs right now.
    Running,
    /// It waited too long: nothing resumes it.
    Expired,
    /// It ended.
    Ended,
}

impl FlowStatus {
    /// `waiting`, `running`, `expired` or `ended`.
    pub fn as_str(self) -> &'static str {
        match self {
            FlowStatus::Waiting => "waiting",
            FlowStatus::Running => "running",
            FlowStatus::Expired => "expired",
            FlowStatus::Ended => "ended",
        }
    }
}

/// How a flow stands.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FlowView {
    /// The passage through the flow.
    pub flow_id: String,
    /// The flow's name.
    pub flow: String,
    /// The digest of the definition it goes by.
    pub flow_digest: Digest,
    /// Whose password it is about: `event.user.user_id`.
    pub user_id: String,
    /// What it is doing.
    pub status: FlowStatus,
    /// What it came to or waits for: `completed`, `denied`, `failed`,
    /// `cancelled`; `redirect`, `prompt`, `challenge`, or `browser` before its
    /// browser came. Only `completed` lets the password be set.
    pub outcome: String,
    /// What else there is to say of it, as reports have it, without `state`.
    pub details: Option<Value>,
    /// Where the user goes after the password was changed.
    pub result_url: Option<String>,
    /// When it ended, or was suspended the last time.
    pub at: Timestamp,
    /// When its state ends, if it waits.
    pub expires_at: Option<Timestamp>,
    /// All that ran, as reports have it.
    pub runs: Vec<Value>,
}

impl FlowView {
    /// The JSON form.
    pub fn to_json(&self) -> Value {
        let mut json = Map::new();
        json.insert("flow_id".into(), self.flow_id.clone().into());
        let flow = json!({ "name": self.flow, "digest": self.flow_digest });
        json.insert("flow".into(), flow);
        json.insert("user_id".into(), self.user_id.clone().into());
        json.insert("status".into(), self.status.as_str().into());
        json.insert("outcome".into(), self.outcome.clone().into());
        if let Some(details) = &self.details {
            json.insert(self.outcome.clone(), details.clone());
        }
        json.insert("result_url".into(), self.result_url.clone().into());
        json.insert("at".into(), self.at.to_string().into());
        json.insert("expires_at".into(), self.expires_at.map(|at| at.to_string()).into());
        json.insert("runs".into(), self.runs.clone().into());
        Value::Object(json)
    }
}

impl Engine {
    /// How the flow with this id stands. None when it never was suspended, or
    /// was forgotten: a day after it ended, or after its state did.
    ///
    /// # Errors
    /// `store_unavailable`; `seal_broken`, `key_unknown` and
    /// `store_incompatible` when what is stored of it does not open.
    pub async fn find(&self, flow_id: &str) -> Result<Option<FlowView>> {
        let now = self.0.clock.now();
        Ok(match self.0.store.find(flow_id, now).await? {
            None => None,
            // What is found is sealed for its own flow; this is another one.
            Some(found) if found.flow_id() != flow_id => return Err(seal_broken()),
            Some(Found::Ended(end)) => Some(self.ended(end)?),
            Some(Found::Suspended { ticket, head, record, running }) => {
                let suspension = Suspension::open(&self.0.keys, &ticket, &head, &record)?;
                let status = match (running, now < head.expires_at) {
                    (true, _) => FlowStatus::Running,
                    (false, true) => FlowStatus::Waiting,
                    (false, false) => FlowStatus::Expired,
                };
                Some(suspended(head, suspension, status)?)
            }
        })
    }

    /// The name of the outcome of a flow that was suspended and has ended:
    /// `completed`, `denied`, `failed` or `cancelled`.
    ///
    /// # Errors
    /// As [`find`](Engine::find).
    pub async fn outcome(&self, flow_id: &str) -> Result<Option<String>> {
        let found = self.find(flow_id).await?;
        let ended = found.filter(|view| view.status == FlowStatus::Ended);
        Ok(ended.map(|view| view.outcome))
    }

    /// Ends a flow that waits: its state resumes nothing any more, and the
    /// outcome is `cancelled`.
    ///
    /// # Errors
    /// `flow_unknown`, `flow_running`, `flow_ended`, and those of
    /// [`find`](Engine::find).
    pub async fn cancel(&self, flow_id: &str) -> Result<FlowView> {
        let unknown = || Error::new(Code::FlowUnknown, "there is no flow with this id");
        let found = self.find(flow_id).await?.ok_or_else(unknown)?;
        let now = self.0.clock.now();
        let record = EndRecord {
            flow_digest: found.flow_digest,
            user_id: found.user_id,
            details: None,
            result_url: None,
            runs: found.runs,
        };
        let (outcome, flow) = (CANCELLED.to_owned(), found.flow);
        let end = End { flow_id: found.flow_id, outcome, flow, ended_at: now, record: Vec::new() };
        let end = record.seal(&self.0.keys, end)?;
        match self.0.store.cancel(end.clone(), now).await? {
            Cancel::Done => self.ended(end),
            Cancel::Unknown => Err(unknown()),
            Cancel::Running => Err(Error::new(Code::FlowRunning, "the flow runs right now")
                .with_hint("try again in a moment")),
            Cancel::Ended => Err(Error::new(Code::FlowEnded, "the flow has ended already")),
        }
    }

    fn ended(&self, end: End) -> Result<FlowView> {
        let record = EndRecord::open(&self.0.keys, &end)?;
        Ok(FlowView {
            flow_id: end.flow_id,
            flow: end.flow,
            flow_digest: record.flow_digest,
            user_id: record.user_id,
            status: FlowStatus::Ended,
            outcome: end.outcome,
            details: record.details,
            result_url: record.result_url,
            at: end.ended_at,
            expires_at: None,
            runs: record.runs,
        })
    }
}

fn suspended(head: Head, suspension: Suspension, status: FlowStatus) -> Result<FlowView> {
    let event = Event::from_json(&suspension.event)?;
    let (outcome, details) = match suspension.wait {
        Wait::Redirect { url } => ("redirect", Some(json!({ "url": url }))),
        Wait::Prompt { id, fields, vars } => {
            ("prompt", Some(json!({ "id": id, "fields": fields, "vars": vars })))
        }
        Wait::Challenge { factors, picker } => {
            ("challenge", Some(json!({ "factors": factors, "picker": picker })))
        }
        Wait::Browser => ("browser", None),
    };
    Ok(FlowView {
        flow_id: head.flow_id,
        flow: head.flow,
        flow_digest: head.flow_digest,
        user_id: event.user_id().to_owned(),
        status,
        outcome: outcome.to_owned(),
        details,
        result_url: None,
        at: head.created_at,
        expires_at: Some(head.expires_at),
        runs: suspension.runs,
    })
}
