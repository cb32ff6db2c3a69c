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
mod tool;
pub(super) mod zig;
mod zig_compiler;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use flowhost::{Code, Component, Engine, Error, FlowSpec, Inspection, Result, SCHEMA_VERSION};
use serde_json::json;

use super::Answer;
use super::args::Build;
use super::progress::Progress;

/// No folder is in two of them.
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
    let told = told_by(&args.path);
    if let [one, _, ..] = told.as_slice() {
        let (one, all) = (named(std::slice::from_ref(one)), named(&told));
        _ = writeln!(text, "  note     there are {all}; this is {one}");
    }
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
    let (language, main) = match path.is_dir() {
        true => language_of_folder(path)?,
        false => (language_of_file(path).ok_or_else(|| unknown(path))?, path.to_owned()),
    };
    progress.say(format!("building {}", path.display()));
    let built = (language.build)(&Source { path, main, engine });
    progress.done();
    built
}

/// Whether this is a source, not a component.
pub(super) fn is_source(path: &Path) -> bool {
    path.is_dir() || language_of_file(path).is_some()
}

fn language_of_file(path: &Path) -> Option<&'static Language> {
    let extension = path.extension().filter(|_| path.is_file())?.to_str()?;
    LANGUAGES.iter().find(|language| language.extensions.contains(&extension))
}

/// A language, and the file in a folder that tells it.
type Told = (&'static Language, PathBuf);

/// The languages that a folder can be taken to be in. What makes a project of all of it,
/// such as a Cargo.toml, goes before a file.
fn told_by(folder: &Path) -> Vec<Told> {
    let told = LANGUAGES.iter().filter_map(|language| {
        let mut markers = language.markers.iter().map(|marker| folder.join(marker));
        Some((language, markers.find(|marker| marker.is_file())?))
    });
    let mut told: Vec<Told> = told.collect();
    told.sort_by_key(|(_, main)| !is_project(main));
    told
}

fn is_project(main: &Path) -> bool {
    main.file_stem().is_some_and(|stem| stem != "action")
}

fn language_of_folder(folder: &Path) -> Result<Told> {
    let mut told = told_by(folder);
    if let [(_, one), (_, other), ..] = told.as_slice()
        && is_project(one) == is_project(other)
    {
        let names = named(&told);
        let message = format!("{}: the folder holds two actions: {names}", folder.display());
        return Err(Error::new(Code::BuildFailed, message).with_hint(
            "name the file that is the action, or move the other one to another folder",
        ));
    }
    // Many a project has one for its tools, whatever its actions are written in.
    let manifest = folder.join(javascript::MANIFEST);
    if told.is_empty() && manifest.is_file() {
        told.push((&javascript::LANGUAGE, manifest));
    }
    if told.is_empty() { Err(unknown(folder)) } else { Ok(told.swap_remove(0)) }
}

fn named(told: &[Told]) -> String {
    let name = |(language, main): &Told| {
        let file = main.file_name().unwrap_or_default();
        format!("{} ({})", file.display(), language.name)
    };
    told.iter().map(name).collect::<Vec<_>>().join(" and ")
}

/// Says what would do instead, of what there is: a file or a folder.
fn unknown(path: &Path) -> Error {
    let failed = |why: &str| Error::new(Code::BuildFailed, format!("{}: {why}", path.display()));
    if !path.exists() {
        return failed("there is no such file or folder");
    }
    if path.extension().is_some_and(|extension| extension == "wasm") {
        return failed("this is a component already; name it with `component`");
    }
    let of = |language: &Language| match path.is_dir() {
        true => language.markers.join(", "),
        false => {
            language.extensions.iter().map(|it| format!(".{it}")).collect::<Vec<_>>().join(", ")
        }
    };
    let looks = LANGUAGES.iter().map(|language| (language.name, of(language)));
    let looks = looks.filter(|(_, looks)| !looks.is_empty());
    let known: Vec<String> = looks.map(|(name, looks)| format!("{name}: {looks}")).collect();
    let why = match path.is_dir() {
        true => "the folder holds no source that flowhost can build",
        false => "flowhost cannot build this kind of file",
    };
    let kind = if path.is_dir() { "folders with one of these" } else { "files" };
    failed(why).with_hint(format!("flowhost builds {kind}: {}", known.join("; ")))
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
