//! The few pages a browser gets to see. Nothing of a request is shown in them
//! but in hidden fields that go back to where they came from.

use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use url::Url;

use crate::server::parameters::Parameters;
use crate::server::problem::retry_later;

/// For the page that sends a form again. Where the form may lead is not
/// restricted: after it the flow may go anywhere, and browsers apply
/// `form-action` to redirects too.
const SENDING_POLICY: &str =
    "default-src 'none'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'";

const SCRIPT: &str = "document.forms[0].submit();\n";

fn page(status: StatusCode, content: &str) -> Response {
    let text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>Password reset</title>\n{content}\n</html>\n"
    );
    let mut response = (status, text).into_response();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, html);
    retry_later(&mut response);
    response
}

/// A state that is not accepted, whatever the reason.
pub(super) fn no_longer_valid() -> Response {
    let text = "<p>This link is no longer valid. Please start again.</p>";
    page(StatusCode::GONE, text)
}

/// A request that cannot be read or served.
pub(super) fn refused(status: StatusCode) -> Response {
    let text = match status {
        StatusCode::SERVICE_UNAVAILABLE => {
            "<p>This does not work right now. Please try again in a moment.</p>"
        }
        status if status.is_server_error() => {
            "<p>Your password could not be reset. Please try again later or contact support.</p>"
        }
        _ => "<p>This request cannot be understood. Please start again.</p>",
    };
    page(status, text)
}

/// A browser that keeps no cookie.
pub(super) fn no_cookie() -> Response {
    let text = "<p>This needs a cookie. Please allow it, then start again.</p>";
    page(StatusCode::BAD_REQUEST, text)
}

/// A flow that has nowhere to return to. The same for every outcome.
pub(super) fn done() -> Response {
    page(StatusCode::OK, "<p>This step is done. You can go back to where you came from.</p>")
}

/// Sends a form again, from this site.
pub(super) fn send_again(public_url: &Url, query: &Parameters, form: &Parameters) -> Response {
    let (base, query) = (escaped(public_url.as_str()), escaped(&query.to_query()));
    let fields = form.iter().map(|(name, value)| {
        let (name, value) = (escaped(name), escaped(value));
        format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n")
    });
    let content = format!(
        "<form method=\"post\" action=\"{base}continue/here?{query}\">\n{}\
         <button>Continue</button>\n</form>\n\
         <script src=\"{base}continue/send.js\"></script>",
        fields.collect::<String>()
    );
    let mut response = page(StatusCode::OK, &content);
    let policy = HeaderValue::from_static(SENDING_POLICY);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    response
}

/// What that page runs.
pub(super) async fn script() -> Response {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT).into_response()
}

/// Text that may stand in an attribute. A line break may stand there too, but
/// forms change it.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\r' => escaped.push_str("&#13;"),
            '\n' => escaped.push_str("&#10;"),
            c => escaped.push(c),
        }
    }
    escaped
}
