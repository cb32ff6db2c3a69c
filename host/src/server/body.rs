//! Reading what a request carries: bounded in size and time, and named when it
//! is not what it should be.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use flowhost::Code;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(20);

/// The body of a request, at most `limit` bytes.
pub(super) async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Problem> {
    let too_large = || {
        let detail = format!("the body may have {limit} bytes");
        Problem::new(Code::RequestTooLarge, detail)
    };
    let told = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if told.is_some_and(|length: u64| length > limit as u64) {
        return Err(too_large());
    }
    let whole = Limited::new(body, limit).collect();
    match tokio::time::timeout(BODY_TIME, whole).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(Problem::new(Code::RequestInvalid, "the body broke off")),
        Err(_) => Err(Problem::new(Code::RequestTimeout, "the body took too long")),
    }
}

/// Refuses a body of another type than `expected`.
pub(super) fn expect_type(headers: &HeaderMap, expected: &str) -> Result<(), Problem> {
    let given = headers.get(CONTENT_TYPE).and_then(|given| given.to_str().ok());
    let essence = given.and_then(|given| given.split(';').next()).map(str::trim);
    match essence.is_some_and(|essence| essence.eq_ignore_ascii_case(expected)) {
        true => Ok(()),
        false => Err(Problem::new(
            Code::MediaTypeUnsupported,
            format!("the body must be of type {expected}"),
        )),
    }
}

/// A body in JSON.
pub(super) async fn json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<T, Problem> {
    expect_type(headers, "application/json")?;
    let bytes = read(headers, body, limit).await?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Problem::new(Code::RequestInvalid, "the body is not UTF-8"))?;
    serde_json::from_str(text)
        .map_err(|error| Problem::new(Code::RequestInvalid, format!("the body: {error}")))
}
