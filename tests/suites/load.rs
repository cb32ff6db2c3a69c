//! Components whose bytes are damaged. What is refused or ended for what it
//! asks for or does is in `hostile.rs`.

use flowhost::{ActionSpec, Component, Event, FlowSpec};
use flowhost_tests::{Random, event, scripted, seed, shared_engine, wait_for};

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
