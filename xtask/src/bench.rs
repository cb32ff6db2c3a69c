//! `cargo xtask bench NAME`: a benchmark of the host, beside what it is compared
//! with. The figures go to the terminal, and as JSON into the target folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::project;
use crate::steps::cargo;

/// Runs in Node.js what `benches/peers/node.js` asks for.
const ISOLATED_VM: &str = "isolated-vm@5.0.4";

pub(crate) fn bench(name: &str) -> Result<()> {
    let file = project().join("host/benches").join(format!("{name}.rs"));
    if !file.is_file() {
        bail!("there is no benchmark `{name}`");
    }
    let results = project().join("target/bench");
    std::fs::create_dir_all(&results).context("target/bench")?;
    let json = results.join(format!("{name}.json"));
    let mut bench = cargo("", &["bench", "--package", "flowhost"]);
    bench.args(["--bench", name, "--", "--json"]).arg(&json);
    if ["javascript", "rivals"].contains(&name) {
        bench.env("NODE_PATH", modules()?);
    }
    if name == "rivals" {
        bench.env("FLOWHOST_BENCH_EXTISM", extism()?);
    }
    if !bench.status().context("cargo cannot be started")?.success() {
        bail!("the benchmark failed");
    }
    println!("{}", json.display());
    Ok(())
}

/// The folder with Extism's host and plugin, built.
fn extism() -> Result<PathBuf> {
    let built = project().join("target/rivals");
    let package = ["build", "--locked", "--release", "--package"];
    let plugin = ["extism-plugin", "--target", "wasm32-unknown-unknown"];
    for of_what in [&plugin[..], &["extism-rival"]] {
        let mut build = cargo("host/benches/rivals/extism", &package);
        build.args(of_what).env("CARGO_TARGET_DIR", &built);
        if !build.status().context("cargo cannot be started")?.success() {
            bail!("Extism cannot be built");
        }
    }
    Ok(built)
}

/// A folder with the packages to compare with; what cannot be installed is left
/// out of the comparison.
fn modules() -> Result<PathBuf> {
    let folder = project().join("target/npm").join(ISOLATED_VM);
    let modules = folder.join("node_modules");
    if !modules.is_dir() {
        std::fs::create_dir_all(&folder).context("target/npm")?;
        let installed = npm(&["install", "--no-save", "--no-package-lock", ISOLATED_VM], &folder)
            .and_then(|()| npm(&["rebuild", "isolated-vm"], &folder));
        if let Err(why) = installed {
            eprintln!("{ISOLATED_VM} is left out: {why:#}");
        }
    }
    Ok(modules)
}

fn npm(arguments: &[&str], folder: &Path) -> Result<()> {
    let mut npm = Command::new("npm");
    npm.args(arguments).arg("--prefix").arg(folder).arg("--silent").current_dir(folder);
    match npm.status().context("npm cannot be started")?.success() {
        true => Ok(()),
        false => bail!("npm {} failed", arguments.join(" ")),
    }
}
