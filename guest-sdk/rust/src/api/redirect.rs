//! `api.redirect()`: sending the user to another site, and tokens to send along.

use std::fmt;
use std::time::Duration;

use super::owned_pairs;
use crate::bindings::flowhost::post_challenge::redirect::Secret as WireSecret;
use crate::{ApiError, Json, host};

/// Sending the user to another site, and tokens to send along. The flow goes
/// on in `on_continue` when the user returns.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Redirect;

impl Redirect {
    /// Redirect to an absolute URL. Each pair of `query` replaces the
    /// parameters of the same name; the host adds `state`. The last redirect
    /// of a run wins.
    ///
    /// # Errors
    ///
    /// `InvalidUrl`, `UrlNotAllowed`, `UrlTooLong` (8 KiB), `SecretInUrl`.
    pub fn send_user_to(&self, url: &str, query: &[(&str, &str)]) -> Result<(), ApiError> {
        Ok(host::redirect::send_user_to(url, &owned_pairs(query))?)
    }

    /// Make a session token: a JWT (RFC 7519), signed with HS256, whose claims
    /// are `iat`, `iss`, `sub`, `exp`, `ip`, and those of `payload`, a JSON
    /// object, which win. Lives 15 minutes unless said otherwise.
    ///
    /// ```
    /// # use flowhost_action::{Api, ApiError, Secret};
    /// # use serde_json::json;
    /// # fn example(api: &Api) -> Result<(), ApiError> {
    /// let token = api.redirect().encode_token(
    ///     Secret::named("TOKEN_KEY"),
    ///     json!({"email": "ada@example.com"}),
    ///     None,
    /// )?;
    /// api.redirect().send_user_to("https://verify.example.com/", &[("session_token", &token)])
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `UnknownSecret` when the action has no secret of that name.
    pub fn encode_token(
        &self,
        secret: Secret,
        payload: impl Into<Json>,
        expires_in: Option<Duration>,
    ) -> Result<String, ApiError> {
        let seconds = expires_in.map(|time| i64::try_from(time.as_secs()).unwrap_or(i64::MAX));
        let payload = payload.into();
        Ok(host::redirect::encode_token(&secret.0, payload.as_str(), seconds)?)
    }

    /// The claims of the token the user came back with, found in the body or
    /// the query under `parameter`, by default `session_token`. They are those
    /// of a token signed with `secret`, for this user, this very redirect, and
    /// not expired.
    ///
    /// # Errors
    ///
    /// `TokenMissing`, `TokenInvalid`, `UnknownSecret`.
    pub fn validate_token(
        &self,
        secret: Secret,
        parameter: Option<&str>,
    ) -> Result<Json, ApiError> {
        Ok(host::redirect::validate_token(&secret.0, parameter).map(Json::raw)?)
    }
}

/// The key of a token.
#[derive(Clone, PartialEq)]
pub struct Secret(WireSecret);

impl Secret {
    /// The action's secret called `name`. The action never sees its value.
    pub fn named(name: impl Into<String>) -> Self {
        Self(WireSecret::Named(name.into()))
    }

    /// Any text.
    pub fn value(text: impl Into<String>) -> Self {
        Self(WireSecret::Value(text.into()))
    }
}

impl From<WireSecret> for Secret {
    fn from(secret: WireSecret) -> Self {
        Self(secret)
    }
}

// A value must not end up in a log by way of `{:?}`.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            WireSecret::Named(name) => write!(f, "Secret::named({name:?})"),
            WireSecret::Value(_) => f.write_str("Secret::value(…)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn debug_text_names_a_secret_and_hides_a_value() {
        assert_eq!(format!("{:?}", Secret::named("KEY")), r#"Secret::named("KEY")"#);
        assert!(!format!("{:?}", Secret::value("hunter2")).contains("hunter2"));
    }
}
