//! A response that got lost is not a user that got lost: for a minute the same
//! browser is answered again, and nothing runs for it.

use std::sync::Arc;

use flowhost::store::{MemoryStore, Store};
use flowhost::{Binding, Digest, Engine, Event, FactorType, ManualClock, Resume, Timestamp};
use flowhost_tests::{Scenario, Step, engine_builder, wait_for};
use serde_json::{Value, json};

const MINUTE: i64 = 60_000;

struct World {
    engine: Engine,
    clock: Arc<ManualClock>,
    store: Arc<MemoryStore>,
}

impl World {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_800_000_000_000)));
        let store = Arc::new(MemoryStore::new());
        let builder = engine_builder().shared_store(store.clone()).clock(clock.clone());
        World { engine: builder.build().expect("an engine"), clock, store }
    }

    fn start(&self, scenario: Scenario) -> Step {
        let scenario = scenario.on(&self.engine);
        let flow = scenario.load().expect("a flow");
        let event = Event::from_json(&scenario.event_json()).expect("an event");
        let report = wait_for(self.engine.start_bound(&flow, event, &mine())).expect("a report");
        Step::new(&self.engine, report)
    }
}

fn mine() -> Binding {
    Binding::new("this browser's cookie")
}

fn returns() -> Resume {
    Resume::get([("result", "ok")]).with_binding(mine())
}

fn redirect() -> Value {
    json!({ "send_user_to": { "url": "https://verify.example.com/" } })
}

/// The same answer, and nothing ran for it.
#[track_caller]
fn assert_repeated(first: &Step, again: &Step) {
    assert!(!first.report.runs.is_empty());
    assert_eq!(again.report.runs, []);
    let mut expected = first.report.clone();
    expected.runs.clear();
    assert!(!expected.repeated);
    expected.repeated = true;
    assert_eq!(again.report, expected);
}

#[test]
fn a_lost_redirect_is_answered_again_with_the_same_state() {
    let world = World::new();
    let step =
        world.start(Scenario::new().action_with("a", json!([redirect()]), json!([redirect()])));
    let first = step.resume(returns()).expect("redirect");
    let again = step.resume(returns()).expect("redirect");
    assert_repeated(&first, &again);
    again.resume(returns()).expect("redirect");
}

#[test]
fn every_kind_of_answer_is_given_again() {
    for ending in [
        json!([]),
        json!([{ "deny": "no" }]),
        json!([{ "trap": true }]),
        json!([{ "set_result_url": { "url": "https://app.example.com/done" } }]),
        json!([{ "render": { "id": "form", "fields": { "a": 1 }, "vars": { "b": [2] } } }]),
        json!([{ "challenge_with": { "factor": { "type": "otp" } } }]),
    ] {
        let world = World::new();
        let step = world.start(Scenario::new().action_with("a", json!([redirect()]), ending));
        let first = step.resume(returns());
        assert_repeated(&first, &step.resume(returns()));
    }
}

#[test]
fn a_met_challenge_is_answered_again() {
    let world = World::new();
    let challenge = json!({ "challenge_with": { "factor": { "type": "otp" } } });
    let scenario = Scenario::executing(json!([challenge])).action("b", json!([redirect()]));
    let step = world.start(scenario).expect("challenge");
    let passed = || Resume::passed(FactorType::Otp).with_binding(mine());
    let first = step.resume(passed()).expect("redirect");
    assert_repeated(&first, &step.resume(passed()));
}

#[test]
fn after_a_minute_it_is_used_and_nothing_else() {
    let world = World::new();
    let step = world.start(Scenario::executing(json!([redirect()])));
    step.resume(returns()).expect("completed");
    world.clock.advance_millis(MINUTE - 1);
    step.resume(returns()).expect("completed");
    world.clock.advance_millis(1);
    assert_eq!(step.resume_refused(returns()), "state_already_used");
    // Nor before it was answered, by a clock that went back.
    world.clock.advance_millis(-2 * MINUTE);
    assert_eq!(step.resume_refused(returns()), "state_already_used");
}

#[test]
fn another_browser_gets_no_answer() {
    let world = World::new();
    let step = world.start(Scenario::executing(json!([redirect()])));
    step.resume(returns()).expect("completed");
    let other = Binding::new("another browser's cookie");
    for resume in
        [Resume::get([("result", "ok")]), Resume::get([("result", "ok")]).with_binding(other)]
    {
        assert_eq!(step.resume_refused(resume), "state_already_used");
    }
}

#[test]
fn a_flow_without_a_browser_is_answered_once() {
    let world = World::new();
    let step = Scenario::executing(json!([redirect()])).on(&world.engine).start();
    step.returns(&[]).expect("completed");
    assert_eq!(step.resume_refused(Resume::get([("a", "b")])), "state_already_used");
}

/// The answer holds the next state, which only its browser may know.
#[test]
fn an_answer_opens_only_with_the_state_it_answers() {
    let world = World::new();
    let scenario = Scenario::new().action_with("a", json!([redirect()]), json!([redirect()]));
    let step = world.start(scenario);
    let next = step.resume(returns()).expect("redirect");
    let now = Timestamp::from_millis(1_800_000_000_000);
    let look = wait_for(world.store.look(Digest::of(step.state().as_bytes()), now));
    let Ok(flowhost::store::Look::Settled { answer, .. }) = look else { panic!("{look:?}") };
    let holds = |text: &str| answer.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(answer.len() > 100 && !holds(&next.state()));
}

#[test]
fn a_second_click_waits_for_what_the_first_leads_to() {
    let world = World::new();
    let busy = json!([{ "repeat": { "times": 300, "steps": [{ "quiet": { "json_at": "/user" } }] } }, redirect()]);
    let step = world.start(Scenario::new().action_with("a", json!([redirect()]), busy));
    let click = || {
        let resume = returns().patiently(std::time::Duration::from_secs(60));
        async { world.engine.resume(&step.state(), resume).await.expect("an answer") }
    };
    let (one, two) = wait_for(async { tokio::join!(click(), click()) });
    assert_eq!(one.outcome, two.outcome);
    assert_eq!(one.runs.len() + two.runs.len(), 1, "it ran once");
    // Somebody else does not get to wait.
    let other = returns().with_binding(Binding::new("another browser"));
    let other = other.patiently(std::time::Duration::from_secs(60));
    assert_eq!(step.resume_refused(other), "state_already_used");
}

#[test]
fn a_backend_that_lost_an_answer_asks_again() {
    let world = World::new();
    let scenario = Scenario::new().action_with("a", json!([redirect()]), json!([redirect()]));
    let step = scenario.on(&world.engine).start().expect("redirect");
    let vouched = || Resume::get([("result", "ok")]).vouched();
    let first = step.resume(vouched()).expect("redirect");
    let again = step.resume(vouched()).expect("redirect");
    assert_repeated(&first, &again);
    // Nobody else does.
    assert_eq!(step.resume_refused(Resume::get([("a", "b")])), "state_already_used");
    assert_eq!(step.resume_refused(returns()), "state_already_used");
    world.clock.advance_millis(MINUTE);
    assert_eq!(step.resume_refused(vouched()), "state_already_used");
}

#[test]
fn what_a_browser_brings_resumes_only_what_is_bound_to_it() {
    let world = World::new();
    let scenario = Scenario::new().action_with("a", json!([redirect()]), json!([]));
    let step = scenario.on(&world.engine).start().expect("redirect");
    for resume in [returns(), Resume::get([("a", "b")])] {
        assert_eq!(step.resume_refused(resume.from_browser()), "state_wrong_browser");
    }
    step.resume(Resume::get([("a", "b")])).expect("completed");
}
