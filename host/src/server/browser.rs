//! What the browser reaches: the page that begins a flow and the one that goes
//! on with it. A browser is told where to go next, and nothing else: what came
//! of a flow the backend asks by the API.
//!
//! A state that is not accepted is answered in one way, whatever the reason;
//! the reason is in the log.

mod cookie;
mod page;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, State};
use axum::http::header::{LOCATION, SET_COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use flowhost::{Binding, Code, Kind, Outcome, Report, Resume};
use serde_json::{Map, Value};

use super::listener::Peer;
use super::parameters::{Parameters, encoded};
use super::problem::Problem;
use super::{Site, body};
use cookie::BrowserCookie;

/// A form, in bytes.
const FORM_LIMIT: usize = 256 * 1024;

/// As much of the browser's name as an event gets, in bytes.
const USER_AGENT_BYTES: usize = 1024;

/// How long a request waits for another one with the same state.
const SECOND_CLICK: Duration = Duration::from_secs(5);

/// Says that the browser was given its cookie a moment ago.
const COOKIE_WAS_SET: &str = "cookie";

/// The routes.
pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/begin", get(begin))
        .route("/continue", get(came_back).post(posted))
        // The page of this site posts here: the cookie comes along, or is not
        // there.
        .route("/continue/here", post(posted_here))
        .route("/continue/send.js", get(page::script))
}

/// Of the pages that do something on `GET`, what `Allow` says: `HEAD` is
/// refused there.
pub(super) fn allowed(route: &str) -> Option<HeaderValue> {
    match route {
        "/begin" => Some(HeaderValue::from_static("GET")),
        "/continue" => Some(HeaderValue::from_static("GET,POST")),
        _ => None,
    }
}

fn no_head() -> Response {
    refuse(&Problem::new(Code::MethodNotAllowed, "HEAD does nothing"))
}

/// A request of a browser.
struct Visit {
    headers: HeaderMap,
    peer: Option<Peer>,
    query: Parameters,
}

impl FromRequestParts<Arc<Site>> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Site>) -> Result<Self, Response> {
        let query = Parameters::parse(parts.uri.query().unwrap_or_default());
        let query = query.map_err(|problem| refuse(&problem))?;
        let peer = parts.extensions.get().copied();
        Ok(Visit { headers: parts.headers.clone(), peer, query })
    }
}

impl Visit {
    /// What the event gets to know of the request.
    fn about(&self, trust_proxy: bool) -> Map<String, Value> {
        let mut about = Map::new();
        if let Some(ip) = self.ip(trust_proxy) {
            about.insert("ip".to_owned(), ip.to_string().into());
        }
        let agent = self.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        if let Some(agent) = agent {
            let end = agent.floor_char_boundary(USER_AGENT_BYTES);
            about.insert("user_agent".to_owned(), agent[..end].into());
        }
        about
    }

    /// Who it came from. Of a list of proxies the last entry is the one that
    /// our own proxy wrote.
    fn ip(&self, trust_proxy: bool) -> Option<IpAddr> {
        let peer = self.peer.map(|Peer(address)| address.ip().to_canonical());
        if !trust_proxy {
            return peer;
        }
        let last = self.headers.get_all("x-forwarded-for").iter().next_back();
        let last = last.and_then(|list| list.to_str().ok()?.rsplit(',').next());
        last.and_then(|last| last.trim().parse().ok()).or(peer)
    }
}

async fn begin(State(site): State<Arc<Site>>, method: Method, visit: Visit) -> Response {
    let Some(state) = visit.query.get("state").map(str::to_owned) else {
        return refuse(&no_state());
    };
    // A look at the head begins nothing.
    if method == Method::HEAD {
        return no_head();
    }
    let Some(cookie) = BrowserCookie::of(&site.public_url, &visit.headers) else {
        return match visit.query.get(COOKIE_WAS_SET) {
            Some(_) => page::no_cookie(),
            // First the cookie, then the flow: whoever loses the answer to the
            // second request can ask for it again.
            None => give_cookie(&site, &state),
        };
    };
    let about = visit.about(site.trust_proxy);
    let resume = Resume::start().with_request(about);
    run(&site, state, bound(resume, Some(cookie))).await
}

fn give_cookie(site: &Site, state: &str) -> Response {
    let cookie = match BrowserCookie::random() {
        Ok(cookie) => cookie,
        Err(error) => return refuse(&error.into()),
    };
    let state = encoded(state);
    let again = format!("{}begin?state={state}&{COOKIE_WAS_SET}=set", site.public_url);
    let mut response = see_other(&again);
    if let Ok(cookie) = HeaderValue::from_str(&cookie.to_header(&site.public_url)) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

async fn came_back(State(site): State<Arc<Site>>, method: Method, visit: Visit) -> Response {
    if method == Method::HEAD {
        return no_head();
    }
    let Some(state) = visit.query.get("state").map(str::to_owned) else {
        return refuse(&no_state());
    };
    let about = visit.about(site.trust_proxy);
    let cookie = BrowserCookie::of(&site.public_url, &visit.headers);
    let resume = Resume::get(visit.query.into_pairs()).with_request(about);
    run(&site, state, bound(resume, cookie)).await
}

async fn posted(State(site): State<Arc<Site>>, visit: Visit, form: Body) -> Response {
    post_form(&site, visit, form, false).await
}

async fn posted_here(State(site): State<Arc<Site>>, visit: Visit, form: Body) -> Response {
    post_form(&site, visit, form, true).await
}

async fn post_form(site: &Site, visit: Visit, form: Body, here: bool) -> Response {
    let form = match read_form(&visit.headers, form).await {
        Ok(form) => form,
        Err(problem) => return refuse(&problem),
    };
    let cookie = BrowserCookie::of(&site.public_url, &visit.headers);
    if cookie.is_none() && !here {
        // The form came from another site, and the cookie stayed behind.
        return page::send_again(&site.public_url, &visit.query, &form);
    }
    let state = form.get("state").or_else(|| visit.query.get("state"));
    let Some(state) = state.map(str::to_owned) else { return refuse(&no_state()) };
    let about = visit.about(site.trust_proxy);
    let resume = Resume::post(visit.query.into_pairs(), form.into_pairs()).with_request(about);
    run(site, state, bound(resume, cookie)).await
}

async fn read_form(headers: &HeaderMap, form: Body) -> Result<Parameters, Problem> {
    body::expect_type(headers, "application/x-www-form-urlencoded")?;
    let form = body::read(headers, form, FORM_LIMIT).await?;
    let text = std::str::from_utf8(&form)
        .map_err(|_| Problem::new(Code::RequestInvalid, "the form is no UTF-8"))?;
    Parameters::parse(text)
}

fn bound(resume: Resume, cookie: Option<BrowserCookie>) -> Resume {
    // A second click waits for what the first one leads to.
    let resume = resume.from_browser().patiently(SECOND_CLICK);
    match cookie {
        Some(cookie) => resume.with_binding(Binding::new(cookie.value())),
        None => resume,
    }
}

/// Resumes, and sends the browser where it goes next.
async fn run(site: &Site, state: String, resume: Resume) -> Response {
    let engine = site.engine.clone();
    let report = site.runs.run(async move { engine.resume(&state, resume).await }).await;
    match report {
        Ok(report) => go_on(site, &report),
        Err(error) => refuse(&error.into()),
    }
}

fn go_on(site: &Site, report: &Report) -> Response {
    let (flow, outcome) = (report.flow.as_str(), report.outcome.name());
    tracing::info!(flow, flow_id = report.flow_id, outcome, repeated = report.repeated, "went on");
    if let Outcome::Redirect(redirect) = &report.outcome {
        return see_other(&redirect.url);
    }
    let return_url = site.flows.get(flow).and_then(|served| served.return_url);
    let Some(mut url) = return_url else {
        if report.outcome.state().is_some() {
            // Nobody shows it: the flow ends here, unless the backend goes on.
            let flow_id = report.flow_id.as_str();
            tracing::warn!(flow, flow_id, "waits for a {outcome}, and has no return_url");
        }
        return page::done();
    };
    let mut query = url.query_pairs_mut();
    query.append_pair("flow_id", &report.flow_id);
    // Whoever shows the prompt or the challenge goes on with it.
    if let Some(state) = report.outcome.state() {
        query.append_pair("state", state);
    }
    drop(query);
    see_other(url.as_str())
}

fn see_other(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(to) => (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response(),
        Err(_) => refuse(&Problem::new(Code::Internal, "an address is no header")),
    }
}

fn no_state() -> Problem {
    Problem::new(Code::RequestInvalid, "there is no `state`")
}

/// What a browser is told of an error: next to nothing.
fn refuse(problem: &Problem) -> Response {
    let code = problem.code();
    tracing::info!(code = code.as_str(), "refused");
    problem.log();
    let about_state = matches!(code.kind(), Kind::Refused)
        || matches!(code, Code::WrongResume | Code::FactorNotOffered | Code::UserMismatch);
    match code {
        // By the browser it belongs to: nobody else gets as far.
        Code::FlowRunning => page::refused(StatusCode::SERVICE_UNAVAILABLE),
        _ if about_state => page::no_longer_valid(),
        _ => page::refused(problem.status()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever happened: one of a few texts, in which nothing of it is.
    #[tokio::test]
    async fn of_each_error_a_browser_sees_a_fixed_text_alone() {
        const DETAIL: &str = "canary-detail";
        let fixed = [
            "<p>This link is no longer valid. Please start again.</p>",
            "<p>This does not work right now. Please try again in a moment.</p>",
            "<p>Your password could not be reset. Please try again later or contact support.</p>",
            "<p>This request cannot be understood. Please start again.</p>",
        ];
        let mut seen = std::collections::BTreeMap::<&str, usize>::new();
        for code in Code::ALL {
            let error = flowhost::Error::new(*code, DETAIL).with_hint(DETAIL);
            let answer = refuse(&error.into());
            assert!(answer.status().is_client_error() || answer.status().is_server_error());
            assert!(!format!("{:?}", answer.headers()).contains(DETAIL), "{code}");
            let body = axum::body::to_bytes(answer.into_body(), 10_000).await.expect("a body");
            let page = String::from_utf8(body.to_vec()).expect("UTF-8");
            let text = page.lines().find(|line| line.starts_with("<p>")).expect("a text");
            let known = fixed.iter().find(|fixed| **fixed == text);
            *seen.entry(known.unwrap_or_else(|| panic!("{code}: {text}"))).or_default() += 1;
            let rest = page.replace(text, "");
            assert!(!rest.contains(code.as_str()) && !page.contains(DETAIL), "{code}: {page}");
        }
        assert_eq!((seen.len(), seen.values().sum::<usize>()), (4, Code::ALL.len()), "{seen:?}");
    }
}
