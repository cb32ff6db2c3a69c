//! The functions of the contract, answered in the thread.
//!
//! Names and signatures are those of the generated bindings, so `host.rs` can
//! put one in the place of the other. The calls that record something are
//! here; the event's getters, which are many and alike, in `event`.

pub(crate) mod event;

use std::time::Duration;

use serde_json::Value;

use super::world::{refuse, with};
use super::{Command, LogLine, Token};
use crate::bindings::flowhost::post_challenge as wit;
use crate::bindings::flowhost::post_challenge::types::ApiError;

pub(crate) mod access {
    use super::*;

    pub(crate) fn deny(reason: &str) -> Result<(), ApiError> {
        with(|world| world.record(Command::deny(reason)))
    }
}

pub(crate) mod authentication {
    use super::*;
    use crate::Factor;

    pub(crate) fn challenge_with(factor: &Factor, additional: &[Factor]) -> Result<(), ApiError> {
        let command = Command::challenge_with(factor.clone(), additional.iter().cloned());
        with(|world| world.record(command))
    }

    pub(crate) fn challenge_with_any(factors: &[Factor]) -> Result<(), ApiError> {
        with(|world| world.record(Command::challenge_with_any(factors.iter().cloned())))
    }
}

pub(crate) mod cache {
    use super::*;
    use wit::cache::{CacheRecord, Expiry};

    pub(crate) fn get(key: &str) -> Option<CacheRecord> {
        with(|world| world.store.get(key).cloned())
    }

    pub(crate) fn set(key: &str, value: &str, expiry: Expiry) -> Result<CacheRecord, ApiError> {
        with(|world| world.store.set(key, value, expiry))
    }

    pub(crate) fn delete(key: &str) -> Result<(), ApiError> {
        with(|world| world.store.delete(key))
    }
}

pub(crate) mod log {
    use super::*;
    use crate::Level;

    pub(crate) fn write(level: Level, message: &str) {
        with(|world| world.logs.push(LogLine { level, message: message.to_owned() }));
    }
}

pub(crate) mod prompt {
    use super::*;

    pub(crate) fn render(
        id: &str,
        fields: Option<&str>,
        vars: Option<&str>,
    ) -> Result<(), ApiError> {
        let read = |text: Option<&str>| text.map(|text| object(text, "InvalidPrompt")).transpose();
        let (fields, vars) = (read(fields)?, read(vars)?);
        with(|world| world.record(Command::Render { id: id.to_owned(), fields, vars }))
    }
}

pub(crate) mod redirect {
    use super::*;
    use wit::redirect::Secret;

    pub(crate) fn send_user_to(url: &str, query: &[(String, String)]) -> Result<(), ApiError> {
        check_absolute(url)?;
        let command = Command::SendUserTo { url: url.to_owned(), query: query.to_vec() };
        with(|world| world.record(command))
    }

    pub(crate) fn encode_token(
        secret: &Secret,
        payload: &str,
        expires_in_seconds: Option<i64>,
    ) -> Result<String, ApiError> {
        check_known(secret)?;
        let payload = object(payload, "InvalidPayload")?;
        let expires_in =
            expires_in_seconds.map(|seconds| Duration::from_secs(seconds.unsigned_abs()));
        with(|world| {
            world.tokens.push(Token { secret: secret.clone().into(), payload, expires_in });
            Ok(format!("test-token-{}", world.tokens.len()))
        })
    }

    pub(crate) fn validate_token(
        secret: &Secret,
        parameter: Option<&str>,
    ) -> Result<String, ApiError> {
        check_known(secret)?;
        let name = parameter.unwrap_or("session_token");
        with(|world| match &world.returned_token {
            Some(Ok(claims)) => Ok(claims.to_string()),
            Some(Err(reason)) => {
                refuse("TokenInvalid", format!("The session token is invalid: {reason}"))
            }
            None => refuse(
                "TokenMissing",
                format!(
                    "There is no parameter called '{name}' available in either the POST body or query string."
                ),
            ),
        })
    }

    fn check_known(secret: &Secret) -> Result<(), ApiError> {
        match secret {
            Secret::Named(name) if !with(|world| world.secrets.contains_key(name)) => {
                refuse("UnknownSecret", format!("the action has no secret '{name}'"))
            }
            Secret::Named(_) | Secret::Value(_) => Ok(()),
        }
    }
}

pub(crate) mod transaction {
    use super::*;

    pub(crate) fn set_result_url(url: &str, query: &[(String, String)]) -> Result<(), ApiError> {
        check_absolute(url)?;
        let command = Command::SetResultUrl { url: url.to_owned(), query: query.to_vec() };
        with(|world| world.record(command))
    }
}

/// Enough to catch a relative URL; the host parses it.
fn check_absolute(url: &str) -> Result<(), ApiError> {
    if url.contains("://") {
        return Ok(());
    }
    refuse("InvalidUrl", format!("'{url}' is no absolute URL"))
}

fn object(text: &str, code: &str) -> Result<Value, ApiError> {
    match serde_json::from_str(text) {
        Ok(value @ Value::Object(_)) => Ok(value),
        _ => refuse(code, format!("no JSON object: {text}")),
    }
}
