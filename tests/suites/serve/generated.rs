//! Requests that are generated from the OpenAPI document, by schemathesis: no
//! answer is the server's fault, and each is as the document says. It is
//! installed with pip, below the target folder.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use flowhost_tests::serving::{API_KEY, Browser, Serving, request};
use flowhost_tests::{Cli, event, long, pip, project, seed};
use serde_json::{Value, json};

use super::{flow_file, redirect};

/// What is installed, and never anything newer by itself.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";

/// How many requests are generated at least, in CI and in a long run.
const FEW: u64 = 500;
const MANY: u64 = 10_000;

/// Where it is, if it can be had.
fn schemathesis() -> Option<PathBuf> {
    pip(SCHEMATHESIS).map(|folder| folder.join("schemathesis"))
}

fn server() -> (Cli, Serving) {
    let cli = Cli::new();
    cli.write("flow.toml", flow_file("reset", &json!([redirect()]), &json!([{ "deny": "no" }])));
    let server = Serving::start(&cli, "flow.toml");
    (cli, server)
}

#[test]
fn the_document_says_what_there_is() {
    let (_cli, server) = server();
    let document = server.send(&request("GET", "/openapi.json", "", b"")).expect(200).json();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    let paths: Vec<&String> = document["paths"].as_object().expect("paths").keys().collect();
    let expected = [
        "/v1/flows",
        "/v1/flows/{flow_id}",
        "/v1/flows/{flow_id}/cancel",
        "/v1/flows/{flow_id}/challenge-results",
        "/v1/flows/{flow_id}/resume",
    ];
    assert!(expected.iter().all(|path| paths.iter().any(|known| known == path)), "{paths:?}");
    assert_eq!(document["security"], json!([{ "api_key": [] }]));
    let start = &document["components"]["schemas"]["Start"];
    assert_eq!(start["additionalProperties"], false, "{start:#}");
}

/// What the library writes is what the document describes.
#[test]
fn answers_have_the_members_the_document_lists() {
    let (_cli, server) = server();
    let document = server.send(&request("GET", "/openapi.json", "", b"")).expect(200).json();
    let fits = |name: &str, answer: &Value| {
        let schema = &document["components"]["schemas"][name];
        let known = schema["properties"].as_object().expect("properties");
        for name in schema["required"].as_array().expect("required") {
            assert!(answer.get(name.as_str().expect("a name")).is_some(), "{name} in {answer:#}");
        }
        for name in answer.as_object().expect("an object").keys() {
            assert!(known.contains_key(name), "{name} is in no document: {answer:#}");
        }
    };
    let (started, path) = server.begin("reset", &event());
    fits("Pending", &started);
    fits("FlowView", &server.flow(&started));
    let mut browser = Browser::default();
    let state = browser.begin(&server, &path).expect(303).location_parameter("state");
    fits("FlowView", &server.flow(&started));
    browser.get(&server, &format!("/continue?state={state}")).expect(303);
    let ended = server.flow(&started);
    fits("FlowView", &ended);
    fits("Run", &ended["runs"][0]);
    let body = json!({ "flow": "reset", "event": event(), "wait_for_browser": false });
    let report = server.call("POST", "/v1/flows", Some(&body)).expect(200).json();
    fits("Report", &report);
    fits("Redirect", &report["redirect"]);
}

#[test]
fn generated_requests_find_no_fault() {
    let Some(program) = schemathesis() else { return };
    let wanted = if long() { MANY } else { FEW };
    let (cli, server) = server();
    // Some that exist, so that not every id is unknown.
    let ids = (0..40).map(|_| server.begin("reset", &event()).0["flow_id"].to_string());
    cli.write("ids.txt", ids.collect::<String>().replace('"', " "));
    let hooks = project().join("tests/schemathesis/hooks.py");
    cli.write("hooks.py", std::fs::read(hooks).expect("a file"));
    // What this test itself asked is not generated.
    let asked = answered(&server);
    let (mut total, mut round, seed) = (0, 0, seed("generated_requests"));
    while total < wanted {
        round += 1;
        let examples = if long() { 600 } else { 60 };
        let output = Command::new(&program)
            .args(["run", &format!("http://{}/openapi.json", server.address)])
            .args(["--header", &format!("Authorization: Bearer {API_KEY}")])
            .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing"])
            .args(["--mode", if round % 2 == 1 { "all" } else { "negative" }])
            .args(["--max-examples", &examples.to_string(), "--no-color"])
            .args(["--seed", &(seed.wrapping_add(round) % 1_000_000).to_string()])
            .args(["--workers", "2", "--generation-database", "none"])
            .env("SCHEMATHESIS_HOOKS", "hooks")
            .env("PYTHONPATH", cli.path())
            .env("NO_PROXY", "127.0.0.1")
            .current_dir(cli.path())
            .stdin(Stdio::null())
            .output()
            .expect("schemathesis");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        println!("{said}");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let new = answered(&server) - asked;
        assert!(new > total, "it sent nothing");
        total = new;
    }
    println!("{total} generated requests, {round} rounds");
    let metrics = server.call("GET", "/metrics", None).expect(200).body;
    assert!(!metrics.contains("status=\"5"), "{metrics}");
    server.stop();
}

/// Not whether well-formed requests are accepted: an event is more than its
/// schema says.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,\
                      negative_data_rejection,missing_required_header,unsupported_method,\
                      ignored_auth";

/// How many requests to the API it counted.
fn answered(server: &Serving) -> u64 {
    let metrics = server.call("GET", "/metrics", None).expect(200).body;
    let counted = metrics.lines().filter(|line| {
        line.starts_with("flowhost_http_requests_total{route=\"/v1/")
            || line.contains("route=\"none\"")
    });
    counted.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum::<f64>() as u64
}
