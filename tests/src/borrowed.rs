//! [`borrowed`]: data of suites that others wrote. Cargo fetches the packages
//! that `tests/borrowed/Cargo.toml` names, and nothing of them is compiled.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;

use crate::{bounded, ignored, project};

/// Some hundred packages, 41 MB: seconds, once.
const FETCHING: Duration = Duration::from_secs(180);

/// The folder of a package, fetched by whoever asks first. None, and the test
/// is ignored, where it cannot be fetched.
pub fn borrowed(package: &str) -> Option<&'static Path> {
    static FOLDERS: OnceLock<Result<BTreeMap<String, PathBuf>, String>> = OnceLock::new();
    match FOLDERS.get_or_init(fetch) {
        Ok(folders) => {
            let folder = folders.get(package).map(PathBuf::as_path);
            assert!(folder.is_some(), "tests/borrowed/Cargo.toml lacks {package}");
            folder
        }
        Err(said) => {
            ignored(&format!(
                "{package} is not at hand; `cargo fetch --locked --manifest-path \
                 tests/borrowed/Cargo.toml` fetches it, with a network: {said}"
            ));
            None
        }
    }
}

fn fetch() -> Result<BTreeMap<String, PathBuf>, String> {
    let mut metadata = Command::new("cargo");
    metadata
        .args(["metadata", "--locked", "--quiet", "--format-version", "1", "--manifest-path"])
        .arg(project().join("tests/borrowed/Cargo.toml"))
        .env("CARGO_NET_RETRY", "1")
        .env("CARGO_HTTP_TIMEOUT", "20");
    let (done, said) = bounded(&mut metadata, FETCHING);
    let metadata: Value = match serde_json::from_str(&said) {
        Ok(metadata) if done => metadata,
        _ => return Err(said),
    };
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let folders = packages.filter_map(|package| {
        let manifest = Path::new(package["manifest_path"].as_str()?);
        Some((package["name"].as_str()?.to_owned(), manifest.parent()?.to_owned()))
    });
    Ok(folders.collect())
}
