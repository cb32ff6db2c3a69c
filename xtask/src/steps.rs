//! [`Steps`]: programs run one after the other, each with a name and a
//! duration, until one fails. They get no standard input: nothing here may
//! wait for an answer.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::project;

/// What has been done so far.
pub(crate) struct Steps {
    started: Instant,
    done: Vec<Step>,
}

struct Step {
    name: String,
    took: Duration,
    tests: Option<Counts>,
}

/// What tests came to, as their `test result:` lines say.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    passed: u64,
    ignored: u64,
}

impl Steps {
    pub(crate) fn new() -> Self {
        Steps { started: now(), done: Vec::new() }
    }

    /// Does something that is no program.
    pub(crate) fn call(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        self.step(name, || work().map(|()| None))
    }

    /// Runs a program that must succeed.
    pub(crate) fn run(&mut self, name: &str, command: &mut Command) -> Result<()> {
        self.step(name, || {
            let status = command.status().with_context(|| described(command))?;
            check(command, status).map(|()| None)
        })
    }

    /// Runs tests: all they print is passed on, their results are added up.
    pub(crate) fn tests(&mut self, name: &str, command: &mut Command) -> Result<()> {
        self.step(name, || {
            let mut child =
                command.stdout(Stdio::piped()).spawn().with_context(|| described(command))?;
            let mut counts = Counts::default();
            for line in
                child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).split(b'\n'))
            {
                let line = line.with_context(|| described(command))?;
                let line = String::from_utf8_lossy(&line);
                println!("{line}");
                counts.add(&line);
            }
            check(command, child.wait()?).map(|()| Some(counts))
        })
    }

    fn step(&mut self, name: &str, work: impl FnOnce() -> Result<Option<Counts>>) -> Result<()> {
        println!("── {name}");
        let started = now();
        let tests = work().with_context(|| format!("{name} failed"))?;
        let took = started.elapsed();
        println!("── {name}: ok, {:.1} s\n", took.as_secs_f64());
        self.done.push(Step { name: name.to_owned(), took, tests });
        Ok(())
    }

    /// Says what has been done.
    pub(crate) fn summary(&self) -> String {
        let mut text = String::from("All of this passed:\n");
        for Step { name, took, tests } in &self.done {
            let tests = tests.as_ref().map(Counts::described).unwrap_or_default();
            let line = format!("  {name:30}  {:7.1} s  {tests}", took.as_secs_f64());
            _ = writeln!(text, "{}", line.trim_end());
        }
        _ = writeln!(text, "  {:30}  {:7.1} s", "together", self.started.elapsed().as_secs_f64());
        text
    }
}

impl Counts {
    /// `test result: ok. 3 passed; 0 failed; 1 ignored; …`
    fn add(&mut self, line: &str) {
        let Some((_, result)) = line.split_once("test result: ") else { return };
        let count = |what: &str| {
            let words: Vec<&str> = result.split([' ', ';']).collect();
            let pair = words.windows(2).find(|pair| pair[1] == what);
            pair.and_then(|pair| pair[0].parse::<u64>().ok()).unwrap_or(0)
        };
        self.passed += count("passed");
        self.ignored += count("ignored");
    }

    fn described(&self) -> String {
        format!("{} passed, {} ignored", self.passed, self.ignored)
    }
}

/// A cargo for the host's workspace (`""`) or one below it, with nothing of
/// the cargo that started us: build scripts would see it and run again.
pub(crate) fn cargo(folder: &str, arguments: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(arguments).current_dir(project().join(folder)).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let outer = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
        if outer.iter().any(|prefix| text.starts_with(prefix)) {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// Goes on without what cannot be done here, unless nothing may be left out.
pub(crate) fn leave_out(what: &str, missing: &str) -> Result<()> {
    if std::env::var("FLOWHOST_NOTHING_IGNORED").is_ok_and(|value| value == "1") {
        bail!("{missing}");
    }
    println!("── {what}: left out; {missing}\n");
    Ok(())
}

fn check(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    bail!("{status}; to run it alone: {}", described(command))
}

/// `(cd guest-sdk && cargo test)`
fn described(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let line: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    let folder = command.get_current_dir().and_then(|folder| folder.strip_prefix(project()).ok());
    match folder.filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => format!("(cd {} && {})", folder.display(), line.join(" ")),
        None => line.join(" "),
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a build took is no date")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_tests_are_added_up() {
        let mut counts = Counts::default();
        counts.add("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out");
        counts.add("test tidy::words ... ok");
        counts.add("test result: ok. 39 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
        assert_eq!(counts, Counts { passed: 42, ignored: 1 });
    }

    #[test]
    fn a_failed_step_says_how_to_run_it_alone() {
        let command = cargo("guest-sdk", &["test", "--workspace"]);
        assert_eq!(described(&command), "(cd guest-sdk && cargo test --workspace)");
        assert_eq!(described(&cargo("", &["fmt"])), "cargo fmt");
    }
}
