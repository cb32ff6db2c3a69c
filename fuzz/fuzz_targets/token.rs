//! Text → session token. Nothing is accepted but a JWT that is signed with
//! HS256 under the key, which is computed here once more by hand (RFC 2104),
//! and whose claims are right.
//!
//! The input: a letter, and what it says. `r`: a token as it is. `s`: header and
//! payload in base64url, which are signed here. `j`: header and payload as JSON
//! with a line break between, which are encoded and signed here. `J`: the
//! payload alone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flowhost::{Secret, Timestamp, fuzzing};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

const KEY: &str = "a key of more than thirty-two bytes, for tokens alone";
const STATE: &str = "GSuYPEySycn-DW9cw1Jrou3RDZwVrCrfc6gx4opsSJU";
const USER: &str = "auth0|ada";
const ISSUER: &str = "login.example.com";
const NOW: i64 = 1_770_000_000;
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

pub(crate) fn fuzz(input: &[u8]) {
    let Some((kind, rest)) = input.split_first() else { return };
    let token = match kind {
        b'r' => match std::str::from_utf8(rest) {
            Ok(text) => text.to_owned(),
            Err(_) => return,
        },
        b's' => match std::str::from_utf8(rest) {
            Ok(text) => signed(text),
            Err(_) => return,
        },
        b'j' => {
            let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            let payload = rest.get(end + 1..).unwrap_or_default();
            signed(&joined(&rest[..end], payload))
        }
        _ => signed(&joined(HEADER.as_bytes(), rest)),
    };
    let secret = Secret::new(KEY);
    let now = Timestamp::from_millis(NOW * 1000);
    let ways = [
        (Some(STATE), None),
        (Some(STATE), Some(Some(ISSUER))),
        (Some(STATE), Some(None)),
        (None, None),
    ];
    for (state, issuer) in ways {
        let seen = fuzzing::validate_token(&token, &secret, (state, USER), issuer, now);
        if let Ok(claims) = seen {
            accepted(&token, &claims, state, issuer);
        }
    }
}

fn joined(header: &[u8], payload: &[u8]) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload))
}

fn signed(message: &str) -> String {
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(hmac(message.as_bytes())))
}

/// HMAC-SHA-256 of a text under [`KEY`], which is one block at most.
fn hmac(text: &[u8]) -> [u8; 32] {
    let block = |mask: u8| {
        let mut block = [mask; 64];
        block.iter_mut().zip(KEY.bytes()).for_each(|(byte, key)| *byte = mask ^ key);
        block
    };
    let inner = Sha256::new().chain_update(block(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(block(0x5c)).chain_update(inner).finalize().into()
}

fn accepted(
    token: &str,
    claims: &Map<String, Value>,
    state: Option<&str>,
    issuer: Option<Option<&str>>,
) {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts[..] else { panic!("{} parts", parts.len()) };
    assert_eq!(signature, URL_SAFE_NO_PAD.encode(hmac(format!("{header}.{payload}").as_bytes())));
    let read = |part: &str| -> Map<String, Value> {
        let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
        assert_eq!(URL_SAFE_NO_PAD.encode(&bytes), part, "one spelling");
        serde_json::from_slice(&bytes).expect("a JSON object")
    };
    let header = read(header);
    assert_eq!(header["alg"], "HS256");
    assert!(!header.contains_key("crit"));
    assert_eq!(read(payload), *claims);
    assert_eq!(Some(STATE), state, "accepted though the flow was not resumed");
    assert_eq!(claims["state"], STATE);
    assert_eq!(claims["sub"], USER);
    let iss = claims["iss"].as_str().expect("an issuer");
    assert!(issuer.is_none_or(|issuer| issuer == Some(iss)), "{iss} for {issuer:?}");
    assert!(claims["iat"].is_number());
    let date = |name: &str| claims.get(name).map(|date| date.as_f64().expect("a number"));
    assert!(date("exp").is_some_and(|expires| expires > NOW as f64));
    assert!(date("nbf").is_none_or(|not_before| not_before <= NOW as f64));
}
