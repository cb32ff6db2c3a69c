//! Session tokens: JSON Web Tokens (RFC 7519) signed with HS256 (RFC 7518
//! §3.2), the only algorithm there is. What is compared comes from the host,
//! never from the action.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::secret::Secret;

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// What the token of a returning user must agree with.
pub(crate) struct Expected<'a> {
    /// None: the flow was not resumed, so that no token can be for it.
    pub(crate) state: Option<&'a str>,
    pub(crate) user_id: &'a str,
    /// The issuer, where it must be a certain one; none of them is right when
    /// that is not known.
    pub(crate) issuer: Option<Option<&'a str>>,
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
    let Value::Object(claims) = verify(token, secret.expose().as_bytes())? else {
        return Err(Invalid::PayloadType);
    };
    let state = claims.get("state").and_then(Value::as_str);
    if expected.state.is_none() || state != expected.state {
        return Err(Invalid::State);
    }
    if claims.get("sub").and_then(Value::as_str) != Some(expected.user_id) {
        return Err(Invalid::Subject);
    }
    let issuer = claims.get("iss").and_then(Value::as_str).ok_or(Invalid::Claims)?;
    if expected.issuer.is_some_and(|expected| expected != Some(issuer)) {
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
fn verify(token: &str, key: &[u8]) -> Result<Value, Invalid> {
    let (message, signature) = token.rsplit_once('.').ok_or(Invalid::Signature)?;
    let (header, payload) = message.split_once('.').ok_or(Invalid::Signature)?;
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| Invalid::Signature)?;
    let header: Map<String, Value> =
        serde_json::from_slice(&header).map_err(|_| Invalid::Signature)?;
    // RFC 8725 §3.1: one algorithm, whatever the token says. RFC 7515 §4.1.11:
    // what is critical and not understood is refused.
    if header.get("alg").and_then(Value::as_str) != Some("HS256") || header.contains_key("crit") {
        return Err(Invalid::Signature);
    }
    let key = DecodingKey::from_secret(key);
    match jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, Algorithm::HS256) {
        Ok(true) => {}
        _ => return Err(Invalid::Signature),
    }
    // RFC 7515 §5.2: what is not encoded as it should be is no JWS.
    let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| Invalid::Signature)?;
    serde_json::from_slice(&payload).map_err(|_| Invalid::PayloadType)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(token: &str, key: &[u8]) -> bool {
        // What is signed in some cases is no JSON: that comes after.
        !matches!(verify(token, key), Err(Invalid::Signature))
    }

    #[test]
    fn the_example_of_rfc_7515_is_accepted() {
        // Appendix A.1
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let key = URL_SAFE_NO_PAD.decode(key).expect("base64url");
        assert!(accepted(token, &key));
        assert!(!accepted(&token.replacen("eyJpc3Mi", "eyJpc3Nj", 1), &key));
    }

    #[test]
    fn signatures_agree_with_project_wycheproof() {
        let file = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared/vectors/wycheproof_json_web_signature.json"
        );
        let Ok(text) = std::fs::read_to_string(file) else {
            println!("ignored: Project Wycheproof's vectors are not at hand");
            return;
        };
        let suite: Value = serde_json::from_str(&text).expect("JSON");
        let mut seen = (0, 0);
        for group in suite["testGroups"].as_array().into_iter().flatten() {
            let key = &group["private"];
            let secret = URL_SAFE_NO_PAD.decode(key["k"].as_str().unwrap_or("c2VjcmV0"));
            let secret = secret.expect("base64url");
            for case in group["tests"].as_array().into_iter().flatten() {
                let good = match case["tcId"].as_u64() {
                    // The same bytes as case 357, which is valid.
                    Some(367 | 370) => true,
                    // "valid" with a `?` in the encoding, which RFC 7515 §2 rules out.
                    Some(372 | 373) => false,
                    _ => key["alg"] == "HS256" && case["result"] == "valid",
                };
                let token = case["jws"].as_str().unwrap_or_default();
                assert_eq!(accepted(token, &secret), good, "{case}");
                seen = if good { (seen.0 + 1, seen.1) } else { (seen.0, seen.1 + 1) };
            }
        }
        assert_eq!(seen, (10, 391));
    }
}
