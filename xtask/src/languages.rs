//! `cargo xtask languages`: what an action costs in each language, written into
//! README.md. The same action everywhere: the template `mfa` of `flowhost new`,
//! which asks for a factor. Beside it, whether the language's conformance action
//! passes the scenarios. `--only LANG,LANG` leaves the other rows as they are.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::project;
use crate::steps::cargo;

const BEGIN: &str = "<!-- languages -->\n";
const END: &str = "<!-- /languages -->";
const HEAD: &str = "| language | component | imports of WASI | built in | first, compiling | one run | fuel | conformance |
|---|---|---|---|---|---|---|---|
";

/// Runs of which the median is shown.
const RUNS: usize = 21;

/// A row: the name of `--lang`, what people call it, its conformance action, and what
/// that action sees.
type Row = (&'static str, &'static str, &'static str, &'static str);

const LANGUAGES: &[Row] = &[
    ("rust", "Rust", "guest-sdk/rust/conformance", "wit"),
    ("js", "JavaScript", "guest-sdk/javascript/conformance", "javascript"),
    ("ts", "TypeScript", "guest-sdk/javascript/conformance-typescript", "javascript"),
    ("c", "C", "guest-sdk/c/conformance", "wit"),
    ("cpp", "C++", "guest-sdk/c/conformance-cpp", "wit"),
    ("zig", "Zig", "guest-sdk/zig/conformance", "wit"),
    ("go", "Go", "guest-sdk/go/conformance", "wit"),
    ("python", "Python", "guest-sdk/python/conformance", "wit"),
];

/// Measures, and writes the table.
pub(crate) fn languages(only: Option<&str>) -> Result<()> {
    let mut build = cargo(
        "",
        &["build", "--quiet", "--profile", "bench", "--package", "flowhost", "--bin", "flowhost"],
    );
    if !build.status().context("cargo cannot be started")?.success() {
        bail!("flowhost cannot be built");
    }
    let readme = project().join("README.md");
    let text = std::fs::read_to_string(&readme).context("README.md")?;
    let (before, rest) = text.split_once(BEGIN).context("README.md has no <!-- languages -->")?;
    let (old, after) = rest.split_once(END).context("README.md has no <!-- /languages -->")?;
    let mut rows: BTreeMap<String, String> = old.lines().filter_map(row_of).collect();
    for row in LANGUAGES {
        if only.is_some_and(|only| !only.split(',').any(|lang| lang == row.0)) {
            continue;
        }
        println!("{}", row.1);
        rows.insert(row.1.to_owned(), measured(row).with_context(|| row.1.to_owned())?);
    }
    let rows = LANGUAGES.iter().filter_map(|row| rows.get(row.1));
    let table: String = rows.map(|row| format!("{row}\n")).collect();
    std::fs::write(&readme, format!("{before}{BEGIN}{HEAD}{table}{END}{after}"))?;
    Ok(())
}

/// The name in a row's first cell.
fn row_of(line: &str) -> Option<(String, String)> {
    let name = line.strip_prefix("| ")?.split(" |").next()?;
    let known = LANGUAGES.iter().any(|row| row.1 == name);
    known.then(|| (name.to_owned(), line.to_owned()))
}

#[expect(clippy::disallowed_methods, reason = "this is what is measured")]
fn measured(&(lang, name, conformance, view): &Row) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let here = folder.path();
    flowhost(here, &["new", "measured", "--lang", lang, "--template", "mfa"], &[0])?;
    let action = here.join("measured");
    let flow = std::fs::read_to_string(action.join("flow.toml"))?;
    let source = flow.split("source = \"").nth(1).and_then(|rest| rest.split('"').next());
    let source = source.context("the flow names no source")?;
    let built = Instant::now();
    let component = here.join("measured.wasm");
    let to = component.to_str().context("a path in UTF-8")?;
    flowhost(&action, &["build", source, "-o", to], &[0])?;
    let built = built.elapsed();
    let said = flowhost(here, &["inspect", to], &[0])?;
    let imports = said["imports"].as_array().context("imports")?;
    let wasi = imports.iter().filter_map(Value::as_str).filter(|name| name.starts_with("wasi:"));
    // The same flow, with the component in the place of the source.
    let flow = flow.replace(&format!("source = \"{source}\""), &format!("component = \"{to}\""));
    std::fs::write(action.join("component.toml"), flow)?;
    let run = ["run", "component.toml", "--event", "event.json", "--store", "memory:"];
    let first = Instant::now();
    flowhost(&action, &run, &[11])?;
    let first = first.elapsed();
    let mut times = Vec::new();
    let mut fuel = 0;
    for _ in 0..RUNS {
        let report = flowhost(&action, &run, &[11])?;
        times.push(report["runs"][0]["duration_us"].as_u64().context("a time")?);
        fuel = report["runs"][0]["fuel"].as_u64().context("fuel")?;
    }
    times.sort_unstable();
    let (passed, all) = conforms(here, conformance, view)?;
    Ok(format!(
        "| {name} | {} | {} | {:.1} s | {:.1} s | {} µs | {} | {passed} of {all} |",
        bytes(std::fs::metadata(&component)?.len()),
        wasi.count(),
        built.as_secs_f64(),
        first.as_secs_f64(),
        grouped(times[RUNS / 2]),
        grouped(fuel),
    ))
}

/// How many scenarios the conformance action passes, and of how many.
fn conforms(here: &Path, folder: &str, view: &str) -> Result<(u64, u64)> {
    let source = project().join(folder);
    let source = source.to_str().context("a path in UTF-8")?;
    flowhost(here, &["build", source, "-o", "conformance.wasm"], &[0])?;
    let said = flowhost(here, &["conformance", "conformance.wasm", "--view", view], &[0, 2])?;
    let count = |what: &str| said["components"][0][what].as_u64().context("a count");
    let (passed, failed) = (count("passed")?, count("failed")?);
    Ok((passed, passed + failed))
}

/// Runs the command, with a cache of its own for the folder's sake. Its JSON.
fn flowhost(folder: &Path, arguments: &[&str], exits: &[i32]) -> Result<Value> {
    let program = project().join("target/release/flowhost");
    let mut command = Command::new(program);
    command.current_dir(folder).args(arguments).arg("--json");
    let cache = project().join("target/languages");
    command.env("FLOWHOST_CACHE", cache.join(std::process::id().to_string()));
    let output = command.output().context("flowhost cannot be started")?;
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.code().is_some_and(|code| exits.contains(&code)) {
        bail!("flowhost {}: {said}", arguments.join(" "));
    }
    serde_json::from_str(&said).with_context(|| format!("flowhost {}", arguments.join(" ")))
}

fn bytes(count: u64) -> String {
    match count {
        0..1_000_000 => format!("{} kB", count.div_ceil(1000)),
        _ => format!("{:.1} MB", count as f64 / 1e6),
    }
}

/// `1,234,567`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
