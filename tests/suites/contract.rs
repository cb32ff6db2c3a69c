//! The contract as others get it: one file that holds the package, components of
//! each released version that must run for ever, and components that keep to another
//! contract, or to none, which are told what to do.

use std::path::PathBuf;

use flowhost::Digest;
use flowhost_tests::{Cli, project};
use wit_component::{DecodedWasm, WitPrinter};
use wit_parser::{PackageId, Resolve};

const UPDATE: &str = "UPDATE=1 cargo xtask test contract";

// The package.

#[test]
fn the_package_in_one_file_is_the_one_in_its_folder() {
    let folders = versions();
    assert!(!folders.is_empty());
    for folder in folders {
        let mut resolve = Resolve::new();
        let (package, _) = resolve.push_dir(&folder).expect("a WIT package");
        let mut file = folder.clone().into_os_string();
        file.push(".wasm");
        let file = PathBuf::from(file);
        if std::env::var_os("UPDATE").is_some() && !file.exists() {
            let encoded = wit_component::encode(&resolve, package).expect("encoded");
            std::fs::write(&file, encoded).expect("written");
        }
        let bytes = std::fs::read(&file);
        let bytes = bytes.unwrap_or_else(|_| panic!("{} is missing: {UPDATE}", file.display()));
        let decoded = wit_component::decode(&bytes).expect("a package");
        let DecodedWasm::WitPackage(found, found_package) = decoded else {
            panic!("{} holds no package", file.display())
        };
        let (expected, found) = (printed(&resolve, package), printed(&found, found_package));
        assert_eq!(expected, found, "{}", file.display());
        assert!(found.contains("send-user-to: func("), "{found}");
    }
}

/// The folders of the contract's versions.
fn versions() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(project().join("wit")).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.is_dir()).collect()
}

fn printed(resolve: &Resolve, package: PackageId) -> String {
    let mut printer = WitPrinter::default();
    printer.print(resolve, package, &[]).expect("text");
    printer.output.to_string()
}

// Components of released versions.

#[test]
fn components_of_every_released_version_still_conform() {
    let folder = project().join("tests/golden");
    let list = std::fs::read_to_string(folder.join("golden.txt")).expect("a list");
    let golden: Vec<(&str, &str)> = list.lines().filter_map(|line| line.split_once("  ")).collect();
    assert!(!golden.is_empty());
    let cli = Cli::new();
    for (digest, name) in &golden {
        let bytes = std::fs::read(folder.join(name)).expect("a component");
        assert_eq!(Digest::of(&bytes).to_string(), *digest, "{name} never changes");
        let file = cli.write("golden.wasm", &bytes);
        let version = name.trim_end_matches(".wasm").rsplit_once('@').expect("a version").1;
        let said = cli.run(&["inspect", "golden.wasm", "--json"]).exits(0).json();
        assert_eq!(said["api_version"], version, "{name}");
        cli.run(&["conformance", &file.display().to_string()]).exits(0);
    }
    // A folder of a released version without a component would prove nothing.
    for version in versions() {
        let name = version.file_name().expect("a name").to_string_lossy().into_owned() + ".wasm";
        assert!(golden.iter().any(|(_, golden)| *golden == name), "no {name} in tests/golden");
    }
}

// Components of others.

/// What an author built, who wrote it in which language, and what they are told.
#[test]
fn what_is_built_for_something_else_is_told_what_to_do() {
    const CORE: &str = "(module)";
    const WASIP1: &str = r#"(module (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32))))"#;
    const OTHER_WORLD: &str = r#"(component
        (component $none) (instance $i (instantiate $none))
        (export "wasi:cli/run@0.2.0" (instance $i)))"#;
    const NEXT_MINOR: &str =
        r#"(component (import "flowhost:post-challenge/event@1.1.0" (instance)))"#;
    const NEXT_MAJOR: &str =
        r#"(component (import "flowhost:post-challenge/event@2.0.0" (instance)))"#;
    const FILES: &str = r#"(component (import "wasi:filesystem/types@0.2.6" (instance)))"#;
    const OTHER: &str = r#"(component (import "example:other/thing@1.0.0" (instance)))"#;
    let table: &[(&str, &[&str], &str, &[&str])] = &[
        (CORE, &[], "not_a_component", &["core WebAssembly module", "`flowhost build`"]),
        (CORE, &["Rust", "C11"], "not_a_component", &["this is Rust", "wasm32-wasip2"]),
        (WASIP1, &["Rust"], "not_a_component", &["wasip1", "wasm32-wasip2"]),
        (
            WASIP1,
            &["C11", "clang"],
            "not_a_component",
            &["wasip1", "this is C or C++", "flowhost build FOLDER"],
        ),
        (
            WASIP1,
            &["Go", "Go cmd/compile"],
            "not_a_component",
            &["wasip1", "this is Go", "flowhost build FOLDER"],
        ),
        (WASIP1, &[], "not_a_component", &["wasip1", "wasm-tools component new"]),
        (
            OTHER_WORLD,
            &[],
            "component_wrong_world",
            &["it exports wasi:cli/run@0.2.0", "flowhost:post-challenge/action"],
        ),
        (
            OTHER_WORLD,
            &["wit-bindgen-rust", "Rust"],
            "component_wrong_world",
            &["flowhost_action::export!"],
        ),
        (
            OTHER_WORLD,
            &["C_plus_plus_17", "clang"],
            "component_wrong_world",
            &["on_execute", "flowhost_action.h"],
        ),
        (OTHER_WORLD, &["Go"], "component_wrong_world", &["flowhost.Export"]),
        (OTHER_WORLD, &["componentize-py"], "component_wrong_world", &["on_execute", "action.py"]),
        (
            OTHER_WORLD,
            &["ComponentizeJS", "JavaScript"],
            "component_wrong_world",
            &["onExecutePostChallenge"],
        ),
        (NEXT_MINOR, &[], "component_api_too_new", &["1.1.0", "version 1.0", "update flowhost"]),
        (NEXT_MAJOR, &["wit-bindgen-rust"], "component_api_too_new", &["2.0.0", "flowhost-action"]),
        (NEXT_MINOR, &["C11"], "component_api_too_new", &["1.1.0", "flowhost build"]),
        (FILES, &[], "component_import_refused", &["wasi:filesystem/types@0.2.6", "not granted"]),
        (
            FILES,
            &["wit-bindgen-rust"],
            "component_import_refused",
            &["wasi:filesystem/types@0.2.6", "std::fs"],
        ),
        (FILES, &["C11"], "component_import_refused", &["fopen"]),
        (FILES, &["Go"], "component_import_refused", &["flowhost build"]),
        (FILES, &["componentize-py"], "component_import_refused", &["Python", "flowhost build"]),
        (FILES, &["SpiderMonkey"], "component_import_refused", &["--disable all"]),
        (
            OTHER,
            &[],
            "component_import_refused",
            &["example:other/thing@1.0.0", "unknown to flowhost"],
        ),
    ];
    let cli = Cli::new();
    for (text, producers, code, said) in table {
        let mut bytes = wat::parse_str(text).expect("WebAssembly");
        bytes.extend(section(producers));
        cli.write("theirs.wasm", &bytes);
        for verb in [["check", "theirs.wasm", "--json"], ["conformance", "theirs.wasm", "--json"]] {
            let error = cli.run(&verb).exits(2).json()["error"].to_string();
            assert!(
                error.contains(&format!("\"code\":\"{code}\"")),
                "{verb:?} {producers:?} {error}"
            );
            for said in *said {
                assert!(error.contains(said), "{verb:?} {producers:?}: no `{said}` in {error}");
            }
        }
    }
}

#[test]
fn a_component_tells_its_language() {
    let cli = Cli::new();
    let said = cli.run(&["inspect", "scripted.wasm", "--json"]).exits(0).json();
    assert_eq!(said["language"], "Rust");
    let text = cli.run(&["inspect", "scripted.wasm"]).exits(0).stdout;
    assert!(text.contains("  language  Rust\n"), "{text}");
    // A mark that is broken tells nothing, and breaks nothing.
    let mut bytes = wat::parse_str("(component)").expect("WebAssembly");
    bytes.extend([0, 12, 9]);
    bytes.extend(*b"producers");
    bytes.extend([0xff, 0xff]);
    cli.write("broken.wasm", &bytes);
    let said = cli.run(&["inspect", "broken.wasm", "--json"]).exits(0).json();
    assert!(said["language"].is_null(), "{said}");
}

/// A `producers` section that says these are languages.
fn section(languages: &[&str]) -> Vec<u8> {
    if languages.is_empty() {
        return Vec::new();
    }
    let text = |text: &str| [&[text.len() as u8], text.as_bytes()].concat();
    let mut payload = text("producers");
    payload.push(1);
    payload.extend(text("language"));
    payload.push(languages.len() as u8);
    for language in languages {
        payload.extend(text(language));
        payload.extend(text("1"));
    }
    [&[0, payload.len() as u8], payload.as_slice()].concat()
}
