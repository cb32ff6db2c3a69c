//! Contract §4: kill -9 at any moment. A flow is either still resumable or its
//! outcome is stored; never both, never neither.
//!
//! The real command is killed at every system call that changes a file, one
//! after another, each time on a fresh copy of the same suspended flow. What
//! happens within one process is in `survival.rs`.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use flowhost::store::SqliteStore;
use flowhost::{Code, FlowSpec, KeyRing, ManualClock, Outcome, Resume};
use flowhost_tests::{Cli, KEYS, Random, engine_builder, ignored, long, seed, wait_for};
use serde_json::Value;

/// Calls by which files change, or are opened.
const CALLS: [&str; 8] =
    ["pwrite64", "write", "fdatasync", "fsync", "ftruncate", "unlink", "rename", "openat"];

/// strace counts the calls of each thread by itself, so that of two threads
/// only the quicker one would ever be met at its first calls. So there are
/// several passes, each of which sees the calls of one thread. The main thread
/// opens the database and makes its files. A thread of the store has it from
/// then on: it writes the log, and when it closes the database it copies the log
/// into it (the checkpoint) and removes the log. Components are kept by a third
/// thread, before anything is suspended. A run in which a pass saw more
/// than one thread besides the main one is repeated.
const WATCHED: [Watched; 4] =
    [Watched::MainThread, Watched::Component, Watched::DatabaseLog, Watched::Checkpoint];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Watched {
    /// All calls of the main thread.
    MainThread,
    /// All threads, whatever is renamed, and calls on the folder of the
    /// components.
    Component,
    /// All threads, calls on the log of the database.
    DatabaseLog,
    /// All threads, calls on the database itself and its folder, and the
    /// removal of its other files.
    Checkpoint,
}

/// A call that is disturbed, and where it is watched.
type Leg = (Watched, &'static str);

/// How often it was, for each leg.
type Times = BTreeMap<Leg, usize>;

/// Where a call that changes something is made by a resume: or else nothing is
/// disturbed at all.
const OF_A_RESUME: [Leg; 10] = [
    (Watched::MainThread, "pwrite64"),
    (Watched::MainThread, "write"),
    (Watched::MainThread, "ftruncate"),
    (Watched::MainThread, "openat"),
    (Watched::DatabaseLog, "pwrite64"),
    (Watched::DatabaseLog, "fsync"),
    (Watched::Checkpoint, "pwrite64"),
    (Watched::Checkpoint, "ftruncate"),
    (Watched::Checkpoint, "fsync"),
    (Watched::Checkpoint, "unlink"),
];

/// What is more in a first run, which makes the database and keeps the component.
const OF_A_FIRST_RUN: [Leg; 3] =
    [(Watched::MainThread, "fsync"), (Watched::Component, "rename"), (Watched::Component, "fsync")];

/// All calls, wherever one may be made.
fn everywhere() -> Vec<Leg> {
    WATCHED.into_iter().flat_map(|watched| CALLS.map(|call| (watched, call))).collect()
}

/// Every time a call is made, or now and then.
fn stride((_, call): Leg) -> usize {
    if call == "openat" && !long() { 5 } else { 1 }
}

impl Watched {
    /// For all threads: the files whose calls are watched, an empty list is all.
    fn files(self, folder: &Path, call: &str) -> Option<Vec<PathBuf>> {
        let [database, log, index] =
            ["flows.db", "flows.db-wal", "flows.db-shm"].map(|name| folder.join(name));
        Some(match (self, call) {
            (Watched::MainThread, _) => return None,
            (Watched::Component, "rename") => vec![],
            (Watched::Component, _) => vec![folder.join("flows.db-components")],
            (Watched::DatabaseLog, _) => vec![log],
            (Watched::Checkpoint, "unlink") => vec![database, log, index],
            (Watched::Checkpoint, "fsync") => vec![database, folder.to_owned()],
            (Watched::Checkpoint, _) => vec![database],
        })
    }
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
    let cli = Cli::with_keys(KEYS);
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
        let cli = Cli::with_keys(KEYS);
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

    /// A command that resumes a copy.
    fn resuming(&self, folder: &Path) -> Child {
        let mut command = self.cli.command();
        command
            .args(["resume", &self.state, "--query", "a=b"])
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.spawn().expect("the command")
    }

    /// How long that takes when nobody kills it.
    #[expect(clippy::disallowed_methods, reason = "measures, to draw a moment from it")]
    fn undisturbed(&self, name: &str) -> Duration {
        let folder = self.copy(name);
        let begun = Instant::now();
        let ended = self.resuming(&folder).wait().expect("ended");
        assert!(ended.success(), "{ended}");
        begun.elapsed()
    }

    /// Asserts that the flow in `folder` is resumable, or its outcome stored,
    /// and not both; and that a resumable one really goes on.
    fn check(&self, folder: &Path, place: &str) -> &'static str {
        let store = SqliteStore::open(&folder.join("flows.db")).expect(place);
        // Later than any lease, earlier than the end of the state.
        let clock = Arc::new(ManualClock::new(flowhost::Clock::now(&flowhost::SystemClock)));
        clock.advance_millis(120_000);
        let engine = engine_builder()
            .store(store)
            .clock(clock)
            .keys(KeyRing::parse(KEYS).expect("keys"))
            .component_folder(folder.join("flows.db-components"))
            .build()
            .expect("an engine");
        let outcome = wait_for(engine.outcome(&self.flow_id)).expect(place);
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
        ignored("strace is missing or forbidden; `apt-get install strace`");
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
    ((watched, call), nth): (Leg, usize),
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
    if let Some(files) = watched.files(folder, call) {
        traced.arg("-f");
        files.iter().for_each(|file| _ = traced.arg("-P").arg(file));
        // Tells the main thread's number.
        traced.args(["sh", "-c", "echo $$ > main.txt; exec \"$@\"", "sh"]);
    }
    traced.arg(plain.get_program()).args(arguments).current_dir(folder).stdin(Stdio::null());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => traced.env(name, value),
            None => traced.env_remove(name),
        };
    }
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
    legs: &[(Leg, Fault)],
    arguments: &[&str],
    copy: impl Fn(&str) -> PathBuf,
    mut after: impl FnMut(&Path, &str, Disturbed),
) -> Times {
    let mut times = Times::new();
    for (leg, fault) in legs {
        let (watched, call) = *leg;
        for nth in (1..).step_by(stride(*leg)) {
            let mut tries = 0..20;
            let happened = loop {
                let place = format!("{watched:?}-{call}-{nth}-{}", tries.start);
                let folder = copy(&place);
                let ran = disturbed(cli, &folder, (*leg, nth), fault, arguments);
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
            *times.entry(*leg).or_default() += 1;
        }
    }
    times
}

/// How often that was in all; each of these at least once.
#[track_caller]
fn met(times: &Times, expected: impl IntoIterator<Item = Leg>) -> usize {
    println!("{times:?}");
    for leg in expected {
        assert!(times.contains_key(&leg), "{leg:?} was never made: {times:?}");
    }
    times.values().sum()
}

/// A kill at every call.
fn kills() -> Vec<(Leg, Fault)> {
    everywhere().into_iter().map(|leg| (leg, Fault::Kill)).collect()
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
    let killed = at_every_call(&flow.cli, &kills(), &resume, copy, |folder, place, ran| {
        let found = flow.check(folder, place);
        assert!(told(&ran.stdout).is_none() || found == "settled", "{place}: told too early");
        if found == "settled" { settled += 1 } else { resumable += 1 }
    });
    let killed = met(&killed, OF_A_RESUME);
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
    let legs = [
        ((Watched::DatabaseLog, "pwrite64"), Fault::Error("ENOSPC")),
        ((Watched::DatabaseLog, "fsync"), Fault::Error("EIO")),
        ((Watched::Checkpoint, "pwrite64"), Fault::Error("ENOSPC")),
        ((Watched::Checkpoint, "ftruncate"), Fault::Error("EIO")),
        ((Watched::Checkpoint, "fsync"), Fault::Error("EIO")),
        ((Watched::Checkpoint, "unlink"), Fault::Error("EIO")),
    ];
    let (mut told_of, mut unheard) = (0, 0);
    let copy = |place: &str| flow.copy(place);
    let failed = at_every_call(&flow.cli, &legs, &resume, copy, |folder, place, ran| {
        let found = flow.check(folder, place);
        match ran.exit {
            // Also when the checkpoint failed: what is in the log is kept.
            Some(0) => {
                assert_eq!(found, "settled", "{place}");
                unheard += 1;
            }
            Some(3) => {
                assert!(ran.stdout.contains("store_unavailable"), "{place}");
                told_of += 1;
            }
            other => panic!("{place}: {other:?} {}", ran.stdout),
        }
    });
    let failed = met(&failed, legs.map(|(leg, _)| leg));
    println!("{failed} calls failed: {told_of} errors, {unheard} settled all the same");
    assert!(told_of > 0 && unheard > 0, "{told_of} errors, {unheard} settled");
    assert!(failed > 20, "{failed} faults");
}

/// The arguments of a run.
const RUN: [&str; 5] = ["run", "flow.toml", "-e", "event.json", "--json"];

#[test]
fn a_run_killed_at_any_change_of_a_file_says_nothing_it_cannot_keep() {
    if !strace_works() {
        return;
    }
    runs_killed(&prepared(), &[&OF_A_RESUME[..], &OF_A_FIRST_RUN].concat());
}

/// The main thread does not write before the other one does, which so is met at
/// its first calls too.
#[test]
fn nor_does_one_with_a_store_that_is_there_already() {
    if !strace_works() {
        return;
    }
    let cli = prepared();
    cli.run(&RUN).exits(12);
    runs_killed(&cli, &OF_A_RESUME);
}

fn runs_killed(cli: &Cli, expected: &[Leg]) {
    let fresh = |place: &str| {
        let folder = cli.path().join(place);
        copy(cli.path(), &folder);
        folder
    };
    let mut acknowledged = 0;
    let killed = at_every_call(cli, &kills(), &RUN, fresh, |folder, place, ran| {
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
    let killed = met(&killed, expected.iter().copied());
    println!("killed {killed} runs, {acknowledged} had told their state");
    assert!(killed > 40 && acknowledged > 0, "{killed}: {acknowledged}");
}

#[test]
fn a_resume_killed_at_any_time_loses_and_doubles_nothing() {
    let mut random = Random::new(seed("a_resume_killed_at_any_time"));
    let flow = Suspended::busy();
    // Once for the cache of compiled code, once to see how long it takes here.
    _ = flow.undisturbed("warm");
    let whole = flow.undisturbed("measured");
    let window = whole.as_micros() as u64 * 3 / 2;
    let (mut resumable, mut settled) = (0, 0);
    // Some more, if the machine has become slower or faster since.
    for round in 0..200 {
        if round >= 20 && resumable > 0 && settled > 0 {
            break;
        }
        let folder = flow.copy(&format!("round-{round}"));
        let mut child = flow.resuming(&folder);
        std::thread::sleep(Duration::from_micros(random.below(window)));
        child.kill().expect("killed");
        let ended = child.wait().expect("ended");
        let found = flow.check(&folder, &format!("round {round}"));
        assert!(!ended.success() || found == "settled", "round {round}");
        if found == "settled" { settled += 1 } else { resumable += 1 }
    }
    println!("a resume took {whole:?}; killed: {resumable} resumable, {settled} settled");
    assert!(resumable > 0 && settled > 0, "{resumable} resumable, {settled} settled");
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
