//! Hostile actions in Rust: what a compiler and its standard library make of
//! mischief. The acts are in `tests/guests/scripted/src/mischief.rs`.

use flowhost_tests::Scenario;
use serde_json::{Value, json};

fn endless(step: Value) -> Value {
    json!({ "repeat": { "times": 100_000_000_u64, "steps": [{ "quiet": step }] } })
}

#[test]
fn every_act_ends_by_its_name() {
    let log = |bytes: usize| json!({ "log": { "level": "info", "message": "x".repeat(bytes) } });
    let acts = [
        (json!({ "spin": true }), "out_of_fuel"),
        (json!({ "spin_in_drop": true }), "out_of_fuel"),
        (json!({ "grow_for_ever": true }), "memory_limit_exceeded"),
        (json!({ "reserve": { "mib": 2_000 } }), "memory_limit_exceeded"),
        (json!({ "recurse": true }), "stack_overflow"),
        (json!({ "recurse_with_arrays": true }), "action_trapped"),
        (json!({ "trap": true }), "action_trapped"),
        (json!({ "panic": "oh" }), "action_trapped"),
        (json!({ "panic_twice": true }), "action_trapped"),
        (json!({ "index": 7 }), "action_trapped"),
        (json!({ "exit": 0 }), "action_trapped"),
        (json!({ "exit": 1 }), "action_trapped"),
        (json!({ "fail": { "name": "Oops", "message": "no" } }), "action_error"),
        (endless(json!({ "cache_get": "key" })), "host_calls_exceeded"),
        (endless(json!({ "deny": "again" })), "host_calls_exceeded"),
        (endless(log(1)), "host_calls_exceeded"),
        (endless(json!({ "print": "line" })), "host_calls_exceeded"),
        (endless(json!({ "random": true })), "host_calls_exceeded"),
        (endless(log(60_000)), "host_call_bytes_exceeded"),
        (
            json!({ "repeat": { "times": 30, "steps": [{ "quiet": { "json": true } }, log(150_000)] } }),
            "host_call_bytes_exceeded",
        ),
        (json!({ "sleep_ms": 1_000_000 }), "wall_clock_exceeded"),
    ];
    for (act, code) in acts {
        // Each of them denies first: what fails does not deny.
        let flow = Scenario::executing(json!([{ "deny": "no" }, act])).flow(|flow| {
            if code == "out_of_fuel" {
                flow.actions[0].limits.fuel = 20_000_000;
            }
            let waits = code == "wall_clock_exceeded";
            flow.limits.wall_clock = if waits { 200 } else { flow.limits.wall_clock };
        });
        let step = flow.start();
        let shown = act.to_string().chars().take(80).collect::<String>();
        assert_eq!(step.at("/failed/code"), code, "{shown}: {:#}", step.at("/failed"));
    }
}

#[test]
fn an_action_finds_nothing_around_it() {
    let step = Scenario::executing(json!([{ "look_around": true }])).start().expect("completed");
    assert_eq!(step.logged("look_around: "), "0 0 0");
}
