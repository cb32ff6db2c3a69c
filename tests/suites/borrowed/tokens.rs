//! Session tokens and those of others: jsonwebtoken, which Auth0's own examples
//! use, jose and PyJWT. Each verifies what an action signs, an action verifies
//! what each signs, and of tokens that are bent all say the same.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use flowhost::{Clock as _, Resume, SystemClock};
use flowhost_tests::{Random, Scenario, Step, bounded, npm, pip, project, seed};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::codes::base64url;

const JSONWEBTOKEN: &str = "jsonwebtoken@9.0.3";
const JOSE: &str = "jose@6.2.18";
const PYJWT: &str = "PyJWT==2.15.1";

const ASKING: Duration = Duration::from_secs(120);

/// Claim sets, each signed and verified by everyone, and how many go through
/// one flow.
const TOKENS: usize = 1000;
const FLOW: usize = 100;

const SECRET: &str = "a secret of more than 256 bits, ünd not ASCII alone";
const USER: &str = "auth0|ada";

#[test]
fn tokens_are_the_same_to_jsonwebtoken_jose_and_pyjwt() {
    let Some(node) = npm(&[JSONWEBTOKEN, JOSE]) else { return };
    let Some(python) = pip(PYJWT) else { return };
    let mut random = Random::new(seed("tokens_are_the_same"));
    let payloads: Vec<Map<String, Value>> = (0..TOKENS).map(|_| claims(&mut random)).collect();
    let flows: Vec<Step> = payloads.chunks(FLOW).map(begin).collect();
    let ours: Vec<String> = flows.iter().flat_map(signed).collect();
    assert_eq!(ours.len(), TOKENS);
    let full: Vec<Map<String, Value>> = payloads
        .iter()
        .zip(0..)
        .map(|(payload, at)| completed(payload, &flows[at / FLOW]))
        .collect();
    let bent: Vec<Bent> = full.iter().zip(0..).map(|(claims, at)| bend(claims, at)).collect();

    let judge: Vec<&str> =
        ours.iter().map(String::as_str).chain(bent.iter().map(|bent| &*bent.token)).collect();
    let question = json!({ "secret": SECRET, "user": USER, "judge": judge, "sign": full });
    let answers = ask(&node, &python, &question);
    let peers = ["jsonwebtoken", "jose", "PyJWT"];

    let mut disagreements = Vec::new();
    for peer in peers {
        let judged = answers[peer]["judged"].as_array().expect("judged");
        assert_eq!(judged.len(), 2 * TOKENS, "{peer}");
        for ((payload, token), judged) in payloads.iter().zip(&ours).zip(judged) {
            let read = |(name, value): (&String, &Value)| judged["claims"][name] == *value;
            if judged["claims"]["sub"] != USER || !payload.iter().all(read) {
                disagreements.push(format!("{peer} of ours, {token}: {judged}"));
            }
        }
        for (bent, judged) in bent.iter().zip(&judged[TOKENS..]) {
            if judged.get("claims").is_some() != bent.good {
                disagreements.push(format!("{peer}, {}: {judged}", bent.how));
            }
        }
    }
    for (at, flow) in flows.iter().enumerate() {
        let here = at * FLOW..(at + 1) * FLOW;
        let mut tokens: Vec<&str> = Vec::new();
        for peer in peers {
            let signed = answers[peer]["signed"].as_array().expect("signed");
            tokens.extend(signed[here.clone()].iter().map(|token| token.as_str().expect("text")));
        }
        tokens.extend(bent[here.clone()].iter().map(|bent| &*bent.token));
        if at == 0 {
            let wrong_kind = answers["rs256"].as_array().expect("tokens");
            tokens.extend(wrong_kind.iter().map(|token| token.as_str().expect("text")));
        }
        let verdicts = verdicts(flow, &tokens);
        for (number, verdict) in verdicts.iter().enumerate() {
            let claims = serde_json::from_str::<Map<String, Value>>(verdict).ok();
            let (who, right) = match number / FLOW {
                peer @ 0..3 => {
                    (peers[peer], claims.as_ref() == Some(&full[at * FLOW + number % FLOW]))
                }
                3 => {
                    let bent = &bent[at * FLOW + number % FLOW];
                    (bent.how, claims.is_some() == bent.good)
                }
                _ => ("RS256", claims.is_none()),
            };
            if !right {
                disagreements.push(format!("we of {who}, {}: {verdict}", tokens[number]));
            }
        }
    }
    let good = bent.iter().filter(|bent| bent.good).count();
    println!("{TOKENS} tokens each way and peer, {TOKENS} bent, {good} of them within the rules");
    assert!(disagreements.is_empty(), "{}: {disagreements:#?}", disagreements.len());
}

/// What the peers say.
fn ask(node: &Path, python: &Path, question: &Value) -> Value {
    let folder = TempDir::new().expect("a folder");
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("question.json"), question.to_string()).expect("written");
    // Node looks for packages from where the script is.
    let script = node.join("peers.mjs");
    std::fs::copy(project().join("tests/borrowed/peers.mjs"), &script).expect("copied");
    let mut both = json!({});
    let peer = project().join("tests/borrowed/peer.py");
    for (mut command, script) in
        [(Command::new("node"), script), (Command::new(python.join("python")), peer)]
    {
        command.arg(script).arg(file("question.json")).arg(file("answers.json"));
        let (done, said) = bounded(&mut command, ASKING);
        assert!(done, "{said}");
        let answers = std::fs::read(file("answers.json")).expect("answers");
        let answers: Map<String, Value> = serde_json::from_slice(&answers).expect("JSON");
        both.as_object_mut().expect("an object").extend(answers);
    }
    both
}

/// A flow that signs these, and verifies what comes back in `t0`, `t1`, ….
fn begin(payloads: &[Map<String, Value>]) -> Step {
    let named = json!({ "named": "KEY" });
    let sign = |payload| json!({ "encode_token": { "secret": named, "payload": payload } });
    let mut execute: Vec<Value> = payloads.iter().map(sign).collect();
    execute.push(json!({ "send_user_to": { "url": "https://verify.example.com/", "query": [] } }));
    let verify = |number| {
        let parameter = format!("t{number}");
        json!({ "validate_token": { "secret": named, "parameter": parameter } })
    };
    let resume: Vec<Value> = (0..5 * FLOW).map(verify).collect();
    let flow = Scenario::new().action_with("sign", execute.into(), resume.into());
    let flow = flow.secret("KEY", SECRET).last(|action| {
        action.limits.host_calls = 100_000;
        action.limits.host_bytes = 64 << 20;
        action.limits.host_call_bytes = 16 << 20;
        action.limits.log_lines = 10_000;
        action.limits.log_bytes = 16 << 20;
        action.limits.fuel = 1 << 40;
        action.limits.cpu_time = 60_000;
    });
    let flow = flow.flow(|flow| {
        flow.limits.continue_request = 16 << 20;
        flow.limits.wall_clock = 60_000;
    });
    flow.start().expect("redirect")
}

fn signed(flow: &Step) -> Vec<String> {
    let logs = flow.logs();
    let tokens = logs.iter().filter_map(|line| line.strip_prefix("encode_token: "));
    tokens.map(str::to_owned).collect()
}

/// What the action answers for each: its claims, or the error.
fn verdicts(flow: &Step, tokens: &[&str]) -> Vec<String> {
    assert!(tokens.len() <= 5 * FLOW);
    let body =
        tokens.iter().zip(0..).map(|(token, number)| (format!("t{number}"), (*token).to_owned()));
    let none: [(String, String); 0] = [];
    let step = flow.resume(Resume::post(none, body)).expect("completed");
    let logs = step.logs();
    let verdicts = logs.iter().filter_map(|line| line.strip_prefix("validate_token: "));
    let verdicts: Vec<String> = verdicts.take(tokens.len()).map(str::to_owned).collect();
    assert_eq!(verdicts.len(), tokens.len());
    verdicts
}

/// Random claims of an action's or a site's own.
fn claims(random: &mut Random) -> Map<String, Value> {
    let mut claims = Map::new();
    for number in 0..random.below(8) {
        claims.insert(format!("x{number}{}", text(random)), value(random, 3));
    }
    if random.below(4) == 0 {
        claims.insert("aud".into(), json!(["https://a.example", "b"]));
    }
    if random.below(4) == 0 {
        claims.insert("jti".into(), text(random).into());
    }
    claims
}

fn value(random: &mut Random, depth: u64) -> Value {
    match random.below(if depth == 0 { 6 } else { 8 }) {
        0 => Value::Null,
        1 => (random.below(2) == 0).into(),
        2 => (random.below(1 << 54) as i64 - (1 << 53)).into(),
        // Whole numbers are written in more than one way.
        3 => ((random.below(1 << 40) as f64 - 500_000_000.0) + 0.5).into(),
        4 | 5 => text(random).into(),
        6 => (0..random.below(4)).map(|_| value(random, depth - 1)).collect(),
        _ => {
            let entry = |random: &mut Random| (text(random), value(random, depth - 1));
            Value::Object((0..random.below(4)).map(|_| entry(random)).collect())
        }
    }
}

fn text(random: &mut Random) -> String {
    let blocks =
        [0x20..0x7f, 0..0x20, 0x80..0x800, 0x2000..0x2070, 0xe000..0x1_0000, 0x1_f300..0x1_f700];
    let mut character = || {
        let block = &blocks[random.below(blocks.len() as u64) as usize];
        block.start + random.below(u64::from(block.end - block.start)) as u32
    };
    (0..6).map(|_| character()).filter_map(char::from_u32).collect()
}

/// What else a token must have to be for this flow and its user.
fn completed(payload: &Map<String, Value>, flow: &Step) -> Map<String, Value> {
    let now = SystemClock.now().as_secs();
    let mut claims = payload.clone();
    let standard = json!({
        "iss": "https://verify.example.com", "sub": USER, "state": flow.state(),
        "iat": now - 10, "exp": now + 3000,
    });
    claims.extend(standard.as_object().expect("an object").clone());
    claims
}

/// A token that is odd, or wrong.
struct Bent {
    how: &'static str,
    token: String,
    good: bool,
}

/// One way after the other.
fn bend(claims: &Map<String, Value>, at: usize) -> Bent {
    let mut claims = claims.clone();
    let now = claims["iat"].as_i64().expect("a date");
    let mut with = |name: &str, value: Value| {
        claims.insert(name.to_owned(), value);
        sign(&json!({ "alg": "HS256" }), &claims, SECRET)
    };
    let hs256 = json!({ "alg": "HS256", "typ": "JWT" });
    let ways = 21;
    let (how, good, token) = match at % ways {
        0 => (
            "another typ",
            true,
            sign(&json!({ "alg": "HS256", "typ": "at+jwt" }), &claims, SECRET),
        ),
        1 => ("no typ", true, sign(&json!({ "alg": "HS256" }), &claims, SECRET)),
        2 => (
            "unknown header",
            true,
            sign(&json!({ "kid": "é", "alg": "HS256", "x": {} }), &claims, SECRET),
        ),
        3 => ("another aud", true, with("aud", json!("someone else"))),
        4 => ("exp with a fraction", true, with("exp", json!(now as f64 + 3000.5))),
        5 => ("nbf now", true, with("nbf", json!(now))),
        6 => ("alg none", false, unsigned(&json!({ "alg": "none" }), &claims)),
        7 => ("alg none, signed", false, sign(&json!({ "alg": "none" }), &claims, SECRET)),
        8 => ("alg HS256, not signed", false, unsigned(&hs256, &claims)),
        9 => (
            "alg RS256, signed with the secret",
            false,
            sign(&json!({ "alg": "RS256" }), &claims, SECRET),
        ),
        10 => ("alg in small letters", false, sign(&json!({ "alg": "hs256" }), &claims, SECRET)),
        11 => ("no alg", false, sign(&json!({ "typ": "JWT" }), &claims, SECRET)),
        12 => (
            "alg HS512",
            false,
            sign_as(Algorithm::HS512, &json!({ "alg": "HS512" }), &claims, SECRET),
        ),
        13 => ("another key", false, sign(&hs256, &claims, &SECRET[1..])),
        14 => ("expired", false, with("exp", json!(now - 5))),
        15 => ("not yet", false, with("nbf", json!(now + 2000))),
        16 => ("another sub", false, with("sub", json!("auth0|eve"))),
        17..20 => {
            let token = sign(&hs256, &claims, SECRET);
            let part = at % ways - 17;
            ("a bit turned", false, turn(&token, part, at))
        }
        _ => ("four parts", false, format!("{}.AAAA", sign(&hs256, &claims, SECRET))),
    };
    Bent { how, token, good }
}

fn unsigned(header: &Value, claims: &Map<String, Value>) -> String {
    let encode = |text: String| base64url(text.as_bytes());
    let claims = Value::Object(claims.clone());
    format!("{}.{}.", encode(header.to_string()), encode(claims.to_string()))
}

fn sign(header: &Value, claims: &Map<String, Value>, key: &str) -> String {
    sign_as(Algorithm::HS256, header, claims, key)
}

fn sign_as(algorithm: Algorithm, header: &Value, claims: &Map<String, Value>, key: &str) -> String {
    let unsigned = unsigned(header, claims);
    let message = &unsigned[..unsigned.len() - 1];
    let key = EncodingKey::from_secret(key.as_bytes());
    let signature = crypto::sign(message.as_bytes(), &key, algorithm).expect("signed");
    format!("{message}.{signature}")
}

/// One digit of a part is another. Not the last one, some of whose bits may
/// mean nothing.
fn turn(token: &str, part: usize, at: usize) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let place = at % (parts[part].len() - 1);
    let other = if parts[part][place..].starts_with('A') { "B" } else { "A" };
    parts[part].replace_range(place..=place, other);
    parts.join(".")
}
