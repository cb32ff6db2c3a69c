//! C, C++ and Zig: a file, its tests, and the kit beside them, which editors and tests
//! find there. The build uses the one that is part of the command.

use flowhost::Result;

use super::{File, Kit, files};
use crate::cli::build::{c, zig};

/// The folder of the kit.
pub(super) const FOLDER: &str = "flowhost";

const ZIG_ALONE: &str = "zig: pip install ziglang==0.17.1";

/// The tests are run by a Makefile.
const NEEDS: &str = "zig: pip install ziglang==0.17.1; make";

const MORE: &str = "\nThe kit is in `flowhost`, in the version of the flowhost that made this \
                    folder. The first build and the first\ntest compile the library of the \
                    language, too: a minute or two.\n";

/// Where clangd finds the kit, too.
const FLAGS: File = ("compile_flags.txt", "-Iflowhost\n-Wall\n-Wextra\n");

pub(super) const C: Kit = Kit {
    name: "c",
    source: ".",
    needs: NEEDS,
    test: "make test",
    more: MORE,
    shared: &[FLAGS, ("Makefile", include_str!("templates/c/Makefile"))],
    mfa: files!("c/mfa": "action.c", "test_action.c"),
    redirect: files!("c/redirect": "action.c", "test_action.c"),
    deny: files!("c/deny": "action.c", "test_action.c"),
    form: files!("c/form": "action.c", "test_action.c"),
    made: c_kit,
};

pub(super) const CPP: Kit = Kit {
    name: "cpp",
    source: ".",
    needs: NEEDS,
    test: "make test",
    more: MORE,
    shared: &[FLAGS, ("Makefile", include_str!("templates/cpp/Makefile"))],
    mfa: files!("cpp/mfa": "action.cpp", "test_action.cpp"),
    redirect: files!("cpp/redirect": "action.cpp", "test_action.cpp"),
    deny: files!("cpp/deny": "action.cpp", "test_action.cpp"),
    form: files!("cpp/form": "action.cpp", "test_action.cpp"),
    made: c_kit,
};

pub(super) const ZIG: Kit = Kit {
    name: "zig",
    source: ".",
    needs: ZIG_ALONE,
    test: "python3 -m ziglang test --dep flowhost -Mroot=action.zig -Mflowhost=flowhost/flowhost.zig",
    more: MORE,
    shared: &[],
    mfa: files!("zig/mfa": "action.zig"),
    redirect: files!("zig/redirect": "action.zig"),
    deny: files!("zig/deny": "action.zig"),
    form: files!("zig/form": "action.zig"),
    made: zig_kit,
};

/// Stands for the host in tests, so that no build needs it.
const TESTING: File = ("flowhost_testing.h", include_str!("../../../kits/c/flowhost_testing.h"));

fn c_kit() -> Result<Vec<(String, String)>> {
    Ok(c::KIT.iter().chain([&TESTING]).map(in_folder).collect())
}

fn zig_kit() -> Result<Vec<(String, String)>> {
    Ok(zig::KIT.iter().map(in_folder).collect())
}

fn in_folder((name, text): &File) -> (String, String) {
    (format!("{FOLDER}/{name}"), (*text).to_owned())
}
