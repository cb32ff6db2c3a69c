//! [`Problem`]: an error as the API answers it (RFC 9457), and which status
//! each code has.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use flowhost::{Code, Error, Kind};
use serde_json::{Value, json};

/// Seconds after which a request may be repeated that could not be served.
const RETRY_SECONDS: u16 = 2;

/// What an error answers.
#[derive(Debug)]
pub(super) struct Problem(Error);

impl Problem {
    pub(super) fn new(code: Code, detail: impl Into<String>) -> Self {
        Problem(Error::new(code, detail))
    }

    pub(super) fn code(&self) -> Code {
        self.0.code()
    }

    pub(super) fn status(&self) -> StatusCode {
        status(self.code())
    }

    /// Tells the operator of what is not the client's fault.
    pub(super) fn log(&self) {
        if self.status().is_server_error() {
            let (code, detail) = (self.code().as_str(), self.0.message());
            tracing::error!(code, detail, "request failed");
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Problem(error)
    }
}

/// The status of a code.
fn status(code: Code) -> StatusCode {
    match code {
        Code::ApiKeyRefused => StatusCode::UNAUTHORIZED,
        Code::FlowUnknown | Code::RouteUnknown | Code::StateUnknown => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
        Code::FlowRunning | Code::FlowEnded | Code::WrongResume | Code::StateAlreadyUsed => {
            StatusCode::CONFLICT
        }
        Code::StateExpired => StatusCode::GONE,
        Code::StateWrongBrowser => StatusCode::FORBIDDEN,
        Code::RequestTooLarge | Code::EventTooLarge | Code::ContinueRequestTooLarge => {
            StatusCode::PAYLOAD_TOO_LARGE
        }
        Code::MediaTypeUnsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::RequestInvalid | Code::ContinueRequestInvalid => StatusCode::BAD_REQUEST,
        // Another server may have the key.
        Code::StoreUnavailable | Code::Overloaded | Code::FlowNotLoaded | Code::KeyUnknown => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        _ if code.kind() == Kind::Input => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Says when a request may be repeated that could not be served now.
pub(super) fn retry_later(response: &mut Response) {
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, RETRY_SECONDS.into());
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (error, status) = (&self.0, self.status());
        let code = error.code().as_str();
        let mut body = json!({
            "type": format!("urn:flowhost:error:{code}"),
            "title": code.replace('_', " "),
            "status": status.as_u16(),
            "code": code,
            "detail": error.message(),
        });
        if let Some(hint) = error.hint() {
            body["hint"] = hint.into();
        }
        if !error.problems().is_empty() {
            body["problems"] = serde_json::to_value(error.problems()).unwrap_or(Value::Null);
        }
        self.log();
        let mut response = (status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        retry_later(&mut response);
        response
    }
}
