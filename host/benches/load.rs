//! What it takes until an action is ready, beside raw wasmtime: compiled for the first
//! time, and taken from the cache; for guests from a few hundred bytes to Python's
//! twenty megabytes. Interleaved in one run: `cargo xtask bench load`.

mod guests;
mod measure;

use std::path::Path;
use std::process::Command;

use flowhost::{ActionSpec, Compiler, Component, Engine, Event, Flow, FlowSpec, Secret};
use serde_json::{Value, json};
use wasmtime::component::Component as Raw;

use measure::{Samples, now, write_report};

/// Python takes half a minute each time.
const COLD_ROUNDS: [(usize, usize); 2] = [(4 << 20, 5), (usize::MAX, 1)];
const ROUNDS: usize = 20;
const RUNS: usize = 20;
const COMMANDS: usize = 100;

const COMPILE_MILLIS: u64 = 600_000;

/// A template of `flowhost new` that asks for a factor and needs no package.
const TEMPLATE: [&str; 2] = ["--template", "mfa"];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let rows = runtime.expect("a runtime").block_on(run());
    println!(
        "| | kB | raw compile ms | flowhost, in a child ms | ratio | raw deserialize ms | flowhost, from the cache ms | one run µs |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for row in &rows {
        let number = |key: &str| row[key].as_f64().unwrap_or(f64::NAN);
        println!(
            "| {} | {:.1} | {:.1} | {:.1} | {:.2} | {:.2} | {:.2} | {:.1} |",
            row["what"].as_str().unwrap_or_default(),
            number("bytes") / 1e3,
            number("raw_compile_ms"),
            number("cold_ms"),
            number("cold_ms") / number("raw_compile_ms"),
            number("raw_deserialize_ms"),
            number("cached_ms"),
            number("run_micros"),
        );
    }
    write_report(&json!({ "load": rows, "command": command() }));
}

/// What `flowhost run` takes of a processor when everything is cached, from its start to
/// its end: for a flow that names a component, and one that names a file in JavaScript.
fn command() -> Vec<Value> {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.path().join(name), bytes).expect("written");
    };
    write("event.json", include_bytes!("javascript/event.json"));
    write("action.js", include_bytes!("rivals/action/action.js"));
    write("action.wasm", &guests::rust_without_wasi("reads-three"));
    let flows =
        [("a component", "component = 'action.wasm'"), ("JavaScript", "source = 'action.js'")];
    for (name, action) in flows {
        let flow =
            format!("name = 'f'\ntrigger = 'post-challenge@1'\n[[action]]\nname = 'a'\n{action}\n");
        write(&format!("{name}.toml"), flow.as_bytes());
    }
    let run = |name: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flowhost"));
        command.args(["run", &format!("{name}.toml"), "--event", "event.json", "--json"]);
        command.args(["--store", "memory:"]).env("FLOWHOST_CACHE", folder.path().join("cache"));
        let output = command.current_dir(folder.path()).output().expect("the command");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    };
    println!("\n| `flowhost run`, all cached, of | processor time ms |\n|---|---|");
    let row = |(name, _): (&str, &str)| {
        run(name);
        let before = computed_ms();
        (0..COMMANDS).for_each(|_| run(name));
        let each = (computed_ms() - before) / COMMANDS as f64;
        println!("| {name} | {each:.1} |");
        json!({ "flow_of": name, "processor_ms": each })
    };
    flows.into_iter().map(row).collect()
}

/// The processor time of all children that have ended. Linux counts it in hundredths of
/// a second.
fn computed_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<f64> =
        after_name.split_whitespace().filter_map(|field| field.parse().ok()).collect();
    // The first one is a letter: cutime and cstime are fields 16 and 17 of all.
    (fields[12] + fields[13]) * 10.0
}

async fn run() -> Vec<Value> {
    let mut guests = vec![
        ("by hand, does nothing", guests::by_hand("good")),
        ("Rust", guests::rust_without_wasi("reads-three")),
        ("Rust, importing WASI", guests::rust("reads-three")),
    ];
    for (name, lang) in [("JavaScript", "js"), ("Python", "python")] {
        match templated(lang) {
            Some(bytes) => guests.push((name, bytes)),
            None => eprintln!("{name} is left out: it cannot be built here"),
        }
    }
    let mut rows = Vec::new();
    for (name, bytes) in &guests {
        rows.push(measured(name, bytes).await);
    }
    rows
}

/// An action of a template, in a language whose tool may be missing.
fn templated(lang: &str) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder");
    let flowhost = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flowhost"));
        let output = command.args(words).arg("--json").current_dir(folder.path()).output();
        output.expect("the command").status.success()
    };
    assert!(flowhost(&[&["new", "made", "--lang", lang][..], &TEMPLATE].concat()));
    let source = if lang == "js" { "made/action.js" } else { "made" };
    flowhost(&["build", source, "-o", "made.wasm"])
        .then(|| std::fs::read(folder.path().join("made.wasm")).expect("a component"))
}

/// An engine that compiles in a child process, as the command does.
fn engine(cache: &Path) -> Engine {
    let program = Path::new(env!("CARGO_BIN_EXE_flowhost")).to_owned();
    let builder = Engine::builder().compiler(Compiler::program(program));
    builder.code_cache(cache.to_owned(), Secret::new("bench")).build().expect("an engine")
}

/// A flow of this one action; compiling may take as long as Python needs.
async fn load(engine: &Engine, bytes: &[u8]) -> Flow {
    let mut action = ActionSpec::new("measured", Component::Bytes(bytes.to_vec()));
    action.limits.compile_time = COMPILE_MILLIS;
    engine.load(FlowSpec::new("measured").action(action)).await.expect("a flow")
}

async fn measured(name: &'static str, bytes: &[u8]) -> Value {
    let raw = flowhost::measure::wasmtime(4).expect("an engine");
    let [mut compiled, mut cold, mut deserialized, mut cached, mut runs] =
        [(); 5].map(|()| Samples::new(name));
    let compile = || Raw::new(&raw, bytes).expect("a component");
    let code = compile().serialize().expect("machine code");
    let rounds = COLD_ROUNDS.iter().find(|(size, _)| bytes.len() < *size);
    for _ in 0..rounds.map_or(1, |(_, rounds)| *rounds) {
        let started = now();
        drop(compile());
        compiled.add(started.elapsed());
        let cache = tempfile::tempdir().expect("a folder");
        let engine = engine(cache.path());
        let started = now();
        load(&engine, bytes).await;
        cold.add(started.elapsed());
    }
    let cache = tempfile::tempdir().expect("a folder");
    load(&engine(cache.path()), bytes).await;
    let event = Event::from_json(include_str!("javascript/event.json")).expect("an event");
    for _ in 0..ROUNDS {
        let started = now();
        // SAFETY: these bytes were serialized above.
        #[expect(unsafe_code, reason = "what flowhost does after it checked a MAC")]
        let component = unsafe { Raw::deserialize(&raw, &code) };
        drop(component.expect("a component"));
        deserialized.add(started.elapsed());
        let engine = engine(cache.path());
        let started = now();
        let flow = load(&engine, bytes).await;
        cached.add(started.elapsed());
        for _ in 0..RUNS {
            let report = engine.start(&flow, event.clone()).await.expect("a report");
            assert_ne!(report.outcome.name(), "failed", "{report:?}");
            runs.micros.push(report.runs[0].duration_us as f64);
        }
    }
    json!({
        "what": name,
        "bytes": bytes.len(),
        "raw_compile_ms": compiled.median() / 1e3,
        "cold_ms": cold.median() / 1e3,
        "raw_deserialize_ms": deserialized.median() / 1e3,
        "cached_ms": cached.median() / 1e3,
        "run_micros": runs.median(),
    })
}
