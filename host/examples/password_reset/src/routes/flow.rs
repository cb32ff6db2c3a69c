//! `/continue`: the user comes back from where an action sent them, by a link
//! or with a form of another site.

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{ConnectInfo, Query, State};
use axum::http::HeaderMap;
use flowhost::{Binding, Resume};

use crate::app::App;
use crate::outcome::{follow, to_the_end};
use crate::pages::{Answer, No, html};
use crate::{cookie, event, guard};

/// Names and values, as they came.
type Pairs = Vec<(String, String)>;

#[derive(Template)]
#[template(path = "again.html")]
struct AgainPage<'a> {
    state: &'a str,
    fields: &'a Pairs,
}

/// By GET. The browser sends its cookie along, `Lax` as it is.
pub(crate) async fn came_back(
    State(app): State<Arc<App>>,
    peer: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    query: Result<Query<Pairs>, QueryRejection>,
) -> Answer {
    let Query(query) = query.map_err(|_| No::Refused)?;
    let state = only_state(&query, &[])?;
    resume(app, &peer, &headers, state, Resume::get(query)).await
}

/// By POST from another site: the browser keeps a `Lax` cookie to itself. So
/// the form is sent once more, by a page of ours.
pub(crate) async fn came_back_with_form(
    state: State<Arc<App>>,
    peer: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    query: Result<Query<Pairs>, QueryRejection>,
    fields: Result<Form<Pairs>, FormRejection>,
) -> Answer {
    if cookie::read(&state.0, &headers).is_some() {
        return came_back_again(state, peer, headers, query, fields).await;
    }
    let (Query(query), Form(fields)) =
        (query.map_err(|_| No::Refused)?, fields.map_err(|_| No::Refused)?);
    let state = only_state(&query, &fields)?;
    Ok(html(&AgainPage { state: &state, fields: &fields }))
}

/// The form of that page.
pub(crate) async fn came_back_again(
    State(app): State<Arc<App>>,
    peer: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    query: Result<Query<Pairs>, QueryRejection>,
    fields: Result<Form<Pairs>, FormRejection>,
) -> Answer {
    let (Query(query), Form(fields)) =
        (query.map_err(|_| No::Refused)?, fields.map_err(|_| No::Refused)?);
    let state = only_state(&query, &fields)?;
    resume(app, &peer, &headers, state, Resume::post(query, fields)).await
}

async fn resume(
    app: Arc<App>,
    peer: &ConnectInfo<SocketAddr>,
    headers: &HeaderMap,
    state: String,
    resume: Resume,
) -> Answer {
    let cookie = cookie::read(&app, headers).ok_or(No::Refused)?;
    let request = event::request(&app, guard::client(&app, peer, headers), headers);
    let resume = resume.with_request(request).with_binding(Binding::new(&cookie));
    to_the_end(async move {
        let report = app.engine.resume(&state, resume).await?;
        follow(&app, &cookie, report).await
    })
    .await
}

/// The state, of which there is one.
fn only_state(query: &[(String, String)], fields: &[(String, String)]) -> Result<String, No> {
    let all = query.iter().chain(fields).filter(|(name, _)| name == "state");
    match all.map(|(_, value)| value).collect::<Vec<_>>()[..] {
        // Nothing else is put into a page or a URL.
        [state] if cookie::is_random(state.as_bytes()) => Ok(state.clone()),
        _ => Err(No::Refused),
    }
}
