//! What holds for every page: headers that keep it to itself, the host it is
//! served for, and that forms come from our own pages.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::app::App;
use crate::pages::No;

/// The paths that other sites may send a form to.
const FROM_ELSEWHERE: [&str; 1] = ["/continue"];

/// Headers of every answer, whatever it is.
pub(crate) struct Headers(Vec<(HeaderName, HeaderValue)>);

impl Headers {
    /// `targets` are the origins that a form may lead to: browsers hold a
    /// redirect after a form to `form-action` too.
    pub(crate) fn new(targets: &[String], https: bool) -> anyhow::Result<Self> {
        let policy = format!(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
             form-action 'self' {}; frame-ancestors 'none'; base-uri 'none'",
            targets.join(" ")
        );
        let mut all = vec![
            ("cache-control", "no-store"),
            ("content-security-policy", policy.as_str()),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
        ];
        if https {
            all.push(("strict-transport-security", "max-age=31536000"));
        }
        let header = |(name, value): (&'static str, &str)| {
            Ok((HeaderName::from_static(name), HeaderValue::from_str(value)?))
        };
        all.into_iter().map(header).collect::<anyhow::Result<_>>().map(Headers)
    }

    pub(crate) fn set(&self, answer: &mut Response) {
        let headers = answer.headers_mut();
        headers.extend(self.0.iter().cloned());
    }
}

/// Checks a request, and puts the headers onto whatever is answered.
pub(crate) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut answer = match allowed(&app, &request) {
        true => next.run(request).await,
        false => No::Refused.into_response(),
    };
    app.headers.set(&mut answer);
    answer
}

fn allowed(app: &App, request: &Request) -> bool {
    let headers = request.headers();
    // A name that leads here by DNS rebinding is not ours.
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    if !host.is_some_and(|host| host.eq_ignore_ascii_case(&app.public.authority)) {
        return false;
    }
    let changes = request.method() != Method::GET && request.method() != Method::HEAD;
    !changes || FROM_ELSEWHERE.contains(&request.uri().path()) || from_here(app, headers)
}

/// Whether our own page sent it. Under `no-referrer` browsers say `Origin:
/// null` in a form's request, also of our own: where it comes from is in
/// `Sec-Fetch-Site`. What is no browser sends neither, and has nobody's cookie.
fn from_here(app: &App, headers: &HeaderMap) -> bool {
    match (headers.get("sec-fetch-site"), headers.get(ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin == app.public.origin.as_str(),
        (None, None) => true,
    }
}

/// Where a request comes from.
pub(crate) fn client(app: &App, peer: &ConnectInfo<SocketAddr>, headers: &HeaderMap) -> IpAddr {
    let last = || {
        let value = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        value.rsplit(',').next()?.trim().parse().ok()
    };
    let forwarded: Option<IpAddr> = app.behind_proxy.then(last).flatten();
    forwarded.unwrap_or(peer.0.ip()).to_canonical()
}
