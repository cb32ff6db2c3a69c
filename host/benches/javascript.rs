//! What an action in JavaScript costs, beside what Node.js makes of the same
//! file: a new `node:vm` context, a new isolate of `isolated-vm` (when it is
//! installed), a function that stays warm. Interleaved in one run, so that the
//! ratios hold on a busy machine: `cargo xtask bench javascript`.

mod guests;
mod measure;
mod peers;

use std::path::Path;
use std::time::Duration;

use flowhost::{Compiler, Engine, Event, Flow, Secret};
use serde_json::{Value, json};

use guests::flow;
use measure::{Samples, micros, millis, now, write_report};
use peers::Peer;

const ROUNDS: usize = 20;
const PER_ROUND: usize = 100;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let report = runtime.expect("a runtime").block_on(run());
    println!("{}", table(&report));
    write_report(&report);
}

/// The file and the event that everybody runs.
fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/javascript"))
}

async fn run() -> Value {
    let cache = tempfile::tempdir().expect("a folder");
    let engine = || {
        let builder = Engine::builder()
            .compiler(Compiler::in_process())
            .code_cache(cache.path().to_owned(), Secret::new("bench"));
        builder.build().expect("an engine")
    };
    let builds = builds(&engine).await;
    let bytes = engine().build_javascript(&folder().join("action.js")).await.expect("it builds");
    let size = bytes.len();
    let engine = engine();
    let text = std::fs::read_to_string(folder().join("event.json")).expect("the event");
    let flow = flow(&engine, &bytes, 1).await;
    let first = first_run(&engine, &flow, &text).await;
    let memory = live_instances(&text).await;
    let mut samples = vec![
        Samples::new("flowhost: one run, in a fresh instance"),
        Samples::new("flowhost: the whole flow, its event parsed, suspended at a challenge"),
    ];
    let mut nodes = nodes();
    for _ in 0..ROUNDS {
        measure(&engine, &flow, &text, &mut samples).await;
        nodes.iter_mut().for_each(|node| node.measure(PER_ROUND));
    }
    json!({
        "component_bytes": size,
        "builds": builds,
        "first_run": first,
        "dirty_kib_per_instance": memory,
        "per_call": samples.iter().chain(nodes.iter().map(|node| &node.samples)).map(Samples::report).collect::<Vec<_>>(),
    })
}

/// Cold: nothing is cached. Warm: another file, the engine inside is known.
async fn builds(engine: &impl Fn() -> Engine) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let source = std::fs::read_to_string(folder_file("action.js")).expect("the action");
    let mut times = Vec::new();
    for edit in 0..6 {
        let file = folder.path().join("action.js");
        std::fs::write(&file, format!("{source}\n// edit {edit}\n")).expect("written");
        let engine = engine();
        let started = now();
        let bytes = engine.build_javascript(&file).await.expect("it builds");
        let built = started.elapsed();
        flow(&engine, &bytes, 1).await;
        times.push((built, started.elapsed()));
    }
    let warm = times[1..].iter().map(|(built, _)| millis(*built)).fold(f64::MAX, f64::min);
    let loaded = times[1..].iter().map(|(_, loaded)| millis(*loaded)).fold(f64::MAX, f64::min);
    json!({
        "cold_build_ms": millis(times[0].0),
        "cold_build_and_compile_ms": millis(times[0].1),
        "warm_build_ms": warm,
        "warm_build_and_compile_ms": loaded,
    })
}

fn folder_file(name: &str) -> std::path::PathBuf {
    folder().join(name)
}

async fn first_run(engine: &Engine, flow: &Flow, text: &str) -> Value {
    let event = Event::from_json(text).expect("an event");
    let started = now();
    let report = engine.start(flow, event).await.expect("it starts");
    let took = started.elapsed();
    assert_eq!(report.outcome.name(), "challenge", "{report:?}");
    json!({
        "micros": micros(took),
        "fuel": report.runs[0].fuel,
        "memory_bytes": report.runs[0].memory_bytes,
    })
}

async fn measure(engine: &Engine, flow: &Flow, text: &str, samples: &mut [Samples]) {
    for _ in 0..PER_ROUND {
        let started = now();
        let event = Event::from_json(text).expect("an event");
        let report = engine.start(flow, event).await.expect("it starts");
        samples[1].micros.push(micros(started.elapsed()));
        // Instantiated, called, and its answer read: what is beside it is the
        // flow's, such as the suspension.
        samples[0].micros.push(report.runs[0].duration_us as f64);
        assert!(report.outcome.state().is_some());
    }
}

/// What instances have written to while they live, in KiB each: many wait in a
/// timer after the work of the file.
async fn live_instances(text: &str) -> Option<f64> {
    const LIVE: usize = 64;
    let engine = Engine::builder()
        .compiler(Compiler::in_process())
        .max_runs(LIVE)
        .build()
        .expect("an engine");
    let source = std::fs::read_to_string(folder_file("action.js")).expect("the action");
    let waits = "await new Promise((done) => setTimeout(done, 1500));\n    api.authentication";
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("action.js");
    std::fs::write(&file, source.replace("api.authentication", waits)).expect("written");
    let flow = flow(&engine, &engine.build_javascript(&file).await.expect("it builds"), 1).await;
    let event = Event::from_json(text).expect("an event");
    let before = dirty_kib()?;
    let start = || {
        let (engine, flow, event) = (engine.clone(), flow.clone(), event.clone());
        tokio::spawn(async move { engine.start(&flow, event).await.expect("it starts") })
    };
    let starts: Vec<_> = (0..LIVE).map(|_| start()).collect();
    tokio::time::sleep(Duration::from_millis(1000)).await;
    let during = dirty_kib()?;
    for start in starts {
        start.await.expect("it ends");
    }
    Some((during - before) / LIVE as f64)
}

fn dirty_kib() -> Option<f64> {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Private_Dirty:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

fn nodes() -> Vec<Peer> {
    let ways = [
        ("node:vm, a new context", "vm"),
        ("isolated-vm, a new isolate", "isolate"),
        ("node, a warm function", "warm"),
    ];
    ways.into_iter().filter_map(|(name, way)| Peer::node(name, way, folder())).collect()
}

fn table(report: &Value) -> String {
    let builds = &report["builds"];
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let mut text = format!(
        "component {:.2} MB · build {:.0} ms cold, {:.0} ms warm · build and compile {:.0} ms cold, {:.0} ms warm\n",
        number(&report["component_bytes"]) / 1e6,
        number(&builds["cold_build_ms"]),
        number(&builds["warm_build_ms"]),
        number(&builds["cold_build_and_compile_ms"]),
        number(&builds["warm_build_and_compile_ms"]),
    );
    let first = &report["first_run"];
    text += &format!(
        "first run {:.0} µs · fuel {} · memory {:.1} MiB\n\n",
        number(&first["micros"]),
        first["fuel"],
        number(&first["memory_bytes"]) / 1048576.0,
    );
    text.truncate(text.trim_end().len());
    text += &format!(
        " · written to by a live instance {:.0} KiB\n\n",
        number(&report["dirty_kib_per_instance"])
    );
    text += "| | p5 µs | p50 µs | p99 µs | p50, ours = 1 |\n|---|---|---|---|---|\n";
    let calls = report["per_call"].as_array().cloned().unwrap_or_default();
    let ours = calls.first().map_or(f64::NAN, |call| number(&call["p50_micros"]));
    for call in &calls {
        let (p5, p50, p99) =
            (number(&call["p5_micros"]), number(&call["p50_micros"]), number(&call["p99_micros"]));
        let what = call["what"].as_str().unwrap_or_default();
        text += &format!("| {what} | {p5:.0} | {p50:.0} | {p99:.0} | {:.2} |\n", p50 / ours);
    }
    text
}
