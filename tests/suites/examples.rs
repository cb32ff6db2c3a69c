//! The example actions: each scenario file next to an example is played by the
//! command, as a reader of its README would, and compared with what it
//! expects. It is played with every flow file beside it, so that an action
//! comes to the same in each language it is written in.

use std::path::{Path, PathBuf};

use flowhost_tests::{Cli, Ran, project};
use serde_json::{Value, json};

#[test]
fn every_example_does_what_it_says() {
    let mut played = 0;
    for folder in folders(&project().join("example-actions")) {
        assert!(folder.join("README.md").is_file(), "{}", folder.display());
        assert!(folder.join("expected.json").is_file(), "{}", folder.display());
        for flow in flows(&folder) {
            for scenario in scenarios(&folder) {
                println!("{} {}", flow.display(), scenario.display());
                play(&flow, &scenario);
                played += 1;
            }
        }
    }
    assert!(played >= 12, "{played} scenarios");
}

#[test]
fn the_flow_files_of_an_example_differ_in_the_source_alone() {
    for folder in folders(&project().join("example-actions")) {
        let settings = flows(&folder).into_iter().map(|flow| {
            let text = std::fs::read_to_string(flow).expect("a flow file");
            let mut flow: toml::Table = text.parse().expect("TOML");
            let action = &mut flow["action"].as_array_mut().expect("actions")[0];
            let source = action.as_table_mut().expect("an action").remove("source");
            (source.expect("a source").to_string(), flow)
        });
        let settings: Vec<_> = settings.collect();
        let [(rust, one), (script, other)] = &settings[..] else { panic!("{settings:#?}") };
        assert_eq!(one, other, "{}", folder.display());
        assert!(rust == "\".\"" && script.starts_with("\"action."), "{rust} {script}");
    }
}

#[test]
fn together_the_examples_use_every_call_of_the_api() {
    let rust = [
        ".deny(",
        ".challenge_with_additional(",
        ".challenge_with_any(",
        ".send_user_to(",
        ".encode_token(",
        ".validate_token(",
        ".render(",
        ".set_result_url(",
        ".cache().get(",
        ".cache().set(",
        ".cache().delete(",
        ".log()",
    ];
    let script = [
        ".access.deny(",
        ".authentication.challengeWith(",
        ".authentication.challengeWithAny(",
        ".redirect.sendUserTo(",
        ".redirect.encodeToken(",
        ".redirect.validateToken(",
        ".prompt.render(",
        ".transaction.setResultUrl(",
        ".cache.get(",
        ".cache.set(",
        ".cache.delete(",
        "console.log(",
    ];
    all_are_in(&rust, &sources(&["src/lib.rs"]));
    all_are_in(&script, &sources(&["action.js", "action.ts"]));
}

#[track_caller]
fn all_are_in(calls: &[&str], sources: &str) {
    let unused: Vec<_> = calls.iter().filter(|call| !sources.contains(**call)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

/// The texts of the examples in one language, by what their files may be called.
fn sources(names: &[&str]) -> String {
    let folders = folders(&project().join("example-actions"));
    let texts = folders.iter().map(|folder| {
        let found = names.iter().find_map(|name| std::fs::read_to_string(folder.join(name)).ok());
        found.unwrap_or_else(|| panic!("{} has no {names:?}", folder.display()))
    });
    texts.collect()
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let mut folders = entries(root);
    folders.retain(|path| path.join("Cargo.toml").is_file());
    folders
}

/// `flow.toml` and those for other languages.
fn flows(folder: &Path) -> Vec<PathBuf> {
    let mut files = entries(folder);
    let named = |path: &Path| path.file_name().and_then(|name| name.to_str().map(str::to_owned));
    files.retain(|path| {
        named(path).is_some_and(|name| name.starts_with("flow") && name.ends_with(".toml"))
    });
    // `-` sorts before `.`.
    files.sort_by_key(|path| path.file_name() != Some("flow.toml".as_ref()));
    files
}

fn scenarios(folder: &Path) -> Vec<PathBuf> {
    let more = folder.join("scenarios");
    let more = if more.is_dir() { entries(&more) } else { Vec::new() };
    [vec![folder.join("expected.json")], more].concat()
}

/// What is in a folder, by name.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn play(flow: &Path, scenario: &Path) {
    let folder = flow.parent().expect("a folder");
    let text = std::fs::read_to_string(scenario).expect("a scenario");
    let scenario: Value = serde_json::from_str(&text).expect("JSON");
    let cli = Cli::new();
    let mut last = Value::Null;
    for step in scenario["steps"].as_array().expect("steps") {
        let ran = match step["do"]["start"].as_str() {
            Some(event) => start(&cli, flow, &folder.join(event)),
            None => resume(&cli, folder, &step["do"]["resume"], &last),
        };
        let report = ran.json();
        matches(&step["expect"], &report, "report");
        assert_eq!(ran.exit, exit_of(&report), "{report:#}");
        last = report;
    }
}

fn exit_of(report: &Value) -> i32 {
    match report["outcome"].as_str() {
        Some("completed") => 0,
        Some("denied") => 10,
        Some("challenge") => 11,
        Some("redirect" | "prompt") => 12,
        Some("failed") => 20,
        other => panic!("{other:?}"),
    }
}

fn start(cli: &Cli, flow: &Path, event: &Path) -> Ran {
    cli.run(&["run", &flow.to_string_lossy(), "--event", &event.to_string_lossy(), "--json"])
}

fn resume(cli: &Cli, folder: &Path, with: &Value, last: &Value) -> Ran {
    let outcome = last["outcome"].as_str().unwrap_or_default();
    let state = last[outcome]["state"].as_str().unwrap_or_else(|| panic!("{last:#}"));
    let mut arguments = vec!["resume".to_owned(), state.to_owned(), "--json".to_owned()];
    for flag in ["query", "body"] {
        for (name, value) in with[flag].as_object().into_iter().flatten() {
            let value = value.as_str().unwrap_or_default();
            arguments.extend([format!("--{flag}"), format!("{name}={value}")]);
        }
    }
    if let Some(factor) = with["passed"].as_str() {
        arguments.extend(["--passed".to_owned(), factor.to_owned()]);
    }
    if with["token"].is_object() {
        let token = token(cli, folder, &with["token"], state);
        let name = with["token"]["parameter"].as_str().unwrap_or("session_token");
        arguments.extend(["--body".to_owned(), format!("{name}={token}")]);
    }
    cli.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Plays the site the user was sent to.
fn token(cli: &Cli, folder: &Path, token: &Value, state: &str) -> String {
    let secret = folder.join(token["secret_file"].as_str().unwrap_or_default());
    let event = std::fs::read_to_string(folder.join("event.json")).expect("an event");
    let event: Value = serde_json::from_str(&event).expect("JSON");
    let mut arguments = vec![
        "token".to_owned(),
        format!("--secret-file={}", secret.display()),
        format!("--state={state}"),
        format!("--sub={}", event["user"]["user_id"].as_str().unwrap_or_default()),
        format!("--expires-in={}", token["expires_in"].as_i64().unwrap_or(300)),
    ];
    for (name, value) in token["claims"].as_object().into_iter().flatten() {
        arguments.push(format!("--claim={name}={}", value.as_str().unwrap_or_default()));
    }
    let ran = cli.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).exits(0);
    ran.stdout.trim().to_owned()
}

/// `expected` must be part of `found`. Lists are as long as they say; a text
/// that begins with `~` is a regular expression.
#[track_caller]
fn matches(expected: &Value, found: &Value, place: &str) {
    match (expected, found) {
        (Value::Object(members), Value::Object(_)) => {
            for (name, value) in members {
                matches(value, &found[name], &format!("{place}.{name}"));
            }
        }
        (Value::Array(expected), Value::Array(items)) => {
            assert_eq!(expected.len(), items.len(), "{place}: {}", json!(items));
            for (index, (expected, item)) in expected.iter().zip(items).enumerate() {
                matches(expected, item, &format!("{place}[{index}]"));
            }
        }
        (Value::String(pattern), Value::String(text)) if pattern.starts_with('~') => {
            let regex = regex_lite::Regex::new(&pattern[1..]).expect("a regular expression");
            assert!(regex.is_match(text), "{place}: {text} is not like {pattern}");
        }
        _ => assert_eq!(expected, found, "{place}"),
    }
}
