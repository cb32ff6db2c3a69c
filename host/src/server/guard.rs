//! What goes around every request: the headers of every answer, a span and a
//! line in the log without anything the client brought along, the numbers, and
//! an answer when a handler panics.

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use flowhost::Code;
use tokio::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument as _;

use super::problem::Problem;
use super::{Site, browser};

/// Nothing is loaded, and nobody frames it.
const POLICY: &str = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// A route for what has none: paths are the client's.
const NO_ROUTE: &str = "none";

/// Puts the guard around routes.
pub(super) fn around(routes: Router<Arc<Site>>, site: &Arc<Site>) -> Router<Arc<Site>> {
    routes
        .fallback(async || Problem::new(Code::RouteUnknown, "there is nothing under this path"))
        .method_not_allowed_fallback(async || {
            Problem::new(Code::MethodNotAllowed, "not with this method")
        })
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(Arc::clone(site), guard))
}

async fn guard(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let route = route.unwrap_or(NO_ROUTE).to_owned();
    let method = name_of(request.method());
    let span = tracing::info_span!(
        "http",
        otel.kind = "server",
        otel.name = format!("{method} {route}"),
        http.request.method = method,
        http.route = route,
        http.response.status_code = tracing::field::Empty,
    );
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    span.record("http.response.status_code", i64::from(status));
    let took = began.elapsed();
    site.metrics.request(&route, method, status, took);
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(parent: &span, status, ms, "answered");
    protect(response.headers_mut());
    if let (StatusCode::METHOD_NOT_ALLOWED, Some(allowed)) =
        (response.status(), browser::allowed(&route))
    {
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}

/// The headers of every answer.
fn protect(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
}

/// Clients make up methods; there are only so many labels.
fn name_of(method: &Method) -> &'static str {
    const KNOWN: [Method; 7] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    const NAMES: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let known = KNOWN.iter().position(|known| known == method);
    known.map_or("OTHER", |index| NAMES[index])
}

/// What a panic says may hold anything; it is not passed on.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    Problem::new(Code::Internal, "a fault in flowhost").into_response()
}
