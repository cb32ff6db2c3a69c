//! How costs grow: with actions, with the event, with flows that wait, with threads.
//! Sizes are measured in turns, so that ratios hold on a busy machine:
//! `cargo xtask bench scale`. The words `actions`, `event`, `waiting`, `live`, `threads`
//! and `overload` measure only that.

mod guests;
mod measure;
// The server that the tests start.
#[path = "../../tests/src/postgres.rs"]
#[expect(dead_code, unreachable_pub, reason = "the tests need more of it")]
mod postgres;
mod server;
#[path = "scale/waiting.rs"]
mod waiting;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flowhost::{Compiler, Engine, EngineBuilder, Event, Flow};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use guests::flow;
use measure::{Samples, now, write_report};
use server::{nobody, project, wait_for};

const ROUNDS: usize = 30;
const PER_ROUND: usize = 50;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let words: Vec<String> = std::env::args().collect();
    let parts = ["actions", "event", "waiting", "live", "threads", "overload"];
    let some = parts.iter().any(|part| words.iter().any(|word| word == part));
    let wanted = |part: &str| !some || words.iter().any(|word| word == part);
    let mut report = json!({});
    if wanted("actions") {
        report["actions"] = runtime.block_on(actions());
    }
    if wanted("event") {
        report["event"] = runtime.block_on(events());
    }
    if wanted("waiting") {
        let server = postgres::own_postgres("");
        let urls = server.as_ref().map(|server| [(); 3].map(|()| server.url(&server.database())));
        report["waiting"] = runtime.block_on(waiting::waiting(urls));
    }
    if wanted("live") {
        report["live_instances"] = runtime.block_on(live_instances());
    }
    if wanted("threads") {
        report["threads"] = threads();
    }
    if wanted("overload") {
        report["overload"] = overload();
    }
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

/// A row for each size.
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
    let bytes = guests::rust_without_wasi("reads-three");
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
    let flow = flow(&engine, &guests::rust_without_wasi("reads-three"), 1).await;
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

/// What instances keep in memory that live and wait, each in KiB.
async fn live_instances() -> Value {
    const LIVE: usize = 1_000;
    // One flow gets half of the long places.
    let engine = builder().max_runs(LIVE / 4).build().expect("an engine");
    let flow = flow(&engine, &guests::rust("sleeps"), 1).await;
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
    assert_eq!(alive, LIVE, "all of them wait");
    println!("\n{alive} live instances: {each:.1} KiB each");
    json!({ "instances": alive, "resident_kib": each })
}

fn resident_kib() -> f64 {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Rss:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(f64::NAN)
}

/// How often throughput is measured.
const TIMES: usize = 5;

/// Flows of four actions a second, on one thread and on two: with a component that
/// imports no WASI, and with one that does.
fn threads() -> Value {
    let kinds = [
        ("without WASI", guests::rust_without_wasi("reads-three")),
        ("with WASI", guests::rust("reads-three")),
    ];
    let ways = [1, 2].into_iter().flat_map(|threads| kinds.iter().map(move |kind| (threads, kind)));
    let ways: Vec<_> = ways.collect();
    let mut rates = vec![Vec::new(); ways.len()];
    for _ in 0..TIMES {
        for ((threads, (_, bytes)), rates) in ways.iter().zip(&mut rates) {
            rates.push(throughput(*threads, bytes));
        }
    }
    println!("\n| threads | component | flows of four a second: least | median | most |");
    println!("|---|---|---|---|---|");
    let mut rows = Vec::new();
    for ((threads, (kind, _)), mut rates) in ways.into_iter().zip(rates) {
        rates.sort_by(f64::total_cmp);
        let [least, half, most] = [rates[0], rates[TIMES / 2], rates[TIMES - 1]];
        println!("| {threads} | {kind} | {least:.0} | {half:.0} | {most:.0} |");
        rows.push(json!({ "threads": threads, "component": kind, "flows_per_second": rates }));
    }
    rows.into()
}

fn throughput(threads: usize, bytes: &[u8]) -> f64 {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let engine = builder().build().expect("an engine");
        let flow = flow(&engine, bytes, 4).await;
        let done = Arc::new(AtomicUsize::new(0));
        let time = Duration::from_secs(3);
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
        done.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64()
    })
}

/// So many may be under way, as a server has so many connections.
const CONNECTIONS: usize = 1024;

/// Starts that come at half of what the machine can do, at all of it and at twice as
/// many: how long those take that are taken, and how many are refused.
fn overload() -> Value {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let bytes = guests::rust_without_wasi("reads-three");
    let capacity = throughput(2, &bytes);
    println!("\n| starts a second | p50 µs | p99 µs | refused | without a connection |");
    println!("|---|---|---|---|---|");
    let rows = [0.5, 1.0, 2.0].map(|part| runtime.block_on(at_rate(&bytes, capacity * part)));
    json!({ "capacity": capacity, "rows": rows })
}

async fn at_rate(bytes: &[u8], rate: f64) -> Value {
    let engine = builder().build().expect("an engine");
    let flow = flow(&engine, bytes, 4).await;
    let (sent, mut ended) = tokio::sync::mpsc::unbounded_channel();
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    // By the engine; and those that found no connection.
    let (mut refused, mut unconnected) = (0, 0);
    let (event, began) = (event(), now());
    let mut starts = 0;
    while began.elapsed() < Duration::from_secs(4) {
        // All that are due by now; each is as old as its date.
        while f64::from(starts) < rate * began.elapsed().as_secs_f64() {
            let due = Duration::from_secs_f64(f64::from(starts) / rate);
            let (engine, flow, event) = (engine.clone(), flow.clone(), event.clone());
            let sent = sent.clone();
            starts += 1;
            let Ok(connection) = Arc::clone(&connections).try_acquire_owned() else {
                unconnected += 1;
                continue;
            };
            tokio::spawn(async move {
                let report = engine.start(&flow, event).await;
                _ = sent.send((report.is_ok(), began.elapsed() - due));
                drop(connection);
            });
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    drop(sent);
    let mut taken = Samples::new("taken");
    while let Some((ok, took)) = ended.recv().await {
        match ok {
            true => taken.add(took),
            false => refused += 1,
        }
    }
    let [refused, unconnected] =
        [refused, unconnected].map(|count| f64::from(count) / f64::from(starts) * 100.0);
    let (half, most) = (taken.median(), taken.quantile(0.99));
    println!("| {rate:.0} | {half:.0} | {most:.0} | {refused:.1} % | {unconnected:.1} % |");
    json!({
        "rate": rate, "p50_micros": half, "p99_micros": most,
        "refused_percent": refused, "unconnected_percent": unconnected,
    })
}
