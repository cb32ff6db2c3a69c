//! Neighbours: how long good flows take while hostile ones run beside them, each
//! kind of them once in so many milliseconds. The good ones come at their own
//! pace, whatever the engine does, and are timed from when they should have begun.
//! With and without neighbours in turns.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use flowhost::{ActionSpec, Compiler, Component, Engine, Event, Flow, FlowSpec, Outcome};
use serde_json::json;
use tokio::task::JoinHandle;

/// Good flows a second.
const PACE: u64 = 200;

/// How often a flow of each hostile kind starts.
const EACH: Duration = Duration::from_millis(50);

const ROUNDS: u32 = 6;

/// What is hostile: see the first lines of these files.
const HOSTILE: &[&str] =
    &["loop", "loop-in-start", "loop-in-post-return", "memory-fill", "memory-growth", "recursion"];

fn main() {
    let seconds = std::env::var("FLOWHOST_BENCH_SECONDS").ok().and_then(|text| text.parse().ok());
    let round = Duration::from_secs(seconds.unwrap_or(60)) / ROUNDS;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(async {
        // A short queue: what waits in it is waited for between the rounds.
        let builder = Engine::builder().compiler(Compiler::in_process()).max_queue(32);
        let engine = builder.build().expect("an engine");
        let good = flow(&engine, "redirects").await;
        let mut hostile = Vec::new();
        for name in HOSTILE {
            hostile.push(flow(&engine, name).await);
        }
        let (mut alone, mut beside) = (Vec::new(), Vec::new());
        let mut ended = 0;
        good_flows(&engine, &good, round / 4).await;
        for _ in 0..ROUNDS / 2 {
            alone.extend(good_flows(&engine, &good, round).await);
            let neighbours = Neighbours::start(&engine, &hostile);
            beside.extend(good_flows(&engine, &good, round).await);
            ended += neighbours.stop().await;
        }
        let (alone, beside) = (row("alone", alone), row("beside hostile ones", beside));
        let ratio = beside.1 / alone.1;
        println!("\n{ended} hostile flows ended; p99 beside them is {ratio:.2} times that alone");
        let json =
            json!({ "alone_ms": alone, "beside_ms": beside, "p99_ratio": ratio, "hostile": ended });
        println!("{json}");
    });
}

async fn flow(engine: &Engine, name: &str) -> Flow {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/hostile");
    let text = std::fs::read_to_string(folder.join(name).with_extension("wat")).expect("text");
    let bytes = wat::parse_str(text).expect("a component");
    let action = ActionSpec::new(name, Component::Bytes(bytes));
    engine.load(FlowSpec::new(name).action(action)).await.expect("a flow")
}

fn event() -> Event {
    let text = include_str!("../examples/embed/event.json");
    Event::from_json(text).expect("an event")
}

/// The times of good flows, of which none may fail.
async fn good_flows(engine: &Engine, flow: &Flow, time: Duration) -> Vec<Duration> {
    let event = event();
    let began = now();
    let mut running: Vec<JoinHandle<Duration>> = Vec::new();
    let interval = Duration::from_secs(1) / PACE as u32;
    let count = time.as_millis() as u32 / interval.as_millis() as u32;
    for number in 0..count {
        let due = began + interval * number;
        tokio::time::sleep_until(due.into()).await;
        let (engine, flow, event) = (engine.clone(), flow.clone(), event.clone());
        running.push(tokio::spawn(async move {
            let report = engine.start(&flow, event).await.expect("a report");
            assert!(matches!(report.outcome, Outcome::Redirect(_)), "{report:?}");
            now() - due
        }));
    }
    let mut times = Vec::new();
    for run in running {
        times.push(run.await.expect("a good flow"));
    }
    times
}

struct Neighbours {
    stop: Arc<AtomicBool>,
    ended: Arc<AtomicUsize>,
    starting: Vec<JoinHandle<()>>,
}

impl Neighbours {
    fn start(engine: &Engine, flows: &[Flow]) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let ended = Arc::new(AtomicUsize::new(0));
        let start = |flow: &Flow| {
            let (engine, flow, event) = (engine.clone(), flow.clone(), event());
            let (stop, ended) = (Arc::clone(&stop), Arc::clone(&ended));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    tokio::time::sleep(EACH).await;
                    let (engine, flow, event) = (engine.clone(), flow.clone(), event.clone());
                    let ended = Arc::clone(&ended);
                    tokio::spawn(async move {
                        // Refused when there are too many of them, or failed.
                        let report = engine.start(&flow, event).await;
                        let fine = report.is_ok_and(|r| matches!(r.outcome, Outcome::Completed));
                        assert!(!fine, "a hostile flow completed");
                        ended.fetch_add(1, Ordering::Relaxed);
                    });
                }
            })
        };
        let starting = flows.iter().map(start).collect();
        Neighbours { stop, ended, starting }
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
        before
    }
}

fn row(name: &str, mut times: Vec<Duration>) -> (f64, f64, f64) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    let (half, most, all) = (at(0.5), at(0.99), at(1.0));
    println!(
        "{name:<24} {:>6} flows  p50 {half:>7.2}  p99 {most:>7.2}  max {all:>7.2} ms",
        times.len()
    );
    (half, most, all)
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures")]
fn now() -> Instant {
    Instant::now()
}
