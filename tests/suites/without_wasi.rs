//! Rust actions that say in their manifest that they need no WASI.

use flowhost_tests::{Cli, guest_workspace};
use serde_json::{Value, json};

/// The action, built by the command.
fn built() -> (Cli, Value) {
    let cli = Cli::new();
    let source = guest_workspace().join("../tests/guests/without-wasi");
    let arguments = ["build", &source.to_string_lossy(), "-o", "action.wasm", "--json"];
    let built = cli.run(&arguments).exits(0).json();
    (cli, built)
}

/// What it comes to with this configuration.
fn run(cli: &Cli, what: &str, exit: i32) -> Value {
    cli.write(
        "flow.toml",
        format!(
            "name = \"f\"\ntrigger = \"post-challenge@1\"\n[[action]]\nname = \"bare\"\n\
             component = \"action.wasm\"\nconfiguration = {{ do = \"{what}\" }}\n"
        ),
    );
    cli.run(&["run", "flow.toml", "-e", "event.json", "--json"]).exits(exit).json()
}

#[test]
fn a_component_without_wasi_is_small_and_runs() {
    let (cli, built) = built();
    let shown = cli.run(&["inspect", "action.wasm", "--json"]).exits(0).json();
    let imports = shown["imports"].as_array().expect("imports");
    let name = |import: &Value| import.to_string();
    assert!(!imports.is_empty());
    assert!(imports.iter().map(name).all(|name| name.contains("flowhost:")), "{shown:#}");
    assert!(built["size"].as_u64().is_some_and(|size| size < 60_000), "{built:#}");
    let challenged = run(&cli, "challenge", 11);
    assert_eq!(challenged["challenge"]["factors"][0]["type"], "otp", "{challenged:#}");
}

#[test]
fn its_panics_are_in_the_log() {
    let (cli, _) = built();
    let report = run(&cli, "panic", 20);
    assert_eq!(report["failed"]["code"], "action_trapped", "{report:#}");
    let logs = report["runs"][0]["logs"].to_string();
    let event: Value = flowhost_tests::event();
    let said = format!("told to: {}", event["tenant"]["id"].as_str().expect("a tenant"));
    assert!(logs.contains(&said) && logs.contains("src/lib.rs"), "{logs}");
}

#[test]
fn hash_maps_work_without_the_systems_randomness() {
    let (cli, _) = built();
    let report = run(&cli, "count", 10);
    let event: Value = flowhost_tests::event();
    let tenant = event["tenant"]["id"].as_str().expect("a tenant");
    let letters: std::collections::HashSet<char> = tenant.chars().collect();
    let reason = &report["denied"]["reason"];
    assert_eq!(reason, &json!(format!("{} letters", letters.len())), "{report:#}");
}

#[test]
fn what_is_neither_true_nor_false_is_refused() {
    let cli = Cli::new();
    std::fs::create_dir_all(cli.path().join("action/src")).expect("a folder");
    let manifest = "[package]\nname = \"odd\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
                    [package.metadata.flowhost]\nwasi = \"no\"\n[workspace]\n";
    cli.write("action/Cargo.toml", manifest);
    cli.write("action/src/lib.rs", "");
    let error = cli.run(&["build", "action", "--json"]).exits(2).json();
    assert_eq!(error["error"]["code"], "build_failed");
    let message = error["error"]["message"].as_str().expect("a message");
    assert!(message.contains("package.metadata.flowhost.wasi"), "{message}");
}
