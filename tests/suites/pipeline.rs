//! Contract §1: the pipeline.

use flowhost::Resume;
use flowhost_tests::{Scenario, execute_only};
use serde_json::{Value, json};

#[path = "pipeline/pairs.rs"]
mod pairs;

const NO_QUERY: [(&str, &str); 0] = [];

fn redirect() -> Value {
    json!({ "send_user_to": { "url": "https://verify.example.com/", "query": [] } })
}

fn render() -> Value {
    json!({ "render": { "id": "consent" } })
}

fn challenge(factor: &str) -> Value {
    json!({ "challenge_with": { "factor": { "type": factor } } })
}

fn result_url(url: &str) -> Value {
    json!({ "set_result_url": { "url": url, "query": [] } })
}

#[test]
fn actions_run_in_order_and_nothing_asked_completes() {
    let step = Scenario::new().action("a", json!([])).action("b", json!([])).start();
    let step = step.expect("completed");
    assert_eq!(step.ran(), ["a on-execute", "b on-execute"]);
}

#[test]
fn at_most_four_actions_unless_the_flow_allows_more() {
    let five = (0..5).fold(Scenario::new(), |s, n| s.action(&format!("a{n}"), json!([])));
    assert_eq!(five.refused(), "too_many_actions");
    five.flow(|flow| flow.limits.actions = 5).start().expect("completed");
}

#[test]
fn deny_ends_the_flow_and_no_later_action_runs() {
    let flow = Scenario::executing(json!([{ "deny": "no" }])).action("two", json!([]));
    let step = flow.start().expect("denied");
    assert_eq!(step.ran(), ["one on-execute"]);
    assert_eq!(*step.at("/denied"), json!({ "reason": "no", "action": "one" }));
}

#[test]
fn commands_take_effect_only_after_the_handler_ended() {
    for ending in [
        json!({ "trap": true }),
        json!({ "panic": "oh" }),
        json!({ "fail": { "name": "Oops", "message": "no" } }),
        json!({ "exit": 0 }),
        json!({ "spin": true }),
    ] {
        for command in [json!({ "deny": "no" }), redirect(), render(), challenge("otp")] {
            let steps = json!([result_url("https://app.example.com/"), command, ending]);
            let flow = Scenario::executing(steps).action("two", json!([]));
            let step = flow.last(|_| ()).flow(|f| f.actions[0].limits.fuel = 5_000_000).start();
            let step = step.expect("failed");
            assert_eq!(step.ran(), ["one on-execute"], "{ending}");
            assert_eq!(*step.at("/result_url"), Value::Null, "{ending}");
        }
    }
}

#[test]
fn a_redirect_reenters_the_same_action_through_its_continue_export() {
    let flow = Scenario::new()
        .action("first", json!([]))
        .action_with(
            "sends",
            json!([redirect()]),
            json!([{ "log": { "level": "info", "message": "back" } }]),
        )
        .action("last", json!([]));
    let step = flow.start().expect("redirect");
    assert_eq!(step.ran(), ["first on-execute", "sends on-execute"]);
    let step = step.returns(&[]).expect("completed");
    assert_eq!(step.ran(), ["sends on-continue", "last on-execute"]);
}

#[test]
fn a_prompt_reenters_the_same_action_too() {
    let flow = Scenario::new().action_with("asks", json!([render()]), json!([]));
    let step = flow.start().expect("prompt");
    assert_eq!(step.returns(&[]).expect("completed").ran(), ["asks on-continue"]);
}

#[test]
fn a_met_challenge_goes_on_with_the_next_action() {
    let flow = Scenario::executing(json!([challenge("otp")])).action("two", json!([]));
    let step = flow.start().expect("challenge");
    assert_eq!(step.passes("otp").expect("completed").ran(), ["two on-execute"]);
}

#[test]
fn a_challenge_of_the_last_action_completes_when_it_is_met() {
    let step = Scenario::executing(json!([challenge("otp")])).start().expect("challenge");
    let step = step.passes("otp").expect("completed");
    assert!(step.ran().is_empty());
}

#[test]
fn a_challenge_cannot_be_passed_by_coming_back() {
    let step = Scenario::executing(json!([challenge("otp")])).start();
    assert_eq!(step.resume_refused(Resume::get(NO_QUERY)), "wrong_resume");
    assert_eq!(step.resume_refused(Resume::post(NO_QUERY, NO_QUERY)), "wrong_resume");
    step.passes("otp").expect("completed");
}

#[test]
fn a_redirect_cannot_be_passed_by_a_factor() {
    let step = Scenario::executing(json!([redirect()])).start();
    assert_eq!(step.resume_refused(Resume::passed(flowhost::FactorType::Otp)), "wrong_resume");
    step.returns(&[]).expect("completed");
}

#[test]
fn without_a_continue_export_the_flow_fails_when_it_would_suspend() {
    for command in ["redirect", "prompt"] {
        let flow = Scenario::new().component("one", execute_only(), json!({ command: true }));
        flow.start().expect_failure("action_error", "continue_missing");
    }
    let flow = Scenario::new().component("one", execute_only(), json!({}));
    flow.start().expect("completed");
}

#[test]
fn the_continue_handler_may_challenge_redirect_and_deny() {
    let after = |steps| Scenario::new().action_with("a", json!([redirect()]), steps);
    let step = after(json!([challenge("otp")])).start().returns(&[]).expect("challenge");
    step.passes("otp").expect("completed");
    after(json!([redirect()])).start().returns(&[]).expect("redirect");
    after(json!([{ "deny": "no" }])).start().returns(&[]).expect("denied");
}

#[test]
fn a_flow_suspends_at_most_eight_times() {
    let mut step =
        Scenario::new().action_with("a", json!([redirect()]), json!([redirect()])).start();
    for _ in 1..8 {
        step = step.expect("redirect").returns(&[]);
    }
    step.expect("redirect").returns(&[]).expect_failure("action_error", "too_many_suspensions");
}

#[test]
fn at_most_four_challenges_over_all_actions() {
    let two = json!([challenge("otp"), challenge("phone")]);
    let four = Scenario::new().action("a", two.clone()).action("b", two);
    four.start().passes("otp").passes("phone").expect("completed");
    let fifth = Scenario::new()
        .action("a", json!([challenge("otp"), challenge("phone"), challenge("push-notification")]))
        .action("b", json!([challenge("webauthn-roaming"), challenge("webauthn-platform")]));
    let step = fifth.start().passes("otp").passes("phone").passes("push-notification");
    step.expect_failure("action_error", "too_many_challenges");
}

#[test]
fn ignored_challenges_count_too() {
    let steps = json!([{ "repeat": { "times": 5, "steps": [challenge("otp")] } }]);
    Scenario::executing(steps).start().expect_failure("action_error", "too_many_challenges");
}

#[test]
fn two_challenges_in_one_run_must_both_be_met_in_call_order() {
    let flow = Scenario::executing(json!([challenge("phone"), challenge("otp")]));
    let step = flow.start().expect("challenge");
    assert_eq!(*step.at("/challenge/factors"), json!([{ "type": "phone" }]));
    let step = step.passes("phone").expect("challenge");
    assert_eq!(*step.at("/challenge/factors"), json!([{ "type": "otp" }]));
    step.passes("otp").expect("completed");
}

#[test]
fn of_two_redirects_or_result_urls_the_last_wins() {
    let to =
        |host: &str| json!({ "send_user_to": { "url": format!("https://{host}/"), "query": [] } });
    let steps = json!([
        to("a.example.com"),
        to("b.example.com"),
        result_url("https://x.example.com/"),
        result_url("https://y.example.com/"),
    ]);
    let step = Scenario::executing(steps).start().expect("redirect");
    let url = step.at("/redirect/url").as_str().unwrap_or_default();
    assert!(url.starts_with("https://b.example.com/?state="), "{url}");
    let step = step.returns(&[]).expect("completed");
    assert_eq!(*step.at("/result_url"), "https://y.example.com/");
}

#[test]
fn a_later_action_overrides_the_result_url_of_an_earlier_one() {
    let flow = Scenario::new()
        .action("a", json!([result_url("https://a.example.com/")]))
        .action("b", json!([result_url("https://b.example.com/")]))
        .action("c", json!([]));
    assert_eq!(*flow.start().expect("completed").at("/result_url"), "https://b.example.com/");
}

#[test]
fn aborts_say_what_auth0_says() {
    let message = |steps| {
        let step = Scenario::executing(steps).start().expect("failed");
        step.at("/failed/message").as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(
        message(json!([redirect(), render()])),
        "Redirect and render commands cannot be used in the same action."
    );
    assert_eq!(
        message(json!([render(), render()])),
        "Only 1 render command per action is allowed."
    );
}

#[test]
fn a_denial_keeps_the_result_url_and_drops_the_rest() {
    let steps = json!([redirect(), challenge("otp"), { "deny": "no" }, result_url("https://app.example.com/")]);
    let step = Scenario::executing(steps).start().expect("denied");
    assert_eq!(*step.at("/result_url"), "https://app.example.com/");
}

#[test]
fn the_thirty_third_command_is_refused() {
    let steps =
        json!([{ "repeat": { "times": 33, "steps": [result_url("https://a.example.com/")] } }]);
    let step = Scenario::executing(steps).start().expect("completed");
    let refused = step.logs().iter().filter(|line| line.contains("MaxSideEffectsExceeded")).count();
    assert_eq!(refused, 1);
    assert_eq!(step.report.runs[0].commands.len(), 32);
}

#[test]
fn cache_and_tokens_are_no_commands() {
    let steps = json!([{ "repeat": { "times": 40, "steps": [
        { "cache_set": { "key": "k", "value": "v" } },
        { "cache_get": "k" },
        { "encode_token": { "secret": { "value": "s".repeat(32) }, "payload": {}, "as": "t" } },
    ] } }, { "deny": "no" }]);
    let step = Scenario::executing(steps).start().expect("denied");
    assert_eq!(step.report.runs[0].commands.len(), 1);
}

#[test]
fn each_run_gets_a_fresh_instance() {
    let count = json!([{ "count_static": true }]);
    let flow = Scenario::new()
        .action_with("a", json!([{ "count_static": true }, redirect()]), count.clone())
        .action("b", count);
    let first = flow.start();
    let second = first.returns(&[]);
    let counts: Vec<String> = [first.logs(), second.logs()]
        .concat()
        .into_iter()
        .filter(|line| line.starts_with("count_static"))
        .collect();
    assert_eq!(counts.len(), 3);
    assert!(counts.iter().all(|line| *line == counts[0]), "{counts:?}");
}

#[test]
fn met_factors_show_in_the_methods_of_the_next_action() {
    let get = json!([{ "get": "authentication" }]);
    let flow = Scenario::new()
        .action("a", json!([challenge("otp"), { "get": "authentication" }]))
        .action("b", get);
    let step = flow.start();
    assert!(!step.logged("authentication: ").contains("mfa"), "never during a run");
    let step = step.passes("otp").expect("completed");
    let seen: Value = serde_json::from_str(&step.logged("authentication: ")).expect("JSON");
    assert_eq!(seen["methods"][1]["name"], "mfa");
    assert_eq!(seen["methods"][1]["type"], "otp");
    assert!(seen["methods"][1]["timestamp"].as_str().is_some_and(|at| at.ends_with('Z')));
    assert_eq!(*step.at("/authentication_methods/1/type"), "otp");
}

#[test]
fn a_handler_that_ends_at_once_is_no_commands_and_no_error() {
    Scenario::new()
        .action_with("a", json!([redirect()]), json!([]))
        .start()
        .returns(&[])
        .expect("completed");
}
