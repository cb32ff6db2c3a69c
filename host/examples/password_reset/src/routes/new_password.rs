//! The form for the new password: for the browser of a completed flow, once.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use serde::Deserialize;

use crate::app::App;
use crate::mail::Letter;
use crate::outcome::see_other;
use crate::pages::{Answer, No, html};
use crate::users::PASSWORD_CHARACTERS;
use crate::{cookie, passages, users};

#[derive(Template)]
#[template(path = "new_password.html")]
struct NewPasswordPage {
    shortest: usize,
    longest: usize,
    problem: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "done.html")]
struct DonePage;

#[derive(Deserialize)]
pub(crate) struct Fields {
    password: String,
    again: String,
}

pub(crate) async fn form(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer {
    completed(&app, &headers).await?;
    Ok(html(&page(None)))
}

pub(crate) async fn submit(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    fields: Result<Form<Fields>, FormRejection>,
) -> Answer {
    // Before the hash is computed: that is expensive, and not for everybody.
    let cookie = completed(&app, &headers).await?;
    let Form(fields) = fields.map_err(|_| No::Refused)?;
    if let Some(problem) = problem(&fields) {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page(Some(problem)))).into_response());
    }
    let hash = app.hasher.hash(fields.password).await?;
    let changed = passages::set_password(&app.database, &cookie, hash).await?;
    let changed = changed.ok_or(No::Refused)?;
    if let Some(user) = users::by_id(&app.database, changed.user_id).await? {
        app.post.post(Letter::Changed { email: user.email });
    }
    let next = changed.result_url.as_deref().unwrap_or("/done");
    Ok(cookie::clear(&app, see_other(next)))
}

pub(crate) async fn done() -> Answer {
    Ok(html(&DonePage))
}

/// The cookie of a browser that may set a password.
async fn completed(app: &App, headers: &HeaderMap) -> Result<String, No> {
    let cookie = cookie::read(app, headers).ok_or(No::Refused)?;
    let passage = passages::of(&app.database, &cookie).await?.ok_or(No::Refused)?;
    if passage.completed { Ok(cookie) } else { Err(No::Refused) }
}

fn problem(fields: &Fields) -> Option<&'static str> {
    let characters = fields.password.chars().count();
    match PASSWORD_CHARACTERS {
        allowed if characters < *allowed.start() => Some("This password is too short."),
        allowed if characters > *allowed.end() => Some("This password is too long."),
        _ if fields.password != fields.again => Some("The two passwords differ."),
        _ => None,
    }
}

fn page(problem: Option<&'static str>) -> NewPasswordPage {
    let (shortest, longest) = (*PASSWORD_CHARACTERS.start(), *PASSWORD_CHARACTERS.end());
    NewPasswordPage { shortest, longest, problem }
}
