//! Whoever started a flow asks how it stands, by its id, and may cancel it; a
//! flow may wait for its browser to start it.

use std::sync::Arc;

use flowhost::{
    Binding, Engine, Event, FactorType, FlowStatus, FlowView, ManualClock, Resume, Timestamp,
};
use flowhost_tests::{Scenario, Step, engine_builder, shared_engine, wait_for};
use serde_json::{Map, Value, json};

const HOUR: i64 = 60 * 60 * 1000;

fn redirect() -> Value {
    json!({ "send_user_to": { "url": "https://verify.example.com/start" } })
}

fn log(message: &str) -> Value {
    json!({ "log": { "level": "info", "message": message } })
}

fn find(engine: &Engine, step: &Step) -> FlowView {
    wait_for(engine.find(&step.report.flow_id)).expect("an answer").expect("a flow")
}

fn moved() -> (Arc<ManualClock>, Engine) {
    let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_800_000_000_000)));
    let engine = engine_builder().clock(clock.clone()).build().expect("an engine");
    (clock, engine)
}

#[test]
fn a_flow_that_waits_says_for_what_and_what_ran() {
    let step = Scenario::executing(json!([log("hello"), redirect()])).start();
    let view = find(shared_engine(), &step);
    assert_eq!(view.status, FlowStatus::Waiting);
    assert_eq!(view.outcome, "redirect");
    assert_eq!(view.details, Some(json!({ "url": "https://verify.example.com/start" })));
    assert_eq!(view.user_id, "auth0|ada");
    assert_eq!(view.runs, step.json["runs"].as_array().cloned().unwrap_or_default());
    assert!(!view.to_json().to_string().contains(&step.state()), "the state is told once");
}

#[test]
fn a_flow_that_ended_keeps_its_outcome_and_all_that_ran() {
    let flow = Scenario::new()
        .action_with("a", json!([log("one"), redirect()]), json!([log("two")]))
        .action("b", json!([{ "set_result_url": { "url": "https://app.example.com/" } }]));
    let step = flow.start();
    let last = step.returns(&[]).expect("completed");
    let view = find(shared_engine(), &step);
    assert_eq!((view.status, view.outcome.as_str()), (FlowStatus::Ended, "completed"));
    assert_eq!(view.result_url.as_deref(), Some("https://app.example.com/"));
    let both = [&step, &last].map(|step| step.json["runs"].as_array().expect("runs").clone());
    assert_eq!(view.runs, both.concat());
}

#[test]
fn a_denial_and_a_failure_say_why() {
    for (ending, outcome, detail, value) in [
        (json!({ "deny": "not you" }), "denied", "reason", "not you"),
        (json!({ "trap": true }), "failed", "code", "action_trapped"),
    ] {
        let step = Scenario::new().action_with("a", json!([redirect()]), json!([ending])).start();
        step.returns(&[]).expect(outcome);
        let view = find(shared_engine(), &step);
        assert_eq!(view.outcome, outcome);
        assert_eq!(view.details.expect("details")[detail], value);
    }
}

#[test]
fn a_flow_that_waited_too_long_is_expired_and_then_forgotten() {
    let (clock, engine) = moved();
    let step = Scenario::executing(json!([redirect()])).on(&engine).start();
    clock.advance_millis(HOUR);
    assert_eq!(find(&engine, &step).status, FlowStatus::Expired);
    clock.advance_millis(24 * HOUR);
    wait_for(engine.sweep()).expect("swept");
    assert_eq!(find(&engine, &step).status, FlowStatus::Expired, "a day is not over yet");
    clock.advance_millis(1);
    wait_for(engine.sweep()).expect("swept");
    assert_eq!(wait_for(engine.find(&step.report.flow_id)).expect("an answer"), None);
}

#[test]
fn what_never_suspended_or_never_was_is_unknown() {
    let step = Scenario::executing(json!([])).start().expect("completed");
    for id in [step.report.flow_id.as_str(), "", "nobody", &"x".repeat(10_000)] {
        assert_eq!(wait_for(shared_engine().find(id)).expect("an answer"), None);
        let error = wait_for(shared_engine().cancel(id)).expect_err("refused");
        assert_eq!(error.code().as_str(), "flow_unknown");
    }
}

#[test]
fn a_cancelled_flow_resumes_no_more_and_runs_nothing() {
    let step = Scenario::executing(json!([redirect()])).start();
    let view = wait_for(shared_engine().cancel(&step.report.flow_id)).expect("cancelled");
    assert_eq!((view.status, view.outcome.as_str()), (FlowStatus::Ended, "cancelled"));
    assert_eq!(step.resume_refused(Resume::get([("a", "b")])), "state_already_used");
    let found = find(shared_engine(), &step);
    assert_eq!(found, view);
    assert_eq!(found.runs.len(), 1, "only what ran before");
    let error = wait_for(shared_engine().cancel(&step.report.flow_id)).expect_err("refused");
    assert_eq!(error.code().as_str(), "flow_ended");
}

#[test]
fn an_ended_flow_cannot_be_cancelled() {
    let step = Scenario::executing(json!([redirect()])).start();
    step.returns(&[]).expect("completed");
    let error = wait_for(shared_engine().cancel(&step.report.flow_id)).expect_err("refused");
    assert_eq!(error.code().as_str(), "flow_ended");
    assert_eq!(find(shared_engine(), &step).outcome, "completed");
}

/// A flow that waits for its browser.
fn pending(scenario: &Scenario) -> flowhost::PendingStart {
    let flow = scenario.load().expect("a flow");
    let event = Event::from_json(&scenario.event_json()).expect("an event");
    wait_for(shared_engine().start_later(&flow, event)).expect("pending")
}

fn resume(state: &str, resume: Resume) -> Result<Step, &'static str> {
    wait_for(shared_engine().resume(state, resume))
        .map(|report| Step::new(shared_engine(), report))
        .map_err(|error| error.code().as_str())
}

#[test]
fn a_flow_waits_for_its_browser_and_runs_nothing_before() {
    let scenario = Scenario::executing(json!([{ "get": "request" }, redirect()]));
    let pending = pending(&scenario);
    let view = wait_for(shared_engine().find(&pending.flow_id)).expect("an answer");
    let view = view.expect("a flow");
    assert_eq!((view.status, view.outcome.as_str()), (FlowStatus::Waiting, "browser"));
    assert_eq!(view.runs, Vec::<Value>::new());
    let mut request = Map::new();
    request.insert("ip".to_owned(), json!("203.0.113.7"));
    let browser = Binding::new("a cookie");
    let start = Resume::start().with_request(request).with_binding(browser.clone());
    let step = resume(&pending.state, start).expect("started").expect("redirect");
    assert_eq!(step.report.flow_id, pending.flow_id);
    assert!(step.logged("request: ").contains("203.0.113.7"));
    // From now on it belongs to that browser.
    assert_eq!(step.resume_refused(Resume::get([("a", "b")])), "state_wrong_browser");
    step.resume(Resume::get([("a", "b")]).with_binding(browser)).expect("completed");
}

#[test]
fn a_pending_start_is_used_once_and_by_starting_only() {
    let pending = pending(&Scenario::executing(json!([redirect()])));
    for wrong in [Resume::get([("a", "b")]), Resume::passed(FactorType::Otp)] {
        assert_eq!(resume(&pending.state, wrong).err(), Some("wrong_resume"));
    }
    let browser = || Binding::new("a cookie");
    let step = resume(&pending.state, Resume::start().with_binding(browser())).expect("started");
    let other = Resume::start().with_binding(Binding::new("another cookie"));
    assert_eq!(resume(&pending.state, other).err(), Some("state_already_used"));
    let again = Resume::start().with_binding(browser());
    assert_eq!(step.resume_refused(again), "wrong_resume");
}

#[test]
fn a_start_that_nobody_came_for_is_cancelled_like_any_flow() {
    let pending = pending(&Scenario::executing(json!([redirect()])));
    wait_for(shared_engine().cancel(&pending.flow_id)).expect("cancelled");
    let refused = resume(&pending.state, Resume::start()).err();
    assert_eq!(refused, Some("state_already_used"));
}

#[test]
fn a_pending_start_counts_as_no_suspension() {
    let scenario =
        Scenario::executing(json!([redirect()])).flow(|flow| flow.limits.suspensions = 1);
    let pending = pending(&scenario);
    resume(&pending.state, Resume::start()).expect("started").expect("redirect");
}

#[test]
fn a_trusted_backend_resumes_for_a_browser_it_vouches_for() {
    let challenge = json!({ "challenge_with": { "factor": { "type": "otp" } } });
    let scenario = Scenario::executing(json!([challenge])).action("b", json!([redirect()]));
    let pending = pending(&scenario);
    let browser = Binding::new("a cookie");
    let step = resume(&pending.state, Resume::start().with_binding(browser.clone()));
    let step = step.expect("started").expect("challenge");
    assert_eq!(step.resume_refused(Resume::passed(FactorType::Otp)), "state_wrong_browser");
    let step = step.resume(Resume::passed(FactorType::Otp).vouched()).expect("redirect");
    // The binding holds all the same.
    assert_eq!(step.resume_refused(Resume::get([("a", "b")])), "state_wrong_browser");
    step.resume(Resume::get([("a", "b")]).with_binding(browser)).expect("completed");
}
