//! Components that are refused, or run and ended: every file in
//! `tests/hostile`. Its first line names what must come of it: the code that
//! loading answers, or after `run:` the outcome or the failure's code.

use flowhost::{ActionSpec, Component, Event, FlowSpec};
use flowhost_tests::{Random, event, project, scripted, seed, shared_engine, wait_for};

#[test]
fn every_hostile_component_ends_as_its_first_line_says() {
    let mut files: Vec<_> = std::fs::read_dir(project().join("tests/hostile"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    assert!(files.len() >= 40, "{} files", files.len());
    let wrong: Vec<String> = files
        .iter()
        .filter_map(|file| {
            let text = std::fs::read_to_string(file).expect("text");
            let first = text.lines().next().unwrap_or_default();
            let expected = first.strip_prefix(";; expect: ").expect("an expectation");
            let bytes =
                wat::parse_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let found = comes_to(bytes);
            (found != expected)
                .then(|| format!("{}: expected {expected}, found {found}", file.display()))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What loading and running a component comes to.
fn comes_to(bytes: Vec<u8>) -> String {
    let mut action = ActionSpec::new("a", Component::Bytes(bytes));
    action.limits.fuel = 20_000_000;
    let flow = match wait_for(shared_engine().load(FlowSpec::new("hostile").action(action))) {
        Ok(flow) => flow,
        Err(error) => return error.code().to_string(),
    };
    let event = Event::from_json(&event().to_string()).expect("an event");
    let report = wait_for(shared_engine().start(&flow, event)).expect("a report").to_json();
    let code = report["failed"]["code"].as_str().or(report["outcome"].as_str());
    format!("run: {}", code.unwrap_or_default())
}

#[test]
fn a_damaged_component_is_refused_or_runs_under_its_limits() {
    let mut random = Random::new(seed("a_damaged_component"));
    let good = scripted();
    let mut refused = 0;
    for _ in 0..60 {
        let mut bytes = good.to_vec();
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len() as u64) as usize;
            bytes[at] ^= 1 << random.below(8);
        }
        if random.below(4) == 0 {
            bytes.truncate(random.below(bytes.len() as u64) as usize);
        }
        refused += usize::from(!comes_to(bytes).starts_with("run: "));
    }
    assert!(refused > 0);
}
