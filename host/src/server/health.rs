//! What a server says about itself: whether it lives, whether it can be used,
//! and its numbers.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flowhost::Code;

use super::problem::Problem;
use super::{Site, api, guard};

/// How long the store may take to say that it can be used.
const READY_TIME: Duration = Duration::from_secs(2);

const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// On the port for everybody: the numbers only with a key, and not at all
/// where there is another port for them.
pub(super) fn routes(site: &Arc<Site>) -> Router<Arc<Site>> {
    let health = health_routes();
    match site.has_admin {
        true => health,
        false => {
            let locked = from_fn_with_state(Arc::clone(site), api::require_key);
            health.merge(Router::new().route("/metrics", get(metrics)).route_layer(locked))
        }
    }
}

/// On the port of the operator.
pub(super) fn admin_routes(site: &Arc<Site>) -> Router {
    let routes = health_routes().route("/metrics", get(metrics));
    guard::around(routes, site).with_state(Arc::clone(site))
}

fn health_routes() -> Router<Arc<Site>> {
    Router::new().route("/healthz", get(async || "ok\n")).route("/readyz", get(readyz))
}

async fn readyz(State(site): State<Arc<Site>>) -> Result<&'static str, Problem> {
    if site.stopping.load(Ordering::SeqCst) {
        return Err(Problem::new(Code::Overloaded, "the server is stopping"));
    }
    match tokio::time::timeout(READY_TIME, site.engine.ready()).await {
        Ok(Ok(())) => Ok("ready\n"),
        Ok(Err(error)) => {
            site.metrics.failed(error.code());
            Err(Problem::new(Code::StoreUnavailable, "the store cannot be used"))
        }
        Err(_) => {
            site.metrics.failed(Code::StoreUnavailable);
            Err(Problem::new(Code::StoreUnavailable, "the store does not answer"))
        }
    }
}

async fn metrics(State(site): State<Arc<Site>>) -> Response {
    ([(CONTENT_TYPE, METRICS)], site.metrics.to_text()).into_response()
}
