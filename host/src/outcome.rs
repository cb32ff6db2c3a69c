//! [`Report`]: how a start or a resume ended, and what ran on the way. The
//! JSON form is the one `--json` prints.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::cursor::Handler;
use crate::digest::Digest;
use crate::effects::{Command, Factor};
use crate::error::Code;
use crate::event::Event;

/// The version of the JSON form of a [`Report`].
pub const SCHEMA_VERSION: u32 = 1;

/// What an end user may be told of a failure: nothing about it.
pub(crate) const PUBLIC_FAILURE: &str =
    "Your password could not be reset. Please try again later or contact support.";

/// How a flow stands after a start or a resume.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// Every action agreed: the password may be set. The only outcome of
    /// which that is true.
    Completed,
    /// An action refused the reset.
    Denied(Denied),
    /// Suspended: send the user to a URL.
    Redirect(Redirect),
    /// Suspended: show the user a prompt.
    Prompt(Prompt),
    /// Suspended: challenge the user with a factor.
    Challenge(Challenge),
    /// The flow failed.
    Failed(Failure),
}

/// Who refused, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Denied {
    /// What the user may be told.
    pub reason: String,
    /// The action.
    pub action: String,
}

/// A redirect to perform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Redirect {
    /// Where to, `state` included.
    pub url: String,
    /// What resumes the flow. Single use.
    pub state: String,
    /// When `state` ends.
    #[serde(with = "crate::clock::rfc3339")]
    pub expires_at: Timestamp,
}

/// A prompt to show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Prompt {
    /// Which one.
    pub id: String,
    /// A JSON object; empty when the action gave none.
    pub fields: Value,
    /// A JSON object; empty when the action gave none.
    pub vars: Value,
    /// What resumes the flow. Single use.
    pub state: String,
    /// When `state` ends.
    #[serde(with = "crate::clock::rfc3339")]
    pub expires_at: Timestamp,
}

/// A challenge to perform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Challenge {
    /// The factors that meet it; the first is the one to begin with, unless
    /// `picker`.
    pub factors: Vec<Factor>,
    /// Whether the user picks one first.
    pub picker: bool,
    /// What resumes the flow. Single use.
    pub state: String,
    /// When `state` ends.
    #[serde(with = "crate::clock::rfc3339")]
    pub expires_at: Timestamp,
}

/// Why a flow failed. For operators; users see
/// [`public_message`](Failure::public_message).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failure {
    /// Whose fault it is.
    pub error_class: ErrorClass,
    /// What kind of failure.
    pub code: Code,
    /// What happened. Never holds a secret.
    pub message: String,
    /// The action.
    pub action: String,
}

impl Failure {
    /// What an end user may see: a fixed text.
    pub fn public_message(&self) -> &'static str {
        PUBLIC_FAILURE
    }
}

/// Whose fault a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorClass {
    /// The host's or the operator's.
    PlatformError,
    /// The action took too long: wall clock, processor time or fuel.
    ActionTimeout,
    /// The action's.
    ActionError,
}

impl ErrorClass {
    pub(crate) fn of(code: Code) -> Self {
        match code {
            Code::OutOfFuel | Code::CpuTimeExceeded | Code::WallClockExceeded => {
                ErrorClass::ActionTimeout
            }
            Code::ActionVersionGone
            | Code::ActionUnavailable
            | Code::SecretUnavailable
            | Code::Overloaded
            | Code::EngineUnavailable
            | Code::Internal => ErrorClass::PlatformError,
            _ => ErrorClass::ActionError,
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RunStatus {
    /// The handler returned.
    Ok,
    /// The handler returned an error, trapped or passed a limit.
    Failed,
}

/// One message of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LogLine {
    /// How important it is.
    pub level: LogLevel,
    /// What it says, secrets taken out.
    pub message: String,
}

/// How important a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub enum LogLevel {
    Debug,
    Info,
    Warn,
    Error,
}

/// One action run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RunReport {
    /// The action.
    pub action: String,
    /// Which of its exports.
    pub handler: Handler,
    /// How it ended.
    pub status: RunStatus,
    /// Fuel used.
    pub fuel: u64,
    /// Fuel allowed.
    pub fuel_limit: u64,
    /// Time from instantiating to the end, in microseconds.
    pub duration_us: u64,
    /// The most linear memory it had, in bytes.
    pub memory_bytes: u64,
    /// Linear memory allowed, in bytes.
    pub memory_limit: u64,
    /// What it asked for, in call order. Without effect unless `status` is
    /// `ok`.
    pub commands: Vec<Command>,
    /// What it logged.
    pub logs: Vec<LogLine>,
}

/// How a start or a resume ended. Keeps the event as long as it lives: take out of it
/// what is to be kept.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// The flow's name.
    pub flow: String,
    /// The digest of the definition that ran.
    pub flow_digest: Digest,
    /// This one passage through the flow.
    pub flow_id: String,
    /// How it stands.
    pub outcome: Outcome,
    /// Where the user goes after the password was changed.
    pub result_url: Option<String>,
    pub(crate) methods: Methods,
    /// What ran in this start or resume.
    pub runs: Vec<RunReport>,
    /// Whether this was answered before and is only answered again.
    pub repeated: bool,
}

/// How the user was authenticated: in the event as long as nobody asks, for few do.
#[derive(Debug, Clone)]
pub(crate) enum Methods {
    Of(Event),
    Known(Vec<Value>),
}

impl Methods {
    fn list(&self) -> Vec<Value> {
        match self {
            Methods::Of(event) => event.methods(),
            Methods::Known(methods) => methods.clone(),
        }
    }
}

impl PartialEq for Methods {
    fn eq(&self, other: &Self) -> bool {
        self.list() == other.list()
    }
}

impl Report {
    /// `event.authentication.methods`, met factors included.
    pub fn authentication_methods(&self) -> Vec<Value> {
        self.methods.list()
    }

    /// The JSON form.
    pub fn to_json(&self) -> Value {
        let mut json = Map::new();
        json.insert("schema_version".into(), SCHEMA_VERSION.into());
        let flow = [("name", self.flow.clone()), ("digest", self.flow_digest.to_string())];
        json.insert("flow".into(), flow.into_iter().collect::<Value>());
        json.insert("flow_id".into(), self.flow_id.clone().into());
        json.insert("outcome".into(), self.outcome.name().into());
        if let Some(details) = self.outcome.details() {
            json.insert(self.outcome.name().into(), details);
        }
        json.insert("result_url".into(), self.result_url.clone().into());
        json.insert("authentication_methods".into(), self.authentication_methods().into());
        json.insert("runs".into(), to_value(&self.runs));
        Value::Object(json)
    }
}

impl Outcome {
    /// `completed`, `denied`, `redirect`, `prompt`, `challenge` or `failed`.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Completed => "completed",
            Outcome::Denied(_) => "denied",
            Outcome::Redirect(_) => "redirect",
            Outcome::Prompt(_) => "prompt",
            Outcome::Challenge(_) => "challenge",
            Outcome::Failed(_) => "failed",
        }
    }

    /// What resumes the flow, if it is suspended.
    pub fn state(&self) -> Option<&str> {
        match self {
            Outcome::Redirect(redirect) => Some(&redirect.state),
            Outcome::Prompt(prompt) => Some(&prompt.state),
            Outcome::Challenge(challenge) => Some(&challenge.state),
            Outcome::Completed | Outcome::Denied(_) | Outcome::Failed(_) => None,
        }
    }

    pub(crate) fn details(&self) -> Option<Value> {
        Some(match self {
            Outcome::Completed => return None,
            Outcome::Denied(denied) => to_value(denied),
            Outcome::Redirect(redirect) => to_value(redirect),
            Outcome::Prompt(prompt) => to_value(prompt),
            Outcome::Challenge(challenge) => to_value(challenge),
            Outcome::Failed(failure) => to_value(failure),
        })
    }
}

/// The JSON of a struct of this module, which always has one.
fn to_value<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
