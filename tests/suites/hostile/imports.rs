//! What an action may import is in `tests/accepted-imports.txt`: one line each.
//! Everything else is refused, by its name, before anything is compiled.

use flowhost::{ActionSpec, Code, Component, Error, FlowSpec, inspect};
use flowhost_tests::{project, shared_engine, wait_for};

const SNAPSHOT: &str = "tests/accepted-imports.txt";

/// The interfaces of WASI 0.2, all of them.
const WASI: &[(&str, &[&str])] = &[
    (
        "wasi:cli",
        &[
            "command",
            "environment",
            "exit",
            "imports",
            "run",
            "stderr",
            "stdin",
            "stdout",
            "terminal-input",
            "terminal-output",
            "terminal-stderr",
            "terminal-stdin",
            "terminal-stdout",
        ],
    ),
    ("wasi:clocks", &["imports", "monotonic-clock", "timezone", "wall-clock"]),
    ("wasi:filesystem", &["imports", "preopens", "types"]),
    ("wasi:http", &["imports", "incoming-handler", "outgoing-handler", "proxy", "types"]),
    ("wasi:io", &["error", "imports", "poll", "streams"]),
    ("wasi:random", &["imports", "insecure", "insecure-seed", "random"]),
    (
        "wasi:sockets",
        &[
            "imports",
            "instance-network",
            "ip-name-lookup",
            "network",
            "tcp",
            "tcp-create-socket",
            "udp",
            "udp-create-socket",
        ],
    ),
];

/// Interfaces of proposals, of WASI 0.3 and of other packages; and names that
/// look like those of the contract.
const OTHERS: &[&str] = &[
    "wasi:blobstore/blobstore",
    "wasi:blobstore/container",
    "wasi:config/store",
    "wasi:config/runtime",
    "wasi:keyvalue/store",
    "wasi:keyvalue/atomics",
    "wasi:keyvalue/batch",
    "wasi:keyvalue/watcher",
    "wasi:logging/logging",
    "wasi:messaging/consumer",
    "wasi:messaging/producer",
    "wasi:messaging/request-reply",
    "wasi:nn/graph",
    "wasi:nn/inference",
    "wasi:nn/tensor",
    "wasi:tls/types",
    "wasi:tls/client",
    "wasi:threads/threads",
    "wasi:sql/readwrite",
    "wasi:i2c/i2c",
    "wasi:gpio/general",
    "wasi:usb/device",
    "wasi:webgpu/webgpu",
    "wasi:otel/tracing",
    "wasi:clocks/system-clock",
    "wasi:cli/types",
    "wasi:cli/stdio",
    "wasi:filesystem/advisory-lock",
    "wasi:http/client",
    "wasi:http/handler",
    "wasi:sockets/types",
    "wasi:snapshot-preview1/wasi",
    "wasi:crypto/symmetric",
    "wasix:process/spawn",
    "example:wasi/environment",
    "flowhost:post-challenge/filesystem",
    "flowhost:post-challenge/on-execute",
    "flowhost:post-challenge/on-continue",
    "flowhost:post-challenge/imports",
    "flowhost:post-challenge/action",
    "flowhost:post-challenges/access",
    "flowhost:login/access",
    "flow-host:post-challenge/access",
];

const VERSIONS: &[&str] = &["0.1.0", "0.2.0", "0.2.6", "0.2.12", "0.3.0", "1.0.0", "1.0.3"];

/// The lines of the snapshot: what is accepted, and where a grant is needed.
fn accepted() -> Vec<String> {
    let mut lines = Vec::new();
    for name in candidates() {
        let versions: Vec<&str> =
            VERSIONS.iter().copied().filter(|v| answer(&name, v).is_ok()).collect();
        if versions.is_empty() {
            continue;
        }
        let granted = loads_without_grant(&name, versions[0]);
        let grant = if granted { "" } else { ", with a grant" };
        lines.push(format!("{name} {}{grant}", versions.join(" ")));
    }
    lines.sort();
    lines
}

/// Every name above, and every name that the host's own lists have.
fn candidates() -> Vec<String> {
    let wasi = WASI
        .iter()
        .flat_map(|(package, names)| names.iter().map(move |name| format!("{package}/{name}")));
    let mut names: Vec<String> = wasi.chain(OTHERS.iter().map(|name| (*name).to_owned())).collect();
    for file in ["host/src/api/wasi.rs", "host/src/action/v1.rs"] {
        let text = std::fs::read_to_string(project().join(file)).expect("the host's lists");
        for name in text.split('"').skip(1).step_by(2) {
            let word = |c: char| c.is_ascii_alphanumeric() || "-:/".contains(c);
            if name.is_empty() || !name.chars().all(word) {
                continue;
            }
            let own = !name.contains(['/', ':']);
            names.push(if own { format!("flowhost:post-challenge/{name}") } else { name.into() });
        }
    }
    names.retain(|name| name.contains(':') && name.contains('/'));
    names.sort();
    names.dedup();
    names
}

/// What checking an action answers that imports this interface. The action is
/// broken: a function of it has no type that fits. Who compiles it, sees that.
fn answer(name: &str, version: &str) -> Result<(), Error> {
    inspect(&importing(name, version)).expect("it can be read").check()
}

fn importing(name: &str, version: &str) -> Vec<u8> {
    let text = format!(
        "(component (import \"{name}@{version}\" (instance))
          (core module (func (result i32) (i64.const 0)))
          (instance $e) (export \"flowhost:post-challenge/on-execute@1.0.0\" (instance $e)))"
    );
    wat::parse_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn load(bytes: Vec<u8>) -> Error {
    let flow = FlowSpec::new("imports").action(ActionSpec::new("a", Component::Bytes(bytes)));
    match wait_for(shared_engine().load(flow)) {
        Ok(_) => panic!("a broken component was loaded"),
        Err(error) => error,
    }
}

fn loads_without_grant(name: &str, version: &str) -> bool {
    load(importing(name, version)).code() != Code::ComponentImportRefused
}

#[test]
fn the_accepted_imports_are_those_of_the_snapshot() {
    let found = accepted().join("\n") + "\n";
    let file = project().join(SNAPSHOT);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &found).expect("the snapshot");
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        found, kept,
        "what actions may import has changed; if that is meant: UPDATE=1 cargo xtask test hostile::imports"
    );
}

#[test]
fn every_other_import_is_refused_by_its_name_before_anything_is_compiled() {
    let kept = std::fs::read_to_string(project().join(SNAPSHOT)).expect("the snapshot");
    let mut refused = 0;
    for name in candidates() {
        let line = kept.lines().find(|line| line.split(' ').next() == Some(&name));
        let line = line.unwrap_or_default();
        for version in VERSIONS {
            // What is compiled is seen to be broken.
            let error = load(importing(&name, version));
            if line.trim_end_matches(", with a grant").split(' ').skip(1).any(|v| v == *version) {
                let expected = match line.ends_with("with a grant") {
                    true => Code::ComponentImportRefused,
                    false => Code::ComponentInvalid,
                };
                assert_eq!(error.code(), expected, "{name}@{version}: {error}");
                continue;
            }
            let expected = Code::ComponentImportRefused;
            assert_eq!(error.code(), expected, "{name}@{version}: {error}");
            let named = error.problems().iter().any(|problem| problem.to_string().contains(&name));
            assert!(named, "{name}@{version}: {error:?}");
            refused += 1;
        }
    }
    println!("{refused} imports refused");
    assert!(refused >= 400, "{refused}");
}

#[test]
fn every_refused_import_is_named_beside_those_that_are_fine() {
    let text = "(component
      (import \"wasi:cli/stdout@0.2.6\" (instance)) (import \"wasi:sockets/tcp@0.2.6\" (instance))
      (import \"wasi:filesystem/types@0.2.0\" (instance)) (import \"plain\" (func))
      (instance $e) (export \"flowhost:post-challenge/on-execute@1.0.0\" (instance $e)))";
    let error = load(wat::parse_str(text).expect("a component"));
    assert_eq!(error.code(), Code::ComponentImportRefused);
    let named: Vec<String> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(named.len(), 3, "{named:?}");
    for name in ["wasi:sockets/tcp@0.2.6", "wasi:filesystem/types@0.2.0", "plain"] {
        assert!(named.iter().any(|problem| problem.contains(name)), "{name}: {named:?}");
    }
}
