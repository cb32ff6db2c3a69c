//! What an action in Rust costs, beside what a user would pick instead: the same
//! decision about the same event, as a plugin of Extism and in JavaScript. Interleaved in
//! one run, so that the ratios hold on a busy machine: `cargo xtask bench rivals`.

mod guests;
mod measure;
mod peers;

use std::path::Path;
use std::process::Command;

use flowhost::{Compiler, Engine, Event, Flow};
use serde_json::{Value, json};

use guests::flow;
use measure::{Samples, now, write_report};
use peers::Peer;

const ROUNDS: usize = 20;
const PER_ROUND: usize = 100;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let report = runtime.expect("a runtime").block_on(run());
    write_report(&report);
}

/// The file and the event that everybody runs.
fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/rivals/action"))
}

async fn run() -> Value {
    let engine = Engine::builder().compiler(Compiler::in_process()).build().expect("an engine");
    let bytes = guests::rust_without_wasi("reads-three");
    let flows = [flow(&engine, &bytes, 1).await, flow(&engine, &bytes, 4).await];
    let text = std::fs::read_to_string(folder().join("event.json")).expect("the event");
    let mut ours = [
        Samples::new("flowhost: a flow of one action, its event parsed"),
        Samples::new("of four"),
        Samples::new("parsed"),
    ];
    let mut peers = peers();
    for round in 0..=ROUNDS {
        let mut measured = [(); 3].map(|()| Samples::new(""));
        measure(&engine, &flows, &text, &mut measured).await;
        for (peer, count) in &mut peers {
            peer.measure(*count);
        }
        if round > 0 {
            let all = ours.iter_mut().zip(measured);
            all.for_each(|(ours, round)| ours.micros.extend(round.micros));
        }
    }
    // A run is what one more action costs.
    let [one, four] = [0, 1].map(|flow| ours[flow].median());
    let run = (four - one) / 3.0;
    println!("| same action, same event | p50 µs | a run = 1 |\n|---|---|---|");
    let mut rows = Vec::new();
    let mut row = |what: &str, micros: f64| {
        println!("| {what} | {micros:.1} | {:.1} |", micros / run);
        rows.push(json!({ "what": what, "p50_micros": micros, "ratio": micros / run }));
    };
    row("flowhost: one run, a fresh instance", run);
    row(ours[0].name, one);
    for (peer, _) in &peers {
        row(peer.samples.name, peer.samples.median());
    }
    json!({ "rows": rows, "event_parsed_micros": ours[2].median() })
}

async fn measure(engine: &Engine, flows: &[Flow; 2], text: &str, samples: &mut [Samples; 3]) {
    for _ in 0..PER_ROUND {
        for (flow, samples) in flows.iter().zip(&mut *samples) {
            let started = now();
            let event = Event::from_json(text).expect("an event");
            let report = engine.start(flow, event).await.expect("a report");
            samples.add(started.elapsed());
            assert_eq!(report.outcome.name(), "completed", "{report:?}");
        }
        let started = now();
        let event = Event::from_json(text).expect("an event");
        samples[2].add(started.elapsed());
        drop(event);
    }
}

/// Those that can run here, and how many calls they get in each round.
fn peers() -> Vec<(Peer, usize)> {
    let extism = [
        ("Extism, a fresh plugin, compiled before", "fresh"),
        ("Extism, a warm plugin, shared by all users", "warm"),
    ];
    let node = [
        ("node:vm, a fresh context", "vm", PER_ROUND),
        ("node:vm, a warm context, shared", "vm-warm", PER_ROUND),
        ("isolated-vm, a fresh isolate", "isolate", PER_ROUND / 5),
        ("isolated-vm, a warm isolate, shared", "isolate-warm", PER_ROUND),
        ("a fresh worker thread", "worker", 2),
        ("a warm worker thread, shared", "worker-warm", PER_ROUND),
    ];
    let extism =
        extism.into_iter().filter_map(|(name, how)| Some((extism_peer(name, how)?, PER_ROUND)));
    let node = node
        .into_iter()
        .filter_map(|(name, way, count)| Some((Peer::node(name, way, folder())?, count)));
    extism.chain(node).collect()
}

/// `cargo xtask bench` builds it: it brings a wasmtime of its own.
fn extism_peer(name: &'static str, how: &str) -> Option<Peer> {
    let built = std::env::var_os("FLOWHOST_BENCH_EXTISM")?;
    let built = Path::new(&built);
    let plugin = built.join("wasm32-unknown-unknown/release/extism_plugin.wasm");
    let mut command = Command::new(built.join("release/extism-rival"));
    Peer::start(name, command.arg(how).arg(plugin).arg(folder().join("event.json")))
}
