//! The API of the backend: starts flows, says what came of them, reports what
//! the backend verified itself. Every call needs a key. Bodies are strict: an
//! unknown key is an error.

mod messages;

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use flowhost::{Code, Event, Resume};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::Problem;
use super::{Site, body, openapi};
use messages::{ChallengeResult, Continue, Method, Start};
pub(super) use messages::{FlowView, Pending, ProblemBody, Report};

/// The body of a call, in bytes; more where a flow takes larger events.
const BODY_LIMIT: u64 = 1024 * 1024;

/// What is around the event in the body of a start, in bytes.
const AROUND_EVENT: u64 = 4096;

/// An id is 16 bytes in base64url.
const ID_LENGTH: usize = 22;

/// The routes, all behind the key, and the document that describes them.
pub(super) fn routes(site: &Arc<Site>) -> axum::Router<Arc<Site>> {
    let (routes, document) = OpenApiRouter::with_openapi(openapi::document())
        .routes(routes!(start_flow))
        .routes(routes!(read_flow))
        .routes(routes!(report_challenge))
        .routes(routes!(resume_flow))
        .routes(routes!(cancel_flow))
        .split_for_parts();
    routes
        .route_layer(from_fn_with_state(Arc::clone(site), require_key))
        .merge(openapi::routes(document))
}

/// Turns away who has no key, before anything of the request is read.
pub(super) async fn require_key(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Response {
    match site.keys.admit(request.headers()) {
        true => next.run(request).await,
        false => Problem::new(Code::ApiKeyRefused, "no valid API key came along").into_response(),
    }
}

type Answer<T = Json<Value>> = Result<T, Problem>;

/// Start a flow
///
/// By default the flow waits for its browser: send it to `begin_url`. Else it
/// runs at once, for a backend that shows the user everything itself; the
/// answer is then a report with status 200.
#[utoipa::path(
    post, path = "/v1/flows", operation_id = "startFlow", tag = "flows",
    request_body = Start,
    responses(
        (status = 201, description = "It waits for its browser", body = Pending),
        (status = 200, description = "It ran", body = Report),
        (status = 400, response = ProblemBody), (status = 401, response = ProblemBody),
        (status = 404, response = ProblemBody), (status = 408, response = ProblemBody),
        (status = 413, response = ProblemBody), (status = 415, response = ProblemBody),
        (status = 422, response = ProblemBody), (status = 503, response = ProblemBody),
    ),
)]
async fn start_flow(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    content: Body,
) -> Answer<Response> {
    let start: Start = body::json(&headers, content, body_limit(&site)).await?;
    let Some(served) = site.flows.get(&start.flow) else {
        return Err(Problem::new(Code::FlowUnknown, "no flow is served under this name"));
    };
    let event = Event::from_json(start.event.get())?;
    if start.wait_for_browser {
        let pending = site.engine.start_later(&served.flow, event).await;
        let pending = pending.inspect_err(|error| site.metrics.failed(error.code()))?;
        site.metrics.started(served.flow.name());
        let begin_url = format!("{}begin?state={}", site.public_url, pending.state);
        let expires_at = pending.expires_at.to_string();
        let answer = Pending { flow_id: pending.flow_id, state: "waiting", begin_url, expires_at };
        return Ok((StatusCode::CREATED, Json(answer)).into_response());
    }
    let (engine, flow) = (site.engine.clone(), served.flow);
    site.metrics.started(flow.name());
    let report = site.runs.run(async move { engine.start(&flow, event).await }).await?;
    Ok(Json(report.to_json()).into_response())
}

/// How a flow stands
///
/// What it waits for or came to, and what ran on the way. Known for a day
/// after its end.
#[utoipa::path(
    get, path = "/v1/flows/{flow_id}", operation_id = "readFlow", tag = "flows",
    params(("flow_id" = String, Path, description = "The passage through the flow")),
    responses(
        (status = 200, description = "How it stands", body = FlowView),
        (status = 400, response = ProblemBody), (status = 401, response = ProblemBody),
        (status = 404, response = ProblemBody), (status = 503, response = ProblemBody),
    ),
)]
async fn read_flow(
    State(site): State<Arc<Site>>,
    id: Result<Path<String>, PathRejection>,
) -> Answer {
    let id = flow_id(id)?;
    let found = site.engine.find(&id).await;
    let found = found.inspect_err(|error| site.metrics.failed(error.code()))?;
    found.map(|view| Json(view_json(&view))).ok_or_else(unknown)
}

/// Report that a challenge was met
///
/// For a flow that waits for a challenge: the backend has verified the factor.
#[utoipa::path(
    post, path = "/v1/flows/{flow_id}/challenge-results", operation_id = "reportChallenge",
    tag = "flows",
    params(("flow_id" = String, Path, description = "The passage through the flow")),
    request_body = ChallengeResult,
    responses(
        (status = 200, description = "What came of it", body = Report),
        (status = 400, response = ProblemBody), (status = 401, response = ProblemBody),
        (status = 404, response = ProblemBody), (status = 408, response = ProblemBody),
        (status = 409, response = ProblemBody), (status = 410, response = ProblemBody),
        (status = 413, response = ProblemBody), (status = 415, response = ProblemBody),
        (status = 422, response = ProblemBody), (status = 503, response = ProblemBody),
    ),
)]
async fn report_challenge(
    State(site): State<Arc<Site>>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    content: Body,
) -> Answer {
    let id = flow_id(id)?;
    let result: ChallengeResult = body::json(&headers, content, body_limit(&site)).await?;
    resume(&site, &id, result.state, Resume::passed(result.factor.into())).await
}

/// Resume a flow
///
/// For a backend that receives the user itself: the request they came back
/// with, after a redirect or a prompt. Nothing is checked against a cookie:
/// the backend knows whose flow it is.
#[utoipa::path(
    post, path = "/v1/flows/{flow_id}/resume", operation_id = "resumeFlow", tag = "flows",
    params(("flow_id" = String, Path, description = "The passage through the flow")),
    request_body = Continue,
    responses(
        (status = 200, description = "What came of it", body = Report),
        (status = 400, response = ProblemBody), (status = 401, response = ProblemBody),
        (status = 404, response = ProblemBody), (status = 408, response = ProblemBody),
        (status = 409, response = ProblemBody), (status = 410, response = ProblemBody),
        (status = 413, response = ProblemBody), (status = 415, response = ProblemBody),
        (status = 422, response = ProblemBody), (status = 503, response = ProblemBody),
    ),
)]
async fn resume_flow(
    State(site): State<Arc<Site>>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    content: Body,
) -> Answer {
    let id = flow_id(id)?;
    let sent: Continue = body::json(&headers, content, body_limit(&site)).await?;
    let (query, form) = (sent.query.into_pairs(), sent.body.into_pairs());
    let request = match sent.method {
        Method::Get if !form.is_empty() => {
            let detail = "a GET request has a query and no body";
            return Err(Problem::new(Code::ContinueRequestInvalid, detail));
        }
        Method::Get => Resume::get(query),
        Method::Post => Resume::post(query, form),
    };
    if sent.user_agent.as_ref().is_some_and(|agent| agent.contains(char::is_control)) {
        let detail = "no header has control characters, and so no `user_agent`";
        return Err(Problem::new(Code::RequestInvalid, detail));
    }
    let about = [("ip", sent.ip.map(|ip| ip.to_string())), ("user_agent", sent.user_agent)];
    let about = about.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into())));
    resume(&site, &id, sent.state, request.with_request(about.collect())).await
}

/// Cancel a flow
///
/// A flow that waits ends: nothing resumes it any more.
#[utoipa::path(
    post, path = "/v1/flows/{flow_id}/cancel", operation_id = "cancelFlow", tag = "flows",
    params(("flow_id" = String, Path, description = "The passage through the flow")),
    responses(
        (status = 200, description = "It was cancelled", body = FlowView),
        (status = 400, response = ProblemBody), (status = 401, response = ProblemBody),
        (status = 404, response = ProblemBody), (status = 409, response = ProblemBody),
        (status = 503, response = ProblemBody),
    ),
)]
async fn cancel_flow(
    State(site): State<Arc<Site>>,
    id: Result<Path<String>, PathRejection>,
) -> Answer {
    let id = flow_id(id)?;
    let view = site.engine.cancel(&id).await;
    let view = view.inspect_err(|error| site.metrics.failed(error.code()))?;
    tracing::info!(flow = view.flow, flow_id = view.flow_id, "cancelled");
    Ok(Json(view_json(&view)))
}

/// Resumes the flow with this id, and no other.
async fn resume(site: &Site, id: &str, state: String, resume: Resume) -> Answer {
    let head = site.engine.suspended(&state).await;
    let head = head.inspect_err(|error| site.metrics.failed(error.code()))?;
    if head.flow_id != id {
        return Err(Problem::new(Code::StateUnknown, "the state belongs to no flow with this id"));
    }
    let (engine, resume) = (site.engine.clone(), resume.vouched());
    let report = site.runs.run(async move { engine.resume(&state, resume).await }).await?;
    Ok(Json(report.to_json()))
}

/// What may stand in a path. Nothing else gets to the store.
fn flow_id(id: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
    let Path(id) = id.map_err(|_| Problem::new(Code::RequestInvalid, "the path is no UTF-8"))?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    match id.len() == ID_LENGTH && id.bytes().all(fits) {
        true => Ok(id),
        false => Err(unknown()),
    }
}

fn unknown() -> Problem {
    Problem::new(Code::FlowUnknown, "there is no flow with this id")
}

fn view_json(view: &flowhost::FlowView) -> Value {
    let mut json = json!({ "schema_version": flowhost::SCHEMA_VERSION });
    if let (Some(json), Value::Object(view)) = (json.as_object_mut(), view.to_json()) {
        json.extend(view);
    }
    json
}

fn body_limit(site: &Site) -> usize {
    let limit = BODY_LIMIT.max(site.flows.largest_event().saturating_add(AROUND_EVENT));
    usize::try_from(limit).unwrap_or(usize::MAX)
}
