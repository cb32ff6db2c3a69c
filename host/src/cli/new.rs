//! `flowhost new`: a folder with an action to begin with, in any language that
//! flowhost builds. Needs no network itself. The table [`KITS`] has the languages; each
//! has a file of its own that lists its templates, in `new/templates/LANGUAGE`.
//! What flows, events and descriptions say is the same in all of them.

mod c;
mod go;
mod javascript;
mod python;
mod rust;

use std::path::Path;

use flowhost::{Code, Error, Result, SCHEMA_VERSION, Secret};
use serde_json::json;

use super::args::{New, Template};
use super::{Answer, key_file, shell};

/// The languages, by their names in `--lang`.
const KITS: &[Kit] = &[
    rust::KIT,
    javascript::JAVASCRIPT,
    javascript::TYPESCRIPT,
    python::KIT,
    go::KIT,
    c::C,
    c::CPP,
    c::ZIG,
];

/// Names of flows and crates must be possible.
const MAX_NAME: usize = 64;

/// The key of a redirect, for its owner's eyes.
const KEY_FILE: &str = "token-key.txt";

/// A path in the new folder, and what stands there.
type File = (&'static str, &'static str);

/// Files of a folder below `templates`.
macro_rules! files {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("templates/", $folder, "/", $name)))),*]
    };
}
use files;

/// What flows and their descriptions say is the same in every language.
macro_rules! flow {
    ($name:literal) => {
        include_str!(concat!("new/templates/flows/", $name, ".toml"))
    };
}

macro_rules! about {
    ($name:literal) => {
        include_str!(concat!("new/templates/flows/", $name, ".md"))
    };
}

/// What a language brings along.
struct Kit {
    name: &'static str,
    /// What a flow file names as the source: `.` for the folder.
    source: &'static str,
    /// What must be installed, for people.
    needs: &'static str,
    /// The command that tests the action, in its folder.
    test: &'static str,
    /// What else its README says; may be empty.
    more: &'static str,
    /// Files of every template. In these, and in those below, `{{name}}` is the
    /// name of the action.
    shared: &'static [File],
    mfa: &'static [File],
    redirect: &'static [File],
    deny: &'static [File],
    form: &'static [File],
    /// Files that are made, such as a copy of a library.
    made: fn() -> Result<Vec<(String, String)>>,
}

/// For a kit all of whose files are templates.
fn nothing_made() -> Result<Vec<(String, String)>> {
    Ok(Vec::new())
}

/// For the arguments.
pub(super) fn languages() -> Vec<&'static str> {
    KITS.iter().map(|kit| kit.name).collect()
}

pub(super) fn new(args: &New) -> Result<Answer> {
    let kit = KITS.iter().find(|kit| kit.name == args.lang);
    let kit = kit.ok_or_else(|| Error::new(Code::Usage, "this language is not known"))?;
    let name = name_of(&args.folder)?;
    refuse_what_is_there(&args.folder)?;
    let files = files_of(kit, args.template, &name)?;
    write(&args.folder, &files).map_err(|error| {
        let message = format!("{}: the folder cannot be made: {error}", args.folder.display());
        Error::new(Code::FileUnreadable, message)
    })?;
    let folder = args.folder.display().to_string();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let shown: Vec<&str> = names.iter().copied().filter(|name| is_shown(name)).collect();
    // To where one is already nobody need go.
    let there = args.folder.file_name().map(|_| format!("cd {}", shell::word(&folder)));
    let then = [kit.test.to_owned(), "flowhost run flow.toml --event event.json".to_owned()];
    let next: Vec<String> = there.into_iter().chain(then).collect();
    let text = format!(
        "  created  {folder}\n  files    {}\n  needs    {}\n  next:    {}\n",
        shown.join("  "),
        kit.needs,
        next.join("\n           "),
    );
    let json = json!({
        "schema_version": SCHEMA_VERSION, "folder": folder, "files": names, "next": next,
    });
    Ok(Answer { text, json, exit: 0 })
}

/// Not those of a library that was copied.
fn is_shown(name: &str) -> bool {
    let folder = name.split('/').next().unwrap_or_default();
    ![rust::SDK, python::PACKAGE, c::FOLDER].contains(&folder) && !name.starts_with('.')
}

/// The last part of the path, if it fits flows and packages.
fn name_of(folder: &Path) -> Result<String> {
    // `.` is called as the folder is.
    let whole = match folder.file_name() {
        Some(_) => folder.to_owned(),
        None => folder.canonicalize().unwrap_or_default(),
    };
    let name = whole.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if begins && name.len() <= MAX_NAME && name.chars().all(fits) && name != rust::SDK {
        return Ok(name.to_owned());
    }
    let message = format!("`{name}` cannot be the name of an action");
    Err(Error::new(Code::Usage, message).with_hint(format!(
        "a name has 1 to {MAX_NAME} letters, digits, `-` and `_`, and begins with a letter: \
         flowhost new my-action"
    )))
}

fn refuse_what_is_there(folder: &Path) -> Result<()> {
    let is_empty = match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => folder.symlink_metadata().is_err(),
    };
    if is_empty {
        return Ok(());
    }
    let message = format!("{} is there already, and not an empty folder", folder.display());
    Err(Error::new(Code::Usage, message).with_hint("name a folder that does not exist"))
}

fn files_of(kit: &Kit, template: Template, name: &str) -> Result<Vec<(String, String)>> {
    const EVENT: &str = include_str!("new/templates/flows/event.json");
    const README: &str = include_str!("new/templates/flows/README.md");
    let (own, flow, about) = match template {
        Template::Mfa => (kit.mfa, flow!("mfa"), about!("mfa")),
        Template::Redirect => (kit.redirect, flow!("redirect"), about!("redirect")),
        Template::Deny => (kit.deny, flow!("deny"), about!("deny")),
        Template::Form => (kit.form, flow!("form"), about!("form")),
    };
    let shared = [("flow.toml", flow), ("event.json", EVENT), ("README.md", README)];
    let filled = |text: &str| {
        let text = text.replace("{{about}}", about).replace("{{more}}", kit.more);
        let text = text.replace("{{source}}", kit.source).replace("{{needs}}", kit.needs);
        text.replace("{{test}}", kit.test).replace("{{name}}", name)
    };
    let templates = own.iter().chain(&shared).chain(kit.shared);
    let mut files: Vec<(String, String)> =
        templates.map(|(path, text)| ((*path).to_owned(), filled(text))).collect();
    let mut ignored = vec!["action.wasm", "target/", "zig-cache/", ".zig-cache/", "__pycache__/"];
    if matches!(template, Template::Redirect) {
        files.push((KEY_FILE.to_owned(), random_key()?.expose().to_owned() + "\n"));
        ignored.push(KEY_FILE);
    }
    files.push((".gitignore".to_owned(), ignored.join("\n") + "\n"));
    files.extend((kit.made)()?);
    Ok(files)
}

/// 256 bits in hexadecimal digits.
#[expect(clippy::disallowed_methods, reason = "a key for an author's folder, not of a flow")]
fn random_key() -> Result<Secret> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::new(Code::Internal, format!("no random numbers: {error}")))?;
    Ok(Secret::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}

/// Writes the folder, whole or not at all.
fn write(folder: &Path, files: &[(String, String)]) -> std::io::Result<()> {
    let there = folder.is_dir();
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
    // An empty folder is filled and not replaced: somebody may be in it.
    let beside = if there { folder } else { parent.unwrap_or(Path::new(".")) };
    let partial = beside.join(format!(".flowhost-new.{}.partial", std::process::id()));
    let written = write_all(&partial, files).and_then(|()| match there {
        true => move_all(&partial, folder),
        false => std::fs::rename(&partial, folder),
    });
    if written.is_err() {
        _ = std::fs::remove_dir_all(&partial);
    }
    written
}

fn write_all(folder: &Path, files: &[(String, String)]) -> std::io::Result<()> {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
        match name.as_str() {
            KEY_FILE => key_file::create(&path, &Secret::new(text.clone()))?,
            _ => std::fs::write(path, text)?,
        }
    }
    Ok(())
}

fn move_all(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        std::fs::rename(entry.path(), to.join(entry.file_name()))?;
    }
    std::fs::remove_dir(from)
}
