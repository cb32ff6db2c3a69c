//! The process: how it starts, reads its files again, counts, and stops.

use std::io::{ErrorKind, Read as _, Write as _};
use std::process::Command;
use std::time::Duration;

use flowhost_tests::serving::{API_KEY, Browser, Response, Serving, exchange, request, wait_until};
use flowhost_tests::{Cli, event};
use serde_json::{Value, json};

use super::{flow_file, redirect, sent_away, serving};

fn denying(reason: &str) -> String {
    flow_file("reset", &json!([redirect()]), &json!([{ "deny": reason }]))
}

/// The reason of the denial that a flow comes to.
fn denied(server: &Serving, started: &Value, browser: &mut Browser, state: &str) -> Value {
    browser.get(server, &format!("/continue?state={state}")).expect(303);
    server.flow(started)["denied"]["reason"].clone()
}

#[test]
fn it_refuses_to_start_with_what_cannot_work() {
    let cli = Cli::new();
    cli.write("flow.toml", denying("one"));
    cli.write("same.toml", denying("two"));
    cli.write("broken.toml", "name = 1");
    cli.write("no-keys.txt", "# none\n");
    let nothing = |_: &mut Command| {};
    let no_key = |command: &mut Command| {
        command.env_remove("FLOWHOST_API_KEYS");
    };
    let short = |command: &mut Command| {
        command.env("FLOWHOST_API_KEYS", "too-short-for-a-key");
    };
    type Change<'c> = &'c dyn Fn(&mut Command);
    let cases: [(&[&str], Change<'_>, i32, &str); 9] = [
        (&["flow.toml"], &no_key, 2, "usage"),
        (&["flow.toml"], &short, 2, "usage"),
        (&["flow.toml", "--api-keys", "no-keys.txt"], &nothing, 2, "usage"),
        (&["flow.toml", "--api-keys", "missing.txt"], &nothing, 2, "file_unreadable"),
        (&["flow.toml", "--public-url", "http://reset.example.com"], &nothing, 2, "usage"),
        (&["flow.toml", "--public-url", "https://a@b.example/?c"], &nothing, 2, "usage"),
        (&["flow.toml", "same.toml"], &nothing, 2, "flow_invalid"),
        (&["broken.toml"], &nothing, 2, "flow_invalid"),
        (&["missing.toml"], &nothing, 2, "file_unreadable"),
    ];
    for (arguments, change, exit, code) in cases {
        let mut command = Serving::command(&cli, arguments);
        change(&mut command);
        let output = command.output().expect("the command");
        let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(said["error"]["code"], code, "{arguments:?} {said:#}");
        assert_eq!(output.status.code(), Some(exit), "{arguments:?}");
        assert!(!said.to_string().contains("too-short"), "{said:#}");
    }
    let mut beyond = cli.command();
    beyond.args(["serve", "flow.toml", "--listen", "0.0.0.0:0"]).env("FLOWHOST_API_KEYS", API_KEY);
    assert_eq!(beyond.output().expect("the command").status.code(), Some(2));
}

#[test]
fn several_keys_open_it_so_that_one_can_be_replaced() {
    let cli = Cli::new();
    cli.write("flow.toml", denying("one"));
    let new = "another-key-0123456789abcdef0123456789ab";
    cli.write("keys.txt", format!("# new, then old\n{new}\n{API_KEY}\n"));
    let server = Serving::with(&cli, &["flow.toml", "--api-keys", "keys.txt"], |command| {
        command.env_remove("FLOWHOST_API_KEYS");
    });
    for key in [new, API_KEY] {
        let headers = format!("authorization: Bearer {key}\r\n");
        server.send(&request("GET", "/v1/flows/x", &headers, b"")).problem(404, "flow_unknown");
    }
}

#[test]
fn a_changed_file_changes_new_flows_and_no_suspended_one() {
    let cli = Cli::new();
    cli.write("flow.toml", denying("one"));
    let server = Serving::start(&cli, "flow.toml");
    let (old, mut old_browser, old_state) = sent_away(&server);
    cli.write("flow.toml", denying("number two"));
    server.wait_for_log("\"reloaded\"");
    let (new, mut new_browser, new_state) = sent_away(&server);
    assert_eq!(denied(&server, &old, &mut old_browser, &old_state), "one");
    assert_eq!(denied(&server, &new, &mut new_browser, &new_state), "number two");

    cli.write("flow.toml", "name = \"reset\"\ntrigger = 1\n");
    server.wait_for_log("\"not reloaded\"");
    assert!(server.log().contains("flow_invalid"), "{}", server.log());
    let (kept, mut browser, state) = sent_away(&server);
    assert_eq!(denied(&server, &kept, &mut browser, &state), "number two");
    let complaints = || server.log().matches("\"not reloaded\"").count();
    let before = complaints();
    server.signal("HUP");
    wait_until("the signal", || complaints() > before);

    cli.write("flow.toml", denying("three"));
    wait_until("the mended file", || server.log().matches("\"reloaded\"").count() == 2);
    let (mended, mut browser, state) = sent_away(&server);
    assert_eq!(denied(&server, &mended, &mut browser, &state), "three");
}

#[test]
fn told_to_stop_it_finishes_what_runs() {
    let (_cli, mut server) = serving(json!([redirect()]), json!([{ "sleep_ms": 1500 }]));
    let (_, browser, state) = sent_away(&server);
    let cookie = format!("cookie: {}\r\n", browser.cookie.as_ref().expect("a cookie"));
    let asked = request("GET", &format!("/continue?state={state}"), &cookie, b"");
    let address = server.address;
    let run = std::thread::spawn(move || exchange(address, &asked));
    wait_until("a run", || metric(&server, "flowhost_runs_in_flight") == Some(1.0));
    server.signal("TERM");
    server.wait_for_log("stopping");
    run.join().expect("an answer").expect(303);
    assert_eq!(server.ended(), Some(0), "{}", server.log());
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn told_twice_it_stops_at_once() {
    let (_cli, mut server) = serving(json!([redirect()]), json!([{ "sleep_ms": 15_000 }]));
    let (_, browser, state) = sent_away(&server);
    let cookie = format!("cookie: {}\r\n", browser.cookie.as_ref().expect("a cookie"));
    let asked = request("GET", &format!("/continue?state={state}"), &cookie, b"");
    let address = server.address;
    let run = std::thread::spawn(move || {
        let mut stream = std::net::TcpStream::connect(address).expect("a connection");
        stream.write_all(&asked).expect("sent");
        stream
    });
    let _open = run.join().expect("a connection");
    wait_until("a run", || metric(&server, "flowhost_runs_in_flight") == Some(1.0));
    server.signal("INT");
    server.wait_for_log("stopping");
    server.signal("TERM");
    assert_eq!(server.ended(), Some(3), "{}", server.log());
}

#[test]
fn grace_is_bounded() {
    let cli = Cli::new();
    let slow = json!([{ "sleep_ms": 15_000 }]);
    cli.write("flow.toml", flow_file("reset", &slow, &json!([])));
    let mut server = Serving::with(&cli, &["flow.toml", "--grace", "200ms"], |_| {});
    let body = json!({ "flow": "reset", "event": event(), "wait_for_browser": false });
    let key = format!("authorization: Bearer {API_KEY}\r\ncontent-type: application/json\r\n");
    let asked = request("POST", "/v1/flows", &key, body.to_string().as_bytes());
    let address = server.address;
    let _run = std::thread::spawn(move || {
        let mut stream = std::net::TcpStream::connect(address).expect("a connection");
        stream.write_all(&asked).expect("sent");
        _ = stream.read_to_end(&mut Vec::new());
    });
    wait_until("a run", || metric(&server, "flowhost_runs_in_flight") == Some(1.0));
    server.signal("TERM");
    assert_eq!(server.ended(), Some(3), "{}", server.log());
}

/// The number behind a name and its labels.
fn metric(server: &Serving, name: &str) -> Option<f64> {
    let text = server.call("GET", "/metrics", None).expect(200).body;
    let line =
        text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")).map(str::to_owned));
    line.and_then(|number| number.parse().ok())
}

#[test]
fn it_counts_what_it_does() {
    let (_cli, server) = serving(json!([redirect()]), json!([{ "deny": "no" }]));
    let (_, mut browser, state) = sent_away(&server);
    let back = format!("/continue?state={state}");
    browser.get(&server, &back).expect(303);
    // Answered again: nothing ran, nothing counts.
    browser.get(&server, &back).expect(303);
    Browser::default().get(&server, &back).expect(410);
    for (name, expected) in [
        ("flowhost_flows_started_total{flow=\"reset\"}", 1.0),
        ("flowhost_outcomes_total{flow=\"reset\",outcome=\"redirect\"}", 1.0),
        ("flowhost_outcomes_total{flow=\"reset\",outcome=\"denied\"}", 1.0),
        ("flowhost_resumes_refused_total{code=\"state_already_used\"}", 1.0),
        ("flowhost_action_runs_total{flow=\"reset\",action=\"first\",outcome=\"ok\"}", 2.0),
        ("flowhost_action_run_seconds_count{flow=\"reset\",action=\"first\"}", 2.0),
        ("flowhost_runs_in_flight", 0.0),
        ("flowhost_store_errors_total", 0.0),
        ("flowhost_http_requests_total{route=\"/continue\",method=\"GET\",status=\"303\"}", 2.0),
    ] {
        assert_eq!(metric(&server, name), Some(expected), "{name}");
    }
    let fuel = metric(&server, "flowhost_action_fuel_total{flow=\"reset\",action=\"first\"}");
    assert!(fuel > Some(0.0));
}

#[test]
fn what_it_says_about_itself_may_have_a_port_of_its_own() {
    let cli = Cli::new();
    cli.write("flow.toml", denying("no"));
    let arguments = ["flow.toml", "--admin-listen", "127.0.0.1:0"];
    let server = Serving::with(&cli, &arguments, |_| {});
    let admin = server.said["admin_listen"].as_str().expect("an address").parse().expect("one");
    for path in ["/healthz", "/readyz", "/metrics"] {
        exchange(admin, &request("GET", path, "", b"")).expect(200);
    }
    exchange(admin, &request("GET", "/openapi.json", "", b"")).problem(404, "route_unknown");
    server.call("GET", "/metrics", None).problem(404, "route_unknown");
    server.send(&request("GET", "/healthz", "", b"")).expect(200);
}

#[test]
fn without_its_store_it_is_not_ready_and_says_when_to_come_again() {
    let cli = Cli::new();
    cli.write("flow.toml", denying("no"));
    cli.run(&["keys", "new", "keys.txt"]).exits(0);
    // Nobody listens there; it is served all the same, and may come later.
    let store = "postgres://flowhost@127.0.0.1:1/flowhost?sslmode=disable";
    let arguments = ["flow.toml", "--store", store, "--keys", "keys.txt"];
    let server = Serving::with(&cli, &arguments, |_| {});
    server.wait_for_log("the store cannot be used yet");
    server.send(&request("GET", "/healthz", "", b"")).expect(200);
    let answer = server.send(&request("GET", "/readyz", "", b""));
    let answer = answer.problem(503, "store_unavailable");
    assert!(answer.header("retry-after").is_some(), "{answer:#?}");
    let body = json!({ "flow": "reset", "event": event() });
    let answer = server.call("POST", "/v1/flows", Some(&body)).problem(503, "store_unavailable");
    assert!(answer.header("retry-after").is_some(), "{answer:#?}");
    let answer = server.send(&request("GET", "/continue?state=x", "", b""));
    assert_eq!(answer.status, 410, "no state of ours needs no store");
    let unknown = format!("/continue?state={}", "A".repeat(43));
    let answer = server.send(&request("GET", &unknown, "", b"")).expect(503);
    assert!(answer.header("retry-after").is_some(), "{answer:#?}");
    assert!(metric(&server, "flowhost_store_errors_total") >= Some(3.0));
}

#[test]
fn more_connections_than_it_holds_wait() {
    let cli = Cli::new();
    cli.write("flow.toml", denying("no"));
    let server = Serving::with(&cli, &["flow.toml", "--max-connections", "2"], |_| {});
    let idle: Vec<_> = (0..2)
        .map(|_| std::net::TcpStream::connect(server.address).expect("a connection"))
        .collect();
    let mut third = std::net::TcpStream::connect(server.address).expect("a connection");
    third.write_all(&request("GET", "/healthz", "", b"")).expect("sent");
    third.set_read_timeout(Some(Duration::from_millis(300))).expect("a timeout");
    let heard = third.read(&mut [0; 1]).map_err(|error| error.kind());
    assert!(
        matches!(heard, Err(ErrorKind::WouldBlock | ErrorKind::TimedOut)),
        "while both are open: {heard:?}"
    );
    drop(idle);
    third.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
    Response::read(&mut third).expect(200);
}
