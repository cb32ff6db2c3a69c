//! `flowhost serve`: the API of the backend, the pages of the browser, what
//! both are refused, and how the process itself behaves.

#[path = "serve/away.rs"]
mod away;
#[path = "serve/browser.rs"]
mod browser;
#[path = "serve/canary.rs"]
pub(crate) mod canary;
#[path = "serve/generated.rs"]
mod generated;
#[path = "serve/machines.rs"]
mod machines;
#[path = "serve/operation.rs"]
mod operation;
#[path = "serve/requests.rs"]
mod requests;
#[path = "serve/reviewed.rs"]
mod reviewed;
#[path = "serve/traces.rs"]
mod traces;

use flowhost_tests::serving::{Browser, Response, Serving};
use flowhost_tests::{Cli, KEYS, event, example_folder};
use serde_json::{Value, json};

const RETURN_URL: &str = "https://app.example.com/reset?step=2";

/// A flow file of one scripted action.
fn flow_file(name: &str, execute: &Value, resume: &Value) -> String {
    let configuration = json!({ "execute": execute, "continue": resume });
    let configuration = toml::Value::try_from(&configuration).expect("TOML");
    let action = toml::toml! {
        name = "first"
        component = "scripted.wasm"
    };
    let mut action = action;
    action.insert("configuration".to_owned(), configuration);
    let mut flow = toml::toml! { trigger = "post-challenge@1" };
    flow.insert("name".to_owned(), name.into());
    flow.insert("return_url".to_owned(), RETURN_URL.into());
    flow.insert("action".to_owned(), toml::Value::Array(vec![action.into()]));
    flow.to_string()
}

fn redirect() -> Value {
    json!({ "send_user_to": { "url": "https://verify.example.com/", "query": [] } })
}

/// A server with one flow, called `reset`.
fn serving(execute: Value, resume: Value) -> (Cli, Serving) {
    let cli = Cli::new();
    cli.write("flow.toml", flow_file("reset", &execute, &resume));
    let server = Serving::start(&cli, "flow.toml");
    (cli, server)
}

/// A browser that was sent to the verifier, with the state it brings back.
fn sent_away(server: &Serving) -> (Value, Browser, String) {
    let (started, path) = server.begin("reset", &event());
    let mut browser = Browser::default();
    let state = browser.begin(server, &path).expect(303).location_parameter("state");
    (started, browser, state)
}

fn path_of(started: &Value, rest: &str) -> String {
    format!("/v1/flows/{}{rest}", started["flow_id"].as_str().expect("an id"))
}

/// Where the browser returns to, with the flow's id.
#[track_caller]
fn returned(answer: &Response, started: &Value) {
    let id = started["flow_id"].as_str().expect("an id");
    assert_eq!(answer.clone().expect(303).location(), format!("{RETURN_URL}&flow_id={id}"));
}

fn token(cli: &Cli, state: &str) -> String {
    let secret = example_folder("redirect-verify").join("token-key.txt");
    let secret = format!("--secret-file={}", secret.display());
    let state = format!("--state={state}");
    let ran = cli.run(&[
        "token",
        &secret,
        &state,
        "--sub=auth0|5f7c8ec7c33c6c004bbafe82",
        "--claim=result=ok",
    ]);
    ran.exits(0).stdout.trim().to_owned()
}

/// The example that sends the user to a verifier and then asks for a factor,
/// in each of its languages.
#[test]
fn a_whole_reset_goes_through_the_browser_and_the_backend() {
    for file in ["flow.toml", "flow-js.toml"] {
        let cli = Cli::new();
        let folder = example_folder("redirect-verify");
        let server = Serving::start(&cli, &folder.join(file).to_string_lossy());
        let event = std::fs::read_to_string(folder.join("event.json")).expect("an event");
        let event: Value = serde_json::from_str(&event).expect("JSON");
        let (started, path) = server.begin("redirect-verify", &event);
        assert_eq!(started["state"], "waiting", "{started:#}");
        assert_eq!(server.flow(&started)["outcome"], "browser");

        let mut browser = Browser::default();
        let sent = browser.begin(&server, &path).expect(303);
        assert!(sent.location().starts_with("https://verify.example.com/start?session_token="));
        let view = server.flow(&started);
        assert_eq!(view["outcome"], "redirect", "{view:#}");
        assert!(!view.to_string().contains(&sent.location_parameter("state")), "{view:#}");

        // The verifier's page posts: without the cookie, which stays behind.
        let state = sent.location_parameter("state");
        let form = format!("state={state}&session_token={}", token(&cli, &state));
        let page = Browser::default().post(&server, "/continue", &form).expect(200);
        assert!(page.body.contains("action=\"http://127.0.0.1"), "{}", page.body);
        assert!(page.body.contains("/continue/here?"), "{}", page.body);
        // There is no return address: the page says nothing, the backend knows.
        let done = browser.post(&server, "/continue/here", &form).expect(200);
        assert!(done.body.contains("This step is done"), "{}", done.body);
        let view = server.flow(&started);
        assert_eq!(view["outcome"], "challenge", "{view:#}");
        assert_eq!(view["challenge"]["factors"][0]["type"], "otp");
        assert_eq!(view["runs"].as_array().map(Vec::len), Some(2), "{view:#}");
        assert!(view["runs"][1]["fuel"].as_u64() > Some(0), "{view:#}");
    }
}

#[test]
fn the_backend_reports_the_challenge_it_verified() {
    let challenge = json!([{ "challenge_with": { "factor": { "type": "otp" } } }]);
    let (_cli, server) = serving(challenge, json!([]));
    let (started, path) = server.begin("reset", &event());
    let mut browser = Browser::default();
    let sent = browser.begin(&server, &path).expect(303);
    let state = sent.location_parameter("state");
    assert!(sent.location().starts_with(&format!("{RETURN_URL}&flow_id=")), "{sent:#?}");
    // A browser cannot meet a challenge by coming back.
    browser.get(&server, &format!("/continue?state={state}")).expect(410);

    let results = path_of(&started, "/challenge-results");
    let result = |factor: &str| json!({ "state": state, "factor": factor });
    let call = |path: &str, body: &Value| server.call("POST", path, Some(body));
    call(&results, &result("email")).problem(422, "factor_not_offered");
    let other = format!("/v1/flows/{}/challenge-results", "A".repeat(22));
    call(&other, &result("otp")).problem(404, "state_unknown");
    let report = call(&results, &result("otp")).expect(200).json();
    assert_eq!(report["outcome"], "completed", "{report:#}");
    // The answer may have got lost: it is given again, and nothing runs.
    let again = call(&results, &result("otp")).expect(200).json();
    assert_eq!((&again["outcome"], &again["runs"]), (&report["outcome"], &json!([])));
    let view = server.flow(&started);
    assert_eq!((&view["status"], &view["outcome"]), (&json!("ended"), &json!("completed")));
}

#[test]
fn a_backend_that_shows_everything_itself_gets_the_outcome_at_once() {
    let (_cli, server) = serving(json!([redirect()]), json!([{ "deny": "not today" }]));
    let body = json!({ "flow": "reset", "event": event(), "wait_for_browser": false });
    let report = server.call("POST", "/v1/flows", Some(&body)).expect(200).json();
    assert_eq!(report["outcome"], "redirect", "{report:#}");
    let state = report["redirect"]["state"].as_str().expect("a state");
    let resume = path_of(&report, "/resume");
    let get = json!({ "state": state, "method": "GET", "body": { "a": "b" } });
    server.call("POST", &resume, Some(&get)).problem(400, "continue_request_invalid");
    let post = json!({
        "state": state, "method": "POST", "query": { "a": "1" }, "body": { "b": "2" },
        "ip": "203.0.113.9", "user_agent": "Browser"
    });
    let report = server.call("POST", &resume, Some(&post)).expect(200).json();
    assert_eq!(report["outcome"], "denied", "{report:#}");
    assert_eq!(report["denied"]["reason"], "not today");
    assert_eq!(server.flow(&report)["outcome"], "denied");
}

#[test]
fn a_flow_that_waits_can_be_cancelled_and_an_ended_one_cannot() {
    let (_cli, server) = serving(json!([redirect()]), json!([]));
    let (started, mut browser, state) = sent_away(&server);
    let cancel = path_of(&started, "/cancel");
    let view = server.call("POST", &cancel, None).expect(200).json();
    assert_eq!(view["outcome"], "cancelled", "{view:#}");
    assert_eq!(server.flow(&started)["outcome"], "cancelled");
    browser.get(&server, &format!("/continue?state={state}")).expect(410);
    server.call("POST", &cancel, None).problem(409, "flow_ended");
    let unknown = format!("/v1/flows/{}/cancel", "A".repeat(22));
    server.call("POST", &unknown, None).problem(404, "flow_unknown");
}

#[test]
fn a_running_flow_cannot_be_cancelled() {
    let (_cli, server) = serving(json!([redirect()]), json!([{ "sleep_ms": 3000 }]));
    let (started, mut browser, state) = sent_away(&server);
    std::thread::scope(|scope| {
        let run = scope.spawn(|| browser.get(&server, &format!("/continue?state={state}")));
        flowhost_tests::serving::wait_until("a run", || {
            server.flow(&started)["status"] == "running"
        });
        server.call("POST", &path_of(&started, "/cancel"), None).problem(409, "flow_running");
        returned(&run.join().expect("an answer"), &started);
    });
}
