//! Contract §1, §3 and §5: what each ordered pair of calls comes to, when the
//! action then returns, traps or has no fuel left.

use flowhost_tests::{Scenario, Step};
use serde_json::{Value, json};

const RESULT_URL: &str = "https://app.example.com/done";

/// The calls of the contract's §3, and the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Deny,
    ChallengeWith,
    ChallengeWithAny,
    SendUserTo,
    EncodeToken,
    ValidateToken,
    CacheGet,
    CacheSet,
    CacheDelete,
    Render,
    SetResultUrl,
    Log,
}

use Call::*;

const CALLS: [Call; 12] = [
    Deny,
    ChallengeWith,
    ChallengeWithAny,
    SendUserTo,
    EncodeToken,
    ValidateToken,
    CacheGet,
    CacheSet,
    CacheDelete,
    Render,
    SetResultUrl,
    Log,
];

impl Call {
    fn step(self) -> Value {
        let secret = json!({ "value": "s".repeat(32) });
        match self {
            Deny => json!({ "deny": "no" }),
            ChallengeWith => json!({ "challenge_with": { "factor": { "type": "otp" } } }),
            ChallengeWithAny => {
                json!({ "challenge_with_any": [{ "type": "phone" }, { "type": "otp" }] })
            }
            SendUserTo => json!({ "send_user_to": { "url": "https://verify.example.com/" } }),
            EncodeToken => {
                json!({ "encode_token": { "secret": secret, "payload": {}, "expires_in": null } })
            }
            ValidateToken => json!({ "validate_token": { "secret": secret } }),
            CacheGet => json!({ "cache_get": "key" }),
            CacheSet => json!({ "cache_set": { "key": "key", "value": "value" } }),
            CacheDelete => json!({ "cache_delete": "key" }),
            Render => json!({ "render": { "id": "consent" } }),
            SetResultUrl => json!({ "set_result_url": { "url": RESULT_URL } }),
            Log => json!({ "log": { "level": "info", "message": "line" } }),
        }
    }

    /// The type of the command it becomes, if it becomes one.
    fn command(self) -> Option<&'static str> {
        Some(match self {
            Deny => "deny",
            ChallengeWith => "challenge_with",
            ChallengeWithAny => "challenge_with_any",
            SendUserTo => "send_user_to",
            Render => "render",
            SetResultUrl => "set_result_url",
            EncodeToken | ValidateToken | CacheGet | CacheSet | CacheDelete | Log => return None,
        })
    }

    fn challenges(self) -> bool {
        matches!(self, ChallengeWith | ChallengeWithAny)
    }
}

/// What two calls and a return come to, by the contract's §1.
fn comes_to(one: Call, two: Call) -> &'static str {
    let has = |call| one == call || two == call;
    let suspends = has(SendUserTo) || has(Render);
    let challenges = one.challenges() || two.challenges();
    match () {
        // "deny together with anything else in one run: deny wins"
        () if has(Deny) => "denied",
        // "redirect and prompt in one run: abort"
        () if has(SendUserTo) && has(Render) => "redirect_and_render",
        // "two prompts in one run: abort"
        () if one == Render && two == Render => "multiple_renders",
        // "redirect (or prompt) and challenge in one run: abort"
        () if suspends && challenges => "conflicting_commands",
        // "redirect or prompt: SUSPEND at i", "two redirects: the last wins"
        () if has(SendUserTo) => "redirect",
        () if has(Render) => "prompt",
        // "challenge(s): SUSPEND at i"
        () if challenges => "challenge",
        // "nothing: run(i+1, on-execute); after the last: flow COMPLETED"
        () => "completed",
    }
}

fn found(step: &Step) -> &str {
    step.at("/failed/code").as_str().unwrap_or_else(|| step.outcome())
}

/// Runs an action that makes two calls and ends, and another one behind it.
fn run(one: Call, two: Call, ending: &[Value]) -> Step {
    let mut steps = vec![one.step(), two.step()];
    steps.extend_from_slice(ending);
    let flow = Scenario::executing(Value::Array(steps)).action("two", json!([]));
    flow.flow(|flow| flow.actions[0].limits.fuel = 8_000_000).start()
}

/// Ends the run by what does not return; no call must have had an effect.
fn no_pair_has_an_effect(ending: &Value, class: &str, code: &str) {
    for one in CALLS {
        for two in CALLS {
            let step = run(one, two, std::slice::from_ref(ending));
            assert_eq!(found(&step), code, "{one:?} then {two:?}: {:#}", step.json);
            assert_eq!(step.at("/failed/error_class"), class, "{one:?} then {two:?}");
            assert_eq!(step.at("/failed/action"), "one", "{one:?} then {two:?}");
            assert_eq!(*step.at("/result_url"), Value::Null, "{one:?} then {two:?}");
            assert_eq!(step.report.outcome.state(), None, "{one:?} then {two:?}");
            assert_eq!(step.ran(), ["one on-execute"], "{one:?} then {two:?}");
        }
    }
}

#[test]
fn every_pair_of_calls_comes_to_what_the_contract_says() {
    for one in CALLS {
        for two in CALLS {
            let step = run(one, two, &[]);
            let expected = comes_to(one, two);
            assert_eq!(found(&step), expected, "{one:?} then {two:?}: {:#}", step.json);
            let goes_on = expected == "completed";
            assert_eq!(step.ran().len(), if goes_on { 2 } else { 1 }, "{one:?} then {two:?}");
            let recorded = step.report.to_json()["runs"][0]["commands"].clone();
            let recorded = recorded.as_array().into_iter().flatten();
            let recorded: Vec<&str> = recorded.filter_map(|c| c["type"].as_str()).collect();
            let asked: Vec<&str> = [one, two].iter().filter_map(|call| call.command()).collect();
            assert_eq!(recorded, asked, "{one:?} then {two:?}");
            // An abort keeps nothing; all else keeps the result URL for later.
            if (one == SetResultUrl || two == SetResultUrl) && step.outcome() != "failed" {
                assert_eq!(*step.at("/result_url"), RESULT_URL, "{one:?} then {two:?}");
            }
        }
    }
}

#[test]
fn every_pair_of_calls_before_a_trap_comes_to_nothing() {
    no_pair_has_an_effect(&json!({ "trap": true }), "action_error", "action_trapped");
}

#[test]
fn every_pair_of_calls_before_the_fuel_ends_comes_to_nothing() {
    no_pair_has_an_effect(&json!({ "spin": true }), "action_timeout", "out_of_fuel");
}

/// What answers at once has answered, whatever becomes of the run.
#[test]
fn what_a_pair_of_calls_did_to_the_cache_stays() {
    for ending in [json!({ "trap": true }), json!({ "spin": true })] {
        let flow = |steps: Value| {
            Scenario::new()
                .event(|event| event["tenant"]["id"] = json!(format!("pairs {ending}")))
                .action("one", steps)
                .last(|action| action.limits.fuel = 8_000_000)
                .start()
        };
        flow(json!([CacheSet.step(), Deny.step(), ending])).expect("failed");
        let kept = flow(json!([CacheGet.step()])).expect("completed").logged("cache_get: ");
        assert!(kept.contains("\"value\":\"value\""), "{kept}");
        flow(json!([CacheDelete.step(), Deny.step(), ending])).expect("failed");
        assert_eq!(flow(json!([CacheGet.step()])).logged("cache_get: "), "none");
    }
}
