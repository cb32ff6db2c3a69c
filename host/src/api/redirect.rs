//! `redirect`: sending the user to another site, and the tokens that go there
//! and come back. What tokens state and are compared with is the host's.

use serde_json::{Map, Value};
use wasmtime::Result;

use super::{checked_url, gate, pairs_len, refused, secret_in};
use crate::action::state::RunState;
use crate::action::v1::redirect::{self as wit, Host};
use crate::action::v1::types::ApiError;
use crate::effects::Command;
use crate::error::Code;
use crate::secret::Secret;
use crate::token::{self, Expected, Invalid};

const DEFAULT_LIFETIME: i64 = 900;
const DEFAULT_PARAMETER: &str = "session_token";

type Refusal = (Code, String);

impl Host for RunState {
    fn send_user_to(
        &mut self,
        url: String,
        query: Vec<(String, String)>,
    ) -> Result<Result<(), ApiError>> {
        self.enter(url.len() + pairs_len(&query))?;
        let checked = checked_url(self, &url, &query);
        let recorded = checked.and_then(|url| self.command(Command::SendUserTo { url }));
        Ok(gate(self, "redirect.send-user-to", recorded))
    }

    fn encode_token(
        &mut self,
        secret: wit::Secret,
        payload: String,
        expires_in_seconds: Option<i64>,
    ) -> Result<Result<String, ApiError>> {
        self.enter(size(&secret) + payload.len())?;
        let token = self.secret(secret).and_then(|secret| {
            let claims = self.claims(&payload, expires_in_seconds.unwrap_or(DEFAULT_LIFETIME))?;
            token::encode(&claims, &secret).map_err(|message| (Code::InvalidPayload, message))
        });
        if let Ok(token) = &token {
            self.exchange(token.len())?;
        }
        Ok(token.map_err(refused))
    }

    fn validate_token(
        &mut self,
        secret: wit::Secret,
        token_parameter_name: Option<String>,
    ) -> Result<Result<String, ApiError>> {
        self.enter(size(&secret) + token_parameter_name.as_ref().map_or(0, String::len))?;
        let parameter = token_parameter_name.as_deref().unwrap_or(DEFAULT_PARAMETER);
        let claims = self.secret(secret).and_then(|secret| self.validate(&secret, parameter));
        let claims = claims.map(|claims| Value::Object(claims).to_string());
        if let Ok(claims) = &claims {
            self.exchange(claims.len())?;
        }
        Ok(claims.map_err(refused))
    }
}

impl RunState {
    fn secret(&self, secret: wit::Secret) -> Result<Secret, Refusal> {
        let secret = match secret {
            wit::Secret::Value(value) => Secret::new(value),
            wit::Secret::Named(name) => match self.own.secrets.get(&name) {
                Some(secret) => secret.clone(),
                None => {
                    let message = format!("the action has no secret called `{name}`");
                    return Err((Code::UnknownSecret, message));
                }
            },
        };
        // Anyone can sign with an empty key.
        if secret.expose().is_empty() {
            return Err((Code::UnknownSecret, "the secret is empty".to_owned()));
        }
        Ok(secret)
    }

    fn claims(&self, payload: &str, lifetime: i64) -> Result<Map<String, Value>, Refusal> {
        let payload: Value = serde_json::from_str(payload).unwrap_or_default();
        if let Some(name) = secret_in(self, &payload) {
            let message = format!("the payload contains the value of secret `{name}`");
            return Err((Code::InvalidPayload, message));
        }
        let Value::Object(payload) = payload else {
            return Err((Code::InvalidPayload, "the payload is no JSON object".to_owned()));
        };
        let event = &self.flow.event;
        let now = self.flow.clock.now().as_secs();
        let mut claims = Map::new();
        claims.insert("iat".to_owned(), now.into());
        if let Some(hostname) = event.text("/request/hostname") {
            claims.insert("iss".to_owned(), hostname.into());
        }
        claims.insert("sub".to_owned(), event.user_id().into());
        claims.insert("exp".to_owned(), now.saturating_add(lifetime).into());
        claims.insert("ip".to_owned(), event.text("/request/ip").into());
        claims.extend(payload);
        Ok(claims)
    }

    fn validate(&self, secret: &Secret, parameter: &str) -> Result<Map<String, Value>, Refusal> {
        let event = &self.flow.event;
        let from = |place: &str| event.at(place)?.get(parameter);
        // As the contract spreads them: the body wins.
        let value = from("/request/body").or_else(|| from("/request/query"));
        let Some(token) = value.filter(|value| !value.is_null()) else {
            let message = format!(
                "There is no parameter called '{parameter}' available in either the POST body or query string."
            );
            return Err((Code::TokenMissing, message));
        };
        let expected = Expected {
            state: self.came_back.state.as_deref(),
            user_id: event.user_id(),
            issuer: self
                .flow
                .definition
                .redirects
                .strict_issuer
                .then(|| event.text("/request/hostname")),
            now: self.flow.clock.now(),
        };
        let claims = match token.as_str() {
            Some(token) => token::validate(token, secret, &expected),
            None => Err(Invalid::Signature),
        };
        claims.map_err(|invalid| {
            (Code::TokenInvalid, format!("The session token is invalid: {}", invalid.reason()))
        })
    }
}

fn size(secret: &wit::Secret) -> usize {
    match secret {
        wit::Secret::Named(text) | wit::Secret::Value(text) => text.len(),
    }
}
