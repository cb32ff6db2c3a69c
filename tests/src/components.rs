//! Guests, built from source when a suite first asks for one. Cargo decides
//! whether anything changed, so no stale component is ever tested.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The root of the project.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// The workspace that guests are compiled in.
pub fn guest_workspace() -> PathBuf {
    project().join("guest-sdk")
}

/// The folder of an example action.
pub fn example_folder(name: &str) -> PathBuf {
    project().join("example-actions").join(name)
}

/// The guest that does what its configuration says.
pub fn scripted() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| built("scripted_guest"))
}

/// A guest without a continue export.
pub fn execute_only() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| built("execute_only_guest"))
}

/// A guest that sends the requests its configuration lists.
pub fn outbound() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| built("outbound_guest"))
}

fn built(name: &str) -> Vec<u8> {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let status = Command::new("cargo")
            .args(["build", "--quiet", "--release", "--target", "wasm32-wasip2"])
            .args(["-p", "scripted-guest", "-p", "execute-only-guest", "-p", "outbound-guest"])
            .current_dir(guest_workspace())
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .status();
        let built = status.is_ok_and(|status| status.success());
        assert!(built, "the guests cannot be built: `cargo xtask toolchain` adds what is missing");
    });
    let file = guest_workspace().join(format!("target/wasm32-wasip2/release/{name}.wasm"));
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
