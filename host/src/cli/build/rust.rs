//! Rust actions: `cargo build --target wasm32-wasip2` makes the component. For an
//! action that says in its manifest that it needs no WASI, cargo makes a module that
//! imports none, and the component is made here. Cargo decides whether anything
//! changed; its target folder is the cache.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flowhost::{Code, Component, Error, Result};
use serde_json::Value;
use wit_component::ComponentEncoder;

use super::{Language, Source};

/// What cargo builds for.
#[derive(Clone, Copy)]
enum Target {
    /// Makes a component, which imports a part of WASI.
    Wasi,
    /// Makes a module that knows nothing but the contract.
    Bare,
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Target::Wasi => "wasm32-wasip2",
            Target::Bare => "wasm32-unknown-unknown",
        }
    }
}

pub(super) const LANGUAGE: Language =
    Language { name: "Rust", extensions: &[], markers: &["Cargo.toml"], build };

fn build(source: &Source<'_>) -> Result<Component> {
    let folder = source.path;
    let name = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let target = target(&source.main)?;
    let output = cargo(folder, target).output().map_err(|error| {
        Error::new(Code::ToolchainMissing, format!("cargo cannot be started: {error}"))
            .with_hint("install Rust with rustup, or name a built component with `component`")
    })?;
    if !output.status.success() {
        return Err(explain(folder, target, &String::from_utf8_lossy(&output.stderr)));
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let built = artifact(&messages, &name).ok_or_else(|| {
        Error::new(Code::BuildFailed, format!("{}: the build made no component", folder.display()))
            .with_hint("Cargo.toml needs: [lib] crate-type = [\"cdylib\"]")
    })?;
    match target {
        Target::Wasi => Ok(Component::File(built)),
        Target::Bare => encode(folder, &built).map(Component::File),
    }
}

/// What the manifest asks for: `package.metadata.flowhost.wasi`.
fn target(manifest: &Path) -> Result<Target> {
    // Cargo says better what is wrong with a manifest.
    let text = std::fs::read_to_string(manifest).unwrap_or_default();
    let table: toml::Table = text.parse().unwrap_or_default();
    let ours = |table: &toml::Table| {
        let metadata = table.get("package")?.get("metadata")?.get("flowhost")?;
        metadata.get("wasi").cloned()
    };
    match ours(&table) {
        None | Some(toml::Value::Boolean(true)) => Ok(Target::Wasi),
        Some(toml::Value::Boolean(false)) => Ok(Target::Bare),
        Some(other) => {
            let message = format!("package.metadata.flowhost.wasi: `{other}` is not true or false");
            Err(Error::new(Code::BuildFailed, message).in_file(manifest))
        }
    }
}

/// Makes the component of a module, beside it.
fn encode(folder: &Path, module: &Path) -> Result<PathBuf> {
    let failed = |why: String| {
        let message = format!("{}: the module makes no component: {why}", folder.display());
        Error::new(Code::BuildFailed, message).with_hint(
            "without WASI there are no files, clocks or random numbers; with it: `wasi = true`",
        )
    };
    let bytes = std::fs::read(module).map_err(|error| failed(error.to_string()))?;
    let encoder = ComponentEncoder::default().validate(true).module(&bytes);
    let component = encoder.and_then(|mut encoder| encoder.encode());
    let component = component.map_err(|error| failed(format!("{error:#}")))?;
    let beside = module.with_extension("component.wasm");
    super::put(&beside, |partial| std::fs::write(partial, &component))?;
    Ok(beside)
}

fn cargo(folder: &Path, target: Target) -> Command {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["build", "--release", "--target", target.name()])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(folder)
        .stdin(Stdio::null());
    // When started by cargo itself, the outer build's settings are not ours.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let outer = text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_CFG_");
        if outer || text == "CARGO_MANIFEST_DIR" || text == "CARGO_ENCODED_RUSTFLAGS" {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// What was built, among cargo's messages: the `.wasm` of the package in
/// `folder`.
fn artifact(messages: &str, folder: &Path) -> Option<PathBuf> {
    let manifest = folder.join("Cargo.toml");
    let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let ours = artifacts.filter(|message| {
        message["reason"] == "compiler-artifact"
            && message["manifest_path"].as_str().is_some_and(|path| Path::new(path) == manifest)
    });
    let mut files = ours.flat_map(|message| {
        let files = message["filenames"].as_array().cloned().unwrap_or_default();
        files.into_iter().filter_map(|file| file.as_str().map(PathBuf::from))
    });
    files.rfind(|file| file.extension().is_some_and(|extension| extension == "wasm"))
}

fn explain(folder: &Path, target: Target, stderr: &str) -> Error {
    let target = target.name();
    if stderr.contains("target may not be installed") {
        return Error::new(Code::ToolchainMissing, format!("Rust's target {target} is missing"))
            .with_hint(format!("rustup target add {target}"));
    }
    let message = format!("{}: cargo could not build the action\n{stderr}", folder.display());
    Error::new(Code::BuildFailed, message.trim_end())
}
