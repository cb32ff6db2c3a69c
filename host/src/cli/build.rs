//! `flowhost build`: source → component, checked as the engine would. Knows
//! which language a folder is in; each language has a file of its own.

mod rust;

use std::fmt::Write as _;
use std::path::Path;

use flowhost::{
    Code, Component, Engine, Error, FlowSpec, Inspection, Result, SCHEMA_VERSION, is_javascript,
};
use serde_json::json;

use super::args::Build;
use super::progress::Progress;
use super::{Answer, block_on};

pub(super) fn build(args: &Build) -> Result<Answer> {
    let progress = Progress::new(args.json._json);
    let engine = super::store::engine_without_store()?;
    let (bytes, beside) = match build_source(&args.path, &engine, &progress)? {
        Component::File(path) => (None, path),
        Component::Bytes(bytes) => (Some(bytes), args.path.with_extension("wasm")),
        _ => return Err(Error::new(Code::Internal, "the build made no component")),
    };
    let component = args.output.as_ref().unwrap_or(&beside);
    let inspection = match &bytes {
        Some(bytes) => flowhost::inspect(bytes)?,
        None => inspect_file(&beside)?,
    };
    inspection.check().map_err(|error| error.in_file(&args.path))?;
    match bytes {
        Some(bytes) => put(component, |partial| std::fs::write(partial, &bytes))?,
        None if *component != beside => {
            put(component, |partial| std::fs::copy(&beside, partial).map(|_| ()))?;
        }
        None => {}
    }
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
pub(super) fn build_sources(
    spec: &mut FlowSpec,
    engine: &Engine,
    progress: &Progress,
) -> Result<()> {
    for action in &mut spec.actions {
        if let Component::Source(path) = &action.component {
            action.component = build_source(path, engine, progress)?;
        }
    }
    Ok(())
}

/// Builds a component: a file, or bytes that are in none yet.
fn build_source(path: &Path, engine: &Engine, progress: &Progress) -> Result<Component> {
    if path.join("Cargo.toml").is_file() {
        return rust::build(path, progress).map(Component::File);
    }
    if path.is_file() && is_javascript(path) {
        progress.say(format!("building {}", path.display()));
        let built = block_on(engine.build_javascript(path));
        progress.done();
        return built.map(Component::Bytes);
    }
    let failed = |why: &str| {
        Error::new(Code::BuildFailed, format!("{}: {why}", path.display())).with_hint(
            "an action is a file in JavaScript or TypeScript, or a folder with a Cargo.toml",
        )
    };
    match path.extension().and_then(|extension| extension.to_str()) {
        _ if !path.exists() => Err(failed("there is no such file or folder")),
        Some("wasm") => Err(failed("this is a component already; name it with `component`")),
        _ if path.is_dir() => Err(failed("the folder holds no source that flowhost can build")),
        _ => Err(failed("flowhost cannot build this kind of file")),
    }
}

/// What an action's component says about itself.
pub(super) fn inspect_component(component: &Component) -> Result<Inspection> {
    match component {
        Component::Bytes(bytes) => flowhost::inspect(bytes),
        Component::File(path) => inspect_file(path),
        _ => Err(Error::new(Code::Internal, "the source is not built yet")),
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

/// Writes a file that is there whole or not at all.
fn put(to: &Path, write: impl FnOnce(&Path) -> std::io::Result<()>) -> Result<()> {
    let partial = to.with_extension(format!("{}.partial", std::process::id()));
    let written = write(&partial).and_then(|()| std::fs::rename(&partial, to));
    written.map_err(|error| {
        _ = std::fs::remove_file(&partial);
        Error::new(Code::BuildFailed, format!("{}: {error}", to.display()))
    })
}
