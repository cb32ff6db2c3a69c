//! Bad input: named, never the server's fault, and nothing changed by it.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use flowhost_tests::event;
use flowhost_tests::serving::{API_KEY, Browser, request, wait_until};
use serde_json::{Value, json};

use super::{redirect, sent_away, serving};

const JSON: &str = "content-type: application/json\r\n";
const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";

fn key() -> String {
    format!("authorization: Bearer {API_KEY}\r\n")
}

#[test]
fn the_api_opens_with_a_key_and_nothing_like_it() {
    let (_cli, server) = serving(json!([]), json!([]));
    let id = "A".repeat(22);
    let calls = [
        ("POST", "/v1/flows".to_owned()),
        ("GET", format!("/v1/flows/{id}")),
        ("POST", format!("/v1/flows/{id}/challenge-results")),
        ("POST", format!("/v1/flows/{id}/resume")),
        ("POST", format!("/v1/flows/{id}/cancel")),
        ("GET", "/metrics".to_owned()),
    ];
    let wrong = [
        String::new(),
        format!("authorization: Bearer {}\r\n", &API_KEY[1..]),
        format!("authorization: Bearer {API_KEY}x\r\n"),
        format!("authorization: Basic {API_KEY}\r\n"),
        format!("authorization: {API_KEY}\r\n"),
        "authorization: Bearer \r\n".to_owned(),
        format!("{}authorization: Bearer x\r\n", key()),
        format!("x-api-key: {API_KEY}\r\n"),
    ];
    for (method, path) in &calls {
        for headers in &wrong {
            let body = if *method == "GET" { "" } else { "{}" };
            let asked = request(method, path, &format!("{headers}{JSON}"), body.as_bytes());
            let answer = server.send(&asked).problem(401, "api_key_refused");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
    server.send(&request("GET", "/openapi.json", "", b"")).expect(200);
}

#[test]
fn what_the_api_cannot_read_it_names() {
    let (_cli, server) = serving(json!([redirect()]), json!([]));
    let good = json!({ "flow": "reset", "event": event() });
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body.to_string().into_bytes()
    };
    let large = json!({ "flow": "reset", "event": { "user": "x".repeat(300_000) } });
    let mut twice = good.to_string();
    twice.insert_str(1, "\"flow\":\"reset\",");
    let cases: Vec<(&str, &str, Vec<u8>, u16, &str)> = vec![
        ("no type", "", good.to_string().into(), 415, "media_type_unsupported"),
        ("a form", FORM, b"flow=reset".to_vec(), 415, "media_type_unsupported"),
        ("text", "content-type: text/json\r\n", b"{}".to_vec(), 415, "media_type_unsupported"),
        ("nothing", JSON, vec![], 400, "request_invalid"),
        ("broken UTF-8", JSON, b"{\"flow\":\"\xff\"}".to_vec(), 400, "request_invalid"),
        ("broken JSON", JSON, b"{\"flow\":".to_vec(), 400, "request_invalid"),
        ("more JSON", JSON, b"{} {}".to_vec(), 400, "request_invalid"),
        ("a list", JSON, b"[]".to_vec(), 400, "request_invalid"),
        ("an unknown key", JSON, with("flov", json!(1)), 400, "request_invalid"),
        ("a key twice", JSON, twice.into(), 400, "request_invalid"),
        ("a wrong type", JSON, with("wait_for_browser", json!("no")), 400, "request_invalid"),
        ("no flow", JSON, b"{\"event\":{}}".to_vec(), 400, "request_invalid"),
        ("an unknown flow", JSON, with("flow", json!("re\r\nset")), 404, "flow_unknown"),
        ("no event", JSON, with("event", json!({})), 422, "event_invalid"),
        ("an event of text", JSON, with("event", json!("x")), 422, "event_invalid"),
        ("deep JSON", JSON, "[".repeat(100_000).into_bytes(), 400, "request_invalid"),
        ("a large event", JSON, large.to_string().into(), 422, "event_invalid"),
        ("too much", JSON, vec![b' '; 1_100_000], 413, "request_too_large"),
    ];
    for (what, headers, body, status, code) in cases {
        println!("{what}");
        let asked = request("POST", "/v1/flows", &format!("{}{headers}", key()), &body);
        server.send(&asked).problem(status, code);
    }
    let mut event = event();
    event["user"]["user_metadata"]["more"] = "x".repeat(300_000).into();
    let large = json!({ "flow": "reset", "event": event });
    server.call("POST", "/v1/flows", Some(&large)).problem(413, "event_too_large");
    assert!(!server.log().contains("\"level\":\"ERROR\""), "{}", server.log());
}

#[test]
fn paths_and_methods_are_named_too() {
    let (_cli, server) = serving(json!([]), json!([]));
    for path in ["/", "/v1", "/v1/flows/", "/v2/flows", "/begin/", "/continue/there", "/%ff"] {
        server.call("GET", path, None).problem(404, "route_unknown");
    }
    for id in ["x", "..%2f..%2fetc", "%00", &"A".repeat(23), "%0d%0aa:b", &"A".repeat(9_000)] {
        server.call("GET", &format!("/v1/flows/{id}"), None).problem(404, "flow_unknown");
    }
    server.call("GET", "/v1/flows/%ff", None).problem(400, "request_invalid");
    for (method, path, allowed) in [
        ("GET", "/v1/flows", "POST"),
        ("DELETE", "/v1/flows", "POST"),
        ("BREW", "/v1/flows", "POST"),
        ("PUT", "/continue", "GET,POST"),
        ("POST", "/begin", "GET"),
    ] {
        let answer = server.call(method, path, None).problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
    }
}

#[test]
fn what_the_continue_page_cannot_read_changes_nothing() {
    let (_cli, server) = serving(json!([redirect()]), json!([]));
    let (started, mut browser, state) = sent_away(&server);
    for (query, status) in [
        (String::new(), 400),
        ("a=b".to_owned(), 400),
        (format!("state={state}&state={state}"), 400),
        (format!("state={state}&state=other"), 400),
        (format!("state[]={state}&state[]=other"), 400),
        (format!("state[0]={state}"), 400),
        (format!("state={state}&a=1&a=2"), 400),
        (format!("state={state}&a=%ff"), 400),
        (format!("state={state}&%c3=1"), 400),
        (format!("STATE={state}"), 400),
        (format!("state={state}%00"), 410),
        (format!("state=%20{state}"), 410),
        (format!("state={state}&a={}", "x".repeat(1_000_000)), 431),
    ] {
        let shown: String = query.chars().take(80).collect();
        let answer = browser.get(&server, &format!("/continue?{query}"));
        assert_eq!(answer.status, status, "{shown}: {answer:#?}");
    }
    for (path, form, status) in [
        ("/continue", format!("state={state}&state={state}"), 400),
        ("/continue?state=other", format!("state={state}"), 400),
        ("/continue", "a=b".to_owned(), 400),
        ("/continue", format!("state={state}&a=%ff"), 400),
        ("/continue", format!("state={state}&a={}", "x".repeat(100_000)), 413),
        ("/continue", format!("state={state}&a={}", "x".repeat(300_000)), 413),
    ] {
        let shown: String = form.chars().take(80).collect();
        let answer = browser.post(&server, path, &form);
        assert_eq!(answer.status, status, "{path} {shown} {answer:#?}");
    }
    let cookie = format!("cookie: {}\r\n", browser.cookie.as_ref().expect("a cookie"));
    for kind in ["", JSON, "content-type: multipart/form-data; boundary=x\r\n"] {
        let headers = format!("{cookie}{kind}");
        let asked = request("POST", "/continue", &headers, format!("state={state}").as_bytes());
        server.send(&asked).expect(415);
    }
    let broken = [b"state=".as_slice(), state.as_bytes(), b"&a=\xff"].concat();
    server.send(&request("POST", "/continue", &format!("{cookie}{FORM}"), &broken)).expect(400);
    let view = server.flow(&started);
    assert_eq!((&view["status"], &view["outcome"]), (&json!("waiting"), &json!("redirect")));
    browser.get(&server, &format!("/continue?state={state}")).expect(303);
}

#[test]
fn heads_are_bounded() {
    let (_cli, server) = serving(json!([]), json!([]));
    let long = format!("x-long: {}\r\n", "x".repeat(70_000));
    let many: String = (0..200).map(|index| format!("x-{index}: 1\r\n")).collect();
    for headers in [long, many] {
        server.send(&request("GET", "/healthz", &headers, b"")).expect(431);
    }
    for broken in ["GET /healthz\r\n\r\n", "x\r\n\r\n", "GET /healthz HTTP/1.1\r\na b: c\r\n\r\n"] {
        server.send(broken.as_bytes()).expect(400);
    }
    // Two lengths are two requests to somebody.
    let smuggled = "POST /v1/flows HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\
                    content-length: 2\r\n\r\nab";
    server.send(smuggled.as_bytes()).expect(400);
}

/// Ten seconds for a head, twenty for a body: slower clients are let go, while
/// others are served.
#[test]
fn slow_and_idle_clients_are_let_go() {
    let (_cli, server) = serving(json!([]), json!([]));
    let open = |sent: &[u8]| {
        let mut stream = TcpStream::connect(server.address).expect("a connection");
        stream.write_all(sent).expect("sent");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
        stream
    };
    let body =
        format!("POST /v1/flows HTTP/1.1\r\nhost: a\r\n{}{JSON}content-length: 9\r\n\r\n{{", key());
    let mut clients =
        [open(b""), open(b"GET /healthz HTTP/1.1\r\nhost: a\r\nx-slow: "), open(body.as_bytes())];
    server.send(&request("GET", "/healthz", "", b"")).expect(200);
    let heard = clients.each_mut().map(|stream| {
        let mut heard = Vec::new();
        // The end, and not that of this test's patience.
        let end = stream.read_to_end(&mut heard).map_err(|error| error.kind());
        let heard = String::from_utf8_lossy(&heard).into_owned();
        assert!(end.is_ok() || end == Err(ErrorKind::ConnectionReset), "{end:?} after {heard:?}");
        heard
    });
    assert_eq!(heard[0], "");
    assert!(heard[1].is_empty() || heard[1].starts_with("HTTP/1.1 408"), "{}", heard[1]);
    assert!(heard[2].starts_with("HTTP/1.1 408"), "{}", heard[2]);
    assert!(heard[2].contains("request_timeout"), "{}", heard[2]);
}

#[test]
fn what_asks_to_be_kept_alive_is() {
    let (_cli, server) = serving(json!([]), json!([]));
    let mut stream = TcpStream::connect(server.address).expect("a connection");
    for _ in 0..3 {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").expect("sent");
        let mut heard = String::new();
        wait_until("an answer", || {
            let mut part = [0; 4096];
            let count = stream.read(&mut part).expect("an answer");
            heard.push_str(&String::from_utf8_lossy(&part[..count]));
            heard.ends_with("ok\n")
        });
        assert!(heard.starts_with("HTTP/1.1 200"), "{heard}");
    }
}

#[test]
fn every_answer_has_the_headers_that_protect_it() {
    let (_cli, server) = serving(json!([redirect()]), json!([]));
    let (started, path) = server.begin("reset", &event());
    let mut browser = Browser::default();
    let id = started["flow_id"].as_str().expect("an id");
    let form = Browser::default().post(&server, "/continue", "state=x&a=b");
    let answers = [
        browser.get(&server, &path),
        browser.get(&server, &path),
        browser.get(&server, "/continue?state=x"),
        browser.get(&server, "/continue"),
        browser.get(&server, "/continue/send.js"),
        form,
        server.call("GET", &format!("/v1/flows/{id}"), None),
        server.call("GET", "/v1/flows/x", None),
        server.call("GET", "/v1/flows", None),
        server.call("GET", "/nothing", None),
        server.call("POST", "/v1/flows", Some(&json!({}))),
        server.send(&request("GET", &format!("/v1/flows/{id}"), "", b"")),
        server.call("GET", "/metrics", None),
        server.call("GET", "/healthz", None),
        server.call("GET", "/readyz", None),
        server.call("GET", "/openapi.json", None),
    ];
    for answer in answers {
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer:#?}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{answer:#?}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{answer:#?}");
        let policy = answer.header("content-security-policy").unwrap_or_default();
        assert!(policy.starts_with("default-src 'none'"), "{answer:#?}");
        assert!(policy.contains("frame-ancestors 'none'"), "{answer:#?}");
    }
}
