//! A snapshot freezes what was computed; what must be fresh is fresh.

use std::collections::HashSet;

use flowhost_tests::{Scenario, javascript};
use serde_json::json;

/// What the same component logs in three runs.
fn three(source: &str) -> Vec<Vec<String>> {
    let scenario = Scenario::javascript(source);
    (0..3).map(|_| scenario.start().expect("completed").logs()).collect()
}

fn all_different(runs: &[Vec<String>]) -> bool {
    runs.iter().collect::<HashSet<_>>().len() == runs.len()
}

#[test]
fn randomness_differs_from_run_to_run() {
    for expression in [
        "Math.random()",
        "crypto.randomUUID()",
        "[...crypto.getRandomValues(new Uint8Array(16))].join()",
        "require('crypto').randomBytes(16).toString('hex')",
    ] {
        let source = format!("exports.onExecutePostChallenge = () => console.log({expression});");
        assert!(all_different(&three(&source)), "{expression}");
    }
}

#[test]
fn the_date_is_that_of_the_run() {
    let source = "exports.onExecutePostChallenge = async () => {
        const then = Date.now();
        await new Promise((done) => setTimeout(done, 20));
        console.log(then > 1700000000000, new Date() - then >= 19, new Date().getTimezoneOffset());
    };";
    assert_eq!(three(source)[0], ["true true 0"]);
}

#[test]
fn the_top_of_a_file_that_asks_for_either_is_evaluated_in_every_run() {
    let source = "const id = crypto.randomUUID(); const started = Date.now();
        exports.onExecutePostChallenge = () => console.log(id, started > 1700000000000);";
    let runs = three(source);
    assert!(all_different(&runs), "{runs:?}");
    assert!(runs.iter().all(|run| run[0].ends_with(" true")), "{runs:?}");
}

#[test]
fn nothing_is_kept_from_run_to_run() {
    let source = "let count = 0; exports.onExecutePostChallenge = () => {
        count += 1; globalThis.seen = (globalThis.seen || 0) + 1; console.log(count, seen);
    };";
    assert_eq!(three(source), [["1 1"], ["1 1"], ["1 1"]]);
}

#[test]
fn the_same_file_makes_the_same_component() {
    let source = "const now = Date.now(), r = Math.random(); exports.onExecutePostChallenge = () => now + r;";
    assert!(javascript("action.js", source) == javascript("action.js", source));
}

#[test]
fn a_component_imports_no_wasi_that_its_file_does_not_mention() {
    let imports = |source: &str| {
        let inspection = flowhost::inspect(&javascript("action.js", source)).expect("a component");
        let wasi = inspection.imports.into_iter().filter(|name| name.starts_with("wasi:"));
        wasi.collect::<Vec<_>>()
    };
    let plain = "exports.onExecutePostChallenge = async (event, api) => api.access.deny('x');";
    assert_eq!(imports(plain), Vec::<String>::new());
    let date = imports("exports.onExecutePostChallenge = () => console.log(Date.now());");
    assert_eq!(date, ["wasi:clocks/wall-clock@0.2.6"]);
    // What can put names together keeps everything but requests.
    let any = imports("exports.onExecutePostChallenge = () => eval('1');");
    assert!(any.contains(&"wasi:random/random@0.2.6".to_owned()), "{any:?}");
}

#[test]
fn timers_wait_in_order_and_the_handler_decides_when_it_is_done() {
    let source = "exports.onExecutePostChallenge = async () => {
        setTimeout(() => console.log('third'), 30);
        setTimeout(() => console.log('first'), 1);
        setImmediate(() => console.log('zeroth'));
        setTimeout(() => console.log('never'), 10000);
        await new Promise((done) => setTimeout(() => { console.log('second'); done(); }, 10));
        await new Promise((done) => setTimeout(done, 40));
    };";
    let step = Scenario::javascript(source).start().expect("completed");
    assert_eq!(step.logs(), ["zeroth", "first", "second", "third"]);
    assert!(step.json["runs"][0]["fuel"].as_u64() < Some(5_000_000), "{:#}", step.json["runs"]);
}

#[test]
fn the_configuration_and_secrets_are_the_actions_own() {
    let source = "exports.onExecutePostChallenge = (event) =>
        console.log(event.configuration.colour, event.secrets.KEY.length, event.secrets.OTHER);";
    let component = javascript("action.js", source);
    let scenario = Scenario::new().component("one", &component, json!({ "colour": "blue" }));
    assert_eq!(scenario.secret("KEY", "12345678").start().logs(), ["blue 8 undefined"]);
}
