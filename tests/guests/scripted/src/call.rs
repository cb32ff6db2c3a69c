//! The calls of the API: how a script writes them, and their doing.
//!
//! Where the SDK's types are stricter than the contract (no negative times, no
//! broken JSON) the contract's own call is made, so that the host is tested
//! with what an action in any language may send.

use flowhost_action::{Api, ApiError, Factor, Form, Json, wit};
use serde::Deserialize;
use serde_json::Value;

use crate::factor::{self, FactorText};
use crate::record::Record;
use crate::variables::Variables;

/// A call, written `{"deny": "reason"}`; names and arguments are the API's.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Call {
    Deny(String),
    ChallengeWith {
        factor: FactorText,
        #[serde(default)]
        additional: Vec<FactorText>,
    },
    ChallengeWithAny(Vec<FactorText>),
    SendUserTo(Link),
    SetResultUrl(Link),
    Render {
        id: String,
        fields: Option<Value>,
        vars: Option<Value>,
    },
    EncodeToken {
        secret: SecretText,
        payload: Value,
        /// Seconds.
        expires_in: Option<i64>,
        /// Save the token under this name.
        r#as: Option<String>,
    },
    ValidateToken {
        secret: SecretText,
        parameter: Option<String>,
    },
    CacheGet(String),
    CacheSet {
        key: String,
        value: String,
        /// Milliseconds.
        ttl: Option<i64>,
        /// Milliseconds since the Unix epoch.
        expires_at: Option<i64>,
    },
    CacheDelete(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Link {
    url: String,
    #[serde(default)]
    query: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SecretText {
    Named(String),
    Value(String),
}

impl Call {
    /// The value it answers with, if it answers with one.
    pub(crate) fn perform(
        self,
        api: &Api,
        saved: &mut Variables,
    ) -> Result<Option<String>, ApiError> {
        match self {
            Self::Deny(reason) => api.access().deny(reason)?,
            Self::ChallengeWith { factor, additional } => {
                let factor = Factor::from(factor);
                api.authentication().challenge_with_additional(factor, factor::all(additional))?;
            }
            Self::ChallengeWithAny(factors) => {
                api.authentication().challenge_with_any(factor::all(factors))?;
            }
            Self::SendUserTo(Link { url, query }) => {
                api.redirect().send_user_to(&url, &borrowed(&query))?;
            }
            Self::SetResultUrl(Link { url, query }) => {
                api.transaction().set_result_url(&url, &borrowed(&query))?;
            }
            Self::Render { id, fields, vars } => {
                let form = Form::new(id);
                let form = fields.into_iter().map(json).fold(form, Form::fields);
                api.prompt().render(vars.into_iter().map(json).fold(form, Form::vars))?;
            }
            Self::EncodeToken { secret, payload, expires_in, r#as } => {
                let payload = json(payload);
                let secret = secret.into();
                let token = wit::redirect::encode_token(&secret, payload.as_str(), expires_in)?;
                saved.save(r#as, &token);
                return Ok(Some(token));
            }
            Self::ValidateToken { secret, parameter } => {
                return Ok(Some(wit::redirect::validate_token(
                    &secret.into(),
                    parameter.as_deref(),
                )?));
            }
            Self::CacheGet(key) => {
                let entry = api.cache().get(&key);
                return Ok(Some(entry.map_or_else(|| "none".to_owned(), |e| e.json().to_string())));
            }
            Self::CacheSet { key, value, ttl, expires_at } => {
                let expiry = wit::cache::Expiry { ttl, expires_at };
                return Ok(Some(wit::cache::set(&key, &value, expiry)?.json().to_string()));
            }
            Self::CacheDelete(key) => api.cache().delete(&key)?,
        }
        Ok(None)
    }
}

fn borrowed(query: &[(String, String)]) -> Vec<(&str, &str)> {
    query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// A script's JSON as JSON text; of `"raw:…"` the rest, JSON or not.
fn json(value: Value) -> Json {
    match value.as_str().and_then(|text| text.strip_prefix("raw:")) {
        Some(text) => Json::raw(text),
        None => Json::from(value),
    }
}

impl From<SecretText> for wit::redirect::Secret {
    fn from(text: SecretText) -> Self {
        match text {
            SecretText::Named(name) => Self::Named(name),
            SecretText::Value(value) => Self::Value(value),
        }
    }
}
