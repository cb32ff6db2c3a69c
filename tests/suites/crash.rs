//! Contract §4: kill -9 at any moment. A flow is either still resumable or its
//! outcome is stored; never both, never neither.
//!
//! The real command is killed at every system call that changes a file, one
//! after another, each time on a fresh copy of the same suspended flow. Within
//! the process a store fails before or after each of its operations.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use flowhost::store::{
    Claim, Lease, Look, MemoryStore, NewSuspension, Settlement, SqliteStore, Store, StoreFuture,
};
use flowhost::{
    Code, Digest, Engine, Error, Event, FlowSpec, ManualClock, Outcome, Resume, Timestamp,
};
use flowhost_tests::{Cli, Random, Scenario, Step, seed, wait_for};
use serde_json::{Value, json};

/// Calls by which files change, and every fifth by which one is opened.
const CALLS: &[(&str, usize)] = &[
    ("pwrite64", 1),
    ("write", 1),
    ("fdatasync", 1),
    ("fsync", 1),
    ("ftruncate", 1),
    ("unlink", 1),
    ("rename", 1),
    ("openat", 5),
];

/// strace counts the calls of each thread by itself, so that of two threads
/// only the quicker one would ever be met at its first calls. The main thread
/// opens and closes the store, another one writes the log of the database; a
/// run in which that was more than one is repeated.
const WATCHED: [Watched; 2] = [Watched::MainThread, Watched::DatabaseLog];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Watched {
    MainThread,
    DatabaseLog,
}

/// An action that redirects and goes on, small enough to be compiled at once
/// hundreds of times.
const ACTION: &str = include_str!("../../host/examples/embed/redirect.wat");

const FLOW: &str = r#"
name = "crash"
trigger = "post-challenge@1"
[[action]]
name = "a"
component = "redirect.wasm"
"#;

/// One whose continue handler computes for a while, to be killed meanwhile.
const BUSY_FLOW: &str = r#"
name = "crash"
trigger = "post-challenge@1"
[[action]]
name = "a"
component = "scripted.wasm"
configuration = { execute = [{ send_user_to = { url = "https://verify.example.com/" } }], continue = [{ repeat = { times = 300, steps = [{ quiet = { json_at = "/user" } }] } }] }
"#;

/// The command in a folder with the flow.
fn prepared() -> Cli {
    let cli = Cli::new();
    cli.write("flow.toml", FLOW);
    cli.write("redirect.wasm", wat::parse_str(ACTION).expect("a component"));
    cli
}

/// A flow that was suspended by the command, with all its files.
struct Suspended {
    cli: Cli,
    state: String,
    flow_id: String,
}

impl Suspended {
    fn new() -> Self {
        Suspended::by(prepared())
    }

    fn busy() -> Self {
        let cli = Cli::new();
        cli.write("flow.toml", BUSY_FLOW);
        Suspended::by(cli)
    }

    fn by(cli: Cli) -> Self {
        let report = cli.run(&["run", "flow.toml", "-e", "event.json", "--json"]).exits(12).json();
        let text =
            |pointer: &str| report.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let state = text("/redirect/state").expect("a state");
        let flow_id = text("/flow_id").expect("an id");
        Suspended { cli, state, flow_id }
    }

    /// A copy of the files to be destroyed.
    fn copy(&self, name: &str) -> PathBuf {
        let folder = self.cli.path().join(name);
        copy(self.cli.path(), &folder);
        folder
    }

    /// Asserts that the flow in `folder` is resumable, or its outcome stored,
    /// and not both; and that a resumable one really goes on.
    fn check(&self, folder: &Path, place: &str) -> &'static str {
        let store = SqliteStore::open(&folder.join("flows.db")).expect(place);
        let outcome = wait_for(store.outcome(&self.flow_id)).expect(place);
        // Later than any lease, earlier than the end of the state.
        let clock = Arc::new(ManualClock::new(flowhost::Clock::now(&flowhost::SystemClock)));
        clock.advance_millis(120_000);
        let engine = Engine::builder()
            .store(store)
            .clock(clock)
            .component_folder(folder.join("flows.db-components"))
            .build()
            .expect("an engine");
        engine.provide_secrets(&FlowSpec::new("crash")).expect("secrets");
        let resumed = wait_for(engine.resume(&self.state, Resume::get([("a", "b")])));
        match (outcome, resumed) {
            (Some(outcome), Err(error)) => {
                assert_eq!(
                    (outcome.as_str(), error.code()),
                    ("completed", Code::StateAlreadyUsed),
                    "{place}"
                );
                "settled"
            }
            (None, Ok(report)) => {
                assert_eq!(report.outcome, Outcome::Completed, "{place}");
                "resumable"
            }
            other => panic!("{place}: {other:?}"),
        }
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        let name = target.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_file() {
            std::fs::copy(&path, &target).expect("a copy");
        } else if name.ends_with("-components") {
            copy(&path, &target);
        }
    }
}

/// Whether this machine lets one program trace another.
fn strace_works() -> bool {
    let probe = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).status();
    let works = probe.is_ok_and(|status| status.success());
    if !works {
        println!("ignored: strace is missing or forbidden; `apt-get install strace`");
    }
    works
}

/// What becomes of a call.
enum Fault {
    Kill,
    Error(&'static str),
}

/// What came of a command that was disturbed.
struct Disturbed {
    /// None when it was killed.
    exit: Option<i32>,
    stdout: String,
    /// Whether the call was ever made.
    happened: bool,
    /// Whether all watched calls before it were counted together.
    counted: bool,
}

/// Runs the command in `folder`, disturbed at the `nth` time it makes `call`.
fn disturbed(
    cli: &Cli,
    folder: &Path,
    (watched, call, nth): (Watched, &str, usize),
    fault: &Fault,
    arguments: &[&str],
) -> Disturbed {
    let what = match fault {
        Fault::Kill => "signal=SIGKILL".to_owned(),
        Fault::Error(error) => format!("error={error}"),
    };
    let plain = cli.command();
    let mut traced = Command::new("strace");
    traced.args(["-qq", "-o", "trace.txt", "-e", &format!("trace={call}")]);
    traced.args(["-e", &format!("inject={call}:{what}:when={nth}")]);
    if watched == Watched::DatabaseLog {
        traced.arg("-f").arg("-P").arg(folder.join("flows.db-wal"));
        // Tells the main thread's number.
        traced.args(["sh", "-c", "echo $$ > main.txt; exec \"$@\"", "sh"]);
    }
    traced
        .arg(plain.get_program())
        .args(arguments)
        .current_dir(folder)
        .env("FLOWHOST_STORE", "sqlite:flows.db")
        .stdin(Stdio::null());
    let output = traced.output().expect("strace");
    let exit = output.status.code().filter(|code| *code != 137);
    let trace = std::fs::read_to_string(folder.join("trace.txt")).unwrap_or_default();
    let happened = exit.is_none() || trace.contains("(INJECTED)");
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let main = std::fs::read_to_string(folder.join("main.txt")).unwrap_or_default();
    let made = format!("{call}(");
    let calls = trace.lines().filter(|line| line.contains(&made));
    let threads: HashSet<&str> = calls.filter_map(|line| line.split_whitespace().next()).collect();
    let others = threads.iter().filter(|thread| **thread != main.trim()).count();
    let counted = watched == Watched::MainThread || others <= 1;
    Disturbed { exit, stdout, happened, counted }
}

/// Disturbs the command at each of its calls, one after another, until it ends
/// undisturbed. How often that was.
fn at_every_call(
    cli: &Cli,
    (calls, watched): (&[(&str, usize)], &[Watched]),
    fault: &Fault,
    arguments: &[&str],
    copy: impl Fn(&str) -> PathBuf,
    mut after: impl FnMut(&Path, &str, Disturbed),
) -> usize {
    let mut times = 0;
    for watched in watched {
        for (call, stride) in calls {
            for nth in (1..).step_by(*stride) {
                let mut tries = 0..20;
                let happened = loop {
                    let place = format!("{watched:?}-{call}-{nth}-{}", tries.start);
                    let folder = copy(&place);
                    let ran = disturbed(cli, &folder, (*watched, call, nth), fault, arguments);
                    let (happened, counted) = (ran.happened, ran.counted);
                    after(&folder, &place, ran);
                    std::fs::remove_dir_all(&folder).expect("removed");
                    if counted || tries.next().is_none() {
                        break happened;
                    }
                };
                if !happened {
                    break;
                }
                assert!(nth < 500, "{call}: no end");
                times += 1;
            }
        }
    }
    times
}

/// The outcome that a report on standard output tells of.
fn told(stdout: &str) -> Option<Value> {
    serde_json::from_str(stdout).ok().filter(|report: &Value| report.get("outcome").is_some())
}

#[test]
fn a_resume_killed_at_any_change_of_a_file_loses_and_doubles_nothing() {
    if !strace_works() {
        return;
    }
    let flow = Suspended::new();
    let resume = ["resume", flow.state.as_str(), "--query", "a=b", "--json"];
    let (mut resumable, mut settled) = (0, 0);
    let copy = |place: &str| flow.copy(place);
    let plan = (CALLS, &WATCHED[..]);
    let killed =
        at_every_call(&flow.cli, plan, &Fault::Kill, &resume, copy, |folder, place, ran| {
            let found = flow.check(folder, place);
            assert!(told(&ran.stdout).is_none() || found == "settled", "{place}: told too early");
            if found == "settled" { settled += 1 } else { resumable += 1 }
        });
    println!("killed {killed} resumes: {resumable} resumable, {settled} settled");
    assert!(killed > 40 && resumable > 15 && settled > 15, "{killed}: {resumable}, {settled}");
}

#[test]
fn a_resume_on_a_disk_that_fails_tells_nothing_it_cannot_keep() {
    if !strace_works() {
        return;
    }
    let flow = Suspended::new();
    let resume = ["resume", flow.state.as_str(), "--query", "a=b", "--json"];
    let mut failed = 0;
    for (call, error) in [("pwrite64", "ENOSPC"), ("fsync", "EIO"), ("fdatasync", "EIO")] {
        let plan = (&[(call, 1)][..], &[Watched::DatabaseLog][..]);
        let copy = |place: &str| flow.copy(place);
        let fault = Fault::Error(error);
        failed += at_every_call(&flow.cli, plan, &fault, &resume, copy, |folder, place, ran| {
            let found = flow.check(folder, place);
            match ran.exit {
                Some(0) => assert_eq!(found, "settled", "{place}"),
                Some(3) => assert!(ran.stdout.contains("store_unavailable"), "{place}"),
                other => panic!("{place}: {other:?} {}", ran.stdout),
            }
        });
    }
    println!("{failed} calls failed");
    assert!(failed > 20, "{failed} faults");
}

#[test]
fn a_run_killed_at_any_change_of_a_file_says_nothing_it_cannot_keep() {
    if !strace_works() {
        return;
    }
    let cli = prepared();
    let run = ["run", "flow.toml", "-e", "event.json", "--json"];
    let fresh = |place: &str| {
        let folder = cli.path().join(place);
        copy(cli.path(), &folder);
        folder
    };
    let mut acknowledged = 0;
    let plan = (CALLS, &WATCHED[..]);
    let killed = at_every_call(&cli, plan, &Fault::Kill, &run, fresh, |folder, place, ran| {
        let Some(report) = told(&ran.stdout) else {
            assert_eq!(ran.exit, None, "{place}: {}", ran.stdout);
            return;
        };
        acknowledged += 1;
        let flow = Suspended {
            cli: Cli::new(),
            state: report["redirect"]["state"].as_str().expect("a state").to_owned(),
            flow_id: report["flow_id"].as_str().expect("an id").to_owned(),
        };
        assert_eq!(flow.check(folder, place), "resumable", "acknowledged and lost");
    });
    println!("killed {killed} runs, {acknowledged} had told their state");
    assert!(killed > 40 && acknowledged > 0, "{killed}: {acknowledged}");
}

#[test]
fn a_resume_killed_at_any_time_loses_and_doubles_nothing() {
    let mut random = Random::new(seed("a_resume_killed_at_any_time"));
    let flow = Suspended::busy();
    for round in 0..20 {
        let folder = flow.copy(&format!("round-{round}"));
        let mut child = flow
            .cli
            .command()
            .args(["resume", &flow.state, "--query", "a=b"])
            .current_dir(&folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the command");
        std::thread::sleep(Duration::from_micros(random.below(400_000)));
        child.kill().expect("killed");
        let ended = child.wait().expect("ended");
        let found = flow.check(&folder, &format!("round {round}"));
        assert!(!ended.success() || found == "settled", "round {round}");
    }
}

#[test]
fn of_two_processes_that_resume_at_once_exactly_one_does() {
    for _ in 0..5 {
        let flow = Suspended::new();
        let start = || {
            let mut command = flow.cli.command();
            command
                .args(["resume", &flow.state, "--query", "a=b"])
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            command.spawn().expect("the command")
        };
        let children = [start(), start(), start()];
        let mut exits = children.map(|mut child| child.wait().expect("ended").code());
        exits.sort();
        assert_eq!(exits, [Some(0), Some(21), Some(21)]);
    }
}

/// A store that fails at one of its operations: before it, or after it was
/// done, when the caller cannot know.
struct Faulty {
    store: Arc<MemoryStore>,
    countdown: AtomicI64,
    after: bool,
}

impl Faulty {
    fn ask<'a, T: Send + 'a>(&'a self, answer: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        let fails = self.countdown.fetch_sub(1, Ordering::SeqCst) == 1;
        let error = || Error::new(Code::StoreUnavailable, "the disk is gone");
        Box::pin(async move {
            match (fails, self.after) {
                (false, _) => answer.await,
                (true, false) => Err(error()),
                (true, true) => answer.await.and(Err(error())),
            }
        })
    }
}

impl Store for Faulty {
    fn suspend(&self, suspension: NewSuspension) -> StoreFuture<'_, ()> {
        self.ask(Box::pin(async { self.store.suspend(suspension).await }))
    }

    fn look(&self, ticket: Digest, now: Timestamp) -> StoreFuture<'_, Look> {
        self.store.look(ticket, now)
    }

    fn claim(&self, ticket: Digest, now: Timestamp) -> StoreFuture<'_, Claim> {
        self.ask(Box::pin(async move { self.store.claim(ticket, now).await }))
    }

    fn settle(&self, lease: Lease, settlement: Settlement) -> StoreFuture<'_, bool> {
        self.ask(Box::pin(async { self.store.settle(lease, settlement).await }))
    }

    fn outcome(&self, flow_id: &str) -> StoreFuture<'_, Option<String>> {
        self.store.outcome(flow_id)
    }

    fn sweep(&self, before: Timestamp) -> StoreFuture<'_, u64> {
        self.store.sweep(before)
    }
}

#[test]
fn a_store_that_fails_at_any_step_ends_in_an_error_and_never_in_completed() {
    let redirect = json!({ "send_user_to": { "url": "https://verify.example.com/" } });
    let scenario = Scenario::new().action_with("a", json!([redirect]), json!([]));
    for after in [false, true] {
        for failing in 1..=4 {
            let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_800_000_000_000)));
            let store = Arc::new(MemoryStore::new());
            let faulty = Faulty { store: store.clone(), countdown: AtomicI64::new(failing), after };
            let engine =
                Engine::builder().store(faulty).clock(clock.clone()).build().expect("an engine");
            let flow = scenario.clone().on(&engine);
            let loaded = flow.load().expect("a flow");
            let event = Event::from_json(&flow.event_json()).expect("an event");
            // 1: suspend, 2: claim, 3: settle; 4: nothing fails.
            let Ok(report) = wait_for(engine.start(&loaded, event)) else {
                assert_eq!(failing, 1);
                continue;
            };
            let step = Step::new(&engine, report).expect("redirect");
            let flow_id = step.report.flow_id.clone();
            let stored = || wait_for(store.outcome(&flow_id)).expect("an answer");
            match step.try_resume(Resume::get([("a", "b")])) {
                Ok(step) => {
                    step.expect("completed");
                    assert_eq!((failing, stored().as_deref()), (4, Some("completed")));
                }
                Err(error) => {
                    assert_eq!(error.code(), Code::StoreUnavailable);
                    clock.advance_millis(120_000);
                    let again = step.try_resume(Resume::get([("a", "b")]));
                    // Settled, or to be done again: one of the two.
                    match again {
                        Ok(step) => _ = step.expect("completed"),
                        Err(error) => assert_eq!(error.code(), Code::StateAlreadyUsed),
                    }
                    assert_eq!(stored().as_deref(), Some("completed"));
                }
            }
        }
    }
}
