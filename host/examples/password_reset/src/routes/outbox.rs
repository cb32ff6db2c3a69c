//! `/dev/outbox`: mail that was not sent, and what authenticators show. On
//! this machine only, and only while there is no mail server.

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::extract::{ConnectInfo, State};

use crate::app::App;
use crate::args::is_loopback;
use crate::codes;
use crate::mail::Shown;
use crate::pages::{Answer, No, html};

#[derive(Template)]
#[template(path = "outbox.html")]
struct OutboxPage {
    mails: Vec<Shown>,
    codes: Vec<(String, String)>,
}

pub(crate) async fn outbox(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
) -> Answer {
    // Behind a proxy everybody comes from this machine.
    let here = peer.ip().to_canonical().is_loopback() && is_loopback(&app.public.host);
    let mails = app.post.shown().filter(|_| here && !app.behind_proxy).ok_or(No::NotFound)?;
    let codes = codes::current(&app.database).await?;
    Ok(html(&OutboxPage { mails, codes }))
}
