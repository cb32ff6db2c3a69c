//! Contract §5: failure. Every way a run can end badly, its class and code;
//! and secrets, which appear nowhere.

use flowhost::{Event, Outcome};
use flowhost_tests::{Scenario, event};
use serde_json::{Value, json};

const SECRET: &str = "s3cret-canary-value";

fn fails(step: Value, class: &str, code: &str) -> Value {
    let flow = Scenario::executing(json!([step])).last(|action| action.limits.fuel = 50_000_000);
    flow.start().expect_failure(class, code).json
}

#[test]
fn every_bad_ending_has_its_class_and_code() {
    fails(json!({ "fail": { "name": "Oops", "message": "no" } }), "action_error", "action_error");
    fails(json!({ "trap": true }), "action_error", "action_trapped");
    fails(json!({ "panic": "oh" }), "action_error", "action_trapped");
    fails(json!({ "exit": 0 }), "action_error", "action_trapped");
    fails(json!({ "exit": 1 }), "action_error", "action_trapped");
    fails(json!({ "recurse": true }), "action_error", "stack_overflow");
    fails(json!({ "spin": true }), "action_timeout", "out_of_fuel");
    fails(json!({ "grow_memory": { "mib": 65 } }), "action_error", "memory_limit_exceeded");
}

#[test]
fn a_failure_names_the_action_and_what_happened() {
    let flow = Scenario::new()
        .action("fine", json!([]))
        .action("broken", json!([{ "fail": { "name": "TypeError", "message": "x is undefined", "stack": "at a.js:1:2" } }]));
    let step = flow.start().expect_failure("action_error", "action_error");
    assert_eq!(*step.at("/failed/action"), "broken");
    assert_eq!(*step.at("/failed/message"), "TypeError: x is undefined");
    assert_eq!(step.logs(), ["at a.js:1:2"], "the stack is in the log");
    assert_eq!(*step.at("/runs/1/status"), "failed");
}

#[test]
fn a_refused_call_ends_the_run_when_the_action_says_so() {
    let flow = Scenario::executing(json!([{ "must": { "send_user_to": { "url": "nowhere" } } }]));
    let step = flow.start().expect_failure("action_error", "action_error");
    assert!(
        step.at("/failed/message").as_str().is_some_and(|m| m.starts_with("InvalidUrl: ")),
        "{}",
        step.json
    );
}

#[test]
fn a_denial_or_challenge_that_is_refused_and_ignored_fails_the_flow() {
    let options = json!({ "k": "x".repeat(5000) });
    let factor = json!({ "type": "recovery-code", "options": options });
    let url = json!({ "set_result_url": { "url": "https://a.example.com/" } });
    let full = json!({ "repeat": { "times": 32, "steps": [url] } });
    for steps in [
        json!([{ "deny": "x".repeat(1025) }]),
        json!([{ "challenge_with": { "factor": factor } }]),
        json!([full, { "deny": "no" }]),
        json!([{ "send_user_to": { "url": "nowhere" } }]),
        json!([{ "render": { "id": "" } }]),
        json!([full, { "challenge_with_any": [{ "type": "otp" }] }]),
    ] {
        let step = Scenario::executing(steps).start();
        step.expect_failure("action_error", "command_refused");
    }
    // An action that was refused one thing may ask for another.
    let other = json!([{ "send_user_to": { "url": "nowhere" } }, { "deny": "no" }]);
    Scenario::executing(other).start().expect("denied");
    // A denial that was recorded stands.
    let twice = json!([{ "deny": "no" }, { "deny": "x".repeat(1025) }]);
    Scenario::executing(twice).start().expect("denied");
}

#[test]
fn a_panic_says_where_in_the_log() {
    let json = fails(json!({ "panic": "the reason" }), "action_error", "action_trapped");
    let logs = json["runs"][0]["logs"].to_string();
    assert!(logs.contains("the reason") && logs.contains(".rs:"), "{logs}");
}

#[test]
fn what_a_user_may_see_is_a_fixed_text() {
    let public = |step: Value| match Scenario::executing(json!([step])).start().report.outcome {
        Outcome::Failed(failure) => failure.public_message(),
        other => panic!("{other:?}"),
    };
    let one = public(json!({ "fail": { "name": "A", "message": "internal detail" } }));
    let two = public(json!({ "trap": true }));
    assert_eq!(one, two);
    assert!(!one.contains("internal detail") && !one.is_empty());
}

#[test]
fn secrets_appear_in_no_log_message_reason_or_report() {
    let steps = [
        json!({ "secret": "K" }),
        json!({ "json": true }),
        json!({ "get": "secrets" }),
        json!({ "print": SECRET }),
        json!({ "eprint": format!("a {SECRET} b") }),
        json!({ "log": { "level": "error", "message": SECRET } }),
        json!({ "deny": format!("because {SECRET}") }),
        json!({ "fail": { "name": SECRET, "message": SECRET, "stack": SECRET } }),
        json!({ "panic": SECRET }),
        json!({ "send_user_to": { "url": format!("https://a.example.com/?k={SECRET}") } }),
        json!({ "render": { "id": "p", "fields": { "k": SECRET }, "vars": {} } }),
        json!({ "set_result_url": { "url": format!("https://a.example.com/{SECRET}") } }),
        json!({ "challenge_with": { "factor": { "type": SECRET } } }),
        json!({ "challenge_with": { "factor": { "type": "recovery-code", "options": { "k": SECRET } } } }),
        json!({ "validate_token": { "secret": { "named": SECRET } } }),
        json!({ "validate_token": { "secret": { "named": "K" }, "parameter": SECRET } }),
    ];
    for step in steps {
        let flow = Scenario::executing(json!([step])).secret("K", SECRET);
        // The configuration is the script itself, which spells the secret out.
        let text = flow.start().json.to_string();
        assert!(!text.contains(SECRET), "{step}: {text}");
    }
}

#[test]
fn a_secret_of_many_lines_is_redacted_line_by_line() {
    let key =
        "-----BEGIN KEY-----\nc2VjcmV0LWxpbmUtb25l\nc2VjcmV0LWxpbmUtdHdv\n-----END KEY-----\n";
    let steps = json!([{ "print": key }, { "secret": "K" }, { "panic": key }]);
    let text = Scenario::executing(steps).secret("K", key).start().expect("failed");
    let logs = text.json["runs"][0]["logs"].to_string();
    assert!(logs.contains("[secret K]") && !logs.contains("c2VjcmV0"), "{logs}");
}

#[test]
fn nothing_that_fails_completes() {
    for limit in [1, 1_000, 10_000, 50_000, 100_000] {
        let flow = Scenario::executing(json!([{ "get": "user" }]))
            .last(|action| action.limits.fuel = limit);
        let step = flow.start();
        let used = step.report.runs[0].fuel;
        assert!(used <= limit, "{used}");
        if step.outcome() == "failed" {
            assert_eq!(*step.at("/failed/code"), "out_of_fuel");
        }
    }
    Scenario::executing(json!([]))
        .last(|action| action.limits.fuel = 1)
        .start()
        .expect_failure("action_timeout", "out_of_fuel");
}

#[test]
fn an_event_that_is_refused_runs_nothing() {
    let scenario = Scenario::executing(json!([{ "cache_set": { "key": "ran", "value": "yes" } }]));
    let flow = scenario.clone().event(|event| event["user"]["user_id"] = json!(7));
    assert_eq!(flow.refused(), "event_invalid");
    let check = scenario
        .flow(|flow| flow.actions[0].configuration["execute"] = json!([{ "cache_get": "ran" }]));
    assert_eq!(check.start().logs(), ["cache_get: none"]);
    assert!(Event::from_json(&event().to_string()).is_ok());
}

#[test]
fn reports_say_what_each_run_cost() {
    let flow = Scenario::executing(json!([{ "grow_memory": { "mib": 5 } }, { "deny": "no" }]));
    let step = flow.start().expect("denied");
    let run = &step.report.runs[0];
    assert!(run.fuel > 10_000 && run.fuel < run.fuel_limit, "{}", run.fuel);
    assert!(run.memory_bytes > 5 << 20 && run.memory_bytes < 64 << 20, "{}", run.memory_bytes);
    assert!(run.duration_us > 0);
    assert_eq!(step.at("/runs/0/commands"), &json!([{ "type": "deny", "reason": "no" }]));
}
