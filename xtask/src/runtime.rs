//! `cargo xtask runtime`: builds the runtime of JavaScript actions and puts it
//! where the host ships it. `--check` builds it and compares: the file that is
//! checked in must be what its source makes.
//!
//! QuickJS is written in C: this needs clang, which no user of flowhost does.
//! The file says in a section of its own what it was made from and with, so
//! that another compiler is not taken for another source.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use crate::steps::cargo;
use crate::{project, toolchain};

/// QuickJS brings its own C library: no WASI below it.
const TARGET: &str = "wasm32-unknown-unknown";
const PACKAGE: &str = "flowhost-javascript-post-challenge";
const FILE: &str = "host/runtime/javascript.wasm";
const SECTION: &[u8] = b"flowhost-runtime";

/// What the runtime is made from, beside crates from the registry.
const SOURCES: [&str; 7] = [
    "guest-sdk/javascript/engine/src",
    "guest-sdk/javascript/engine/js",
    "guest-sdk/javascript/engine/wit",
    "guest-sdk/javascript/post-challenge/src",
    "guest-sdk/javascript/post-challenge/js",
    "guest-sdk/javascript/engine/Cargo.toml",
    "guest-sdk/javascript/post-challenge/Cargo.toml",
];

/// Builds it and writes it.
pub(crate) fn build() -> Result<()> {
    let file = project().join(FILE);
    let built = made(&Clang::find()?)?;
    let changed = std::fs::read(&file).ok().as_deref() != Some(&built);
    std::fs::write(&file, &built).context(FILE)?;
    let said = if changed { "is new" } else { "is as it was" };
    println!("{FILE} {said}: {} bytes", built.len());
    Ok(())
}

/// Compares what is checked in with what its source makes.
pub(crate) fn check() -> Result<()> {
    const STALE: &str = "is stale: cargo xtask runtime";
    let kept = std::fs::read(project().join(FILE)).context(FILE)?;
    let label = label(&kept).with_context(|| format!("{FILE} says not what it was made from"))?;
    let source = format!("source {}", source()?);
    if !label.lines().any(|line| line == source) {
        bail!("{FILE} {STALE}");
    }
    let clang = Clang::find()?;
    let built = made(&clang)?;
    if label != clang.label(&source)? {
        println!("{FILE} was made from this source, by other compilers: not compared");
    } else if built != kept {
        bail!("{FILE} {STALE} (same source, same compilers, other bytes)");
    }
    Ok(())
}

fn made(clang: &Clang) -> Result<Vec<u8>> {
    toolchain::ensure_target(TARGET)?;
    let mut build =
        cargo("guest-sdk", &["build", "--quiet", "--locked", "--profile", "javascript"]);
    build.args(["--package", PACKAGE, "--target", TARGET, "--target-dir", "target/runtime"]);
    clang.hand_to(&mut build)?;
    if !build.status().context("cargo cannot be started")?.success() {
        bail!("the runtime cannot be built");
    }
    let name = format!("{}.wasm", PACKAGE.replace('-', "_"));
    let file =
        project().join("guest-sdk/target/runtime").join(TARGET).join("javascript").join(name);
    let mut module = std::fs::read(&file).with_context(|| file.display().to_string())?;
    append(&mut module, &clang.label(&format!("source {}", source()?))?);
    Ok(module)
}

/// The C compiler.
struct Clang {
    compiler: PathBuf,
    archiver: PathBuf,
}

impl Clang {
    /// The one the environment names, or the newest on the path.
    fn find() -> Result<Self> {
        let named = |variable: &str| std::env::var_os(variable).map(PathBuf::from);
        let on_path = |name: &str| {
            let versions = (15..=30).rev().map(|version| format!("{name}-{version}"));
            versions.chain([name.to_owned()]).map(PathBuf::from).find(|program| runs(program))
        };
        let compiler = named("CC_wasm32_unknown_unknown").or_else(|| on_path("clang"));
        let archiver = named("AR_wasm32_unknown_unknown").or_else(|| on_path("llvm-ar"));
        match (compiler, archiver) {
            (Some(compiler), Some(archiver)) => Ok(Clang { compiler, archiver }),
            _ => bail!("clang and llvm-ar are missing: apt-get install clang-19 llvm-19"),
        }
    }

    fn hand_to(&self, build: &mut Command) -> Result<()> {
        build.env("CC_wasm32_unknown_unknown", &self.compiler);
        build.env("AR_wasm32_unknown_unknown", &self.archiver);
        // No path of this machine ends up in the file.
        let maps = places()?;
        let mapped = |flag: &str| -> Vec<String> {
            let map = |(from, to): &(PathBuf, &str)| format!("{flag}={}={to}", from.display());
            maps.iter().map(map).collect()
        };
        build.env("CFLAGS_wasm32_unknown_unknown", mapped("-ffile-prefix-map").join(" "));
        build.env("CARGO_ENCODED_RUSTFLAGS", mapped("--remap-path-prefix").join("\x1f"));
        Ok(())
    }

    /// What is said in the file.
    fn label(&self, source: &str) -> Result<String> {
        let rustc = said(Command::new("rustc").arg("--version"))?;
        let clang = said(Command::new(&self.compiler).arg("--version"))?;
        Ok(format!("{source}\n{rustc}\n{clang}\n"))
    }
}

fn runs(program: &Path) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The first line that a program prints.
fn said(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().context("a compiler cannot be started")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// Where sources are on this machine, and what the file calls it.
fn places() -> Result<Vec<(PathBuf, &'static str)>> {
    let home = cargo_home()?;
    let mut places = vec![(project().to_owned(), "/flowhost"), (home.clone(), "/cargo")];
    // Each registry has a folder, whose name says where it is from.
    let registries = std::fs::read_dir(home.join("registry/src")).into_iter().flatten();
    places.extend(registries.flatten().map(|registry| (registry.path(), "/registry")));
    Ok(places)
}

fn cargo_home() -> Result<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    home.context("neither CARGO_HOME nor HOME is set")
}

/// A digest of all that the runtime is made from.
fn source() -> Result<String> {
    let mut digest = Sha256::new();
    let mut files = Vec::new();
    for source in SOURCES {
        collect(&project().join(source), &mut files)?;
    }
    collect(&project().join("guest-sdk/javascript/post-challenge/wit"), &mut files)?;
    for file in files {
        let name = file.strip_prefix(project()).unwrap_or(&file).to_string_lossy().into_owned();
        add(&mut digest, name.as_bytes());
        add(&mut digest, &std::fs::read(&file).with_context(|| file.display().to_string())?);
    }
    add(&mut digest, dependencies()?.as_bytes());
    add(&mut digest, profiles()?.as_bytes());
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn add(digest: &mut Sha256, bytes: &[u8]) {
    digest.update((bytes.len() as u64).to_le_bytes());
    digest.update(bytes);
}

/// The files of a folder and of those below, in the order of their names.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let entries = std::fs::read_dir(path).with_context(|| path.display().to_string())?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    paths.iter().try_for_each(|path| collect(path, files))
}

/// The crates it is made of, with their versions.
fn dependencies() -> Result<String> {
    let mut tree = cargo("guest-sdk", &["tree", "--locked", "--prefix", "none"]);
    tree.args(["--edges", "normal,build", "--package", PACKAGE, "--target", TARGET]);
    let output = tree.stderr(Stdio::inherit()).output().context("cargo tree")?;
    if !output.status.success() {
        bail!("cargo tree failed");
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // `name v1.2.3 (path, or a mark)`
    let crates = text.lines().map(|line| line.split(" (").next().unwrap_or(line).to_owned());
    let mut crates: Vec<String> = crates.filter(|line| !line.is_empty()).collect();
    crates.sort();
    crates.dedup();
    Ok(crates.join("\n"))
}

/// How it is compiled.
fn profiles() -> Result<String> {
    let manifest = std::fs::read_to_string(project().join("guest-sdk/Cargo.toml"))?;
    Ok(manifest.split("\n[profile.").skip(1).collect::<Vec<_>>().join("\n"))
}

/// Adds a custom section (WebAssembly core specification, §5.5.3).
fn append(module: &mut Vec<u8>, label: &str) {
    let mut content = leb(SECTION.len());
    content.extend(SECTION);
    content.extend(label.as_bytes());
    module.push(0);
    module.extend(leb(content.len()));
    module.extend(content);
}

/// What was added.
fn label(module: &[u8]) -> Option<String> {
    let start = module.windows(SECTION.len()).rposition(|window| window == SECTION)?;
    String::from_utf8(module[start + SECTION.len()..].to_vec()).ok()
}

/// An unsigned LEB128.
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_in_the_file_is_read_back() {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        append(&mut module, "source abc\nrustc\nclang\n");
        assert_eq!(label(&module).as_deref(), Some("source abc\nrustc\nclang\n"));
        assert_eq!(label(b"\0asm\x01\0\0\0"), None);
    }

    #[test]
    fn numbers_are_written_as_the_specification_says() {
        assert_eq!(leb(0), [0]);
        assert_eq!(leb(624_485), [0xe5, 0x8e, 0x26]);
    }
}
