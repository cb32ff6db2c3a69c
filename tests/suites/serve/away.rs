//! A server whose PostgreSQL stands still, or is killed: it says so, to whom it
//! concerns, and goes on when the database is back.

use std::thread;

use flowhost_tests::serving::{Response, Serving, request, wait_until};
use flowhost_tests::{Cli, event, own_postgres};
use serde_json::json;

use super::{KEYS, flow_file, path_of, redirect, returned, sent_away};

/// Not now, and when to come again.
#[track_caller]
fn later(answer: &Response) {
    let seconds = answer.header("retry-after").and_then(|seconds| seconds.parse::<u32>().ok());
    assert!(seconds.is_some_and(|seconds| seconds > 0), "{answer:#?}");
}

#[track_caller]
fn unavailable(answer: &Response) {
    later(&answer.clone().problem(503, "store_unavailable"));
}

#[track_caller]
fn unavailable_page(page: &Response) {
    later(&page.clone().expect(503));
    let kind = page.header("content-type").unwrap_or_default();
    assert!(kind.starts_with("text/html"), "{page:#?}");
    assert!(!page.body.contains("postgres"), "{page:#?}");
}

#[test]
fn while_postgresql_is_away_all_are_told_to_come_again() {
    let Some(mut postgres) = own_postgres("") else { return };
    let cli = Cli::with_keys(KEYS);
    cli.write("flow.toml", flow_file("reset", &json!([redirect()]), &json!([])));
    let url = postgres.url(&postgres.database());
    let url = format!("{url}&statement_timeout=300&connect_timeout=1");
    let server = Serving::with(&cli, &["flow.toml", "--store", &url], |_| {});
    for how in ["STOP", "KILL"] {
        println!("{how}");
        let (started, mut browser, state) = sent_away(&server);
        let (begun, begin) = server.begin("reset", &event());
        // Nobody knows what becomes of this one.
        let (other, _) = server.begin("reset", &event());
        let back = format!("/continue?state={state}");
        postgres.signal(how);

        let start = json!({ "flow": "reset", "event": event() });
        let at_once = json!({ "flow": "reset", "event": event(), "wait_for_browser": false });
        let result = json!({ "state": state, "factor": "otp" });
        let calls = [
            ("POST", "/v1/flows".to_owned(), Some(&start)),
            ("POST", "/v1/flows".to_owned(), Some(&at_once)),
            ("GET", path_of(&started, ""), None),
            ("POST", path_of(&other, "/cancel"), None),
            ("POST", path_of(&started, "/challenge-results"), Some(&result)),
            ("GET", "/readyz".to_owned(), None),
        ];
        // Together: each of them takes as long as the server is patient.
        thread::scope(|scope| {
            for (method, path, body) in &calls {
                scope.spawn(|| unavailable(&server.call(method, path, *body)));
            }
            for path in [&back, &begin] {
                let mut browser = browser.clone();
                let server = &server;
                scope.spawn(move || unavailable_page(&browser.get(server, path)));
            }
        });
        server.send(&request("GET", "/healthz", "", b"")).expect(200);

        match how {
            "STOP" => postgres.signal("CONT"),
            _ => postgres.restart(),
        }
        wait_until("the database", || {
            server.send(&request("GET", "/readyz", "", b"")).status == 200
        });
        returned(&browser.get(&server, &back), &started);
        assert_eq!(server.flow(&started)["outcome"], "completed");
        browser.begin(&server, &begin).expect(303);
        assert_eq!(server.flow(&begun)["outcome"], "redirect");
    }
    assert!(!server.log().contains(flowhost_tests::PASSWORD), "{}", server.log());
}
