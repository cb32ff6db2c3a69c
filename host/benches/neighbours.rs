//! Neighbours: how long good flows take while hostile ones run beside them, each
//! kind of them once in so many milliseconds. The good ones come at their own
//! pace, whatever the engine does, and are timed from when they should have begun.
//! With and without neighbours in turns.

mod guests;
mod measure;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use flowhost::{Compiler, Engine, Event, Flow, Outcome};
use serde_json::json;
use tokio::task::JoinHandle;

use guests::flow;
use measure::{now, write_report};

/// Good flows a second.
const PACE: u64 = 200;

/// How often a flow of each hostile kind starts.
const EACH: Duration = Duration::from_millis(50);

const ROUNDS: u32 = 6;

/// What is hostile: see the first lines of these files.
const HOSTILE: &[&str] = &[
    "loop",
    "loop-in-start",
    "loop-in-post-return",
    "memory-fill",
    "memory-growth",
    "recursion",
    "sleep-for-ever",
    "sleep-for-ever-in-a-list",
    "sleep-again-and-again",
    "calls-of-log",
    "calls-of-cache",
    "bytes-of-random",
];

fn main() {
    let seconds = std::env::var("FLOWHOST_BENCH_SECONDS").ok().and_then(|text| text.parse().ok());
    let round = Duration::from_secs(seconds.unwrap_or(60)) / ROUNDS;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(async {
        // A short queue: what waits in it is waited for between the rounds.
        let builder = Engine::builder().compiler(Compiler::in_process()).max_queue(32);
        let engine = builder.build().expect("an engine");
        let good = [Good::by_hand(&engine).await, Good::in_javascript(&engine).await];
        let mut hostile = Vec::new();
        for name in HOSTILE {
            hostile.push(flow(&engine, &guests::by_hand(name), 1).await);
        }
        let (mut alone, mut beside) = ([vec![], vec![]], [vec![], vec![]]);
        let mut ended = 0;
        good_flows(&engine, &good, round / 4, &mut [vec![], vec![]]).await;
        for _ in 0..ROUNDS / 2 {
            good_flows(&engine, &good, round, &mut alone).await;
            let neighbours = Neighbours::start(&engine, &hostile);
            good_flows(&engine, &good, round, &mut beside).await;
            ended += neighbours.stop().await;
        }
        let mut rows = Vec::new();
        for (good, (alone, beside)) in good.iter().zip(alone.into_iter().zip(beside)) {
            let alone = row(good.name, "alone", alone);
            let beside = row(good.name, "beside hostile ones", beside);
            let ratio = beside.1 / alone.1;
            rows.push(json!({
                "good": good.name, "alone_ms": alone, "beside_ms": beside, "p99_ratio": ratio,
            }));
        }
        println!("\n{ended} hostile flows ended");
        write_report(&json!({ "good": rows, "hostile": ended }));
    });
}

/// A good flow, which suspends.
struct Good {
    name: &'static str,
    flow: Flow,
    event: Event,
}

impl Good {
    /// One that does next to nothing.
    async fn by_hand(engine: &Engine) -> Good {
        let flow = flow(engine, &guests::by_hand("redirects"), 1).await;
        Good { name: "by hand", flow, event: event() }
    }

    async fn in_javascript(engine: &Engine) -> Good {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/javascript"));
        let bytes = engine.build_javascript(&folder.join("action.js")).await.expect("it builds");
        let flow = flow(engine, &bytes, 1).await;
        let text = std::fs::read_to_string(folder.join("event.json")).expect("text");
        Good { name: "in JavaScript", flow, event: Event::from_json(&text).expect("an event") }
    }
}

fn event() -> Event {
    let text = include_str!("../examples/embed/event.json");
    Event::from_json(text).expect("an event")
}

/// Adds the times of good flows, of which none may fail.
async fn good_flows(
    engine: &Engine,
    good: &[Good; 2],
    time: Duration,
    times: &mut [Vec<Duration>; 2],
) {
    let began = now();
    let mut running: Vec<(usize, JoinHandle<Duration>)> = Vec::new();
    let interval = Duration::from_secs(1) / PACE as u32;
    let count = time.as_millis() as u32 / interval.as_millis() as u32;
    for number in 0..count {
        let due = began + interval * number;
        tokio::time::sleep_until(due.into()).await;
        let kind = number as usize % good.len();
        let (engine, flow) = (engine.clone(), good[kind].flow.clone());
        let event = good[kind].event.clone();
        let run = async move {
            let report = engine.start(&flow, event).await.expect("a report");
            assert!(report.outcome.state().is_some(), "{report:?}");
            now() - due
        };
        running.push((kind, tokio::spawn(run)));
    }
    for (kind, run) in running {
        times[kind].push(run.await.expect("a good flow"));
    }
}

struct Neighbours {
    stop: Arc<AtomicBool>,
    ended: Arc<AtomicUsize>,
    /// Those that ended well, of which there may be none.
    completed: Arc<AtomicUsize>,
    starting: Vec<JoinHandle<()>>,
}

impl Neighbours {
    fn start(engine: &Engine, flows: &[Flow]) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (ended, completed) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let start = |flow: &Flow| {
            let (engine, flow, event) = (engine.clone(), flow.clone(), event());
            let (stop, ended) = (Arc::clone(&stop), Arc::clone(&ended));
            let completed = Arc::clone(&completed);
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    tokio::time::sleep(EACH).await;
                    let (engine, flow, event) = (engine.clone(), flow.clone(), event.clone());
                    let (ended, completed) = (Arc::clone(&ended), Arc::clone(&completed));
                    tokio::spawn(async move {
                        // Refused when there are too many of them, or failed.
                        let report = engine.start(&flow, event).await;
                        let fine = report.is_ok_and(|r| matches!(r.outcome, Outcome::Completed));
                        completed.fetch_add(usize::from(fine), Ordering::Relaxed);
                        ended.fetch_add(1, Ordering::Relaxed);
                    });
                }
            })
        };
        let starting = flows.iter().map(start).collect();
        Neighbours { stop, ended, completed, starting }
    }

    /// How many ended. The rest is waited for, so that it is nobody's neighbour.
    async fn stop(self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        for starting in self.starting {
            starting.await.expect("a task");
        }
        let mut before = usize::MAX;
        while before != self.ended.load(Ordering::Relaxed) {
            before = self.ended.load(Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(1_500)).await;
        }
        assert_eq!(self.completed.load(Ordering::Relaxed), 0, "hostile flows that completed");
        before
    }
}

fn row(good: &str, name: &str, mut times: Vec<Duration>) -> (f64, f64, f64) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    let (half, most, all) = (at(0.5), at(0.99), at(1.0));
    println!(
        "{good:<14} {name:<20} {:>6} flows  p50 {half:>7.2}  p99 {most:>7.2}  max {all:>7.2} ms",
        times.len()
    );
    (half, most, all)
}
