//! The factor challenge: a code of the user's authenticator. flowhost is told
//! that the factor was met only after this app verified it.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use flowhost::{Binding, FactorType, Resume};
use serde::Deserialize;

use crate::app::App;
use crate::outcome::{follow, to_the_end};
use crate::pages::{Answer, No, html};
use crate::passages::{self, Passage};
use crate::{codes, cookie};

#[derive(Template)]
#[template(path = "challenge.html")]
struct ChallengePage<'a> {
    state: &'a str,
    wrong: bool,
}

#[derive(Deserialize)]
pub(crate) struct Waiting {
    state: String,
}

#[derive(Deserialize)]
pub(crate) struct Fields {
    state: String,
    code: String,
}

pub(crate) async fn form(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    query: Result<Query<Waiting>, QueryRejection>,
) -> Answer {
    let Query(Waiting { state }) = query.map_err(|_| No::Refused)?;
    let cookie = cookie::read(&app, &headers).ok_or(No::Refused)?;
    let passage = passages::of(&app.database, &cookie).await?.ok_or(No::Refused)?;
    challenged(&app, &passage, &state).await?;
    Ok(html(&ChallengePage { state: &state, wrong: false }))
}

pub(crate) async fn submit(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    fields: Result<Form<Fields>, FormRejection>,
) -> Answer {
    let Form(fields) = fields.map_err(|_| No::Refused)?;
    let cookie = cookie::read(&app, &headers).ok_or(No::Refused)?;
    to_the_end(async move {
        if !accepted(&app, &cookie, &fields).await? {
            let page = html(&ChallengePage { state: &fields.state, wrong: true });
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
        let passed = Resume::passed(FactorType::Otp).with_binding(Binding::new(&cookie));
        let report = app.engine.resume(&fields.state, passed).await?;
        follow(&app, &cookie, report).await
    })
    .await
}

/// Whether the code is right: for the first time, or again, when the answer to
/// the first was lost. flowhost then gives the same answer, and runs nothing.
async fn accepted(app: &App, cookie: &str, Fields { state, code }: &Fields) -> Result<bool, No> {
    let passage = passages::of(&app.database, cookie).await?.ok_or(No::Refused)?;
    if codes::was_accepted(&app.database, &passage, state, code).await? {
        return Ok(true);
    }
    challenged(app, &passage, state).await?;
    // In this flow, and for this user in all flows: whoever reads their mail
    // starts as many as they like.
    let more = passages::may_attempt(&app.database, passage.flow_id.clone()).await?;
    if !more || !app.codes.allows(&passage.user_id) {
        app.engine.cancel(&passage.flow_id).await?;
        return Err(No::Refused);
    }
    Ok(codes::accept(&app.database, &passage, state, code).await?)
}

/// Whether the flow of this passage waits for a challenge under this very state.
async fn challenged(app: &App, passage: &Passage, state: &str) -> Result<(), No> {
    let waiting = app.engine.suspended(state).await?;
    let flow = app.engine.find(&passage.flow_id).await?.ok_or(No::Refused)?;
    match waiting.flow_id == passage.flow_id && flow.outcome == "challenge" {
        true => Ok(()),
        false => Err(No::Refused),
    }
}
