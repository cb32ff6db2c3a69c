//! `flowhost conformance`: plays the scenarios of the contract with components
//! that do what their configuration says, in whatever language they are written.
//! The scenarios are part of the command: `tests/conformance` in the project.

mod expect;
mod play;
mod scenario;

use std::fmt::Write as _;
use std::path::Path;

use flowhost::{Code, Error, Result, SCHEMA_VERSION};
use serde_json::{Value, json};

use super::args::{Conformance, View};
use super::progress::Progress;
use super::{Answer, block_on, build, render, shell};
use crate::printable::line;
use play::{Played, Stage};
use scenario::Scenario;

/// What a component came to.
struct Tried<'a> {
    component: &'a Path,
    played: Result<Scenarios<'a>>,
}

/// What the scenarios came to with it.
struct Scenarios<'a> {
    size: usize,
    played: Vec<(&'a Scenario, Played)>,
    /// Left out in this view, and why.
    left_out: Vec<(&'a Scenario, &'a str)>,
}

impl Scenarios<'_> {
    fn passed(&self) -> usize {
        self.played.iter().filter(|(_, played)| played.difference.is_none()).count()
    }
}

impl Tried<'_> {
    /// A component that does not conform is not what it must be.
    fn exit(&self) -> u8 {
        match &self.played {
            Ok(scenarios) if scenarios.passed() == scenarios.played.len() => 0,
            Ok(_) => super::exit_code(Code::ComponentInvalid),
            Err(error) => super::exit_code(error.code()),
        }
    }
}

pub(super) fn conformance(args: &Conformance) -> Result<Answer> {
    let javascript = args.view == View::Javascript;
    let scenarios = scenario::all()?;
    let stage = Stage::new(javascript)?;
    let progress = Progress::new(args.json._json);
    let tried = args.components.iter().map(|component| {
        progress.say(format!("trying {}", component.display()));
        let played = block_on(play(&stage, component, &scenarios, javascript));
        progress.done();
        Tried { component, played }
    });
    let mut tried: Vec<Tried<'_>> = tried.collect();
    // One that cannot be played is an error like any other; of several it says nothing of
    // the rest.
    if tried.len() == 1
        && let Some(Tried { played: Err(error), .. }) = tried.pop_if(|tried| tried.played.is_err())
    {
        return Err(error);
    }
    let exit = tried.iter().map(Tried::exit).max().unwrap_or_default();
    Ok(Answer { text: tried.iter().map(text).collect(), json: json(&tried), exit })
}

async fn play<'a>(
    stage: &Stage,
    component: &Path,
    scenarios: &'a [Scenario],
    javascript: bool,
) -> Result<Scenarios<'a>> {
    if build::is_source(component) {
        let name = component.display().to_string();
        return Err(Error::new(Code::NotAComponent, "this is a source, not a component")
            .in_file(component)
            .with_hint(format!("first: flowhost build {}", shell::word(&name))));
    }
    let bytes = std::fs::read(component).map_err(|error| {
        Error::new(Code::FileUnreadable, format!("the component cannot be read: {error}"))
            .in_file(component)
    })?;
    stage.try_on(&bytes).await.map_err(|error| error.in_file(component))?;
    let mut came_to = Scenarios { size: bytes.len(), played: Vec::new(), left_out: Vec::new() };
    for scenario in scenarios {
        match scenario.unless_javascript.as_deref().filter(|_| javascript) {
            Some(why) => came_to.left_out.push((scenario, why)),
            None => came_to.played.push((scenario, stage.play(scenario, &bytes).await?)),
        }
    }
    Ok(came_to)
}

fn text(tried: &Tried<'_>) -> String {
    match &tried.played {
        Ok(scenarios) => scenarios_text(tried.component, scenarios),
        Err(error) => render::error(error),
    }
}

fn scenarios_text(component: &Path, tried: &Scenarios<'_>) -> String {
    let mut text = String::new();
    _ = writeln!(
        text,
        "  {} ({})",
        line(&component.display().to_string()),
        render::bytes(tried.size as u64)
    );
    for (scenario, played) in &tried.played {
        match &played.difference {
            None => _ = writeln!(text, "  ✓ {}: {}", scenario.topic, scenario.name),
            Some(difference) => {
                _ = writeln!(text, "  ✗ {}: {}", scenario.topic, scenario.name);
                _ = writeln!(text, "      {}", line(difference));
                _ = writeln!(text, "      the contract: {}", scenario.rule);
            }
        }
    }
    for (scenario, why) in &tried.left_out {
        _ = writeln!(text, "  - {}: {}: {why}", scenario.topic, scenario.name);
    }
    let (passed, all) = (tried.passed(), tried.played.len());
    let left_out = match tried.left_out.len() {
        0 => String::new(),
        count => format!(", {count} left out in this view"),
    };
    _ = writeln!(text, "  {passed} of {all} scenarios passed{left_out}");
    text
}

fn json(tried: &[Tried<'_>]) -> Value {
    let components: Vec<Value> = tried.iter().map(component_json).collect();
    json!({ "schema_version": SCHEMA_VERSION, "components": components })
}

fn component_json(tried: &Tried<'_>) -> Value {
    let component = tried.component.display().to_string();
    let scenarios = match &tried.played {
        Ok(scenarios) => scenarios,
        Err(error) => {
            let error = super::error_json(error)["error"].take();
            return json!({ "component": component, "error": error });
        }
    };
    let played = scenarios.played.iter().map(|(scenario, played)| {
        json!({
            "topic": scenario.topic,
            "name": scenario.name,
            "passed": played.difference.is_none(),
            "difference": played.difference,
            "fuel": played.fuel,
        })
    });
    let left_out = scenarios.left_out.iter().map(
        |(scenario, why)| json!({ "topic": scenario.topic, "name": scenario.name, "why": why }),
    );
    json!({
        "component": component,
        "size": scenarios.size,
        "passed": scenarios.passed(),
        "failed": scenarios.played.len() - scenarios.passed(),
        "scenarios": played.collect::<Vec<_>>(),
        "left_out": left_out.collect::<Vec<_>>(),
    })
}
