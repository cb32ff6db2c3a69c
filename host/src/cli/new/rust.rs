//! Rust: a crate, and the SDK beside it. A copy of the SDK is part of the command
//! and goes into the folder, so that action and flowhost are of one version. What the
//! SDK is made of, cargo fetches where it has not done so before.

use flowhost::{Code, Error, Result};
use toml::{Table, Value};

use super::{File, Kit};

/// What the SDK is called: its crate, and its folder.
pub(super) const SDK: &str = "flowhost-action";

macro_rules! source {
    ($template:literal) => {
        &[("src/lib.rs", include_str!(concat!("templates/rust/", $template, "/lib.rs")))]
    };
}

pub(super) const KIT: Kit = Kit {
    name: "rust",
    source: ".",
    needs: "Rust with its target wasm32-wasip2: rustup target add wasm32-wasip2; the first time \
            a network, as cargo fetches the crates that the SDK is made of",
    test: "cargo test",
    more: "\nThe SDK is in `flowhost-action`, in the version of the flowhost that made this folder. It needs\n\
           wit-bindgen, serde and serde_json: on a machine whose cargo does not have them yet, the\n\
           first build or test fetches them from crates.io. `cargo fetch` does that beforehand.\n",
    shared: &[("Cargo.toml", include_str!("templates/rust/manifest.toml"))],
    mfa: source!("mfa"),
    redirect: source!("redirect"),
    deny: source!("deny"),
    form: source!("form"),
    made: sdk,
};

macro_rules! sdk_files {
    ($($folder:literal: $($name:literal)*;)*) => {
        &[$($((
            concat!($folder, $name),
            include_str!(concat!("../../../kits/rust/", $folder, $name)),
        )),*),*]
    };
}

const SOURCES: &[File] = sdk_files! {
    "src/": "action.rs" "api.rs" "bindings.rs" "error.rs" "event.rs" "heap.rs" "host.rs" "json.rs" "panics.rs"
        "lib.rs" "testing.rs";
    "src/api/": "access.rs" "authentication.rs" "cache.rs" "log.rs" "prompt.rs" "redirect.rs"
        "transaction.rs";
    "src/testing/": "command.rs" "double.rs" "event.json" "node.rs" "records.rs" "report.rs"
        "run.rs" "store.rs" "world.rs";
    "src/testing/double/": "event.rs";
};

const CONTRACT: &[File] = &[
    ("wit/api.wit", include_str!("../../../wit/api.wit")),
    ("wit/event.wit", include_str!("../../../wit/event.wit")),
    ("wit/log.wit", include_str!("../../../wit/log.wit")),
    ("wit/world.wit", include_str!("../../../wit/world.wit")),
];

/// The SDK, as a crate that stands alone.
fn sdk() -> Result<Vec<(String, String)>> {
    let files = SOURCES.iter().chain(CONTRACT);
    let mut files: Vec<(String, String)> =
        files.map(|(path, text)| (format!("{SDK}/{path}"), (*text).to_owned())).collect();
    files.push((format!("{SDK}/Cargo.toml"), manifest()?));
    Ok(files)
}

/// The SDK's manifest without what it has of its workspace.
fn manifest() -> Result<String> {
    let read = |text: &str| text.parse::<Table>().map_err(|error| broken(&error));
    let mut manifest = read(include_str!("../../../kits/rust/manifest.toml"))?;
    let workspace = read(include_str!("../../../kits/rust/workspace.toml"))?;
    for own in ["dev-dependencies", "lints"] {
        manifest.remove(own);
    }
    for (part, shared) in [("package", "package"), ("dependencies", "dependencies")] {
        let inherited = workspace.get("workspace").and_then(|table| table.get(shared));
        let entries = manifest.get_mut(part).and_then(Value::as_table_mut);
        for (name, value) in entries.into_iter().flatten() {
            if let Some(found) = inherited.and_then(|table| table.get(name)) {
                inherit(value, found);
            }
        }
    }
    if let Some(package) = manifest.get_mut("package").and_then(Value::as_table_mut) {
        package.remove("readme");
        package.insert("publish".to_owned(), false.into());
    }
    toml::to_string(&manifest).map_err(|error| broken(&error))
}

/// `{ workspace = true, … }` becomes what the workspace says, and the rest.
fn inherit(value: &mut Value, found: &Value) {
    let Some(own) = value.as_table_mut() else { return };
    if own.remove("workspace").is_none() {
        return;
    }
    match found {
        Value::Table(found) => {
            own.extend(found.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        version if own.is_empty() => *value = version.clone(),
        version => {
            own.insert("version".to_owned(), version.clone());
        }
    }
}

fn broken(error: &dyn std::fmt::Display) -> Error {
    Error::new(Code::Internal, format!("the SDK's manifest: {error}"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_copy_of_the_sdk_is_whole() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("kits/rust");
        let mut there = Vec::new();
        let mut folders = vec![folder.join("src")];
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(next).expect("a folder") {
                let path = entry.expect("an entry").path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => there.push(path.strip_prefix(&folder).expect("within").to_owned()),
                }
            }
        }
        there.sort();
        let mut copied: Vec<&Path> = SOURCES.iter().map(|(path, _)| Path::new(path)).collect();
        copied.sort();
        assert_eq!(copied, there);
    }

    #[test]
    fn the_sdks_manifest_stands_alone() {
        let manifest = manifest().expect("a manifest");
        assert!(!manifest.contains("workspace"), "{manifest}");
        let table: Table = manifest.parse().expect("TOML");
        assert_eq!(table["package"]["name"].as_str(), Some(SDK));
        assert!(table["package"]["edition"].is_str());
        assert!(table["dependencies"]["wit-bindgen"]["version"].is_str(), "{manifest}");
        assert_eq!(table["dependencies"]["serde_json"]["optional"].as_bool(), Some(true));
    }
}
