//! Rust actions: `cargo build --target wasm32-wasip2` makes the component.
//! Cargo decides whether anything changed; its target folder is the cache.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flowhost::{Code, Component, Error, Result};
use serde_json::Value;

use super::{Language, Source};

const TARGET: &str = "wasm32-wasip2";

pub(super) const LANGUAGE: Language =
    Language { name: "Rust", extensions: &[], markers: &["Cargo.toml"], build };

fn build(source: &Source<'_>) -> Result<Component> {
    let folder = source.path;
    let name = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let output = cargo(folder).output().map_err(|error| {
        Error::new(Code::ToolchainMissing, format!("cargo cannot be started: {error}"))
            .with_hint("install Rust with rustup, or name a built component with `component`")
    })?;
    if !output.status.success() {
        return Err(explain(folder, &String::from_utf8_lossy(&output.stderr)));
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    component(&messages, &name).map(Component::File).ok_or_else(|| {
        Error::new(Code::BuildFailed, format!("{}: the build made no component", folder.display()))
            .with_hint("Cargo.toml needs: [lib] crate-type = [\"cdylib\"]")
    })
}

fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["build", "--release", "--target", TARGET])
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

/// The component among cargo's messages: the `.wasm` of the package in
/// `folder`.
fn component(messages: &str, folder: &Path) -> Option<PathBuf> {
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

fn explain(folder: &Path, stderr: &str) -> Error {
    if stderr.contains("target may not be installed") {
        return Error::new(Code::ToolchainMissing, format!("Rust's target {TARGET} is missing"))
            .with_hint(format!("rustup target add {TARGET}"));
    }
    let message = format!("{}: cargo could not build the action\n{stderr}", folder.display());
    Error::new(Code::BuildFailed, message.trim_end())
}
