//! Contract §3: session tokens, against an independent implementation.

use flowhost::Resume;
use flowhost_tests::{Scenario, Step};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Map, Value, json};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const NO_PAIRS: [(&str, &str); 0] = [];

fn now() -> i64 {
    use flowhost::Clock as _;
    flowhost::SystemClock.now().as_secs()
}

/// A flow that redirects and validates what comes back.
fn verifier(validate: Value) -> Scenario {
    let redirect = json!({ "send_user_to": { "url": "https://verify.example.com/", "query": [] } });
    Scenario::new()
        .action_with("verify", json!([redirect]), json!([{ "validate_token": validate }]))
        .secret("TOKEN_KEY", SECRET)
}

fn named() -> Value {
    json!({ "secret": { "named": "TOKEN_KEY" } })
}

/// The claims a third party sends back.
fn claims(step: &Step) -> Value {
    json!({
        "iat": now(), "iss": "verify.example.com", "sub": "auth0|ada", "exp": now() + 300,
        "state": step.state(), "result": "ok",
    })
}

fn sign(claims: &Value) -> String {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).expect("a token")
}

fn posted(token: &str) -> Resume {
    Resume::post(NO_PAIRS, [("session_token", token)])
}

/// What validating answers when the token comes back in the body.
fn validated(change: impl FnOnce(&mut Value)) -> String {
    let step = verifier(named()).start().expect("redirect");
    let mut claims = claims(&step);
    change(&mut claims);
    step.resume(posted(&sign(&claims))).logged("validate_token: ")
}

fn invalid(reason: &str) -> String {
    format!("error TokenInvalid: The session token is invalid: {reason}")
}

#[test]
fn a_good_token_gives_its_claims() {
    let claims: Value = serde_json::from_str(&validated(|_| ())).expect("claims");
    assert_eq!((&claims["result"], &claims["sub"]), (&json!("ok"), &json!("auth0|ada")));
}

#[test]
fn each_required_claim_is_missed_with_its_reason() {
    let table = [
        ("state", "State in the token does not match the /continue state."),
        ("sub", "The sub claim does not match the user_id."),
        ("iss", "Missing or invalid standard claims"),
        ("iat", "Missing or invalid standard claims"),
        ("exp", "Missing or invalid standard claims"),
    ];
    for (claim, reason) in table {
        let without =
            |claims: &mut Value| _ = claims.as_object_mut().expect("claims").remove(claim);
        assert_eq!(validated(without), invalid(reason), "{claim}");
    }
}

#[test]
fn each_wrong_claim_is_refused_with_its_reason() {
    let table = [
        ("state", json!("another"), "State in the token does not match the /continue state."),
        ("sub", json!("auth0|eve"), "The sub claim does not match the user_id."),
        ("iss", json!(7), "Missing or invalid standard claims"),
        ("iat", json!("yesterday"), "Missing or invalid standard claims"),
        ("exp", json!("tomorrow"), "Missing or invalid standard claims"),
        ("exp", json!(now() - 1), "Token has expired."),
        ("exp", json!(now()), "Token has expired."),
        ("exp", json!(-1), "Token has expired."),
    ];
    for (claim, value, reason) in table {
        assert_eq!(validated(|claims| claims[claim] = value.clone()), invalid(reason), "{claim}");
    }
}

#[test]
fn the_signature_comes_before_everything_else() {
    let step = verifier(named()).start();
    let claims = json!({ "exp": 1 });
    let token = sign(&claims).replace('.', ".x");
    assert_eq!(
        step.resume(posted(&token)).logged("validate_token: "),
        invalid("Failed signature validation")
    );
}

#[test]
fn only_hs256_with_the_right_key_is_accepted() {
    let forge = |header: Value, claims: &Value, key: &[u8]| {
        let encode = |value: &Value| base64url(value.to_string().as_bytes());
        let message = format!("{}.{}", encode(&header), encode(claims));
        let key = EncodingKey::from_secret(key);
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).expect("signed");
        format!("{message}.{signature}")
    };
    let headers = [
        json!({ "alg": "none", "typ": "JWT" }),
        json!({ "alg": "HS512", "typ": "JWT" }),
        json!({ "alg": "RS256", "typ": "JWT" }),
        json!({ "alg": "hs256" }),
        json!({ "typ": "JWT" }),
        json!({ "alg": "HS256", "crit": ["exp"] }),
    ];
    for header in headers {
        let step = verifier(named()).start();
        let token = forge(header.clone(), &claims(&step), SECRET.as_bytes());
        assert_eq!(
            step.resume(posted(&token)).logged("validate_token: "),
            invalid("Failed signature validation"),
            "{header}"
        );
    }
    let step = verifier(named()).start();
    let token =
        forge(json!({ "alg": "HS256" }), &claims(&step), b"another-key-another-key-another!");
    assert_eq!(
        step.resume(posted(&token)).logged("validate_token: "),
        invalid("Failed signature validation")
    );
    let step = verifier(named()).start();
    let unsigned = sign(&claims(&step))
        .rsplit_once('.')
        .map(|(head, _)| format!("{head}."))
        .unwrap_or_default();
    assert_eq!(
        step.resume(posted(&unsigned)).logged("validate_token: "),
        invalid("Failed signature validation")
    );
}

#[test]
fn a_payload_that_is_no_object_is_refused() {
    let step = verifier(named()).start();
    for payload in [json!("text"), json!([1]), json!(7), json!(null)] {
        let step = match step.outcome() {
            "redirect" => verifier(named()).start(),
            other => panic!("{other}"),
        };
        let answer = step.resume(posted(&sign(&payload))).logged("validate_token: ");
        assert_eq!(answer, invalid("Unexpected token payload type"), "{payload}");
    }
}

#[test]
fn no_parameter_is_an_error_of_its_own() {
    let message = |name: &str| {
        format!(
            "error TokenMissing: There is no parameter called '{name}' available in either the POST body or query string."
        )
    };
    let step = verifier(named()).start();
    assert_eq!(step.returns(&[]).logged("validate_token: "), message("session_token"));
    let other = json!({ "secret": { "named": "TOKEN_KEY" }, "parameter": "proof" });
    let step = verifier(other.clone()).start();
    let token = sign(&claims(&step));
    assert_eq!(step.resume(posted(&token)).logged("validate_token: "), message("proof"));
    let step = verifier(other).start();
    let token = sign(&claims(&step));
    assert!(
        step.returns(&[("proof", &token)]).logged("validate_token: ").contains("\"result\":\"ok\"")
    );
}

#[test]
fn no_token_is_for_a_flow_that_was_not_resumed() {
    let state = "State in the token does not match the /continue state.";
    for claim in [json!(""), json!(null), json!("anything")] {
        let flow =
            Scenario::executing(json!([{ "validate_token": named() }])).secret("TOKEN_KEY", SECRET);
        let claims = json!({ "iat": now(), "iss": "x", "sub": "auth0|ada", "exp": now() + 300, "state": claim });
        let token = sign(&claims);
        let flow = flow.event(|event| event["request"]["query"]["session_token"] = json!(token));
        assert_eq!(flow.start().logged("validate_token: "), invalid(state), "{claim}");
    }
}

#[test]
fn the_body_wins_over_the_query() {
    let step = verifier(named()).start();
    let token = sign(&claims(&step));
    let resume = Resume::post([("session_token", token.as_str())], [("session_token", "nonsense")]);
    assert_eq!(
        step.resume(resume).logged("validate_token: "),
        invalid("Failed signature validation")
    );
    let step = verifier(named()).start();
    let token = sign(&claims(&step));
    let resume = Resume::post([("session_token", "nonsense")], [("session_token", token.as_str())]);
    assert!(step.resume(resume).logged("validate_token: ").contains("\"result\":\"ok\""));
}

#[test]
fn the_issuer_counts_only_under_the_strict_switch() {
    let strict = |issuer: &str| {
        let step = verifier(named()).flow(|flow| flow.redirects.strict_issuer = true).start();
        let mut claims = claims(&step);
        claims["iss"] = json!(issuer);
        step.resume(posted(&sign(&claims))).logged("validate_token: ")
    };
    assert!(strict("login.example.com").contains("\"result\":\"ok\""));
    assert_eq!(strict("verify.example.com"), invalid("Missing or invalid standard claims"));
}

/// The token that an action made, with its claims as the independent library
/// reads them.
fn encoded(step: Value) -> (String, Map<String, Value>) {
    let step = Scenario::executing(json!([step])).secret("TOKEN_KEY", SECRET).start();
    let token = step.logged("encode_token: ");
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.required_spec_claims.clear();
    let key = DecodingKey::from_secret(SECRET.as_bytes());
    let claims = jsonwebtoken::decode::<Map<String, Value>>(&token, &key, &validation);
    (token.clone(), claims.expect("a valid token").claims)
}

#[test]
fn a_token_states_what_the_host_knows() {
    let step =
        json!({ "encode_token": { "secret": { "named": "TOKEN_KEY" }, "payload": { "a": 1 } } });
    let (token, claims) = encoded(step);
    let header = token.split('.').next().unwrap_or_default();
    assert_eq!(header, base64url(br#"{"alg":"HS256","typ":"JWT"}"#));
    let iat = claims["iat"].as_i64().unwrap_or_default();
    assert!((now() - iat).abs() < 60);
    assert_eq!(claims["exp"].as_i64(), Some(iat + 900), "900 seconds by default");
    assert_eq!(claims["iss"], "login.example.com");
    assert_eq!(claims["sub"], "auth0|ada");
    assert_eq!(claims["ip"], "203.0.113.7");
    assert_eq!(claims["a"], 1);
}

#[test]
fn the_payload_wins_over_the_hosts_claims() {
    let payload = json!({ "sub": "mine", "iss": "me", "exp": 1, "iat": 2, "ip": "::1" });
    let step = json!({ "encode_token": { "secret": { "value": SECRET }, "payload": payload, "expires_in": 5 } });
    assert_eq!(Value::Object(encoded(step).1), payload);
}

#[test]
fn a_lifetime_of_zero_expires_at_once() {
    let step = json!({ "encode_token": { "secret": { "value": SECRET }, "payload": {}, "expires_in": 0 } });
    let (_, claims) = encoded(step);
    assert_eq!(claims["exp"], claims["iat"]);
}

#[test]
fn tokens_without_a_hostname_have_no_issuer() {
    let step = json!({ "encode_token": { "secret": { "value": SECRET }, "payload": {} } });
    let flow = Scenario::executing(json!([step]))
        .event(|e| *e = flowhost_tests::without(e.take(), "/request/hostname"));
    let token = flow.start().logged("encode_token: ");
    let payload = token.split('.').nth(1).unwrap_or_default();
    assert!(!payload.is_empty() && !flow.event_json().contains("hostname"));
}

#[test]
fn secrets_by_name_must_exist_and_none_may_be_empty() {
    for secret in [json!({ "named": "OTHER" }), json!({ "value": "" })] {
        for step in [
            json!({ "encode_token": { "secret": secret, "payload": {} } }),
            json!({ "validate_token": { "secret": secret } }),
        ] {
            let name = step.as_object().and_then(|s| s.keys().next().cloned()).unwrap_or_default();
            let answer = Scenario::executing(json!([step])).secret("TOKEN_KEY", SECRET).start();
            assert!(answer.logged(&format!("{name}: ")).starts_with("error UnknownSecret"));
        }
    }
}

#[test]
fn a_payload_must_be_a_json_object() {
    for payload in [json!("raw:nope"), json!([1]), json!(7), json!("text")] {
        let step = json!({ "encode_token": { "secret": { "value": SECRET }, "payload": payload } });
        let answer = Scenario::executing(json!([step])).start().logged("encode_token: ");
        assert!(answer.starts_with("error InvalidPayload"), "{payload}: {answer}");
    }
}

#[test]
fn an_action_reads_the_token_it_sent_when_it_comes_back_unchanged_but_for_the_state() {
    // The state is not known when the token is made: the other side adds it.
    let redirect = json!({ "send_user_to": { "url": "https://verify.example.com/", "query": [["session_token", "${t}"]] } });
    let encode = json!({ "encode_token": { "secret": { "named": "TOKEN_KEY" }, "payload": { "n": 1 }, "as": "t" } });
    let flow = Scenario::new()
        .action_with("a", json!([encode, redirect]), json!([{ "validate_token": named() }]))
        .secret("TOKEN_KEY", SECRET);
    let step = flow.start().expect("redirect");
    let token = step.logged("encode_token: ");
    assert!(step.at("/redirect/url").as_str().is_some_and(|url| url.contains(&token)));
    let reason = "State in the token does not match the /continue state.";
    assert_eq!(step.resume(posted(&token)).logged("validate_token: "), invalid(reason));
}

fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for index in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * index) & 63) as usize]));
        }
    }
    text
}
