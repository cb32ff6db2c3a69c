//! The link from the mail. Opening it changes nothing, since programs that
//! look for viruses open links too; the button on its page uses it, and starts
//! the flow, bound to this browser from now on.

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{ConnectInfo, Query, State};
use axum::http::HeaderMap;
use flowhost::{Binding, Report, Secret};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::app::App;
use crate::links::Taken;
use crate::outcome::{follow, to_the_end};
use crate::pages::{Answer, No, html};
use crate::{cookie, event, guard, links, passages, users};

#[derive(Template)]
#[template(path = "link.html")]
struct LinkPage<'a> {
    token: &'a str,
}

#[derive(Deserialize)]
pub(crate) struct Fields {
    token: String,
}

pub(crate) async fn opened(
    State(app): State<Arc<App>>,
    query: Result<Query<Fields>, QueryRejection>,
) -> Answer {
    let Query(Fields { token }) = query.map_err(|_| No::Refused)?;
    match links::works(&app.database, &token).await? {
        true => Ok(html(&LinkPage { token: &token })),
        false => Err(No::Refused),
    }
}

pub(crate) async fn confirmed(
    State(app): State<Arc<App>>,
    peer: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    fields: Result<Form<Fields>, FormRejection>,
) -> Answer {
    let Form(Fields { token }) = fields.map_err(|_| No::Refused)?;
    let request = event::request(&app, guard::client(&app, &peer, &headers), &headers);
    to_the_end(async move {
        let link = links::take(&app.database, &token).await?.ok_or(No::Refused)?;
        let begun = begin(&app, &link, request).await;
        if begun.is_err() {
            // Nothing came of it. A link that is used up by now stays so.
            links::give_back(&app.database, link).await?;
        }
        let (cookie, report) = begun?;
        let answer = follow(&app, cookie.expose(), report).await?;
        Ok(cookie::set(&app, cookie.expose(), answer))
    })
    .await
}

/// Starts the flow, and keeps whose it is.
async fn begin(
    app: &App,
    link: &Taken,
    request: Map<String, Value>,
) -> Result<(Secret, Report), No> {
    let user = users::by_id(&app.database, link.user_id.clone()).await?.ok_or(No::Refused)?;
    let event = event::of(app, &user, request)?;
    // New for each flow: a cookie that was there before may be known to others.
    let cookie = Secret::random()?;
    let bound = Binding::new(cookie.expose());
    let report = app.engine.start_bound(&app.flow, event, &bound).await?;
    let flow_id = report.flow_id.clone();
    let kept = passages::begin(&app.database, cookie.expose(), flow_id, link).await;
    if !matches!(kept, Ok(true)) {
        // Nobody will go on with it. If it ended at once, there is none.
        _ = app.engine.cancel(&report.flow_id).await;
    }
    if kept? { Ok((cookie, report)) } else { Err(No::Refused) }
}
