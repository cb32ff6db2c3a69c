//! What an action writes into its memories, globals and tables is seen by no
//! other run, whoever it is for and however it ends: runs of two users, on
//! several threads, take turns in the same pooled memory.

use flowhost::{ActionSpec, Component, Engine, Event, Flow, FlowSpec};
use flowhost_tests::{engine_builder, event, long, wait_for};
use serde_json::{Value, json};

use super::shell::Shell;
use super::{Limits, ending};

const THREADS: usize = 4;

/// As many as run at once, so that all of a pool is used again and again.
const RUNS_AT_ONCE: usize = 3;

/// Looks at all that could have been left by another run; denies if there is
/// anything. Then leaves its user's id everywhere.
const FIELDS: &str = r#"(memory $b 2)
    (table $t 64 funcref)
    (global $left (mut i64) (i64.const 0))
    (data (i32.const 64) "left in memory, in the other memory, in the growth, in a global, in a table")
    (data (i32.const 256) "/user/user_id")
    (elem declare func $seen)
    (func $seen (param i32 i32) (call $deny (local.get 0) (local.get 1) (i32.const 512)))
    ;; Whether there is a word that is not zero.
    (func $look (param $at i32) (param $to i32) (result i32)
      (loop $next
        (if (i64.ne (i64.load (local.get $at)) (i64.const 0)) (then (return (i32.const 1))))
        (br_if $next (i32.lt_u
          (local.tee $at (i32.add (local.get $at) (i32.const 8))) (local.get $to))))
      (i32.const 0))
    (func $look-b (param $at i32) (param $to i32) (result i32)
      (loop $next
        (if (i64.ne (i64.load $b (local.get $at)) (i64.const 0)) (then (return (i32.const 1))))
        (br_if $next (i32.lt_u
          (local.tee $at (i32.add (local.get $at) (i32.const 8))) (local.get $to))))
      (i32.const 0))
    (func $look-t (result i32) (local $n i32)
      (loop $next
        (if (i32.eqz (ref.is_null (table.get $t (local.get $n)))) (then (return (i32.const 1))))
        (br_if $next (i32.lt_u
          (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 128))))
      (i32.const 0))
    (func $leave (param $what i64) (local $at i32)
      (local.set $at (i32.const 4096))
      (loop $next
        (i64.store (local.get $at) (local.get $what))
        (br_if $next (i32.lt_u
          (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 0x80000))))
      (local.set $at (i32.const 0))
      (loop $next
        (i64.store $b (local.get $at) (local.get $what))
        (br_if $next (i32.lt_u
          (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 0x40000))))
      (global.set $left (local.get $what))
      (table.fill $t (i32.const 0) (ref.func $seen) (i32.const 128)))"#;

const EXECUTE: &str = r#"(if (call $look (i32.const 4096) (i32.const 0x10000))
        (then (call $seen (i32.const 64) (i32.const 14)) (return (i32.const 0))))
      (if (call $look-b (i32.const 0) (i32.const 0x20000))
        (then (call $seen (i32.const 80) (i32.const 19)) (return (i32.const 0))))
      (drop (memory.grow (i32.const 7)))
      (drop (memory.grow $b (i32.const 2)))
      (if (i32.or (call $look (i32.const 0x10000) (i32.const 0x80000))
          (call $look-b (i32.const 0x20000) (i32.const 0x40000)))
        (then (call $seen (i32.const 101) (i32.const 13)) (return (i32.const 0))))
      (if (i64.ne (global.get $left) (i64.const 0))
        (then (call $seen (i32.const 116) (i32.const 11)) (return (i32.const 0))))
      (drop (table.grow $t (ref.null func) (i32.const 64)))
      (if (call $look-t)
        (then (call $seen (i32.const 129) (i32.const 10)) (return (i32.const 0))))
      (call $get-text-at (i32.const 256) (i32.const 13) (i32.const 1024))
      (drop (call $subscribe (i64.const -1)))
      (call $log-write (i32.const 1) (i32.load (i32.const 1028)) (i32.const 8))
      (call $leave (i64.load (i32.load (i32.const 1028))))"#;

fn flow(engine: &Engine, fields: &str, end: &str) -> Flow {
    let (fields, execute) = (format!("{FIELDS}\n    {fields}"), format!("{EXECUTE}\n      {end}"));
    let bytes = Shell { fields: &fields, execute: &execute, ..Shell::default() }.bytes();
    let mut action = ActionSpec::new("a", Component::Bytes(bytes));
    action.limits.fuel = Limits::default().fuel / 4;
    action.limits.cpu_time = Limits::default().cpu_time;
    let flow = FlowSpec::new("canaries").action(action);
    wait_for(engine.load(flow)).unwrap_or_else(|error| panic!("{error}: {:?}", error.problems()))
}

/// A run for a user, and its report.
fn run(engine: &Engine, flow: &Flow, user: &str) -> Value {
    let mut event = event();
    event["user"]["user_id"] = json!(user);
    let event = Event::from_json(&event.to_string()).expect("an event");
    wait_for(engine.start(flow, event)).expect("a report").to_json()
}

fn engine() -> Engine {
    let engine = engine_builder().max_runs(RUNS_AT_ONCE).max_queue(100).build();
    engine.expect("an engine")
}

#[test]
fn no_run_sees_what_another_left() {
    let engine = engine();
    let flows = [
        (flow(&engine, "", ""), "completed"),
        (flow(&engine, "", "unreachable"), "action_trapped"),
        (flow(&engine, "", "(loop (br 0))"), "out_of_fuel"),
        // Another component, with memory of its own kind.
        (flow(&engine, "(data (i32.const 2048) \"something else\")", ""), "completed"),
    ];
    let runs = if long() { 100_000 } else { 1_000 };
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (engine, flows) = (&engine, &flows);
            scope.spawn(move || {
                for n in 0..runs / THREADS {
                    let (mine, others) = match (n + thread) % 2 {
                        0 => ("canary-a", "canary-b"),
                        _ => ("canary-b", "canary-a"),
                    };
                    // A loop until the fuel ends takes longest.
                    let (flow, expected) = &flows[[0, 1, 3, 0, 1, 3, 2][n % 7]];
                    let report = run(engine, flow, mine);
                    assert_eq!(ending(&report), *expected, "run {n} for {mine}: {report:#}");
                    let text = report.to_string();
                    assert!(text.contains(mine) && !text.contains(others), "run {n}: {text}");
                }
            });
        }
    });
    println!("{runs} runs of two users on {THREADS} threads: nothing was seen");
}

/// The action above does see what is left.
#[test]
fn what_is_left_is_seen() {
    let engine = engine();
    for (left, where_) in [
        ("(data (i32.const 8192) \"canary-x\")", "left in memory"),
        ("(data (memory $b) (i32.const 0x1fff8) \"canary-x\")", "in the other memory"),
        ("(elem (table $t) (i32.const 63) func $seen)", "in a table"),
        ("(func $start (global.set $left (i64.const 1))) (start $start)", "in a global"),
        (
            "(func $start (drop (memory.grow (i32.const 1)))
               (i64.store (i32.const 0x10000) (i64.const 1))) (start $start)",
            "in the growth",
        ),
    ] {
        let report = run(&engine, &flow(&engine, left, ""), "canary-a");
        assert_eq!(report["denied"]["reason"], where_, "{left}: {report:#}");
    }
}
