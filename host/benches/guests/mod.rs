//! The actions that benchmarks run, and flows of them.
#![allow(dead_code, reason = "not every benchmark uses all of it")]

use std::path::Path;
use std::process::Command;

use flowhost::{ActionSpec, Component, Engine, Flow, FlowSpec};

/// A flow of so many actions, all of one component.
pub(crate) async fn flow(engine: &Engine, bytes: &[u8], actions: usize) -> Flow {
    let mut spec = FlowSpec::new(format!("flow-of-{actions}"));
    spec.limits.actions = actions as u64;
    for number in 0..actions {
        let component = Component::Bytes(bytes.to_vec());
        spec = spec.action(ActionSpec::new(format!("action-{number}"), component));
    }
    engine.load(spec).await.expect("a flow")
}

/// An action in Rust, built from the folder of this name.
pub(crate) fn rust(name: &str) -> Vec<u8> {
    built(name, "wasm32-wasip2")
}

/// The same without WASI, as `flowhost build` makes it of an action that says so.
pub(crate) fn rust_without_wasi(name: &str) -> Vec<u8> {
    let module = built(name, "wasm32-unknown-unknown");
    let encoder = wit_component::ComponentEncoder::default().module(&module);
    encoder.and_then(|mut encoder| encoder.encode()).expect("a component")
}

fn built(name: &str, target: &str) -> Vec<u8> {
    let workspace = here().join("../guest-sdk");
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--release", "--target", target, "--package"]);
    let status = cargo.arg(format!("{name}-guest")).current_dir(&workspace).status();
    assert!(status.is_ok_and(|status| status.success()), "{name} cannot be built");
    let file = format!("target/{target}/release/{}_guest.wasm", name.replace('-', "_"));
    std::fs::read(workspace.join(file)).expect("a guest")
}

/// One of the components that tests have, written by hand.
pub(crate) fn by_hand(name: &str) -> Vec<u8> {
    let file = here().join("../tests/hostile").join(name).with_extension("wat");
    wat::parse_file(file).expect("a component")
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
