//! The form for those who forgot. Its answer is the same whether or not there
//! is such a user, and so is the time it takes: all else happens later.

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use serde::Deserialize;

use crate::app::App;
use crate::mail::Letter;
use crate::outcome::see_other;
use crate::pages::{Answer, No, html};
use crate::{guard, rate};

/// RFC 5321 §4.5.3.1.3.
const LONGEST_ADDRESS: usize = 254;

#[derive(Template)]
#[template(path = "forgot.html")]
struct ForgotPage;

#[derive(Template)]
#[template(path = "sent.html")]
struct SentPage {
    outbox: bool,
}

#[derive(Deserialize)]
pub(crate) struct Fields {
    email: String,
}

pub(crate) async fn form() -> Answer {
    Ok(html(&ForgotPage))
}

pub(crate) async fn submit(
    State(app): State<Arc<App>>,
    peer: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    fields: Result<Form<Fields>, FormRejection>,
) -> Answer {
    let Form(Fields { email }) = fields.map_err(|_| No::Refused)?;
    if !app.forgot.allows(&rate::network(guard::client(&app, &peer, &headers))) {
        return Err(No::TooOften);
    }
    let email = email.trim();
    // What is no address is nobody's.
    if email.len() <= LONGEST_ADDRESS && email.parse::<lettre::Address>().is_ok() {
        app.post.post(Letter::Forgot { email: email.to_owned() });
    }
    Ok(see_other("/forgot/sent"))
}

pub(crate) async fn sent(State(app): State<Arc<App>>) -> Answer {
    Ok(html(&SentPage { outbox: app.post.shown().is_some() }))
}
