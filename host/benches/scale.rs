//! How costs grow: with actions, with the event, with flows that wait, with threads.
//! Sizes are measured in turns, so that ratios hold on a busy machine:
//! `cargo xtask bench scale`.

mod guests;
mod measure;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flowhost::store::{MemoryStore, SqliteStore};
use flowhost::{Compiler, Engine, EngineBuilder, Event, Flow, KeyRing, Resume, Store};
use serde_json::{Value, json};

use guests::flow;
use measure::{Samples, now, write_report};

const ROUNDS: usize = 30;
const PER_ROUND: usize = 50;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let mut report = runtime.block_on(async {
        json!({
            "actions": actions().await,
            "event": events().await,
            "suspended": suspended().await,
            "live_instances": live_instances().await,
        })
    });
    report["threads"] = [1, 2].map(threads).into();
    write_report(&report);
}

fn builder() -> EngineBuilder {
    Engine::builder().compiler(Compiler::in_process())
}

fn event() -> Event {
    Event::from_json(include_str!("javascript/event.json")).expect("an event")
}

/// Starts a flow and expects it to end.
async fn complete(engine: &Engine, flow: &Flow, event: Event) {
    let report = engine.start(flow, event).await.expect("a report");
    assert_eq!(report.outcome.name(), "completed", "{report:?}");
}

/// A row for each size, and what the last costs beside the first.
fn rows(what: &str, sizes: &[usize], samples: &[Samples]) -> Value {
    println!("\n| {what} | p50 µs | p99 µs |\n|---|---|---|");
    let row = |(size, samples): (&usize, &Samples)| {
        let (half, most) = (samples.median(), samples.quantile(0.99));
        println!("| {size} | {half:.1} | {most:.1} |");
        json!({ "size": size, "p50_micros": half, "p99_micros": most })
    };
    let rows: Vec<Value> = sizes.iter().zip(samples).map(row).collect();
    rows.into()
}

/// Flows of so many actions.
async fn actions() -> Value {
    let engine = builder().build().expect("an engine");
    let bytes = guests::rust("reads-three");
    let sizes = [1, 2, 4, 8, 16];
    let mut flows = Vec::new();
    for size in sizes {
        flows.push(flow(&engine, &bytes, size).await);
    }
    let mut samples = sizes.map(|_| Samples::new("actions"));
    for _ in 0..ROUNDS {
        for (flow, samples) in flows.iter().zip(&mut samples) {
            for event in vec![event(); PER_ROUND] {
                let started = now();
                complete(&engine, flow, event).await;
                samples.add(started.elapsed());
            }
        }
    }
    rows("actions", &sizes, &samples)
}

/// Parsing an event of so many KiB, and running an action that reads three fields.
async fn events() -> Value {
    let engine = builder().build().expect("an engine");
    let flow = flow(&engine, &guests::rust("reads-three"), 1).await;
    let sizes = [2, 8, 32, 128, 250];
    let texts = sizes.map(|size| {
        let mut event: Value =
            serde_json::from_str(include_str!("javascript/event.json")).expect("JSON");
        let rest = (size << 10) - event.to_string().len().min(size << 10);
        let notes: Vec<String> = (0..rest / 64).map(|n| format!("{n:060}")).collect();
        event["user"]["app_metadata"] = json!({ "notes": notes });
        event.to_string()
    });
    let mut samples = sizes.map(|_| Samples::new("event"));
    for _ in 0..ROUNDS {
        for (text, samples) in texts.iter().zip(&mut samples) {
            for _ in 0..PER_ROUND / 5 {
                let started = now();
                let event = Event::from_json(text).expect("an event");
                complete(&engine, &flow, event).await;
                samples.add(started.elapsed());
            }
        }
    }
    rows("KiB of event", &sizes, &samples)
}

/// A redirect flow, start and resume, while so many others wait.
async fn suspended() -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let sqlite = SqliteStore::open(&folder.path().join("flows.db")).expect("a store");
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::new());
    json!({
        "memory": waiting("memory", memory).await,
        "sqlite": waiting("SQLite", Arc::new(sqlite)).await,
    })
}

async fn waiting(name: &str, store: Arc<dyn Store>) -> Value {
    let keys = KeyRing::generate().expect("keys");
    let engine = builder().shared_store(store).keys(keys).build().expect("an engine");
    let flow = flow(&engine, &guests::by_hand("redirects"), 1).await;
    let sizes = [100, 1_000, 10_000];
    let mut samples = sizes.map(|_| Samples::new("resume"));
    let mut waits = 0;
    let before = resident_kib();
    for (size, samples) in sizes.into_iter().zip(&mut samples) {
        while waits < size {
            engine.start(&flow, event()).await.expect("a report");
            waits += 1;
        }
        for event in vec![event(); 500] {
            let report = engine.start(&flow, event).await.expect("a report");
            let state = report.outcome.state().expect("a redirect");
            let resume = Resume::get([("state", state)]);
            let started = now();
            let report = engine.resume(state, resume).await.expect("a report");
            samples.add(started.elapsed());
            assert_eq!(report.outcome.name(), "completed");
        }
    }
    let each = (resident_kib() - before) / waits as f64;
    println!("\n{name}: {each:.2} KiB more resident for each flow, those that ended included");
    json!({ "resumes": rows(&format!("flows that wait in {name}"), &sizes, &samples), "resident_kib": each })
}

/// What instances keep in memory that live and wait, each in KiB.
async fn live_instances() -> Value {
    const LIVE: usize = 1_000;
    // One flow gets half of the long places.
    let engine = builder().max_runs(LIVE / 4).build().expect("an engine");
    let flow = flow(&engine, &guests::by_hand("sleep-for-ever"), 1).await;
    let start = |events: Vec<Event>| {
        let start = |event| {
            let (engine, flow) = (engine.clone(), flow.clone());
            tokio::spawn(async move { engine.start(&flow, event).await })
        };
        events.into_iter().map(start).collect::<Vec<_>>()
    };
    let before = resident_kib();
    let running = start(vec![event(); LIVE]);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let each = (resident_kib() - before) / LIVE as f64;
    let alive = running.iter().filter(|run| !run.is_finished()).count();
    running.iter().for_each(tokio::task::JoinHandle::abort);
    println!("\n{alive} live instances: {each:.1} KiB each");
    json!({ "instances": alive, "resident_kib": each })
}

fn resident_kib() -> f64 {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Rss:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(f64::NAN)
}

/// Flows of four actions a second, on so many threads.
fn threads(threads: usize) -> Value {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let engine = builder().build().expect("an engine");
        let flow = flow(&engine, &guests::rust("reads-three"), 4).await;
        let done = Arc::new(AtomicUsize::new(0));
        let time = Duration::from_secs(5);
        let began = now();
        let run = || {
            let (engine, flow, done) = (engine.clone(), flow.clone(), Arc::clone(&done));
            let event = event();
            tokio::spawn(async move {
                while began.elapsed() < time {
                    complete(&engine, &flow, event.clone()).await;
                    done.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                }
            })
        };
        for running in (0..threads).map(|_| run()).collect::<Vec<_>>() {
            running.await.expect("a task");
        }
        let rate = done.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64();
        println!("\n{threads} threads: {rate:.0} flows of four actions a second");
        json!({ "threads": threads, "flows_per_second": rate })
    })
}
