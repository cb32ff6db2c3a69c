//! Bytes → component. What is refused is refused with a code of loading, before
//! anything is compiled where possible; what is loaded is valid WebAssembly that
//! imports nothing but what an action may have; and it is run, with little fuel.

use std::cell::RefCell;

use flowhost::{
    ActionSpec, Code, Compiler, Component, Engine, Event, FlowSpec, Inspection, Outcome, inspect,
};
use tokio::runtime::Runtime;
use wasmparser::{Validator, WasmFeatures};

use super::resume::EVENT;

/// Compiling takes its time: what is larger is only checked.
const LARGEST_COMPILED: usize = 16 * 1024;

/// An engine keeps what it has compiled.
const LOADS_OF_AN_ENGINE: u32 = 2_000;

/// What loading may answer.
const REFUSALS: [Code; 7] = [
    Code::NotAComponent,
    Code::ComponentInvalid,
    Code::ComponentTooComplex,
    Code::ComponentApiTooNew,
    Code::ComponentImportRefused,
    Code::ComponentWrongWorld,
    Code::CompileTimeExceeded,
];

thread_local! {
    static ENGINE: RefCell<Option<(Engine, u32)>> = const { RefCell::new(None) };
    static RUNTIME: Runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
}

pub(crate) fn fuzz(input: &[u8]) {
    let inspection = match inspect(input) {
        Ok(inspection) => inspection,
        Err(error) => {
            _ = error.to_string();
            return assert_eq!(error.code(), Code::NotAComponent, "{error}");
        }
    };
    _ = inspection.has_continue();
    _ = inspection.outbound_imports().count();
    if let Err(error) = inspection.check() {
        _ = error.to_string();
        return assert!(REFUSALS.contains(&error.code()), "{error}");
    }
    imports_are_granted(&inspection);
    let valid = Validator::new_with_features(WasmFeatures::all()).validate_all(input).is_ok();
    // Nothing that is not valid gets as far as the compiler's back.
    if input.len() <= LARGEST_COMPILED {
        load(input, valid);
    }
}

fn imports_are_granted(inspection: &Inspection) {
    for name in &inspection.imports {
        let ours = name.starts_with("flowhost:post-challenge/");
        let inert = name.starts_with("wasi:") && name.contains("@0.2");
        assert!(ours || inert, "{name} was let through");
        for refused in ["filesystem", "sockets", "keyvalue", "incoming-handler"] {
            assert!(!name.contains(refused) || name.contains(":post-challenge"), "{name}");
        }
    }
}

fn load(input: &[u8], valid: bool) {
    let engine = ENGINE.with_borrow_mut(|kept| {
        let (engine, left) = kept.get_or_insert_with(|| {
            (
                Engine::builder().compiler(Compiler::in_process()).build().expect("an engine"),
                LOADS_OF_AN_ENGINE,
            )
        });
        let engine = engine.clone();
        *left -= 1;
        if *left == 0 {
            *kept = None;
        }
        engine
    });
    let mut action = ActionSpec::new("a", Component::Bytes(input.to_vec()));
    action.limits.fuel = 100_000;
    action.limits.memory = 1 << 20;
    let spec = FlowSpec::new("fuzzed").action(action.outbound(["https://risk.example.com"]));
    RUNTIME.with(|runtime| {
        runtime.block_on(async {
            let flow = match engine.load(spec).await {
                Ok(flow) => flow,
                Err(error) => return assert!(REFUSALS.contains(&error.code()), "{error}"),
            };
            assert!(valid, "it is not valid, and was loaded");
            let event = Event::from_json(EVENT).expect("an event");
            let report = engine.start(&flow, event).await.expect("a report");
            if let Outcome::Completed = report.outcome {
                assert!(report.runs.iter().all(|run| run.status == flowhost::RunStatus::Ok));
            }
        });
    });
}
