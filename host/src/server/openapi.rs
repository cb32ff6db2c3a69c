//! The OpenAPI document: generated from the code, served to everybody. The
//! handlers add their paths; this file says what they have in common.

use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, OpenApi, SecurityRequirement};
use utoipa::{OpenApi as _, openapi};

use super::Site;
use super::api::{FlowView, Pending, ProblemBody, Report};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "flowhost", description = "Starts identity flows and says what came of them."),
    components(schemas(FlowView, Pending, Report), responses(ProblemBody)),
    tags((name = "flows", description = "Passages through flows")),
)]
struct Document;

/// The document without its paths.
pub(super) fn document() -> OpenApi {
    let mut document = Document::openapi();
    let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    let components = document.components.take().unwrap_or_default();
    let components = ComponentsBuilder::from(components)
        .security_scheme("api_key", SecurityScheme::Http(key))
        .build();
    document.components = Some(components);
    document.security = Some(vec![SecurityRequirement::new("api_key", [] as [&str; 0])]);
    document
}

/// Serves the finished document.
pub(super) fn routes(document: openapi::OpenApi) -> Router<Arc<Site>> {
    // A tree of strings always has a JSON form.
    let text: Arc<str> = document.to_pretty_json().unwrap_or_default().into();
    let answer = async move || ([(CONTENT_TYPE, "application/json")], text.to_string());
    Router::new().route("/openapi.json", get(answer))
}
