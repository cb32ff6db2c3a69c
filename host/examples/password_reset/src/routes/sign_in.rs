//! A form that says whether a password is right, to see that it was changed.
//! Nobody is signed in: that is another example.

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use serde::Deserialize;

use crate::app::App;
use crate::pages::{Answer, No, html};
use crate::{guard, rate, users};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    wrong: bool,
}

#[derive(Template)]
#[template(path = "signed_in.html")]
struct SignedInPage;

#[derive(Deserialize)]
pub(crate) struct Fields {
    email: String,
    password: String,
}

pub(crate) async fn form() -> Answer {
    Ok(html(&SignInPage { wrong: false }))
}

pub(crate) async fn submit(
    State(app): State<Arc<App>>,
    peer: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    fields: Result<Form<Fields>, FormRejection>,
) -> Answer {
    let Form(Fields { email, password }) = fields.map_err(|_| No::Refused)?;
    if !app.sign_in.allows(&rate::network(guard::client(&app, &peer, &headers))) {
        return Err(No::TooOften);
    }
    match users::signs_in(&app.database, &app.hasher, email, password).await? {
        true => Ok(html(&SignedInPage)),
        false => Ok((StatusCode::FORBIDDEN, html(&SignInPage { wrong: true })).into_response()),
    }
}
