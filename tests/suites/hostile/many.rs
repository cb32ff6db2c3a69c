//! Hostile runs by the thousand in one process: nothing of them stays behind.

use std::process::Command;

use flowhost::{ActionSpec, Component, Event, Flow, FlowSpec};
use flowhost_tests::{event, long, shared_engine, wait_for};

use super::corpus::{Hostile, files};
use super::{Limits, ending};

/// Set for the process that the test below starts to be alone in.
const ALONE: &str = "FLOWHOST_TEST_ALONE";

const TEST: &str = "hostile::many::hostile_runs_leave_no_memory_behind";

const MIB: u64 = 1 << 20;

/// What a process may grow by: the memory of one run, and a little.
const MOST: u64 = (64 + 16) * MIB;

#[test]
fn hostile_runs_leave_no_memory_behind() {
    if std::env::var_os(ALONE).is_some() {
        return measure(if long() { 10_000 } else { 1_000 });
    }
    let program = std::env::current_exe().expect("this program");
    let status =
        Command::new(program).args(["--exact", TEST, "--nocapture"]).env(ALONE, "1").status();
    assert!(status.is_ok_and(|status| status.success()), "see above");
}

/// A component that loads, and what a run of it comes to.
struct Loaded {
    name: String,
    flow: Flow,
    ends: String,
}

fn loaded(file: &Hostile) -> Option<Loaded> {
    let ends = file.expected.strip_prefix("run: ")?.to_owned();
    // Whoever waits is in the way of thousands of others.
    if ends.starts_with("wall_clock") || ends.starts_with("cpu_time") {
        return None;
    }
    let mut action = ActionSpec::new("a", Component::Bytes(file.bytes.clone()));
    action.limits.fuel = Limits::default().fuel / 40;
    action.limits.cpu_time = Limits::default().cpu_time;
    let flow = wait_for(shared_engine().load(FlowSpec::new("many").action(action)));
    Some(Loaded { name: file.name.clone(), flow: flow.expect("a flow"), ends })
}

fn measure(runs: usize) {
    // Compiling takes longest.
    let every = if long() { 1 } else { 4 };
    let all: Vec<Loaded> = files("wat").iter().step_by(every).filter_map(loaded).collect();
    let run = |loaded: &Loaded| {
        let event = Event::from_json(&event().to_string()).expect("an event");
        let report = wait_for(shared_engine().start(&loaded.flow, event)).expect("a report");
        assert_eq!(ending(&report.to_json()), loaded.ends, "{}", loaded.name);
    };
    // What is kept for good is kept after these.
    all.iter().for_each(run);
    let before = resident();
    let mut most = before;
    for loaded in all.iter().cycle().take(runs) {
        run(loaded);
        most = most.max(resident());
    }
    let (grown, at_most) = (resident().saturating_sub(before), most - before);
    println!(
        "{runs} runs of {} hostile components: {} KiB more at the end, {} KiB at most",
        all.len(),
        grown / 1024,
        at_most / 1024
    );
    assert!(at_most <= MOST, "{at_most} bytes more, {MOST} are allowed");
}

/// The resident memory of this process, in bytes.
fn resident() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages = pages.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.expect("a number") * 4096
}
