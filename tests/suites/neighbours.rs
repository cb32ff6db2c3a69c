//! Flows beside others that compute or wait for long: quick ones never queue behind
//! them, and no flow takes all the places there are.

use std::time::Duration;

use flowhost::{Engine, Event, Flow, Report};
use flowhost_tests::{Scenario, engine_builder, project, wait_for};
use serde_json::json;
use tokio::task::JoinSet;

/// One place for a quick flow, and one to wait for it.
fn engine() -> Engine {
    engine_builder().max_runs(1).max_queue(1).build().expect("an engine")
}

/// One of the hostile components, as the `number`th that does the same.
fn component(name: &str, number: u8) -> Vec<u8> {
    numbered(&text(name), number)
}

fn text(name: &str) -> String {
    let file = project().join("tests/hostile").join(name).with_extension("wat");
    std::fs::read_to_string(file).expect("a component")
}

fn numbered(text: &str, number: u8) -> Vec<u8> {
    let mut bytes = wat::parse_str(text).expect("a component");
    // A section that nobody reads.
    bytes.extend([0, 3, 1, b'n', number]);
    bytes
}

/// A flow that may go on for as long as it likes.
fn flow(engine: &Engine, components: &[&[u8]]) -> Flow {
    let mut scenario = Scenario::new().on(engine).flow(|flow| flow.limits.wall_clock = 3_600_000);
    for (index, bytes) in components.iter().enumerate() {
        let name = format!("action-{index}");
        scenario = scenario.component(&name, bytes, json!({})).last(|action| {
            action.limits.fuel = u64::MAX / 2;
            action.limits.cpu_time = 3_600_000;
            action.limits.host_calls = u64::MAX;
        });
    }
    scenario.load().expect("a flow")
}

/// One that does nothing, and is given up when it gets no place.
fn quick(engine: &Engine) -> Flow {
    let scenario = Scenario::new().component("good", &component("good", 0), json!({}));
    scenario.on(engine).load().expect("a flow")
}

/// Flows that are running, and how those ended that are not.
struct Crowd {
    engine: Engine,
    running: JoinSet<String>,
}

impl Crowd {
    fn new(engine: &Engine) -> Self {
        Crowd { engine: engine.clone(), running: JoinSet::new() }
    }

    /// Starts a flow, and gives it time to show what it does.
    async fn join(&mut self, flow: &Flow) {
        let (engine, flow) = (self.engine.clone(), flow.clone());
        self.running.spawn(async move {
            match start(&engine, &flow).await {
                Ok(report) => code(&report),
                Err(code) => code,
            }
        });
        tokio::time::sleep(Duration::from_millis(40)).await;
    }

    /// The codes of those that ended, when no more than `running` go on.
    async fn ended(&mut self, running: usize) -> Vec<String> {
        let mut codes = Vec::new();
        while self.running.len() > running {
            codes.push(self.running.join_next().await.expect("a flow").expect("no panic"));
        }
        codes
    }
}

async fn start(engine: &Engine, flow: &Flow) -> Result<Report, String> {
    let event = Event::from_json(&Scenario::new().event_json()).expect("an event");
    engine.start(flow, event).await.map_err(|error| error.code().to_string())
}

/// Why a flow failed. That there is no place is not the action's fault.
fn code(report: &Report) -> String {
    let failed = &report.to_json()["failed"];
    if failed["code"] == "overloaded" {
        assert_eq!(failed["error_class"], "platform_error");
    }
    failed["code"].as_str().unwrap_or("none").to_owned()
}

async fn expect_completed(engine: &Engine, flow: &Flow, beside: &str) {
    let report = start(engine, flow).await.unwrap_or_else(|code| panic!("{code} beside {beside}"));
    assert_eq!(report.to_json()["outcome"], "completed", "beside {beside}");
}

/// A flow that is started `times` at once, of which so many go on running, or
/// wait for that, and the rest is refused by name; quick flows run all the while.
fn one_flow(name: &str, times: usize, running: usize) {
    let engine = engine();
    let quick = quick(&engine);
    let other = flow(&engine, &[&component(name, 0)]);
    wait_for(async {
        let mut crowd = Crowd::new(&engine);
        for number in 0..times {
            crowd.join(&other).await;
            expect_completed(&engine, &quick, &format!("{name}, {number}")).await;
        }
        assert_eq!(crowd.ended(running).await, vec!["overloaded"; times - running], "{name}");
        assert!(crowd.running.try_join_next().is_none(), "{name}: {running} go on");
    });
}

/// More flows that do the same than there are places for such runs: all places are
/// taken.
fn many_flows(name: &str, running: usize) {
    let engine = engine();
    let quick = quick(&engine);
    let others: Vec<Flow> = (0..20).map(|n| flow(&engine, &[&component(name, n)])).collect();
    wait_for(async {
        let mut crowd = Crowd::new(&engine);
        for (number, other) in others.iter().enumerate() {
            crowd.join(other).await;
            expect_completed(&engine, &quick, &format!("{name}, {number}")).await;
        }
        let ended = crowd.ended(running).await;
        assert!(ended.iter().all(|code| code == "overloaded"), "{name}: {ended:?}");
        assert!(crowd.running.try_join_next().is_none(), "{name}: {running} go on");
    });
}

#[test]
fn quick_flows_do_not_queue_behind_computing_ones() {
    one_flow("loop-for-ever", 7, 5);
}

#[test]
fn quick_flows_do_not_queue_behind_waiting_ones() {
    one_flow("sleep-for-ever", 7, 5);
    one_flow("sleep-for-ever-in-a-list", 7, 5);
}

#[test]
fn waiting_for_a_moment_again_and_again_is_waiting_too() {
    one_flow("sleep-again-and-again", 7, 5);
}

#[test]
fn quick_flows_do_not_queue_behind_many_flows_that_compute() {
    many_flows("loop-for-ever", 12);
}

#[test]
fn quick_flows_do_not_queue_behind_many_flows_that_wait() {
    many_flows("sleep-for-ever", 12);
}

#[test]
fn who_computes_after_waiting_makes_room_too() {
    let engine = engine();
    let quick = quick(&engine);
    // 20 ms, and then without end.
    let text = text("sleep-for-ever").replace("(i64.const -1)", "(i64.const 20000000)");
    let text = text.replace("(i32.const 0))\n  )", "(loop (br 0)) (i32.const 0))\n  )");
    assert!(text.contains("20000000") && text.contains("(loop (br 0))"));
    let others: Vec<Flow> = (0..4).map(|n| flow(&engine, &[&numbered(&text, n)])).collect();
    wait_for(async {
        let mut crowd = Crowd::new(&engine);
        for (number, other) in others.iter().enumerate() {
            crowd.join(other).await;
            expect_completed(&engine, &quick, &format!("{number}")).await;
        }
        assert!(crowd.running.try_join_next().is_none(), "they go on");
    });
}

#[test]
fn a_component_costs_its_own_flow_whatever_is_beside_it_there() {
    let engine = engine_builder().max_runs(2).max_queue(8).build().expect("an engine");
    let text = text("sleep-for-ever").replace("(i64.const -1)", "(i64.const 20000000)");
    let nap = numbered(&text, 0);
    let alone = flow(&engine, &[&nap]);
    let (sleep, spin) = (component("sleep-for-ever", 0), component("loop-for-ever", 0));
    for mixed in [[&*sleep, &*nap], [&nap, &spin]] {
        let mixed = flow(&engine, &mixed);
        wait_for(async {
            let mut crowd = Crowd::new(&engine);
            for _ in 0..30 {
                crowd.join(&mixed).await;
            }
            for _ in 0..3 {
                expect_completed(&engine, &alone, "the same component in another flow").await;
            }
            while crowd.running.try_join_next().is_some() {}
            assert!(!crowd.running.is_empty(), "some go on");
        });
    }
}

#[test]
fn a_flow_that_computes_leaves_a_place_to_others_that_do() {
    let engine = engine_builder().max_runs(2).max_queue(8).build().expect("an engine");
    let spin = flow(&engine, &[&component("loop-for-ever", 0)]);
    let slow = Scenario::new().component("slow", &component("loop", 0), json!({}));
    let slow = slow.on(&engine).last(|action| action.limits.fuel = 10_000_000);
    let slow = slow.flow(|flow| flow.limits.wall_clock = 600_000);
    let slow = slow.load().expect("a flow");
    wait_for(async {
        let mut crowd = Crowd::new(&engine);
        for _ in 0..20 {
            crowd.join(&spin).await;
        }
        for _ in 0..3 {
            let report = start(&engine, &slow).await.expect("a place");
            assert_eq!(code(&report), "out_of_fuel");
        }
        assert!(crowd.running.try_join_next().is_some(), "those without a place were refused");
        while crowd.running.try_join_next().is_some() {}
        assert!(!crowd.running.is_empty(), "the rest still spins");
    });
}
