//! `cargo xtask instructions`: counts the instructions of the hot path, by valgrind's
//! callgrind, and compares them with those that are recorded beside the benchmark. The
//! profile is the one that tests are built with: nothing else has to be compiled.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::project;
use crate::steps::{Steps, cargo, leave_out};

/// What is counted.
const WHAT: [&str; 4] = ["event", "raw-four-actions", "four-actions", "redirect-and-resume"];

/// How many more or fewer there may be than are recorded. What became cheaper is
/// recorded anew, or it could become as dear again and nobody would see.
const MORE: f64 = 1.05;
const FEWER: f64 = 0.95;

const MISSING: &str = "valgrind is missing: apt-get install valgrind";

/// `cargo xtask instructions [--record]`.
pub(crate) fn instructions(args: &[&str]) -> Result<()> {
    let mut steps = Steps::new();
    match args {
        [] => gate(&mut steps)?,
        ["--record"] => {
            let counted = count(&mut steps)?;
            let text = serde_json::to_string_pretty(&counted)? + "\n";
            std::fs::write(recorded_in(), text).context("instructions.json")?;
        }
        _ => bail!("cargo xtask instructions [--record]"),
    }
    print!("{}", steps.summary());
    Ok(())
}

/// Fails when there are other than the recorded instructions. Where valgrind is missing
/// it is left out, unless nothing may be.
pub(crate) fn gate(steps: &mut Steps) -> Result<()> {
    if Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_err() {
        return leave_out("instructions", MISSING);
    }
    let counted = count(steps)?;
    let text = std::fs::read_to_string(recorded_in()).context("instructions.json")?;
    let recorded: BTreeMap<String, u64> = serde_json::from_str(&text)?;
    compare(&counted, &recorded)
}

fn recorded_in() -> PathBuf {
    project().join("host/benches/instructions.json")
}

fn compare(counted: &BTreeMap<String, u64>, recorded: &BTreeMap<String, u64>) -> Result<()> {
    let mut others = Vec::new();
    if let Some(what) = recorded.keys().find(|what| !counted.contains_key(*what)) {
        bail!("`{what}` is recorded, but nothing counts it");
    }
    for (what, &now) in counted {
        let Some(&before) = recorded.get(what) else { bail!("`{what}` is not recorded") };
        let ratio = now as f64 / before as f64;
        println!("   {what}: {now} instructions, {:+.1} %", (ratio - 1.0) * 100.0);
        if !(FEWER..=MORE).contains(&ratio) {
            others.push(format!("{what}: {now} instructions instead of {before}"));
        }
    }
    if others.is_empty() {
        return Ok(());
    }
    bail!(
        "{}\nif that is what it should cost: cargo xtask instructions --record",
        others.join("\n")
    )
}

/// How many instructions each takes, once.
fn count(steps: &mut Steps) -> Result<BTreeMap<String, u64>> {
    let mut counted = BTreeMap::new();
    steps.call("instructions", || {
        let program = build()?;
        let started: Result<Vec<_>> =
            WHAT.iter().map(|what| Ok((*what, valgrind(&program, what)?))).collect();
        for (what, valgrind) in started? {
            let output = valgrind.wait_with_output().context("valgrind")?;
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let times = String::from_utf8_lossy(&output.stdout).trim().parse::<u64>();
            let (Some(all), Ok(times)) = (collected(&said), times) else {
                bail!("{what}: {said}");
            };
            counted.insert(what.to_owned(), all / times);
        }
        Ok(())
    })?;
    Ok(counted)
}

/// The benchmark, built as tests are.
fn build() -> Result<PathBuf> {
    let mut build = cargo("", &["build", "--workspace", "--bench", "instructions"]);
    let output = build.arg("--message-format=json").stderr(Stdio::inherit()).output();
    let output = output.context("cargo cannot be started")?;
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let executable = messages.lines().rev().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let ours = message["target"]["name"] == "instructions";
        message["executable"].as_str().filter(|_| ours).map(PathBuf::from)
    });
    executable.filter(|_| output.status.success()).context("the benchmark cannot be built")
}

fn valgrind(program: &Path, what: &str) -> Result<std::process::Child> {
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--toggle-collect=*instructions::Work::counted*")
        .arg(program)
        .arg(what)
        // Cargo builds the guests.
        .current_dir(project().join("host"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    valgrind.spawn().context("valgrind cannot be started")
}

/// The sum, from what valgrind says at its end.
fn collected(said: &str) -> Option<u64> {
    let sum = said.lines().find_map(|line| line.split_once("Collected :"))?.1;
    sum.trim().parse().ok().filter(|sum| *sum > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[(&str, u64)]) -> BTreeMap<String, u64> {
        rows.iter().map(|(what, count)| ((*what).to_owned(), *count)).collect()
    }

    #[test]
    fn a_twentieth_more_or_fewer_is_too_much() {
        let recorded = table(&[("a", 1_000), ("b", 1_000)]);
        assert!(compare(&table(&[("a", 1_050), ("b", 950)]), &recorded).is_ok());
        let error = compare(&table(&[("a", 1_051), ("b", 1_000)]), &recorded).expect_err("more");
        assert!(error.to_string().contains("a: 1051 instructions instead of 1000"), "{error}");
        assert!(compare(&table(&[("a", 1_000), ("b", 949)]), &recorded).is_err(), "fewer");
        assert!(compare(&table(&[("a", 1_000)]), &recorded).is_err(), "not counted");
        assert!(compare(&table(&[("c", 1)]), &recorded).is_err(), "not recorded");
    }

    #[test]
    fn the_sum_is_read_from_valgrinds_last_lines() {
        assert_eq!(collected("==7== Events    : Ir\n==7== Collected : 1234\n"), Some(1234));
        assert_eq!(collected("==7== Collected : 0\n"), None);
        assert_eq!(collected("no such file"), None);
    }
}
