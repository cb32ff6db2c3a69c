//! `flowhost build`: source → component, checked as the engine would. Knows
//! which language a folder is in; each language has a file of its own.

mod rust;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use flowhost::{Code, Component, Error, FlowSpec, Inspection, Result, SCHEMA_VERSION};
use serde_json::json;

use super::Answer;
use super::args::Build;
use super::progress::Progress;

pub(super) fn build(args: &Build) -> Result<Answer> {
    let progress = Progress::new(args.json._json);
    let built = build_source(&args.path, &progress)?;
    let inspection = inspect_file(&built)?;
    inspection.check().map_err(|error| error.in_file(&built))?;
    let component = match &args.output {
        Some(output) => {
            copy(&built, output)?;
            output
        }
        None => &built,
    };
    let mut text = String::new();
    _ = writeln!(text, "  built    {}", component.display());
    _ = writeln!(text, "  size     {}", super::render::bytes(inspection.size as u64));
    _ = writeln!(text, "  api      {}", inspection.api_version.as_deref().unwrap_or("none"));
    _ = writeln!(text, "  digest   {}", inspection.digest);
    let json = json!({
        "schema_version": SCHEMA_VERSION,
        "component": component.display().to_string(),
        "size": inspection.size,
        "digest": inspection.digest,
        "api_version": inspection.api_version,
        "has_continue": inspection.has_continue(),
    });
    Ok(Answer { text, json, exit: 0 })
}

/// Builds all actions of a flow that come as source.
pub(super) fn build_sources(spec: &mut FlowSpec, progress: &Progress) -> Result<()> {
    for action in &mut spec.actions {
        if let Component::Source(path) = &action.component {
            action.component = Component::File(build_source(path, progress)?);
        }
    }
    Ok(())
}

/// Builds a component and says where it is.
fn build_source(path: &Path, progress: &Progress) -> Result<PathBuf> {
    if path.join("Cargo.toml").is_file() {
        return rust::build(path, progress);
    }
    let failed = |why: &str| {
        Error::new(Code::BuildFailed, format!("{}: {why}", path.display()))
            .with_hint("an action in Rust is a folder with a Cargo.toml")
    };
    match path.extension().and_then(|extension| extension.to_str()) {
        _ if !path.exists() => Err(failed("there is no such folder")),
        Some("wasm") => Err(failed("this is a component already; name it with `component`")),
        _ if path.is_dir() => Err(failed("the folder holds no source that flowhost can build")),
        _ => Err(failed("flowhost cannot build this kind of file")),
    }
}

/// Reads a component file and what it says about itself.
pub(super) fn inspect_file(path: &Path) -> Result<Inspection> {
    let bytes = std::fs::read(path).map_err(|error| {
        Error::new(Code::FileUnreadable, format!("the component cannot be read: {error}"))
            .in_file(path)
    })?;
    flowhost::inspect(&bytes).map_err(|error| error.in_file(path))
}

/// The copy is there whole or not at all.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let partial = to.with_extension(format!("{}.partial", std::process::id()));
    let copied = std::fs::copy(from, &partial).and_then(|_| std::fs::rename(&partial, to));
    copied.map_err(|error| {
        _ = std::fs::remove_file(&partial);
        Error::new(Code::BuildFailed, format!("{}: {error}", to.display()))
    })
}
