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
use super::{Answer, block_on, render};
use crate::printable::line;
use play::{Played, Stage};
use scenario::Scenario;

/// What a component came to.
struct Tried<'a> {
    component: &'a Path,
    size: usize,
    played: Vec<(&'a Scenario, Played)>,
    /// Left out in this view, and why.
    left_out: Vec<(&'a Scenario, &'a str)>,
}

impl Tried<'_> {
    fn passed(&self) -> usize {
        self.played.iter().filter(|(_, played)| played.difference.is_none()).count()
    }
}

pub(super) fn conformance(args: &Conformance) -> Result<Answer> {
    let javascript = args.view == View::Javascript;
    let scenarios = scenario::all()?;
    let stage = Stage::new(javascript)?;
    let progress = Progress::new(args.json._json);
    let tried = args.components.iter().map(|component| {
        progress.say(format!("trying {}", component.display()));
        let tried = block_on(try_one(&stage, component, &scenarios, javascript));
        progress.done();
        tried
    });
    let tried = tried.collect::<Result<Vec<_>>>()?;
    let conforms = tried.iter().all(|tried| tried.passed() == tried.played.len());
    // A component that is not what it must be.
    let exit = if conforms { 0 } else { super::exit_code(Code::ComponentInvalid) };
    Ok(Answer { text: tried.iter().map(text).collect(), json: json(&tried), exit })
}

async fn try_one<'a>(
    stage: &Stage,
    component: &'a Path,
    scenarios: &'a [Scenario],
    javascript: bool,
) -> Result<Tried<'a>> {
    let bytes = std::fs::read(component).map_err(|error| {
        Error::new(Code::FileUnreadable, format!("the component cannot be read: {error}"))
            .in_file(component)
    })?;
    stage.try_on(&bytes).await.map_err(|error| error.in_file(component))?;
    let mut tried =
        Tried { component, size: bytes.len(), played: Vec::new(), left_out: Vec::new() };
    for scenario in scenarios {
        match scenario.unless_javascript.as_deref().filter(|_| javascript) {
            Some(why) => tried.left_out.push((scenario, why)),
            None => tried.played.push((scenario, stage.play(scenario, &bytes).await?)),
        }
    }
    Ok(tried)
}

fn text(tried: &Tried<'_>) -> String {
    let mut text = String::new();
    _ = writeln!(
        text,
        "  {} ({})",
        line(&tried.component.display().to_string()),
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
    let played = tried.played.iter().map(|(scenario, played)| {
        json!({
            "topic": scenario.topic,
            "name": scenario.name,
            "passed": played.difference.is_none(),
            "difference": played.difference,
            "fuel": played.fuel,
        })
    });
    let left_out = tried.left_out.iter().map(
        |(scenario, why)| json!({ "topic": scenario.topic, "name": scenario.name, "why": why }),
    );
    json!({
        "component": tried.component.display().to_string(),
        "size": tried.size,
        "passed": tried.passed(),
        "failed": tried.played.len() - tried.passed(),
        "scenarios": played.collect::<Vec<_>>(),
        "left_out": left_out.collect::<Vec<_>>(),
    })
}
