//! What an action in Rust costs, beside what a user would pick instead: the same
//! decision about the same event, as a plugin of Extism and in JavaScript. All parse the
//! event: flowhost once for a flow, the others for each call. Interleaved in one run, so
//! that the ratios hold on a busy machine: `cargo xtask bench rivals`.

mod guests;
mod measure;
mod peers;

use std::path::Path;
use std::process::Command;

use flowhost::{Compiler, Engine, Event, Flow};
use serde_json::{Value, json};
use tempfile::TempDir;

use guests::flow;
use measure::{Samples, now, write_report};
use peers::Peer;

const ROUNDS: usize = 20;
const PER_ROUND: usize = 100;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let small = include_str!("javascript/event.json");
    let large = include_str!("rivals/action/event.json");
    let reports: Vec<Value> =
        [small, large].into_iter().map(|event| runtime.block_on(run(event))).collect();
    write_report(&json!({ "events": reports }));
}

/// The action's file and the event, for those who read them from a folder.
fn folder(event: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let action = include_str!("rivals/action/action.js");
    for (name, text) in [("action.js", action), ("event.json", event)] {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

async fn run(text: &str) -> Value {
    let engine = Engine::builder().compiler(Compiler::in_process()).build().expect("an engine");
    let bytes = guests::rust_without_wasi("reads-three");
    let flows = [flow(&engine, &bytes, 1).await, flow(&engine, &bytes, 4).await];
    let folder = folder(text);
    let mut ours = [Samples::new("one"), Samples::new("four"), Samples::new("parsed")];
    let mut peers = peers(folder.path());
    for round in 0..=ROUNDS {
        let mut measured = [(); 3].map(|()| Samples::new(""));
        measure(&engine, &flows, text, &mut measured).await;
        for (peer, count) in &mut peers {
            peer.measure(*count);
        }
        if round > 0 {
            let all = ours.iter_mut().zip(measured);
            all.for_each(|(ours, round)| ours.micros.extend(round.micros));
        }
    }
    let [one, four, parsed] = ours.each_ref().map(Samples::median);
    // What one more action costs: the event is parsed once.
    let more = (four - one) / 3.0;
    println!("\n| event of {} bytes | p50 µs | one more = 1 | the first = 1 |", text.len());
    println!("|---|---|---|---|");
    let mut rows = Vec::new();
    let mut row = |what: &str, micros: f64| {
        let (to_more, to_first) = (micros / more, micros / one);
        println!("| {what} | {micros:.1} | {to_more:.1} | {to_first:.2} |");
        rows.push(json!({
            "what": what, "p50_micros": micros, "to_one_more": to_more, "to_the_first": to_first,
        }));
    };
    row("flowhost: a flow of one action, its event parsed and checked", one);
    row("flowhost: one more action in it", more);
    for (peer, _) in &peers {
        row(peer.samples.name, peer.samples.median());
    }
    json!({ "event_bytes": text.len(), "rows": rows, "event_parsed_micros": parsed })
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
fn peers(folder: &Path) -> Vec<(Peer, usize)> {
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
    let extism = extism
        .into_iter()
        .filter_map(|(name, how)| Some((extism_peer(name, how, folder)?, PER_ROUND)));
    let node = node
        .into_iter()
        .filter_map(|(name, way, count)| Some((Peer::node(name, way, folder)?, count)));
    extism.chain(node).collect()
}

/// `cargo xtask bench` builds it: it brings a wasmtime of its own.
fn extism_peer(name: &'static str, how: &str, folder: &Path) -> Option<Peer> {
    let built = std::env::var_os("FLOWHOST_BENCH_EXTISM")?;
    let built = Path::new(&built);
    let plugin = built.join("wasm32-unknown-unknown/release/extism_plugin.wasm");
    let mut command = Command::new(built.join("release/extism-rival"));
    Peer::start(name, command.arg(how).arg(plugin).arg(folder.join("event.json")))
}
