//! `fetch`: what flows grant, as actions use it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use flowhost_tests::{Scenario, Server, auth0, ok};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

const KEY: &[u8] = include_bytes!("../../auth0/idp-key.der");
const KEYS: &str = include_str!("../../auth0/idp-keys.json");

fn granted(scenario: Scenario, origins: &[&str]) -> Scenario {
    let origins = origins.iter().map(|&origin| origin.to_owned()).collect();
    scenario.last(|action| action.outbound = Some(origins))
}

fn now() -> i64 {
    use flowhost::Clock as _;
    flowhost::SystemClock.now().as_secs()
}

/// An identity provider whose ID tokens are changed.
fn provider(change: impl Fn(&mut Value, &mut Header) + Send + Sync + 'static) -> Server {
    Server::http(move |request, to| {
        if request.starts_with("GET /jwks ") {
            return to.write_all(&ok(KEYS));
        }
        if !request.starts_with("POST /token ")
            || !request.contains("&code=good&") && !request.contains("code=good&")
        {
            let body = r#"{"error":"invalid_grant"}"#;
            let head =
                "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close";
            return write!(to, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        }
        let mut claims = json!({
            "iss": "idp", "sub": "idp|1", "aud": "client-1", "email": "ada@example.com",
            "iat": now(), "exp": now() + 300,
        });
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some("key-1".to_owned());
        change(&mut claims, &mut header);
        let key = match header.alg {
            Algorithm::RS256 => EncodingKey::from_rsa_der(KEY),
            _ => EncodingKey::from_secret(b"guessed"),
        };
        let token = jsonwebtoken::encode(&header, &claims, &key).expect("a token");
        to.write_all(&ok(&json!({ "id_token": token }).to_string()))
    })
}

/// What comes of an exchange of `code` at an identity provider.
fn exchanged(idp: &Server, code: &str) -> (&'static str, Vec<String>) {
    let origin = idp.origin();
    let component = flowhost_tests::javascript("action.js", &auth0("oidc-exchange"));
    let configuration = json!({ "IDP": origin, "CLIENT_ID": "client-1" });
    let scenario = Scenario::new()
        .component("one", &component, configuration)
        .secret("CLIENT_SECRET", "s3cr3t-of-the-client");
    let step = granted(scenario, &[&origin]).flow(|flow| flow.limits.cpu_time = 20_000);
    let step = step.start().expect("redirect").returns(&[("code", code)]);
    (step.outcome(), step.logs())
}

#[test]
fn a_code_is_exchanged_and_its_token_verified() {
    let idp = provider(|_, _| {});
    assert_eq!(exchanged(&idp, "good"), ("completed", vec!["verified idp|1".to_owned()]));
    let requests = idp.requests();
    let token = &requests[0];
    assert!(
        token.contains("\r\ncontent-type: application/x-www-form-urlencoded;charset=UTF-8\r\n"),
        "{token}"
    );
    // client-1:s3cr3t-of-the-client
    assert!(
        token.contains("\r\nauthorization: Basic Y2xpZW50LTE6czNjcjN0LW9mLXRoZS1jbGllbnQ=\r\n"),
        "{token}"
    );
    assert!(token.contains("grant_type=authorization_code&code=good&redirect_uri=https%3A%2F%2Flogin.example.com%2Fcontinue"), "{token}");
}

#[test]
fn a_token_that_is_not_right_is_denied() {
    let said = |idp: &Server| exchanged(idp, "good").1.remove(0);
    let other = provider(|claims, _| claims["email"] = json!("mallory@example.com"));
    assert_eq!(said(&other), "not verified: mallory@example.com is somebody else");
    let old = provider(|claims, _| claims["exp"] = json!(1));
    assert_eq!(said(&old), "not verified: not for us");
    let hmac = provider(|_, header| header.alg = Algorithm::HS256);
    assert_eq!(said(&hmac), "not verified: unexpected algorithm HS256");
    let unknown = provider(|_, header| header.kid = Some("key-2".to_owned()));
    assert_eq!(said(&unknown), "not verified: unknown key key-2");
    let (outcome, logs) = exchanged(&provider(|_, _| {}), "bad");
    assert_eq!(outcome, "denied");
    assert!(
        logs[0].starts_with("the code was refused 400 {\n  \"error\": \"invalid_grant\"\n}"),
        "{logs:?}"
    );
}

#[test]
fn soap_is_posted_and_read() {
    let server = Server::http(|request, to| {
        let status = if request.contains("<Id>auth0|ada</Id>") { "active" } else { "unknown" };
        to.write_all(&ok(&format!("<Envelope><Status>{status}</Status></Envelope>")))
    });
    let endpoint = format!("{}/service", server.origin());
    let component = flowhost_tests::javascript("action.js", &auth0("soap-lookup"));
    let scenario = Scenario::new().component("one", &component, json!({ "endpoint": endpoint }));
    let step = granted(scenario, &[&server.origin()]).start().expect("completed");
    assert_eq!(step.logs(), ["auth0|ada is active"]);
    let seen = server.requests();
    assert!(seen[0].contains("\r\nsoapaction: \"urn:staff#GetStatus\"\r\n"), "{}", seen[0]);
    assert!(seen[0].contains("\r\ncontent-type: text/xml; charset=utf-8\r\n"), "{}", seen[0]);
}

#[test]
fn a_refused_request_is_an_error_that_says_why() {
    let body = "try { await fetch('https://elsewhere.example/x?key=1'); }
        catch (e) { console.log(e.name, e.message, e.cause.code); }";
    let step = granted(Scenario::handling(body, ""), &["https://risk.example.com"]).start();
    let said = &step.logs()[0];
    assert!(
        said.starts_with("TypeError fetch failed: OutboundRefused: https://elsewhere.example"),
        "{said}"
    );
    assert!(said.ends_with("OutboundRefused") && !said.contains("key=1"), "{said}");
    let uncaught =
        granted(Scenario::handling("await fetch('https://elsewhere.example/');", ""), &[]);
    let failed = uncaught.start().expect_failure("action_error", "action_error");
    let message = failed.at("/failed/message").as_str().unwrap_or_default();
    assert!(message.starts_with("TypeError: fetch failed: OutboundRefused"), "{message}");
}

#[test]
fn without_a_grant_an_action_that_fetches_is_refused_when_it_is_loaded() {
    let scenario = Scenario::handling("await fetch('https://example.com/');", "");
    let error = scenario.load().expect_err("refused");
    assert_eq!(error.code().as_str(), "component_import_refused");
    assert!(error.hint().unwrap_or_default().contains("outbound"), "{error:?}");
}

#[test]
fn redirects_are_followed_and_each_is_checked() {
    let target = Server::saying("there");
    let to = target.origin();
    let hop = Server::http(move |_, stream| {
        write!(
            stream,
            "HTTP/1.1 302 Found\r\nlocation: {to}/x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        )
    });
    let body = format!(
        "const r = await fetch('{}/'); console.log(r.status, r.redirected, await r.text());",
        hop.origin()
    );
    let both = granted(Scenario::handling(&body, ""), &[&hop.origin(), &target.origin()]).start();
    assert_eq!(both.expect("completed").logs(), ["200 true there"]);
    let one = granted(Scenario::handling(&body, ""), &[&hop.origin()]).start();
    let failed = one.expect_failure("action_error", "action_error");
    assert!(failed.at("/failed/message").as_str().unwrap_or_default().contains("OutboundRefused"));
}

#[test]
fn requests_overlap_and_are_counted() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (under_way, highest) = (Arc::clone(&now), Arc::clone(&most));
    let server = Server::http(move |_, to| {
        highest.fetch_max(under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        // Each waits for the others, but not for ever.
        for _ in 0..500 {
            if highest.load(Ordering::SeqCst) == 10 {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        to.write_all(&ok("x"))
    });
    let body = format!(
        "const all = await Promise.allSettled(Array.from({{ length: 11 }}, () => fetch('{}/').then((r) => r.text())));
         console.log(all.filter((one) => one.status === 'fulfilled').length,
             all.find((one) => one.status === 'rejected').reason.message);",
        server.origin()
    );
    let step =
        granted(Scenario::handling(&body, ""), &[&server.origin()]).start().expect("completed");
    assert!(step.logs()[0].starts_with("10 fetch failed: OutboundRefused: "), "{:?}", step.logs());
    // All were under way before the first one was answered.
    assert_eq!(most.load(Ordering::SeqCst), 10);
}

#[test]
fn a_request_can_be_given_up() {
    let server = Server::http(|_, to| {
        std::thread::sleep(std::time::Duration::from_secs(3));
        to.write_all(&ok("late"))
    });
    let body = format!(
        "const name = (promise) => promise.then((r) => r.status, (e) => e.name);
         console.log(await name(fetch('{0}/', {{ signal: AbortSignal.timeout(50) }})));
         const controller = new AbortController();
         setTimeout(() => controller.abort(), 20);
         console.log(await name(fetch('{0}/', {{ signal: controller.signal }})));",
        server.origin()
    );
    let step =
        granted(Scenario::handling(&body, ""), &[&server.origin()]).start().expect("completed");
    assert_eq!(step.logs(), ["TimeoutError", "AbortError"]);
}

#[test]
fn a_response_is_bounded() {
    let server = Server::http(|_, to| to.write_all(&ok(&"x".repeat((1 << 20) + 1))));
    let body = format!("await (await fetch('{}/')).text();", server.origin());
    let step = granted(Scenario::handling(&body, ""), &[&server.origin()]).start();
    let failed = step.expect_failure("action_error", "action_error");
    let message = failed.at("/failed/message").as_str().unwrap_or_default().to_owned();
    assert!(message.contains("1 MiB"), "{message}");
}

#[test]
fn a_timer_that_is_always_due_does_not_keep_requests_waiting() {
    let server = Server::saying("x");
    let body = format!(
        "let done = false;
         fetch('{}/').then(() => {{ done = true; }});
         await new Promise((end) => {{
             const look = () => (done ? end() : setTimeout(look, 1));
             look();
         }});
         console.log(done);",
        server.origin()
    );
    let step = granted(Scenario::handling(&body, ""), &[&server.origin()]).start();
    assert_eq!(step.expect("completed").logs(), ["true"]);
}
