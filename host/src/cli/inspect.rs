//! `flowhost inspect`: what a component says about itself.

use std::fmt::Write as _;

use flowhost::{Inspection, Result, SCHEMA_VERSION};
use serde_json::Value;

use super::args::Inspect;
use super::{Answer, build, render};
use crate::printable::line;

pub(super) fn inspect(args: &Inspect) -> Result<Answer> {
    let inspection = build::inspect_file(&args.component)?;
    let mut json = serde_json::to_value(&inspection).unwrap_or_default();
    json["schema_version"] = SCHEMA_VERSION.into();
    json["has_continue"] = inspection.has_continue().into();
    json["runs_here"] = inspection.check().is_ok().into();
    json["problem"] = inspection.check().err().map_or(Value::Null, |e| e.message().into());
    Ok(Answer { text: text(&inspection), json, exit: 0 })
}

fn text(inspection: &Inspection) -> String {
    let mut text = String::new();
    let api = inspection.api_version.as_deref().unwrap_or("none: not an action");
    _ = writeln!(text, "  api       {api}");
    if let Some(language) = inspection.language() {
        _ = writeln!(text, "  language  {language}");
    }
    _ = writeln!(text, "  size      {}", render::bytes(inspection.size as u64));
    _ = writeln!(text, "  digest    {}", inspection.digest);
    let resumes = if inspection.has_continue() { "yes" } else { "no: must not redirect or prompt" };
    _ = writeln!(text, "  continues {resumes}");
    for (title, names) in [("imports", &inspection.imports), ("exports", &inspection.exports)] {
        _ = writeln!(text, "  {title}");
        for name in names {
            _ = writeln!(text, "    {}", line(name));
        }
    }
    if inspection.outbound_imports().next().is_some() {
        _ = writeln!(text, "  needs     outbound: origins that its flow grants");
    }
    if let Err(error) = inspection.check() {
        _ = writeln!(text, "  runs here no: {}", line(error.message()));
    }
    text
}
