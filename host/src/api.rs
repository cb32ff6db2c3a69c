//! What an action may do: one file for each interface of the contract, each an
//! implementation of that interface's host trait on
//! [`RunState`](crate::action::state::RunState). Nothing in here performs an
//! effect: commands are recorded, and the engine acts when the run has ended.
//! The cache, tokens and requests to other sites are the exception: they answer
//! at once.

mod access;
mod authentication;
mod cache;
mod event;
mod log;
#[cfg(feature = "outbound")]
pub(crate) mod outbound;
mod prompt;
mod redirect;
mod transaction;
pub(crate) mod wasi;

use serde_json::Value;

use crate::action::state::RunState;
use crate::action::v1::types::{self, ApiError};
use crate::error::Code;
use crate::redirect_url::RedirectUrl;

impl types::Host for RunState {}

/// A call that is refused, as the action sees it.
fn refused((code, message): (Code, String)) -> ApiError {
    ApiError { code: code.as_str().to_owned(), message }
}

/// The answer of a call that keeps the reset from going on as it is: a refusal
/// is remembered.
fn gate(
    state: &mut RunState,
    call: &str,
    recorded: Result<(), (Code, String)>,
) -> Result<(), ApiError> {
    if let Err(refusal) = &recorded {
        state.lose(call, refusal);
    }
    recorded.map_err(refused)
}

/// A URL the action hands out, checked, or why not.
fn checked_url(
    state: &RunState,
    url: &str,
    query: &[(String, String)],
) -> Result<String, (Code, String)> {
    let limit = state.own.limits.redirect_url;
    let checked = RedirectUrl::new(url, query, &state.flow.definition.redirects, limit)?;
    // Where it leads is no secret, even if it is kept among the secrets.
    match checked.readable().iter().find_map(|text| state.own.redactor.find(text)) {
        Some(name) => {
            Err((Code::SecretInUrl, format!("the URL contains the value of secret `{name}`")))
        }
        None => Ok(checked.into_string()),
    }
}

/// The name of a secret whose value is a string in `value`, if any.
fn secret_in<'s>(state: &'s RunState, value: &Value) -> Option<&'s str> {
    match value {
        Value::String(text) => state.own.redactor.find(text),
        Value::Array(items) => items.iter().find_map(|item| secret_in(state, item)),
        Value::Object(members) => members.iter().find_map(|(name, value)| {
            state.own.redactor.find(name).or_else(|| secret_in(state, value))
        }),
        _ => None,
    }
}

/// The bytes of a list of pairs.
fn pairs_len(pairs: &[(String, String)]) -> usize {
    pairs.iter().map(|(name, value)| name.len() + value.len()).sum()
}
