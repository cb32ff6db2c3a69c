//! `flowhost build`: source → component, checked as the engine would. The table
//! [`LANGUAGES`] says which language a file or folder is in; each language has a
//! file of its own, which knows what it looks like and how it is built.

mod behind;
pub(super) mod c;
mod encode;
pub(super) mod go;
mod inert;
mod javascript;
pub(super) mod python;
mod rust;
pub(super) mod zig;
mod zig_compiler;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use flowhost::{Code, Component, Engine, Error, FlowSpec, Inspection, Result, SCHEMA_VERSION};
use serde_json::json;

use super::Answer;
use super::args::Build;
use super::progress::Progress;

/// In the order in which a folder is looked through: the first whose marker is there.
const LANGUAGES: &[Language] = &[
    rust::LANGUAGE,
    javascript::LANGUAGE,
    c::LANGUAGE,
    zig::LANGUAGE,
    python::LANGUAGE,
    go::LANGUAGE,
];

/// The file that a folder's component goes to.
const IN_A_FOLDER: &str = "action.wasm";

/// How sources of a language are told and built.
struct Language {
    name: &'static str,
    /// Endings of file names, without the dot, of actions that are one file.
    extensions: &'static [&'static str],
    /// Names of files that make a folder an action; the first that is there.
    markers: &'static [&'static str],
    /// Leaves nothing behind beside the source when it fails. A file that it
    /// answers with is one that the language's own tool keeps; bytes are
    /// written by who asked.
    build: fn(&Source<'_>) -> Result<Component>,
}

/// What is to be built.
struct Source<'a> {
    /// As it was named: a file, or a folder.
    path: &'a Path,
    /// The file itself, or the marker in the folder.
    main: PathBuf,
    engine: &'a Engine,
}

pub(super) fn build(args: &Build) -> Result<Answer> {
    let progress = Progress::new(args.json._json);
    let engine = super::store::engine_without_store()?;
    let (bytes, beside) = match build_source(&args.path, &engine, &progress)? {
        Component::File(path) => (None, path),
        Component::Bytes(bytes) => (Some(bytes), beside(&args.path)),
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
    let Some((language, main)) = language_of(path) else { return Err(unknown(path)) };
    progress.say(format!("building {}", path.display()));
    let built = (language.build)(&Source { path, main, engine });
    progress.done();
    built
}

/// Whether this is a source, not a component.
pub(super) fn is_source(path: &Path) -> bool {
    path.is_dir() || language_of(path).is_some()
}

/// The language of a file or folder, and the file that tells it.
fn language_of(path: &Path) -> Option<(&'static Language, PathBuf)> {
    if path.is_dir() {
        return LANGUAGES.iter().find_map(|language| {
            let mut markers = language.markers.iter().map(|marker| path.join(marker));
            Some((language, markers.find(|marker| marker.is_file())?))
        });
    }
    let extension = path.extension().filter(|_| path.is_file())?.to_str()?;
    let language = LANGUAGES.iter().find(|language| language.extensions.contains(&extension))?;
    Some((language, path.to_owned()))
}

fn unknown(path: &Path) -> Error {
    let why = match path.extension().and_then(|extension| extension.to_str()) {
        _ if !path.exists() => "there is no such file or folder",
        Some("wasm") => "this is a component already; name it with `component`",
        _ if path.is_dir() => "the folder holds no source that flowhost can build",
        _ => "flowhost cannot build this kind of file",
    };
    let looks = |language: &Language| {
        let mut looks: Vec<String> = Vec::new();
        looks.extend(language.extensions.iter().map(|extension| format!("a file .{extension}")));
        looks.extend(language.markers.iter().map(|marker| format!("a folder with {marker}")));
        format!("{}: {}", language.name, looks.join(", "))
    };
    let known: Vec<String> = LANGUAGES.iter().map(looks).collect();
    Error::new(Code::BuildFailed, format!("{}: {why}", path.display()))
        .with_hint(format!("flowhost builds {}", known.join("; ")))
}

/// Where the component of a source goes unless told.
fn beside(path: &Path) -> PathBuf {
    match path.is_dir() {
        true => path.join(IN_A_FOLDER),
        false => path.with_extension("wasm"),
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
