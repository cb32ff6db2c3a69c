//! The cookie that binds a flow to the browser it was started in: 256 random
//! bits that only this browser has.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};

use crate::app::App;

/// As long as a passage.
const LIFETIME: Duration = Duration::hours(1);

/// Browsers take a `__Host-` cookie only if it is Secure, for `/` and for this
/// very host: no other host, however close, can set it. Over plain http, which
/// is for loopback only, there is no such cookie.
fn name(app: &App) -> &'static str {
    if app.public.https { "__Host-reset" } else { "reset-without-tls" }
}

/// The value of the browser's cookie. None also when there are two: somebody
/// else may have set one. Other cookies may hold any bytes, and are not read.
pub(crate) fn read(app: &App, headers: &HeaderMap) -> Option<String> {
    let pairs = headers.get_all(COOKIE).iter().flat_map(|all| all.as_bytes().split(|b| *b == b';'));
    let mut found = pairs.filter_map(|pair| {
        let (name_read, value) = pair.trim_ascii().split_at_checked(name(app).len())?;
        let value = value.trim_ascii_start().strip_prefix(b"=")?;
        (name_read == name(app).as_bytes()).then_some(value.trim_ascii_start())
    });
    match (found.next(), found.next()) {
        (Some(value), None) if is_random(value) => String::from_utf8(value.to_vec()).ok(),
        _ => None,
    }
}

/// 32 bytes in base64url, as `Secret::random` and states of flows are.
pub(crate) fn is_random(value: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    value.len() == 43 && value.iter().all(allowed)
}

/// Gives the cookie to the browser.
pub(crate) fn set(app: &App, value: &str, answer: Response) -> Response {
    with(app, value.to_owned(), LIFETIME, answer)
}

/// Takes it away.
pub(crate) fn clear(app: &App, answer: Response) -> Response {
    with(app, String::new(), Duration::ZERO, answer)
}

fn with(app: &App, value: String, lifetime: Duration, answer: Response) -> Response {
    let cookie = Cookie::build((name(app), value))
        .path("/")
        .http_only(true)
        .secure(app.public.https)
        .same_site(SameSite::Lax)
        .max_age(lifetime);
    let mut answer = answer.into_response();
    if let Ok(value) = HeaderValue::from_str(&cookie.build().to_string()) {
        answer.headers_mut().append(SET_COOKIE, value);
    }
    answer
}
