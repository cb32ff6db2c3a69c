//! What a run asked for, said and signed, in a form that is easy to compare.

use std::time::Duration;

use serde_json::Value;

use crate::{Factor, Level, Secret};

/// One request of a run, as the host would record it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Command {
    /// `api.access().deny(..)`.
    Deny {
        /// Why.
        reason: String,
    },
    /// `api.authentication().challenge_with(..)`, with or without additional
    /// factors.
    ChallengeWith {
        /// The factor asked for first.
        factor: Factor,
        /// What the user may choose instead.
        additional: Vec<Factor>,
    },
    /// `api.authentication().challenge_with_any(..)`.
    ChallengeWithAny {
        /// The picker's entries.
        factors: Vec<Factor>,
    },
    /// `api.prompt().render(..)`.
    Render {
        /// The form.
        id: String,
        /// What its fields hold at first.
        fields: Option<Value>,
        /// What its texts may refer to.
        vars: Option<Value>,
    },
    /// `api.redirect().send_user_to(..)`.
    SendUserTo {
        /// As the action wrote it.
        url: String,
        /// As the action wrote it.
        query: Vec<(String, String)>,
    },
    /// `api.transaction().set_result_url(..)`.
    SetResultUrl {
        /// As the action wrote it.
        url: String,
        /// As the action wrote it.
        query: Vec<(String, String)>,
    },
}

impl Command {
    /// A denial.
    pub fn deny(reason: impl Into<String>) -> Self {
        Self::Deny { reason: reason.into() }
    }

    /// A challenge.
    pub fn challenge_with(factor: Factor, additional: impl IntoIterator<Item = Factor>) -> Self {
        Self::ChallengeWith { factor, additional: additional.into_iter().collect() }
    }

    /// A challenge with a picker.
    pub fn challenge_with_any(factors: impl IntoIterator<Item = Factor>) -> Self {
        Self::ChallengeWithAny { factors: factors.into_iter().collect() }
    }

    /// A form.
    pub fn render(id: impl Into<String>, fields: Option<Value>, vars: Option<Value>) -> Self {
        Self::Render { id: id.into(), fields, vars }
    }

    /// A redirect.
    pub fn send_user_to(url: impl Into<String>, query: &[(&str, &str)]) -> Self {
        Self::SendUserTo { url: url.into(), query: owned(query) }
    }

    /// A place to go to in the end.
    pub fn set_result_url(url: impl Into<String>, query: &[(&str, &str)]) -> Self {
        Self::SetResultUrl { url: url.into(), query: owned(query) }
    }
}

fn owned(query: &[(&str, &str)]) -> Vec<(String, String)> {
    query.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A line of `api.log()`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// How much it matters.
    pub level: Level,
    /// What was said.
    pub message: String,
}

/// A token the action had signed. The action got the placeholder
/// `test-token-1`, `test-token-2`, … in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// The key.
    pub secret: Secret,
    /// The action's own claims.
    pub payload: Value,
    /// How long it lives; `None` is 15 minutes.
    pub expires_in: Option<Duration>,
}
