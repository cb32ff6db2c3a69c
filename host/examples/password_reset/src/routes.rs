//! The pages, in the order a user sees them, one file for each.

mod challenge;
mod flow;
mod forgot;
mod link;
mod new_password;
mod outbox;
mod sign_in;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};

use crate::app::App;
use crate::guard::guard;
use crate::pages::No;

/// As much as flowhost takes of a continue request by default.
const BODY_BYTES: usize = 64 * 1024;

/// All of them.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(async || Redirect::to("/forgot")))
        .route("/forgot", get(forgot::form).post(forgot::submit))
        .route("/forgot/sent", get(forgot::sent))
        .route("/reset", get(link::opened).post(link::confirmed))
        .route("/continue", get(flow::came_back).post(flow::came_back_with_form))
        .route("/continue/again", post(flow::came_back_again))
        .route("/challenge", get(challenge::form).post(challenge::submit))
        .route("/new-password", get(new_password::form).post(new_password::submit))
        .route("/done", get(new_password::done))
        .route("/sign-in", get(sign_in::form).post(sign_in::submit))
        .route("/dev/outbox", get(outbox::outbox))
        .route("/static/style.css", get(style))
        .route("/static/submit.js", get(submit))
        .fallback(async || No::NotFound)
        .method_not_allowed_fallback(async || No::Refused)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn_with_state(Arc::clone(&app), guard))
        .with_state(app)
}

/// The looks of all pages, those of the verifier included.
pub(crate) async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../static/style.css"))
}

/// The one script; all pages work without it.
pub(crate) async fn submit() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("../static/submit.js"))
}
