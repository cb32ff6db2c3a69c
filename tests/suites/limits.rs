//! Contract §7: every limit, its default, and a flow that reaches it.

use flowhost::{Event, LIMITS, Limits};
use flowhost_tests::{Scenario, Step, engine_builder, wait_for};
use serde_json::{Value, json};

fn steps(times: u64, step: Value) -> Value {
    json!([{ "repeat": { "times": times, "steps": [{ "quiet": step }] } }])
}

fn read() -> Value {
    json!({ "text_at": "/user/email" })
}

#[test]
fn the_defaults_are_the_contracts() {
    const KIB: u64 = 1024;
    const MIB: u64 = 1024 * KIB;
    let table = [
        ("actions", 4),
        ("fuel", 500_000_000),
        ("cpu_time", 1_000),
        ("wall_clock", 20_000),
        ("memory", 64 * MIB),
        ("table_elements", 20_000),
        ("instances", 64),
        ("handles", 256),
        ("host_calls", 1_000),
        ("host_call_bytes", MIB),
        ("host_bytes", 4 * MIB),
        ("commands", 32),
        ("challenges", 4),
        ("suspensions", 8),
        ("state_lifetime", 3_600_000),
        ("event", 256 * KIB),
        ("continue_request", 64 * KIB),
        ("redirect_url", 8 * KIB),
        ("deny_reason", KIB),
        ("prompt", 24 * KIB),
        ("outbound_requests", 10),
        ("outbound_response", MIB),
        ("log_bytes", 16 * KIB),
        ("log_lines", 256),
        ("component", 32 * MIB),
        ("functions", 200_000),
        ("modules", 256),
        ("compile_time", 60_000),
        ("compile_memory", 2_048 * MIB),
        ("machine_code", 128 * MIB),
    ];
    let limits = Limits::default();
    for (name, default) in table {
        assert_eq!(limits.get(name), Some(default), "{name}");
    }
    assert_eq!(LIMITS.len(), table.len(), "a limit without a row here");
}

#[test]
fn a_run_that_computes_too_long_ends_by_its_processor_time() {
    let flow = Scenario::executing(json!([{ "spin": true }])).last(|action| {
        action.limits.fuel = u64::MAX / 2;
        action.limits.cpu_time = 50;
    });
    flow.start().expect_failure("action_timeout", "cpu_time_exceeded");
}

#[test]
fn waiting_is_no_computing_but_the_flows_time_goes_on() {
    let nap = json!([{ "sleep_ms": 150 }]);
    let flow = Scenario::executing(nap.clone()).last(|action| action.limits.cpu_time = 100);
    flow.start().expect("completed");
    let flow = Scenario::executing(nap).flow(|flow| flow.limits.wall_clock = 50);
    flow.start().expect_failure("action_timeout", "wall_clock_exceeded");
}

#[test]
fn the_wall_clock_counts_all_actions_of_a_leg_together_and_anew_after_each_resume() {
    let redirect = json!({ "send_user_to": { "url": "https://verify.example.com/", "query": [] } });
    let nap = json!({ "sleep_ms": 800 });
    let flow = |execute: Value, continues: Value| {
        let flow = Scenario::new().action_with("a", execute, continues).action("b", json!([nap]));
        flow.flow(|flow| flow.limits.wall_clock = 1_500)
    };
    let together = flow(json!([nap]), json!([])).start();
    together.expect_failure("action_timeout", "wall_clock_exceeded");
    let apart = flow(json!([nap, redirect]), json!([])).start().expect("redirect");
    apart.returns(&[]).expect("completed");
}

#[test]
fn a_spinning_action_blocks_nobody_on_its_thread() {
    let spin = Scenario::executing(json!([{ "spin": true }])).last(|action| {
        action.limits.fuel = u64::MAX / 2;
        action.limits.cpu_time = 300;
    });
    let engine = flowhost_tests::shared_engine();
    let flow = spin.load().expect("a flow");
    let event = Event::from_json(&spin.event_json()).expect("an event");
    let beats = wait_for(async {
        let run = engine.start(&flow, event);
        tokio::pin!(run);
        let mut beats = 0;
        loop {
            tokio::select! {
                report = &mut run => {
                    Step::new(engine, report.expect("a report")).expect_failure("action_timeout", "cpu_time_exceeded");
                    return beats;
                }
                () = tokio::time::sleep(std::time::Duration::from_millis(1)) => beats += 1,
            }
        }
    });
    assert!(beats >= 3, "{beats} heartbeats on the thread of the spinning action");
}

#[test]
fn core_instances_are_counted() {
    let flow = |instances| {
        Scenario::executing(json!([])).last(|action| action.limits.instances = instances)
    };
    flow(1).start().expect_failure("action_error", "instances_exceeded");
    flow(64).start().expect("completed");
}

#[test]
fn host_calls_are_counted() {
    // Two calls beside the steps: the configuration is read, the log written.
    Scenario::executing(steps(900, read())).start().expect("completed");
    Scenario::executing(steps(1_000, read()))
        .start()
        .expect_failure("action_error", "host_calls_exceeded");
    let flow =
        Scenario::executing(steps(1_000, read())).last(|action| action.limits.host_calls = 1_010);
    flow.start().expect("completed");
}

#[test]
fn calls_of_wasi_are_counted_too() {
    let flow = Scenario::executing(steps(100_000_000, json!({ "random": true })));
    flow.start().expect_failure("action_error", "host_calls_exceeded");
}

#[test]
fn calls_of_wasi_are_counted_in_runs_shorter_than_a_tick() {
    let flow =
        Scenario::executing(steps(30, json!({ "now": true }))).last(|a| a.limits.host_calls = 20);
    flow.start().expect_failure("action_error", "host_calls_exceeded");
}

#[test]
fn typed_reads_of_the_event_are_counted_as_bytes() {
    let flow = Scenario::executing(steps(200, json!({ "get": "authentication" })));
    flow.clone().start().expect("completed");
    let flow = flow.last(|action| action.limits.host_bytes = 50_000);
    flow.start().expect_failure("action_error", "host_call_bytes_exceeded");
}

#[test]
fn bytes_of_one_call_are_bounded() {
    let set = |bytes: usize| json!({ "log": { "level": "info", "message": "x".repeat(bytes) } });
    let flow = |bytes| {
        Scenario::executing(json!([set(bytes)])).last(|a| a.limits.host_call_bytes = 20_000).start()
    };
    flow(20_000).expect("completed");
    flow(20_001).expect_failure("action_error", "host_call_bytes_exceeded");
    // What is far over never reaches the host's memory.
    flow(200_000).expect_failure("action_error", "host_call_bytes_exceeded");
}

#[test]
fn bytes_of_all_calls_are_bounded() {
    let flow = Scenario::executing(steps(100, json!({ "json": true })))
        .last(|a| a.limits.host_bytes = 100_000);
    flow.start().expect_failure("action_error", "host_call_bytes_exceeded");
}

#[test]
fn memory_is_bounded_and_reaches_its_bound() {
    Scenario::executing(json!([{ "grow_memory": { "mib": 60 } }])).start().expect("completed");
    let grow = || {
        Scenario::executing(
            json!([{ "repeat": { "times": 70, "steps": [{ "grow_memory": { "mib": 1 } }] } }]),
        )
    };
    grow().start().expect_failure("action_error", "memory_limit_exceeded");
    grow().last(|action| action.limits.memory = 128 << 20).start().expect("completed");
    let step =
        Scenario::executing(json!([])).last(|action| action.limits.memory = 64 * 1024).start();
    step.expect_failure("action_error", "memory_limit_exceeded");
}

#[test]
fn tables_are_bounded() {
    let step =
        Scenario::executing(json!([])).last(|action| action.limits.table_elements = 1).start();
    step.expect_failure("action_error", "table_limit_exceeded");
}

#[test]
fn handles_are_bounded() {
    // Standard output takes a handle.
    let step = Scenario::executing(json!([{ "print": "x" }]))
        .last(|action| action.limits.handles = 0)
        .start();
    step.expect_failure("action_error", "handles_exceeded");
}

#[test]
fn the_log_keeps_256_lines_and_counts_the_rest() {
    let log = json!({ "log": { "level": "info", "message": "line" } });
    let many = json!([{ "repeat": { "times": 300, "steps": [log] } }]);
    let logs = Scenario::executing(many).start().expect("completed").logs();
    assert_eq!(logs.len(), 257);
    assert_eq!(logs[256], "44 more messages were not kept");
}

#[test]
fn the_log_keeps_16_kibibytes() {
    let log = |bytes: usize| json!({ "log": { "level": "info", "message": "x".repeat(bytes) } });
    let step = Scenario::executing(json!([log(16 * 1024), log(1)])).start();
    assert_eq!(step.logs().len(), 2);
    assert_eq!(step.logs()[1], "1 more message was not kept");
    let step = Scenario::executing(json!([log(16 * 1024 + 1)])).start();
    assert_eq!(step.logs(), ["1 more message was not kept"]);
    let print = json!([{ "print": "y".repeat(100_000) }]);
    let logs = Scenario::executing(print).start().logs();
    assert!(
        logs.iter().map(String::len).sum::<usize>() <= 16 * 1024 + 100,
        "output is bounded too"
    );
}

#[test]
fn a_component_over_its_limit_is_refused() {
    let flow = Scenario::executing(json!([])).last(|action| action.limits.component = 1000);
    assert_eq!(flow.refused(), "component_too_large");
}

#[test]
fn each_limit_can_be_set_for_the_flow_or_the_action() {
    let reason = || Scenario::executing(json!([{ "deny": "12345" }]));
    reason().last(|action| action.limits.deny_reason = 5).start().expect("denied");
    reason().last(|action| action.limits.deny_reason = 4).start().expect("failed");
    let url = json!({ "set_result_url": { "url": "https://a.example.com/12345" } });
    let limited =
        Scenario::executing(json!([url])).last(|action| action.limits.redirect_url = 70).start();
    assert!(limited.logged("set_result_url: ").starts_with("error UrlTooLong"));
    let render = json!({ "render": { "id": "p", "fields": { "a": 1 } } });
    let limited =
        Scenario::executing(json!([render])).last(|action| action.limits.prompt = 6).start();
    assert!(limited.logged("render: ").starts_with("error InvalidPrompt"));
    let one = Scenario::executing(json!([{ "deny": "a" }, { "deny": "b" }]))
        .last(|a| a.limits.commands = 1);
    assert!(one.start().expect("denied").logs()[1].contains("MaxSideEffectsExceeded"));
}

#[test]
fn more_flows_than_the_queue_holds_are_refused_by_name() {
    let engine = engine_builder().max_runs(1).max_queue(1).build().expect("an engine");
    let scenario = Scenario::executing(json!([{ "sleep_ms": 100 }])).on(&engine);
    let flow = scenario.load().expect("a flow");
    let event = || Event::from_json(&scenario.event_json()).expect("an event");
    let (one, two, three) = wait_for(async {
        tokio::join!(
            engine.start(&flow, event()),
            engine.start(&flow, event()),
            engine.start(&flow, event())
        )
    });
    Step::new(&engine, one.expect("runs")).expect("completed");
    Step::new(&engine, two.expect("waits")).expect("completed");
    assert_eq!(three.expect_err("refused").code().as_str(), "overloaded");
    let report = wait_for(engine.start(&flow, event())).expect("a report");
    Step::new(&engine, report).expect("completed");
}
