//! Session tokens: JSON Web Tokens (RFC 7519) signed with HS256 (RFC 7518
//! §3.2), the only algorithm there is. What is compared comes from the host,
//! never from the action.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation};
use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::secret::Secret;

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// What the token of a returning user must agree with.
pub(crate) struct Expected<'a> {
    pub(crate) state: &'a str,
    pub(crate) user_id: &'a str,
    /// The issuer, where it must be a certain one.
    pub(crate) issuer: Option<&'a str>,
    pub(crate) now: Timestamp,
}

/// Why a token is not accepted, in the words of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Invalid {
    Signature,
    PayloadType,
    State,
    Subject,
    Claims,
    Expired,
}

impl Invalid {
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Invalid::Signature => "Failed signature validation",
            Invalid::PayloadType => "Unexpected token payload type",
            Invalid::State => "State in the token does not match the /continue state.",
            Invalid::Subject => "The sub claim does not match the user_id.",
            Invalid::Claims => "Missing or invalid standard claims",
            Invalid::Expired => "Token has expired.",
        }
    }
}

/// Signs a session token as the site does that a user was sent to: a JWT
/// (RFC 7519) with HS256. For tests and for trying a flow from the shell.
///
/// # Errors
/// `internal` when the claims have no JSON form.
pub fn sign_session_token(
    claims: &Map<String, Value>,
    secret: &Secret,
) -> crate::error::Result<String> {
    encode(claims, secret)
        .map_err(|message| crate::error::Error::new(crate::error::Code::Internal, message))
}

/// Signs `claims`.
pub(crate) fn encode(claims: &Map<String, Value>, secret: &Secret) -> Result<String, String> {
    let payload = serde_json::to_vec(claims).map_err(|error| error.to_string())?;
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(payload));
    let key = EncodingKey::from_secret(secret.expose().as_bytes());
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256);
    signature.map(|signature| format!("{message}.{signature}")).map_err(|error| error.to_string())
}

/// Checks the signature, then the claims, and returns the claims.
pub(crate) fn validate(
    token: &str,
    secret: &Secret,
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, Invalid> {
    let Value::Object(claims) = verify(token, secret)? else { return Err(Invalid::PayloadType) };
    if claims.get("state").and_then(Value::as_str) != Some(expected.state) {
        return Err(Invalid::State);
    }
    if claims.get("sub").and_then(Value::as_str) != Some(expected.user_id) {
        return Err(Invalid::Subject);
    }
    let issuer = claims.get("iss").and_then(Value::as_str).ok_or(Invalid::Claims)?;
    if expected.issuer.is_some_and(|expected| expected != issuer) {
        return Err(Invalid::Claims);
    }
    let date = |name| claims.get(name).map(|value| value.as_f64().ok_or(Invalid::Claims));
    date("iat").ok_or(Invalid::Claims)??;
    let expires = date("exp").ok_or(Invalid::Claims)??;
    let not_before = date("nbf").transpose()?.unwrap_or(f64::MIN);
    // Dates of this century are exact in an f64.
    let now = expected.now.as_secs() as f64;
    if now < not_before {
        return Err(Invalid::Claims);
    }
    if now >= expires { Err(Invalid::Expired) } else { Ok(claims) }
}

/// The payload of a token whose signature is right.
fn verify(token: &str, secret: &Secret) -> Result<Value, Invalid> {
    let header = token.split('.').next().unwrap_or_default();
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| Invalid::Signature)?;
    let header: Map<String, Value> =
        serde_json::from_slice(&header).map_err(|_| Invalid::Signature)?;
    // RFC 7515 §4.1.11: what is critical and not understood is refused.
    if header.contains_key("crit") {
        return Err(Invalid::Signature);
    }
    let mut validation = Validation::new(Algorithm::HS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let key = DecodingKey::from_secret(secret.expose().as_bytes());
    match jsonwebtoken::decode::<Value>(token, &key, &validation) {
        Ok(data) => Ok(data.claims),
        Err(error) => Err(match error.kind() {
            // The signature was right, or the payload would not have been read.
            jsonwebtoken::errors::ErrorKind::Json(_) => Invalid::PayloadType,
            _ => Invalid::Signature,
        }),
    }
}
