//! Actions in Zig: one file, and those that it imports. The kit is the root of the
//! program and exports the handlers that the file has.

use std::ffi::OsString;
use std::path::Path;

use flowhost::{Component, Result};

use super::tool::folder_of;
use super::zig_compiler::{MODULE, Versions, Zig, folder_around};
use super::{Language, Source, encode};

pub(super) const LANGUAGE: Language =
    Language { name: "Zig", extensions: &["zig"], markers: &["action.zig"], build };

pub(in crate::cli) const KIT: [(&str, &str); 7] = [
    ("contract.zig", include_str!("../../../kits/zig/contract.zig")),
    ("flowhost.zig", include_str!("../../../kits/zig/flowhost.zig")),
    ("text.zig", include_str!("../../../kits/zig/text.zig")),
    ("abi.zig", include_str!("../../../kits/zig/abi.zig")),
    ("component.zig", include_str!("../../../kits/zig/component.zig")),
    ("root.zig", include_str!("../../../kits/zig/root.zig")),
    ("testing.zig", include_str!("../../../kits/zig/testing.zig")),
];

/// What goes wrong in an action traps, so the build is a safe one.
const FIXED: [&str; 8] = [
    "build-exe",
    "-target",
    "wasm32-freestanding",
    "-OReleaseSafe",
    "-fno-entry",
    "-rdynamic",
    "--stack",
    "65536",
];

fn build(source: &Source<'_>) -> Result<Component> {
    let zig = Zig::find(Versions::Pinned)?;
    let folder = folder_around(&source.main);
    let name = source.main.file_name().unwrap_or_default();
    let into = folder_of(&KIT)?;
    let with = |option: &str, path: &Path| {
        let mut word = OsString::from(option);
        word.push(path);
        word
    };
    let mut arguments: Vec<OsString> = FIXED.map(OsString::from).to_vec();
    arguments.push(with("-femit-bin=", &into.path().join(MODULE)));
    arguments.extend(["--dep", "action", "--dep", "flowhost"].map(OsString::from));
    arguments.push(with("-Mroot=", &into.path().join("root.zig")));
    arguments.extend(["--dep", "flowhost"].map(OsString::from));
    arguments.push(with("-Maction=", Path::new(name)));
    arguments.push(with("-Mflowhost=", &into.path().join("flowhost.zig")));
    zig.run(folder, &into, arguments)?;
    let component = encode::component(&into, "pub fn onExecute() !void {}");
    component.map(Component::Bytes).map_err(|error| error.in_file(&source.main))
}
