//! Every file in `tests/hostile`. Its first line names what must come of it: the
//! code that loading answers, or after `run:` the outcome or the failure's code,
//! or after `resume:` the same for when the user comes back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use flowhost_tests::{long, project, try_javascript};

/// Of those who are to be ended by the flow's wall clock.
const DEADLINE: Duration = Duration::from_millis(100);

use super::{Limits, comes_back_to, comes_to, ending, report, timed_report};

/// A file and what must come of it.
pub(super) struct Hostile {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    pub(super) expected: String,
}

impl Hostile {
    fn read(file: &Path) -> Self {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(file).expect("text");
        let first = text.lines().next().unwrap_or_default();
        let expected = first.split_once(" expect: ").expect("an expectation").1.to_owned();
        let bytes = match file.extension().is_some_and(|extension| extension == "js") {
            true => try_javascript(&name, text.as_bytes()).map_err(|error| error.to_string()),
            false => wat::parse_str(&text).map_err(|error| error.to_string()),
        };
        let bytes = bytes.unwrap_or_else(|error| panic!("{name}: {error}"));
        Hostile { name, bytes, expected }
    }

    /// What comes of it.
    fn found(&self) -> String {
        let mut limits = Limits::for_expected(&self.expected);
        if self.name.ends_with(".js") {
            let loops = self.expected.ends_with("out_of_fuel");
            limits.fuel = limits.fuel.max(if loops { 50_000_000 } else { 500_000_000 });
        }
        match self.expected.starts_with("resume: ") {
            true => comes_back_to(self.bytes.clone(), &limits),
            false => comes_to(self.bytes.clone(), &limits),
        }
    }

    /// What is wrong with it.
    fn wrong(&self) -> Option<String> {
        let found = self.found();
        let Hostile { name, expected, .. } = self;
        (found != *expected).then(|| format!("{name}: expected {expected}, found {found}"))
    }
}

pub(super) fn files(extension: &str) -> Vec<Hostile> {
    let folder = std::fs::read_dir(project().join("tests/hostile")).expect("a folder");
    let mut files: Vec<PathBuf> = folder
        .map(|entry| entry.expect("an entry").path())
        .filter(|file| file.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files.iter().map(|file| Hostile::read(file)).collect()
}

#[test]
fn every_hostile_component_ends_as_its_first_line_says() {
    let files = files("wat");
    assert!(files.len() >= 60, "{} files", files.len());
    let wrong: Vec<String> = files.iter().filter_map(Hostile::wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_hostile_file_in_javascript_ends_as_its_first_line_says() {
    let files = files("js");
    assert!(files.len() >= 10, "{} files", files.len());
    let wrong: Vec<String> = files.iter().filter_map(Hostile::wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whoever would end without fuel has all there is, and 100 ms: how long after
/// these each of them ends. Who computes gets only what nobody else wants of a
/// processor, so that is measured too: on a busy machine it is what counts.
#[test]
fn who_computes_or_waits_too_long_ends_soon_after_the_deadline() {
    if !long() {
        return;
    }
    let timed = |expected: &str| {
        expected.ends_with("cpu_time_exceeded") || expected.ends_with("wall_clock_exceeded")
    };
    let mut overruns = Vec::new();
    for mut file in files("wat").into_iter().chain(files("js")) {
        file.expected = file.expected.replace("out_of_fuel", "cpu_time_exceeded");
        if !timed(&file.expected) || file.expected.starts_with("resume: ") {
            continue;
        }
        assert_eq!(file.wrong(), None);
        let limits = Limits::for_expected(&file.expected);
        let before = computed_us();
        let report = report(file.bytes.clone(), &limits).expect("a report");
        let computed = computed_us() - before;
        let took = report["runs"][0]["duration_us"].as_u64().expect("a duration");
        overruns.push((computed.saturating_sub(100_000), took.saturating_sub(100_000), file.name));
    }
    overruns.sort();
    for (computed, took, name) in &overruns {
        println!("{computed:>8} µs computed, {took:>8} µs passed after the deadline: {name}");
    }
    let most = overruns.iter().map(|(computed, ..)| computed).max().expect("some");
    println!("{} components: at most {most} µs computed after the deadline", overruns.len());
}

/// The same files where the flow's wall clock is what ends them: nobody waits longer
/// than that for the answer, whatever they do.
#[test]
fn nobody_waits_for_who_goes_on_after_the_deadline() {
    if !long() {
        return;
    }
    let limits = Limits { fuel: u64::MAX / 2, cpu_time: 600_000, wall_clock: 100 };
    let mut late = Vec::new();
    for file in files("wat").into_iter().chain(files("js")) {
        let endless = ["out_of_fuel", "cpu_time_exceeded", "wall_clock_exceeded"];
        let ends = |ending: &&str| file.expected == format!("run: {ending}");
        if !endless.iter().any(ends) {
            continue;
        }
        let (report, took) = timed_report(file.bytes.clone(), &limits).expect("a report");
        match ending(&report) {
            "wall_clock_exceeded" => late.push((took.saturating_sub(DEADLINE), file.name)),
            // It needs more than its time.
            other => println!("{}: {other} after {took:?}", file.name),
        }
    }
    late.sort();
    for (late, name) in &late {
        println!("{late:>12.1?} after the deadline: {name}");
    }
    println!("{} components", late.len());
    assert!(late.len() >= 30, "that go on until the deadline");
}

/// What the most expensive run of each ending costs, in processor time: a flood of
/// calls is to cost its host no more than an ordinary run.
#[test]
fn what_each_ending_costs() {
    if !long() {
        return;
    }
    let mut most: BTreeMap<String, (u64, String)> = BTreeMap::new();
    for file in files("wat") {
        let Some(ending) = file.expected.strip_prefix("run: ") else { continue };
        if ending.contains("_time_") || ending.contains("_clock_") || ending == "out_of_fuel" {
            continue;
        }
        // The first run loads what the second finds.
        assert_eq!(file.wrong(), None);
        let before = computed_us();
        assert_eq!(file.wrong(), None);
        let cost = (computed_us() - before, file.name.clone());
        let kept = most.entry(ending.to_owned()).or_default();
        *kept = cost.max(std::mem::take(kept));
    }
    for (ending, (computed, name)) in most {
        println!("{computed:>8} µs at most for {ending}: {name}");
    }
}

/// What all threads of this process have computed, in microseconds.
fn computed_us() -> u64 {
    let threads = std::fs::read_dir("/proc/self/task").expect("Linux");
    let computed = threads.filter_map(|thread| {
        let file = thread.ok()?.path().join("schedstat");
        let text = std::fs::read_to_string(file).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    computed.sum::<u64>() / 1000
}
