//! What a run costs beside what raw wasmtime takes for the same component with the
//! same settings. Interleaved in one run, so that the ratios hold on a busy machine:
//! `cargo xtask bench speed`.

mod guests;
mod measure;
#[path = "speed/raw.rs"]
mod raw;

use flowhost::{Compiler, Engine, Event, Flow};
use serde_json::{Value, json};

use guests::flow;
use measure::{Samples, now, write_report};
use raw::Raw;

const ROUNDS: usize = 40;
const PER_ROUND: usize = 100;

fn main() {
    let rounds = std::env::var("FLOWHOST_BENCH_ROUNDS").ok().and_then(|text| text.parse().ok());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let report = runtime.expect("a runtime").block_on(run(rounds.unwrap_or(ROUNDS)));
    write_report(&report);
}

/// What is compared: a component on its own, and flows of it.
struct Subject {
    raw: Raw,
    /// Flows of one action and of four.
    flows: [Flow; 2],
    samples: [Samples; 3],
}

async fn run(rounds: usize) -> Value {
    let builder = Engine::builder().compiler(Compiler::in_process());
    let engine = builder.build().expect("an engine");
    let mut subjects = Vec::new();
    for (name, bytes) in [
        ("bare", guests::by_hand("good")),
        ("reads none", guests::rust("reads-none")),
        ("reads three", guests::rust_without_wasi("reads-three")),
        ("reads three, with WASI", guests::rust("reads-three")),
        ("reads all", guests::rust("reads-all")),
    ] {
        let flows = [flow(&engine, &bytes, 1).await, flow(&engine, &bytes, 4).await];
        let raw = Raw::new(&bytes);
        subjects.push(Subject { raw, flows, samples: [(); 3].map(|()| Samples::new(name)) });
    }
    let event = Event::from_json(include_str!("javascript/event.json")).expect("an event");
    for round in 0..=rounds {
        for subject in &mut subjects {
            measure(&engine, subject, &event, round == 0).await;
        }
    }
    let rows: Vec<Value> = subjects.iter().map(row).collect();
    println!("| | raw wasmtime µs | one run µs | ratio | flow of one | flow of four | ratio |");
    println!("|---|---|---|---|---|---|---|");
    for row in &rows {
        let number = |key: &str| row[key].as_f64().unwrap_or(f64::NAN);
        println!(
            "| {} | {:.1} | {:.1} | {:.2} | {:.1} | {:.1} | {:.2} |",
            row["what"].as_str().unwrap_or_default(),
            number("raw_micros"),
            number("run_micros"),
            number("run_ratio"),
            number("one_micros"),
            number("four_micros"),
            number("four_ratio"),
        );
    }
    json!({ "runs": rows })
}

async fn measure(engine: &Engine, subject: &mut Subject, event: &Event, warm_up: bool) {
    for _ in 0..PER_ROUND {
        let started = now();
        subject.raw.run().await;
        let took = started.elapsed();
        if !warm_up {
            subject.samples[0].add(took);
        }
        for (flow, samples) in subject.flows.iter().zip(&mut subject.samples[1..]) {
            let event = event.clone();
            let started = now();
            let report = engine.start(flow, event).await.expect("a report");
            let took = started.elapsed();
            assert_eq!(report.outcome.name(), "completed", "{report:?}");
            if !warm_up {
                samples.add(took);
            }
        }
    }
}

/// A run is what one more action costs.
fn row(subject: &Subject) -> Value {
    let [raw, one, four] = subject.samples.each_ref().map(Samples::median);
    let run = (four - one) / 3.0;
    json!({
        "what": subject.samples[0].name,
        "raw_micros": raw,
        "run_micros": run,
        "run_ratio": run / raw,
        "one_micros": one,
        "four_micros": four,
        "four_ratio": four / (4.0 * raw),
    })
}
