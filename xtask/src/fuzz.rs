//! `cargo xtask fuzz`: builds the fuzz targets and runs them: one as long as
//! wanted, all of them for half a minute each in CI, or all of them at full
//! length. `fuzz/README.md` says what they promise.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};

use crate::project;
use crate::steps::{Steps, cargo, leave_out};

/// A target, the longest input that is worth the time, and its share of the
/// runs of the long profile: what is fast runs more often.
struct Target {
    name: &'static str,
    longest: u32,
    long_runs: u32,
}

/// The slow ones first: two run at a time, and the last should not run alone.
const TARGETS: [Target; 7] = [
    Target { name: "redirect_url", longest: 1024, long_runs: 7_000_000 },
    Target { name: "flow_file", longest: 2048, long_runs: 4_000_000 },
    Target { name: "token", longest: 1024, long_runs: 4_000_000 },
    Target { name: "suspension", longest: 3072, long_runs: 800_000 },
    Target { name: "event", longest: 4096, long_runs: 13_000_000 },
    Target { name: "load", longest: 4096, long_runs: 1_000_000 },
    Target { name: "resume", longest: 2048, long_runs: 200_000 },
];

/// How many run at the same time.
const AT_ONCE: usize = 2;

/// How long each target runs in CI, in seconds.
const SMOKE_SECONDS: u32 = 30;

/// What libFuzzer ends with when it is stopped.
const INTERRUPTED: i32 = 72;

const MISSING: &str = "libFuzzer is missing: apt-get install clang-19 libclang-rt-19-dev; \
                       or name the archive: LIBFUZZER=…/libclang_rt.fuzzer-x86_64.a";

/// `cargo xtask fuzz [TARGET [-- ARGS…]]`.
pub(crate) fn fuzz(args: &[&str]) -> Result<()> {
    match args {
        [] => {
            let mut steps = Steps::new();
            smoke(&mut steps)?;
            print!("{}", steps.summary());
            Ok(())
        }
        [name, rest @ ..] => {
            let rest = rest.strip_prefix(&["--"]).unwrap_or(rest);
            one(named(name)?, rest)
        }
    }
}

/// Every target for a short while. Where libFuzzer is missing they are left
/// out, unless nothing may be.
pub(crate) fn smoke(steps: &mut Steps) -> Result<()> {
    let Some(library) = library() else {
        return leave_out("fuzz", MISSING);
    };
    steps.run("fuzz: build", &mut build(&library))?;
    let length = |_: &Target| format!("-max_total_time={SMOKE_SECONDS}");
    steps.call("fuzz: smoke", || all(length))
}

/// Every target at full length: 30 million runs.
pub(crate) fn long(steps: &mut Steps) -> Result<()> {
    let library = library().context(MISSING)?;
    steps.run("fuzz: build", &mut build(&library))?;
    steps.call("fuzz: long", || all(|target| format!("-runs={}", target.long_runs)))
}

fn named(name: &str) -> Result<&'static Target> {
    TARGETS.iter().find(|target| target.name == name).with_context(|| {
        let known: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        format!("there is no target `{name}`; known: {}", known.join(", "))
    })
}

/// The archive with libFuzzer: the environment's, or that of clang.
fn library() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("LIBFUZZER") {
        return Some(PathBuf::from(named));
    }
    let file = format!("libclang_rt.fuzzer-{}.a", std::env::consts::ARCH);
    let versions = (15..=30).rev().map(|version| format!("clang-{version}"));
    let asked = versions.chain(["clang".to_owned()]).filter_map(|clang| {
        let print = ["libclang_rt.fuzzer.a", &file].map(|name| format!("-print-file-name={name}"));
        print.into_iter().find_map(|print| {
            let said = Command::new(&clang).arg(print).stderr(Stdio::null()).output().ok()?;
            let path = PathBuf::from(String::from_utf8(said.stdout).ok()?.trim());
            // Clang says the name alone of what it does not have.
            path.is_absolute().then_some(path).filter(|path| path.is_file())
        })
    });
    { asked }.next()
}

/// Builds the members of the workspace once more, with counters; nothing else.
fn build(library: &Path) -> Command {
    let mut build = cargo("", &["build", "--quiet", "--workspace", "--bin", "flowhost-fuzz"]);
    build.env("RUSTC_WORKSPACE_WRAPPER", project().join("fuzz/instrument"));
    build.env("LIBFUZZER", library);
    build
}

/// Runs one target on the terminal.
fn one(target: &Target, args: &[&str]) -> Result<()> {
    let library = library().context(MISSING)?;
    if !build(&library).status().context("cargo cannot be started")?.success() {
        bail!("the build failed");
    }
    let mut command = fuzzer(target)?;
    // Inputs to run again come instead of the corpus.
    let files = args.iter().any(|arg| !arg.starts_with('-'));
    if !files {
        command.args(corpora(target)?);
    }
    let status = command.args(args).status().context("the fuzzer cannot be started")?;
    // Stopped from the keyboard.
    match status.success() || status.code() == Some(INTERRUPTED) {
        true => Ok(()),
        false => bail!("{status}; once more: cargo xtask fuzz {} -- FILE", target.name),
    }
}

/// Runs all targets, some at a time; what each came to is printed.
fn all(length: impl Fn(&Target) -> String + Sync) -> Result<()> {
    let waiting = Mutex::new(TARGETS.iter().collect::<VecDeque<_>>());
    let failed = Mutex::new(Vec::new());
    let take = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(target) = take() {
                    match logged(target, &length(target)) {
                        Ok(line) => println!("{line}"),
                        Err(error) => {
                            let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                            failed.push(format!("{error:#}"));
                        }
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    match failed.is_empty() {
        true => Ok(()),
        false => bail!("{}", failed.join("\n")),
    }
}

/// Runs a target with what it prints in a file; a line about how it went.
fn logged(target: &Target, length: &str) -> Result<String> {
    let path = project().join("target/fuzz").join(format!("{}.log", target.name));
    fs::create_dir_all(path.parent().unwrap_or(project())).context("target/fuzz")?;
    let log = File::create(&path).with_context(|| path.display().to_string())?;
    let mut command = fuzzer(target)?;
    command.args([length, "-print_final_stats=1"]).args(corpora(target)?);
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    let status = command.status().context("the fuzzer cannot be started")?;
    let said = fs::read(&path).with_context(|| path.display().to_string())?;
    let said = String::from_utf8_lossy(&said);
    if status.success() {
        return Ok(summary(target, &said));
    }
    let last: Vec<&str> = said.lines().rev().take(60).collect();
    let last: Vec<&str> = last.into_iter().rev().collect();
    bail!("{}\n\n{status}: {}", last.join("\n"), found(target, &said))
}

/// `event  236125 runs, 18163 a second; reached 422 places, 1178 ways`.
fn summary(target: &Target, said: &str) -> String {
    let stat = |name: &str| {
        let line = said.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_whitespace().last()).unwrap_or("?").to_owned()
    };
    let after = |word: &str, stage: &str| {
        let line = said.lines().rfind(|line| line.contains(stage)).unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        let pair = words.windows(2).find(|pair| pair[0] == word);
        pair.map_or("?", |pair| pair[1]).to_owned()
    };
    format!(
        "{:13} {:>9} runs, {:>6} a second; places {} → {}, ways {} → {}",
        target.name,
        stat("stat::number_of_executed_units"),
        stat("stat::average_exec_per_sec"),
        after("cov:", "INITED"),
        after("cov:", "DONE"),
        after("ft:", "INITED"),
        after("ft:", "DONE"),
    )
}

fn fuzzer(target: &Target) -> Result<Command> {
    let artifacts = project().join("fuzz/artifacts").join(target.name);
    fs::create_dir_all(&artifacts).with_context(|| artifacts.display().to_string())?;
    // …/target/debug/xtask → …/target/debug/flowhost-fuzz
    let program = std::env::current_exe()?.with_file_name("flowhost-fuzz");
    let mut command = Command::new(program);
    command.current_dir(project()).env("FLOWHOST_FUZZ", target.name);
    command.arg(format!("-max_len={}", target.longest)).args(["-timeout=25", "-rss_limit_mb=3000"]);
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    let words = project().join(format!("fuzz/dictionaries/{}.dict", target.name));
    if words.is_file() {
        command.arg(format!("-dict={}", words.display()));
    }
    Ok(command)
}

/// Where new inputs are kept, and the seeds.
fn corpora(target: &Target) -> Result<[PathBuf; 2]> {
    let grown = project().join("target/fuzz/corpus").join(target.name);
    fs::create_dir_all(&grown).with_context(|| grown.display().to_string())?;
    Ok([grown, project().join("fuzz/corpus").join(target.name)])
}

/// What to do about a finding, by what libFuzzer said.
fn found(target: &Target, said: &str) -> String {
    let name = target.name;
    let kept = said.lines().find_map(|line| line.split_once("Test unit written to "));
    match kept {
        Some((_, file)) => {
            let file = Path::new(file.trim());
            let file = file.strip_prefix(project()).unwrap_or(file).display();
            format!("{name}: the input is {file}; again: cargo xtask fuzz {name} -- {file}")
        }
        None => format!("{name}: no input was kept"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_profile_has_thirty_million_runs() {
        assert_eq!(TARGETS.iter().map(|target| target.long_runs).sum::<u32>(), 30_000_000);
    }

    #[test]
    fn every_target_has_seeds_and_every_folder_of_seeds_a_target() {
        let mut seeds: Vec<_> = fs::read_dir(project().join("fuzz/corpus"))
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
            .collect();
        seeds.sort();
        let mut targets: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        targets.sort_unstable();
        assert_eq!(seeds, targets);
    }

    #[test]
    fn a_finding_is_named_so_that_it_can_be_run_again() {
        let file = project().join("fuzz/artifacts/event/crash-1");
        let said = format!("x\nartifact_prefix='a'; Test unit written to {}\n", file.display());
        let line = found(&TARGETS[0], &said);
        let name = TARGETS[0].name;
        assert!(
            line.ends_with(&format!("cargo xtask fuzz {name} -- fuzz/artifacts/event/crash-1"))
        );
        assert!(found(&TARGETS[0], "").ends_with("no input was kept"));
    }

    #[test]
    fn what_libfuzzer_says_becomes_a_line() {
        let said = "#5\tINITED cov: 861 ft: 1151 corp: 4/1449b exec/s: 0 rss: 44Mb\n\
                    #109590\tDONE   cov: 1054 ft: 2524 corp: 179/54Kb lim: 824 exec/s: 8430\n\
                    stat::number_of_executed_units: 109590\nstat::average_exec_per_sec:     8430\n";
        let line = summary(&TARGETS[1], said);
        assert!(line.contains("109590 runs,   8430 a second"), "{line}");
        assert!(line.ends_with("places 861 → 1054, ways 1151 → 2524"), "{line}");
    }
}
