//! The pages, and the one that says no. Templates escape all they are given.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use flowhost::Kind;

/// What a handler answers: a page, or the page that says no.
pub(crate) type Answer = Result<Response, No>;

/// Why there is no page. Whoever asked learns nothing of it but the status:
/// all that may be an attack has the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum No {
    /// It is not theirs, is over, was used, or never was.
    Refused,
    NotFound,
    /// They ask too often.
    TooOften,
    /// We cannot right now.
    Unavailable,
}

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage<'a> {
    reason: Option<&'a str>,
}

impl IntoResponse for No {
    fn into_response(self) -> Response {
        let status = match self {
            No::Refused => StatusCode::BAD_REQUEST,
            No::NotFound => StatusCode::NOT_FOUND,
            No::TooOften => StatusCode::TOO_MANY_REQUESTS,
            No::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        };
        (status, html(&RefusedPage { reason: None })).into_response()
    }
}

/// The same page, with what an action lets the user know.
pub(crate) fn denied(reason: &str) -> Response {
    (StatusCode::FORBIDDEN, html(&RefusedPage { reason: Some(reason) })).into_response()
}

/// The operator reads the log, the user a fixed text.
impl From<flowhost::Error> for No {
    fn from(error: flowhost::Error) -> Self {
        eprintln!("flowhost: {}: {}", error.code(), error.message());
        match error.code().kind() {
            Kind::Environment | Kind::Internal => No::Unavailable,
            _ => No::Refused,
        }
    }
}

impl From<anyhow::Error> for No {
    fn from(error: anyhow::Error) -> Self {
        eprintln!("error: {error:#}");
        No::Unavailable
    }
}

/// Renders a page.
pub(crate) fn html(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            eprintln!("error: a template: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
