//! Contract §4: suspension and resume. What stores promise is in `store.rs`,
//! what survives a crash in `crash.rs`.

use std::collections::HashSet;
use std::sync::Arc;

use flowhost::store::MemoryStore;
use flowhost::{
    Binding, Component, Engine, Event, KeyRing, ManualClock, Report, Resume, Secret, Timestamp,
};
use flowhost_tests::{
    Random, Scenario, Step, engine_builder, execute_only, javascript, seed, shared_engine, wait_for,
};
use serde_json::{Value, json};

const NO_QUERY: [(&str, &str); 0] = [];
const HOUR: i64 = 60 * 60 * 1000;

fn get() -> Resume {
    Resume::get(NO_QUERY)
}

fn redirect() -> Value {
    json!({ "send_user_to": { "url": "https://verify.example.com/", "query": [] } })
}

fn redirecting() -> Scenario {
    Scenario::executing(json!([redirect()]))
}

/// A flow that one browser has started.
fn started_by(browser: &Binding, scenario: &Scenario) -> Step {
    let flow = scenario.load().expect("a flow");
    let event = Event::from_json(&scenario.event_json()).expect("an event");
    let report = wait_for(shared_engine().start_bound(&flow, event, browser)).expect("a report");
    Step::new(shared_engine(), report)
}

/// Numbers in a configuration are written down with the flow: any of them.
#[test]
fn a_flow_resumes_whatever_numbers_are_in_its_configuration() {
    let mut random = Random::new(seed("numbers"));
    let mut numbers = vec![0.120_889_959_805_806_41, 0.945_270_670_695_553_9, f64::MIN_POSITIVE];
    numbers.extend((0..500).map(|_| f64::from_bits(random.below(u64::MAX))));
    numbers.retain(|number| number.is_finite());
    let says = "exports.onExecutePostChallenge = (event) => {
        console.log('odd: ' + JSON.stringify(event.configuration.odd));
    };";
    let flow = Scenario::new()
        .action("a", json!([redirect()]))
        .component("b", &javascript("b.js", says), json!({ "odd": numbers }))
        .flow(|flow| flow.actions[1].limits.log_bytes = 1 << 20);
    let back = flow.start().returns(&[]).expect("completed");
    let seen: Value = serde_json::from_str(&back.logged("odd: ")).expect("JSON");
    assert_eq!(seen, json!(numbers));
}

/// An engine whose clock is moved by hand.
fn moved() -> (Arc<ManualClock>, Engine) {
    let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_800_000_000_000)));
    let engine = engine_builder().clock(clock.clone()).build().expect("an engine");
    (clock, engine)
}

/// The keys of engines that share a store.
fn keys() -> KeyRing {
    KeyRing::parse("1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").expect("keys")
}

/// An engine on a store that others share.
fn on(store: &Arc<MemoryStore>) -> Engine {
    let builder = engine_builder().shared_store(store.clone()).keys(keys());
    builder.build().expect("an engine")
}

#[test]
fn a_state_is_256_bits_in_base64url_and_never_twice_the_same() {
    let flow = redirecting().load().expect("a flow");
    let event = || Event::from_json(&redirecting().event_json()).expect("an event");
    let states: HashSet<String> = (0..200)
        .map(|_| wait_for(shared_engine().start(&flow, event())).expect("a report"))
        .map(|report: Report| report.outcome.state().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(states.len(), 200);
    for state in &states {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        assert!(state.len() == 43 && state.chars().all(fits), "{state}");
    }
}

#[test]
fn a_state_is_used_once() {
    let step = redirecting().start();
    step.returns(&[]).expect("completed");
    assert_eq!(step.resume_refused(get()), "state_already_used");
    assert_eq!(
        step.resume_refused(Resume::passed(flowhost::FactorType::Otp)),
        "state_already_used"
    );
}

#[test]
fn a_failed_or_denied_run_uses_the_state_up_too() {
    for ending in [json!({ "trap": true }), json!({ "deny": "no" })] {
        let step = Scenario::new().action_with("a", json!([redirect()]), json!([ending])).start();
        step.returns(&[]);
        assert_eq!(step.resume_refused(get()), "state_already_used");
    }
}

#[test]
fn unknown_states_are_refused() {
    for state in ["", "x", &"A".repeat(43), &"é".repeat(43), &"A".repeat(10_000)] {
        let refused = wait_for(shared_engine().resume(state, get())).expect_err("refused");
        assert_eq!(refused.code().as_str(), "state_unknown", "{state:.50}");
    }
}

#[test]
fn a_state_lives_for_one_hour_by_default() {
    let (clock, engine) = moved();
    let step = redirecting().on(&engine).start();
    assert_eq!(*step.at("/redirect/expires_at"), "2027-01-15T09:00:00.000Z");
    clock.advance_millis(HOUR - 1);
    step.returns(&[]).expect("completed");
    let step = redirecting().on(&engine).start();
    clock.advance_millis(HOUR);
    assert_eq!(step.resume_refused(get()), "state_expired");
    clock.advance_millis(-HOUR);
    let step = redirecting().on(&engine).flow(|f| f.limits.state_lifetime = 5_000).start();
    clock.advance_millis(5_000);
    assert_eq!(step.resume_refused(get()), "state_expired");
}

#[test]
fn each_suspension_lives_anew() {
    let (clock, engine) = moved();
    let flow =
        Scenario::new().action_with("a", json!([redirect()]), json!([redirect()])).on(&engine);
    let step = flow.start();
    clock.advance_millis(HOUR - 1);
    let step = step.returns(&[]).expect("redirect");
    clock.advance_millis(HOUR - 1);
    step.returns(&[]).expect("redirect");
}

#[test]
fn a_state_of_another_browser_is_refused_and_stays_usable() {
    let scenario = redirecting();
    let mine = Binding::new("this browser's cookie");
    let step = started_by(&mine, &scenario);
    assert_eq!(step.resume_refused(get()), "state_wrong_browser");
    let other = Binding::new("another browser's cookie");
    assert_eq!(step.resume_refused(get().with_binding(other)), "state_wrong_browser");
    step.resume(get().with_binding(mine)).expect("completed");
}

#[test]
fn the_binding_holds_for_later_suspensions_of_the_flow() {
    let scenario = Scenario::new().action_with("a", json!([redirect()]), json!([redirect()]));
    let mine = Binding::new("this browser's cookie");
    let step = started_by(&mine, &scenario).resume(get().with_binding(mine));
    assert_eq!(step.resume_refused(get()), "state_wrong_browser");
}

#[test]
fn the_continue_request_is_a_get_with_a_query_or_a_posted_form() {
    let flow = Scenario::new().action_with("a", json!([redirect()]), json!([{ "get": "request" }]));
    let method = |step: Step| {
        let request: Value = serde_json::from_str(&step.logged("request: ")).expect("JSON");
        request["method"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(method(flow.start().resume(Resume::get([("a", "b")]))), "GET");
    assert_eq!(method(flow.start().resume(Resume::post([("a", "b")], [("c", "d")]))), "POST");
}

#[test]
fn a_second_state_in_the_request_is_refused() {
    let step = redirecting().start();
    let other = "A".repeat(43);
    for resume in [
        Resume::get([("state", other.as_str())]),
        Resume::post([("a", "b")], [("state", other.as_str())]),
    ] {
        assert_eq!(step.resume_refused(resume), "continue_request_invalid");
    }
    step.returns(&[("state", &step.state())]).expect("completed");
}

#[test]
fn a_continue_request_over_its_limit_is_refused_and_the_state_stays_usable() {
    let step = redirecting().start();
    let long = "x".repeat(64 * 1024);
    assert_eq!(
        step.resume_refused(Resume::get([("a", long.as_str())])),
        "continue_request_too_large"
    );
    let half = "x".repeat(33 * 1024);
    let both = Resume::post([("a", half.as_str())], [("b", half.as_str())]);
    assert_eq!(step.resume_refused(both), "continue_request_too_large");
    step.returns(&[("a", &long[1..])]).expect("completed");
}

#[test]
fn an_event_that_grows_beyond_its_limit_is_refused_and_the_state_stays_usable() {
    let step = redirecting().start();
    let mut user = flowhost_tests::event()["user"].clone();
    user["user_metadata"]["x"] = json!("x".repeat(400_000));
    assert_eq!(step.resume_refused(get().with_user(user)), "event_too_large");
    step.returns(&[]).expect("completed");
}

#[test]
fn refused_attempts_keep_nobody_from_the_state() {
    let scenario = redirecting();
    let mine = Binding::new("this browser's cookie");
    let step = started_by(&mine, &scenario);
    let state = step.state();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let attack: Vec<_> = (0..100)
        .map(|_| {
            let (engine, state) = (shared_engine().clone(), state.clone());
            runtime.spawn(async move { engine.resume(&state, get()).await })
        })
        .collect();
    step.resume(get().with_binding(mine)).expect("completed");
    for attempt in attack {
        let refused = runtime.block_on(attempt).expect("a task").expect_err("refused");
        assert!(["state_wrong_browser", "state_already_used"].contains(&refused.code().as_str()));
    }
}

#[test]
fn of_simultaneous_resumes_exactly_one_runs() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    for _ in 0..50 {
        let step = redirecting().start();
        let resumes: Vec<_> = (0..16)
            .map(|_| {
                let (engine, state) = (shared_engine().clone(), step.state());
                runtime.spawn(async move { engine.resume(&state, get()).await })
            })
            .collect();
        let results: Vec<_> =
            resumes.into_iter().map(|task| runtime.block_on(task).expect("a task")).collect();
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        for refused in results.iter().filter_map(|result| result.as_ref().err()) {
            assert_eq!(refused.code().as_str(), "state_already_used");
        }
    }
}

#[test]
fn a_deploy_in_between_does_not_change_a_suspended_flow() {
    let before = Scenario::new()
        .action_with(
            "a",
            json!([redirect()]),
            json!([{ "log": { "level": "info", "message": "old" } }]),
        )
        .action("b", json!([{ "log": { "level": "info", "message": "old b" } }]))
        .flow(|flow| flow.limits.challenges = 1);
    let step = before.start();
    let pinned = step.json["flow"]["digest"].clone();
    // Another order, other components, other configuration, other limits.
    let after = before.clone().flow(|flow| {
        flow.actions.reverse();
        for action in &mut flow.actions {
            action.component = Component::Bytes(execute_only().to_vec());
            action.configuration.clear();
            action.limits.fuel = 1;
        }
        flow.limits.challenges = 4;
    });
    assert_ne!(after.start().json["flow"]["digest"], pinned);
    let step = step.returns(&[]).expect("completed");
    assert_eq!(step.logs(), ["old", "old b"]);
    assert_eq!(step.ran(), ["a on-continue", "b on-execute"]);
    assert_eq!(step.json["flow"]["digest"], pinned);
}

#[test]
fn a_pinned_component_that_is_gone_fails_the_flow() {
    let store = Arc::new(MemoryStore::new());
    let (first, second) = (on(&store), on(&store));
    let step = redirecting().on(&first).start();
    // The second engine knows the flow, but of its component another version.
    let deployed = redirecting().flow(|flow| {
        flow.name = step.report.flow.clone();
        flow.actions[0].component = Component::Bytes(execute_only().to_vec());
    });
    deployed.on(&second).load().expect("a flow");
    let report = wait_for(second.resume(&step.state(), get())).expect("a report");
    Step::new(&second, report).expect_failure("platform_error", "action_version_gone");
    assert_eq!(step.resume_refused(get()), "state_already_used");
}

#[test]
fn a_folder_of_components_lets_another_process_go_on() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let store = Arc::new(MemoryStore::new());
    let engine = || {
        let builder = engine_builder().shared_store(store.clone()).keys(keys());
        builder.component_folder(folder.path().to_owned()).build().expect("an engine")
    };
    let step = redirecting().on(&engine()).start();
    let second = engine();
    let spec = redirecting().flow(|flow| flow.name = step.report.flow.clone()).flow_spec();
    second.provide_secrets(&spec).expect("secrets");
    let report = wait_for(second.resume(&step.state(), get())).expect("a report");
    Step::new(&second, report).expect("completed");
    // What is in the folder under a wrong name is not run.
    let step = redirecting().on(&engine()).start();
    for entry in std::fs::read_dir(folder.path()).expect("a folder") {
        std::fs::write(entry.expect("a file").path(), execute_only()).expect("a file");
    }
    let third = engine();
    let spec = redirecting().flow(|flow| flow.name = step.report.flow.clone()).flow_spec();
    third.provide_secrets(&spec).expect("secrets");
    let report = wait_for(third.resume(&step.state(), get())).expect("a report");
    Step::new(&third, report).expect_failure("platform_error", "action_version_gone");
}

#[test]
fn a_flow_that_is_not_loaded_is_refused_and_the_state_stays_usable() {
    let store = Arc::new(MemoryStore::new());
    let (first, second) = (on(&store), on(&store));
    let step = redirecting().on(&first).start();
    let refused = wait_for(second.resume(&step.state(), get())).expect_err("refused");
    assert_eq!(refused.code().as_str(), "flow_not_loaded");
    step.returns(&[]).expect("completed");
}

#[test]
fn secrets_are_looked_up_again_on_resume() {
    let flow = |secret: &str| {
        Scenario::new()
            .action_with("a", json!([redirect()]), json!([
                { "encode_token": { "secret": { "named": "K" }, "payload": { "iat": 1, "exp": 1 } } },
            ]))
            .secret("K", secret)
    };
    let before = flow("old-secret-old-secret-old-secret");
    let step = before.start();
    let rotated = before.clone().last(|action| {
        *action = action.clone().secret("K", Secret::new("new-secret-new-secret-new-secret"));
    });
    let with_new = rotated.start().returns(&[]).logged("encode_token: ");
    assert_eq!(step.returns(&[]).logged("encode_token: "), with_new);
}

#[test]
fn a_secret_that_is_gone_fails_the_flow() {
    let before = redirecting().secret("K", "the-secret");
    let step = before.start();
    before.clone().last(|action| action.secrets.clear()).load().expect("a flow");
    step.returns(&[]).expect_failure("platform_error", "secret_unavailable");
}

#[test]
fn what_is_suspended_can_be_looked_at() {
    let step = redirecting().start();
    let head = wait_for(shared_engine().suspended(&step.state())).expect("a head");
    assert_eq!((head.flow, head.flow_id), (step.report.flow.clone(), step.report.flow_id.clone()));
    assert_eq!(wait_for(shared_engine().outcome(&step.report.flow_id)).expect("none"), None);
    step.returns(&[]).expect("completed");
    let outcome = wait_for(shared_engine().outcome(&step.report.flow_id)).expect("an outcome");
    assert_eq!(outcome.as_deref(), Some("completed"));
}
