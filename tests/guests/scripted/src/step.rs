//! The language of the scripts: one object with one key for each step.
//!
//! A step is something to call, to read from the event, an act no decent
//! action would do, or says how further steps are performed; each kind is a
//! table in the module that performs it. In every string `${name}` stands for
//! a saved token.

use flowhost_action::{Error, Level};
use serde::Deserialize;
use serde_json::Value;

use crate::call::Call;
use crate::mischief::Act;
use crate::read::Read;

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Step {
    Control(Control),
    Call(Call),
    Read(Read),
    Act(Act),
}

/// How further steps are performed.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Control {
    /// `{"must": step}`: a refusal ends the handler with the call's code.
    Must(Value),
    /// `{"quiet": step}`: results are not logged.
    Quiet(Value),
    /// `{"repeat": {"times": 33, "steps": [step]}}`
    Repeat { times: u64, steps: Vec<Value> },
    /// `{"fail": {"name": "TypeError", "message": "…", "stack": "…"}}`
    Fail { name: String, message: String, stack: Option<String> },
    /// `{"log": {"level": "warn", "message": "…"}}`
    Log { level: LevelName, message: String },
}

/// The argument of a step that has none: `true`.
#[derive(Deserialize)]
#[serde(try_from = "bool")]
pub(crate) struct True;

impl TryFrom<bool> for True {
    type Error = &'static str;

    fn try_from(value: bool) -> Result<Self, Self::Error> {
        value.then_some(Self).ok_or("must be true")
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LevelName {
    Debug,
    Info,
    Warn,
    Error,
}

impl From<LevelName> for Level {
    fn from(name: LevelName) -> Self {
        match name {
            LevelName::Debug => Self::Debug,
            LevelName::Info => Self::Info,
            LevelName::Warn => Self::Warn,
            LevelName::Error => Self::Error,
        }
    }
}

impl Step {
    pub(crate) fn read(step: Value) -> Result<Self, Error> {
        let text = step.to_string();
        serde_json::from_value(step)
            .map_err(|_| Error::new("ScriptError", format!("what is {text}?")))
    }
}

/// The one key of a step, for its line in the log.
pub(crate) fn name_of(step: &Value) -> String {
    let key = step.as_object().and_then(|step| step.keys().next());
    key.cloned().unwrap_or_default()
}
