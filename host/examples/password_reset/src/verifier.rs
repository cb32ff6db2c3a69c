//! The verifier: a small site of its own, on a port of its own, that stands for
//! whoever verifies identities in real life. It gets a signed token in its URL,
//! shows a page, and answers with a token that it signed itself.
//!
//! It knows beforehand where to send people back to: what came in the URL
//! leads nowhere.

use std::sync::Arc;

use anyhow::Result;
use askama::Template;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::http::header::REFERER;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Form, Router};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

use crate::args::{PublicUrl, Return, Serve};
use crate::database::now;
use crate::guard::Headers;
use crate::outcome::see_other;
use crate::pages::html;
use crate::routes;

/// How long an answer may take to come back.
const ANSWER_SECONDS: i64 = 120;

/// The site.
pub(crate) struct Verifier {
    decoding: DecodingKey,
    encoding: EncodingKey,
    /// The issuer of the tokens that are accepted.
    issuer: String,
    back: String,
    returns: Return,
    name: String,
    headers: Headers,
}

/// What a flow's action says of the user.
#[derive(Deserialize)]
struct Question {
    sub: String,
    email: String,
}

/// What the verifier says: §3 of the contract lists what must be there.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    state: &'a str,
    iat: i64,
    exp: i64,
    result: &'a str,
}

#[derive(Deserialize)]
struct Fields {
    state: String,
    session_token: String,
    #[serde(default)]
    answer: String,
}

#[derive(Template)]
#[template(path = "verifier.html")]
struct ConfirmPage<'a> {
    email: &'a str,
    state: &'a str,
    session_token: &'a str,
}

#[derive(Template)]
#[template(path = "verifier_back.html")]
struct BackPage<'a> {
    action: &'a str,
    session_token: &'a str,
}

#[derive(Template)]
#[template(path = "verifier_refused.html")]
struct RefusedPage;

impl Verifier {
    pub(crate) fn new(serve: &Serve, public: &PublicUrl) -> Result<Self> {
        let key = serve.verifier_key.expose().as_bytes();
        Ok(Verifier {
            decoding: DecodingKey::from_secret(key),
            encoding: EncodingKey::from_secret(key),
            issuer: public.host.clone(),
            back: format!("{}/continue", public.origin),
            returns: serve.verifier_returns,
            name: format!("http://{}", serve.verifier_listen),
            headers: Headers::new(std::slice::from_ref(&public.origin), false)?,
        })
    }

    /// Who the token is about, if our partner signed it.
    fn question(&self, token: &str) -> Option<Question> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        validation.set_issuer(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        decode(token, &self.decoding, &validation).ok().map(|token| token.claims)
    }

    fn answer(&self, question: &Question, state: &str, result: &str) -> Option<String> {
        let (iss, sub, iat) = (self.name.as_str(), question.sub.as_str(), now());
        let claims = Claims { iss, sub, state, iat, exp: iat + ANSWER_SECONDS, result };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding).ok()
    }
}

pub(crate) fn router(verifier: Verifier) -> Router {
    let verifier = Arc::new(verifier);
    Router::new()
        .route("/start", get(start).post(confirm))
        .route("/static/style.css", get(routes::style))
        .route("/static/submit.js", get(routes::submit))
        .fallback(async || refused())
        .layer(from_fn_with_state(Arc::clone(&verifier), logged))
        .with_state(verifier)
}

/// What reached the verifier, for whoever looks at what it gets to know.
async fn logged(State(verifier): State<Arc<Verifier>>, request: Request, next: Next) -> Response {
    let referer = request.headers().get(REFERER).map(|value| format!("{value:?}"));
    let (method, path) = (request.method(), request.uri().path());
    println!("verifier  {method} {path:?} referer={}", referer.as_deref().unwrap_or("none"));
    let mut answer = next.run(request).await;
    verifier.headers.set(&mut answer);
    answer
}

async fn start(
    State(verifier): State<Arc<Verifier>>,
    query: Result<Query<Fields>, QueryRejection>,
) -> Response {
    let Ok(Query(Fields { state, session_token, .. })) = query else { return refused() };
    match verifier.question(&session_token) {
        Some(Question { email, .. }) => {
            html(&ConfirmPage { email: &email, state: &state, session_token: &session_token })
        }
        None => refused(),
    }
}

async fn confirm(
    State(verifier): State<Arc<Verifier>>,
    fields: Result<Form<Fields>, FormRejection>,
) -> Response {
    let Ok(Form(Fields { state, session_token, answer })) = fields else { return refused() };
    let Some(question) = verifier.question(&session_token) else { return refused() };
    let result = if answer == "yes" { "ok" } else { "refused" };
    let Some(token) = verifier.answer(&question, &state, result) else { return refused() };
    let query = [("state", state.as_str()), ("session_token", token.as_str())];
    match verifier.returns {
        Return::Get => verifier.url(&query).map_or_else(refused, |url| see_other(&url)),
        Return::Post => verifier.url(&query[..1]).map_or_else(refused, |action| {
            html(&BackPage { action: &action, session_token: &token })
        }),
    }
}

impl Verifier {
    /// Where people are sent back to.
    fn url(&self, query: &[(&str, &str)]) -> Option<String> {
        // States and tokens are of letters that need no escaping.
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let pairs = query
            .iter()
            .map(|(name, value)| value.chars().all(plain).then(|| format!("{name}={value}")));
        let pairs: Option<Vec<String>> = pairs.collect();
        Some(format!("{}?{}", self.back, pairs?.join("&")))
    }
}

fn refused() -> Response {
    (StatusCode::BAD_REQUEST, html(&RefusedPage)).into_response()
}
