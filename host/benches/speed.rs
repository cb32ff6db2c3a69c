//! What a run costs beside what raw wasmtime takes for the same component with the
//! same settings. Both are measured in the same way: one, and four in a row, of which
//! three are what one more costs three times. All four take turns, and begin with another
//! each time: whoever comes after others finds their data in the processor's caches, and
//! not its own. And several processes take turns: how memory is laid out differs from one
//! to the next, and moves a ratio by a few hundredths. `cargo xtask bench speed`.

mod guests;
mod measure;
#[path = "speed/raw.rs"]
mod raw;

use std::process::{Command, Stdio};

use flowhost::{Compiler, Engine, Event, Flow};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use guests::flow;
use measure::{Samples, now, write_report};
use raw::Raw;

const PROCESSES: usize = 9;
/// In each process.
const ROUNDS: usize = 12;
const PER_ROUND: usize = 100;

/// Tells a process that it is one of several.
const PART: &str = "FLOWHOST_BENCH_PART";

fn main() {
    if std::env::var_os(PART).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let found = runtime.expect("a runtime").block_on(run());
        println!("{}", json!(found));
        return;
    }
    let mut found = part();
    for _ in 1..PROCESSES {
        for (all, more) in found.iter_mut().zip(part()) {
            all.rounds.extend(more.rounds);
        }
    }
    write_report(&report(&found));
}

/// What one more process finds.
fn part() -> Vec<Found> {
    let this = std::env::current_exe().expect("this program");
    let part = Command::new(this).env(PART, "").stderr(Stdio::inherit()).output();
    let part = part.expect("a process");
    assert!(part.status.success(), "{}", part.status);
    serde_json::from_slice(&part.stdout).expect("what it found")
}

/// What is compared: a component on its own, and flows of it.
struct Subject {
    raw: Raw,
    /// Flows of one action and of four.
    flows: [Flow; 2],
    found: Found,
}

#[derive(Serialize, Deserialize)]
struct Found {
    name: String,
    /// The medians of each round. Ratios are taken within a round, for a machine is faster
    /// in one than in another.
    rounds: Vec<[f64; WAYS]>,
}

/// One and four by raw wasmtime, one and four as a flow.
const WAYS: usize = 4;

async fn run() -> Vec<Found> {
    let builder = Engine::builder().compiler(Compiler::in_process());
    let engine = builder.build().expect("an engine");
    let mut subjects = Vec::new();
    for (name, bytes) in [
        ("bare", guests::by_hand("good")),
        ("reads none", guests::rust_without_wasi("reads-none")),
        ("reads three", guests::rust_without_wasi("reads-three")),
        ("reads all", guests::rust_without_wasi("reads-all")),
        ("reads three, importing WASI", guests::rust("reads-three")),
    ] {
        let flows = [flow(&engine, &bytes, 1).await, flow(&engine, &bytes, 4).await];
        let raw = Raw::new(&bytes);
        let found = Found { name: name.to_owned(), rounds: Vec::new() };
        subjects.push(Subject { raw, flows, found });
    }
    let event = Event::from_json(include_str!("javascript/event.json")).expect("an event");
    for round in 0..=ROUNDS {
        for subject in &mut subjects {
            let medians = measure(&engine, subject, &event).await;
            if round > 0 {
                subject.found.rounds.push(medians);
            }
        }
    }
    subjects.into_iter().map(|subject| subject.found).collect()
}

fn report(found: &[Found]) -> Value {
    let rows: Vec<Value> = found.iter().map(row).collect();
    println!(
        "| | one more, raw µs | one more action | ratio | four, raw | flow of four | ratio | flow of one |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for row in &rows {
        let number = |key: &str| row[key].as_f64().unwrap_or(f64::NAN);
        println!(
            "| {} | {:.1} | {:.1} | {:.2} | {:.1} | {:.1} | {:.2} | {:.1} |",
            row["what"].as_str().unwrap_or_default(),
            number("raw_run_micros"),
            number("run_micros"),
            number("run_ratio"),
            number("raw_four_micros"),
            number("four_micros"),
            number("four_ratio"),
            number("one_micros"),
        );
    }
    json!({ "runs": rows })
}

/// What each way takes, the median of so many times.
async fn measure(engine: &Engine, subject: &Subject, event: &Event) -> [f64; WAYS] {
    let mut samples = [(); WAYS].map(|()| Samples::new("a way"));
    for turn in 0..PER_ROUND {
        for way in (0..WAYS).map(|way| (way + turn) % WAYS) {
            let event = event.clone();
            let started = now();
            match way {
                0 => subject.raw.run().await,
                1 => {
                    for _ in 0..4 {
                        subject.raw.run().await;
                    }
                }
                flow => {
                    let flow = &subject.flows[flow - 2];
                    let report = engine.start(flow, event).await.expect("a report");
                    assert_eq!(report.outcome.name(), "completed", "{report:?}");
                }
            }
            samples[way].add(started.elapsed());
        }
    }
    samples.each_ref().map(Samples::median)
}

/// The median over all rounds of what is found in each.
fn over_rounds(subject: &Found, found: impl Fn(&[f64; WAYS]) -> f64) -> f64 {
    let mut all: Vec<f64> = subject.rounds.iter().map(found).collect();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn row(subject: &Found) -> Value {
    let over = |found: fn(&[f64; WAYS]) -> f64| over_rounds(subject, found);
    // What one more costs.
    let more = |one: f64, four: f64| (four - one) / 3.0;
    json!({
        "what": subject.name,
        "raw_one_micros": over(|[raw_one, ..]| *raw_one),
        "raw_four_micros": over(|[_, raw_four, ..]| *raw_four),
        "one_micros": over(|[.., one, _]| *one),
        "four_micros": over(|[.., four]| *four),
        "raw_run_micros": over_rounds(subject, |[one, four, ..]| more(*one, *four)),
        "run_micros": over_rounds(subject, |[.., one, four]| more(*one, *four)),
        "run_ratio": over_rounds(subject, |[raw_one, raw_four, one, four]| {
            more(*one, *four) / more(*raw_one, *raw_four)
        }),
        "four_ratio": over(|[_, raw_four, _, four]| four / raw_four),
    })
}
