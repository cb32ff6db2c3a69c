//! Actions in C and C++. They are compiled together with the kit, which is part of this
//! program: its folder is on the path for includes. In a folder all sources beside
//! `action.c` or `action.cpp` belong to the action, except for tests.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use flowhost::{Code, Component, Error, Result};
use tempfile::TempDir;

use super::tool::folder_of;
use super::zig_compiler::{MODULE, Versions, Zig, folder_around};
use super::{Language, Source, encode};

const C: &[&str] = &["c"];
const CPP: &[&str] = &["cpp", "cc", "cxx"];

pub(super) const LANGUAGE: Language = Language {
    name: "C and C++",
    extensions: &["c", "cpp", "cc", "cxx"],
    markers: &["action.c", "action.cpp", "action.cc", "action.cxx"],
    build,
};

/// What an action includes, and what it is linked with.
pub(in crate::cli) const KIT: [(&str, &str); 8] = [
    ("flowhost_shapes.h", include_str!("../../../kits/c/flowhost_shapes.h")),
    ("flowhost_contract.h", include_str!("../../../kits/c/flowhost_contract.h")),
    ("flowhost_action.h", include_str!("../../../kits/c/flowhost_action.h")),
    ("flowhost_action.hpp", include_str!("../../../kits/c/flowhost_action.hpp")),
    ("flowhost_action.c", include_str!("../../../kits/c/flowhost_action.c")),
    ("flowhost_text.c", include_str!("../../../kits/c/flowhost_text.c")),
    ("flowhost_json.c", include_str!("../../../kits/c/flowhost_json.c")),
    ("flowhost_wasi.c", include_str!("../../../kits/c/flowhost_wasi.c")),
];

/// The author's own flags, one in a line, as clangd reads them too.
const FLAGS: &str = "compile_flags.txt";

fn build(source: &Source<'_>) -> Result<Component> {
    let zig = Zig::find(Versions::Any)?;
    let folder = folder_around(&source.main);
    let into = folder_of(&KIT)?;
    let in_kit = |name: &str| into.path().join(name);
    let sources = match source.path.is_dir() {
        true => sources(folder)?,
        false => source.main.file_name().map(PathBuf::from).into_iter().collect(),
    };
    // A name that begins with a dash is no option.
    let sources = sources.iter().map(|name| Path::new(".").join(name));
    let (plus, mut c): (Vec<_>, Vec<_>) = sources.partition(|file| has_extension(file, CPP));
    c.extend(KIT.iter().map(|(name, _)| *name).filter(|name| name.ends_with(".c")).map(in_kit));
    let mut last = flags(folder)?;
    let driver = if plus.is_empty() {
        last.extend(c.into_iter().map(OsString::from));
        "cc"
    } else {
        // The standard of C++ is wrong for C, so each file in C goes by itself.
        let mut for_c = last.clone();
        for_c.retain(|flag| !flag.to_string_lossy().contains("++"));
        let objects = (0..c.len()).map(|number| in_kit(&format!("{number}.o")));
        let objects: Vec<PathBuf> = objects.collect();
        for (file, object) in c.into_iter().zip(&objects) {
            let mut alone = for_c.clone();
            alone.extend(["-c".into(), file.into()]);
            zig.run(folder, &into, arguments("cc", &into, object, alone))?;
        }
        last.splice(0..0, ["-std=c++20", "-fno-exceptions"].map(OsString::from));
        last.extend(plus.into_iter().chain(objects).map(OsString::from));
        "c++"
    };
    zig.run(folder, &into, arguments(driver, &into, &in_kit(MODULE), last))?;
    let component = encode::component(&into, "fh_result on_execute(void) { return fh_ok(); }");
    component.map(Component::Bytes).map_err(|error| error.in_file(&source.main))
}

fn arguments(
    driver: &str,
    kit: &TempDir,
    output: &Path,
    last: impl IntoIterator<Item = OsString>,
) -> Vec<OsString> {
    let mut arguments = vec![driver.into()];
    arguments.extend(FIXED.map(OsString::from));
    arguments.extend(["-I".into(), kit.path().into(), "-o".into(), output.into()]);
    arguments.extend(last);
    arguments
}

const FIXED: [&str; 7] = [
    "--target=wasm32-wasi",
    "-mexec-model=reactor",
    "-Os",
    // For the names of functions, which a trap shows; the rest is taken out again.
    "-g",
    "-Wall",
    "-Wextra",
    "-Wl,-z,stack-size=65536",
];

/// All sources in the folder but those of tests, in the order of their names.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable =
        |error| Error::new(Code::BuildFailed, format!("{}: {error}", folder.display()));
    let mut sources = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let name = PathBuf::from(entry.map_err(unreadable)?.file_name());
        let stem = name.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let stem = stem.unwrap_or_default();
        let test = stem.starts_with("test_") || stem.ends_with("_test") || stem == "test";
        if !test && (has_extension(&name, C) || has_extension(&name, CPP)) {
            sources.push(name);
        }
    }
    sources.sort();
    Ok(sources)
}

fn has_extension(file: &Path, extensions: &[&str]) -> bool {
    let extension = file.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| extensions.contains(&extension))
}

fn flags(folder: &Path) -> Result<Vec<OsString>> {
    let file = folder.join(FLAGS);
    if !file.is_file() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(&file).map_err(|error| {
        Error::new(Code::BuildFailed, format!("the file cannot be read: {error}")).in_file(&file)
    })?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(lines.map(OsString::from).collect())
}
