//! What the fuzz targets reach of the inside: the checks behind the public
//! interface, each as one function, and the server in the same process. Only
//! there in builds for fuzzing, and when lints are checked.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::error::{Code, Result};
use crate::flow::RedirectPolicy;
use crate::redirect_url::RedirectUrl;
use crate::secret::Secret;
use crate::server::{self, ApiKeys, Settings};
use crate::token::{self, Expected};
use crate::{Engine, Event, FlowSpec};

pub use crate::suspension::fuzzing::{Sealed, What};

/// Checks a URL that an action wants the user sent to: the URL, and what the
/// user is sent to with `state`.
///
/// # Errors
/// Why it is refused.
pub fn redirect_url(
    url: &str,
    query: &[(String, String)],
    policy: &RedirectPolicy,
    limit: u64,
    state: &str,
) -> Result<(String, String), Code> {
    let checked = RedirectUrl::new(url, query, policy, limit).map_err(|(code, _)| code)?;
    _ = checked.readable();
    let checked = checked.into_string();
    let with_state = RedirectUrl::with_state(&checked, state);
    Ok((checked, with_state))
}

/// Checks a session token.
///
/// # Errors
/// Why it is not accepted.
pub fn validate_token(
    token: &str,
    secret: &Secret,
    (state, user_id): (Option<&str>, &str),
    issuer: Option<Option<&str>>,
    now: Timestamp,
) -> Result<Map<String, Value>, &'static str> {
    let expected = Expected { state, user_id, issuer, now };
    token::validate(token, secret, &expected).map_err(token::Invalid::reason)
}

/// An event as actions in dynamic languages see it, without what belongs to an
/// action.
pub fn event_json(event: &Event) -> String {
    event.to_json(std::iter::empty())
}

/// What actions read an event from.
pub fn event_value(event: &Event) -> Value {
    event.root().to_value()
}

/// Whether what an event consists of can be read out of it in all ways.
pub fn read_event(event: &Event) -> usize {
    let names = ["/user/user_id", "/tenant/id", "/request/hostname", "/user/a~1b/0"];
    names.iter().filter(|name| event.text(name).is_some()).count() + event.methods().len()
}

/// Runs the server until the process ends; `started` is told where it listens.
///
/// # Errors
/// What is wrong with the flow files.
pub async fn serve(
    engine: Engine,
    files: Vec<PathBuf>,
    api_keys: &str,
    started: impl FnOnce(SocketAddr),
) -> Result<bool> {
    let settings = Settings {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        admin_listen: None,
        public_url: None,
        trust_proxy: true,
        api_keys: ApiKeys::parse(api_keys)?,
        grace: Duration::ZERO,
        max_connections: 64,
        files,
        store_may_come: false,
    };
    let read = Arc::new(|path: &Path| FlowSpec::from_file(path));
    server::serve(settings, engine, read, |said| started(said.listen)).await
}
