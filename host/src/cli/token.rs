//! `flowhost token`: plays the site a user was sent to, for trying a flow with
//! a redirect from the shell.

use flowhost::{Clock as _, Code, Error, Result, SCHEMA_VERSION, Secret, SystemClock};
use serde_json::{Map, Value, json};

use super::Answer;
use super::args::Token;

pub(super) fn token(args: &Token) -> Result<Answer> {
    let secret = std::fs::read_to_string(&args.secret_file).map(Secret::new).map_err(|error| {
        Error::new(Code::FileUnreadable, format!("the secret cannot be read: {error}"))
            .in_file(&args.secret_file)
    })?;
    let now = SystemClock.now().as_secs();
    let mut claims = Map::new();
    claims.insert("iat".to_owned(), now.into());
    claims.insert("iss".to_owned(), args.iss.clone().into());
    claims.insert("sub".to_owned(), args.sub.clone().into());
    claims.insert("exp".to_owned(), now.saturating_add(args.expires_in).into());
    claims.insert("state".to_owned(), args.state.clone().into());
    for (name, value) in &args.claims {
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value.clone()));
        claims.insert(name.clone(), value);
    }
    let secret = Secret::new(secret.expose().trim_end_matches(['\r', '\n']));
    let token = flowhost::sign_session_token(&claims, &secret)?;
    let json = json!({ "schema_version": SCHEMA_VERSION, "token": token, "claims": claims });
    Ok(Answer { text: token + "\n", json, exit: 0 })
}
