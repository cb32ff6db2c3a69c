//! `flowhost check`: everything that can be known before a flow runs. A flow
//! file is parsed, its sources built, its components loaded; nothing runs and
//! nothing is stored.

use std::fmt::Write as _;

use flowhost::{ActionSpec, Component, Event, FlowSpec, Inspection, Result, SCHEMA_VERSION};
use serde_json::{Value, json};

use super::args::Check;
use super::progress::Progress;
use super::{Answer, block_on, build, render, store};
use crate::printable::line;

/// What is fine but worth a look.
struct Warning {
    place: String,
    message: String,
}

pub(super) fn check(args: &Check) -> Result<Answer> {
    let is_flow = args.path.extension().is_some_and(|extension| extension == "toml");
    let progress = Progress::new(args.json._json);
    let (mut spec, origin) = match is_flow {
        true => (FlowSpec::from_file(&args.path)?, None),
        false => (alone(args), Some(&args.path)),
    };
    let mut warnings: Vec<Warning> = spec.warnings().iter().map(warning).collect();
    if let Some(event) = &args.event {
        warnings.extend(Event::from_file(event)?.warnings().iter().map(warning));
    }
    let engine = store::engine_without_store()?;
    build::build_sources(&mut spec, &engine, &progress)?;
    let actions = inspect(&spec)?;
    for ((name, inspection), action) in actions.iter().zip(&spec.actions) {
        warnings.extend(continue_warning(name, inspection));
        warnings.extend(outbound_warning(inspection, action));
    }
    progress.say("compiling".to_owned());
    block_on(engine.load(spec.clone()))?;
    progress.done();
    let title = origin.map_or(spec.name.as_str(), |_| "component");
    Ok(Answer {
        text: text(title, &actions, &warnings),
        json: json(title, &actions, &warnings),
        exit: 0,
    })
}

/// A flow of one component, to check it by itself.
fn alone(args: &Check) -> FlowSpec {
    let name = args.path.file_stem().map_or("action".into(), |stem| stem.to_string_lossy());
    let component = match build::is_source(&args.path) {
        true => Component::Source(args.path.clone()),
        false => Component::File(args.path.clone()),
    };
    // By itself it has no flow that could grant it anything, and is no worse
    // for that: a warning says what it will need.
    let nowhere: [&str; 0] = [];
    FlowSpec::new("check").action(ActionSpec::new(name, component).outbound(nowhere))
}

fn inspect(spec: &FlowSpec) -> Result<Vec<(String, Inspection)>> {
    let mut actions = Vec::new();
    for action in &spec.actions {
        actions.push((action.name.clone(), build::inspect_component(&action.component)?));
    }
    Ok(actions)
}

fn warning(problem: &flowhost::Problem) -> Warning {
    let place = problem.path.clone().unwrap_or_default();
    Warning { place, message: problem.message.clone() }
}

/// A redirect or prompt without a continue export fails when it suspends.
fn continue_warning(name: &str, inspection: &Inspection) -> Option<Warning> {
    let suspends = |import: &&String| {
        import.starts_with("flowhost:post-challenge/redirect@")
            || import.starts_with("flowhost:post-challenge/prompt@")
    };
    let import = inspection.imports.iter().find(suspends)?;
    if inspection.has_continue() {
        return None;
    }
    let message = format!("imports {import} but has no on-continue export to go on with");
    Some(Warning { place: name.to_owned(), message })
}

/// What is granted and what is asked for differ: one of them is a mistake.
fn outbound_warning(inspection: &Inspection, action: &ActionSpec) -> Option<Warning> {
    let asks = inspection.outbound_imports().next();
    let message = match (asks, action.outbound.as_deref()) {
        (Some(import), None | Some([])) => {
            format!("imports {import}; every request is refused unless `outbound` grants origins")
        }
        (None, Some([_, ..])) => "`outbound` grants origins, but it sends no requests".to_owned(),
        _ => return None,
    };
    Some(Warning { place: action.name.clone(), message })
}

fn text(title: &str, actions: &[(String, Inspection)], warnings: &[Warning]) -> String {
    let mut text = String::new();
    for (name, inspection) in actions {
        let api = inspection.api_version.as_deref().unwrap_or("none");
        let size = render::bytes(inspection.size as u64);
        _ = writeln!(text, "  ✓ {name}: API {api}, {size}");
    }
    for Warning { place, message } in warnings {
        _ = writeln!(text, "  ! {}: {}", line(place), line(message));
    }
    let count = match warnings.len() {
        0 => "no warnings".to_owned(),
        1 => "1 warning".to_owned(),
        count => format!("{count} warnings"),
    };
    _ = writeln!(text, "  {title} is fine, {count}");
    text
}

fn json(title: &str, actions: &[(String, Inspection)], warnings: &[Warning]) -> Value {
    let action = |(name, inspection): &(String, Inspection)| {
        json!({
            "name": name,
            "digest": inspection.digest,
            "api_version": inspection.api_version,
            "has_continue": inspection.has_continue(),
        })
    };
    let warning = |w: &Warning| json!({ "path": w.place, "message": w.message });
    json!({
        "schema_version": SCHEMA_VERSION,
        "name": title,
        "actions": actions.iter().map(action).collect::<Value>(),
        "warnings": warnings.iter().map(warning).collect::<Value>(),
    })
}
