//! [`Cli`]: the `flowhost` command in a folder of its own, with its own store.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::{execute_only, project, scripted};

/// Keys for commands that must share some.
pub const KEYS: &str = "1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The command, and a folder to use it in.
#[derive(Debug)]
pub struct Cli {
    folder: TempDir,
    keys: Option<String>,
}

/// What a command printed.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; -1 when it was killed.
    pub exit: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Default for Cli {
    fn default() -> Self {
        Cli::new()
    }
}

impl Cli {
    /// A folder that holds the test guests: `scripted.wasm` and
    /// `execute_only.wasm`.
    pub fn new() -> Self {
        let cli = Cli { folder: TempDir::new().expect("a folder"), keys: None };
        cli.write("scripted.wasm", scripted());
        cli.write("execute_only.wasm", execute_only());
        cli.write("event.json", crate::event().to_string());
        cli
    }

    /// The same, with these keys in its environment instead of those that are
    /// made for its user.
    pub fn with_keys(keys: &str) -> Self {
        Cli { keys: Some(keys.to_owned()), ..Cli::new() }
    }

    /// The command itself.
    pub fn program() -> &'static Path {
        binary()
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into the folder.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    }

    /// The command, ready for arguments: in the folder, with its store.
    pub fn command(&self) -> Command {
        let mut command = Command::new(binary());
        command
            .current_dir(self.path())
            .env("FLOWHOST_STORE", "sqlite:flows.db")
            .env("NO_COLOR", "1")
            // What is compiled once serves all tests, and no user's folders.
            .env("XDG_CACHE_HOME", home().join("cache"))
            .env("XDG_DATA_HOME", home().join("data"))
            .env_remove("FLOWHOST_CACHE")
            .env_remove("FLOWHOST_KEYS_FILE")
            .env_remove("FLOWHOST_KEYS")
            .env_remove("CLICOLOR_FORCE")
            .envs(self.keys.as_ref().map(|keys| ("FLOWHOST_KEYS", keys)));
        command
    }

    /// Runs the command.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command().args(arguments).output().expect("the command");
        Ran {
            exit: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

impl Ran {
    /// The one JSON object on standard output.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_str(&self.stdout) {
            Ok(value) => value,
            Err(error) => panic!("{error} in {self:#?}"),
        }
    }

    /// Asserts the exit code.
    #[track_caller]
    pub fn exits(self, exit: i32) -> Self {
        assert_eq!(self.exit, exit, "{self:#?}");
        self
    }
}

/// Stands for a user's home, in the target folder.
pub fn home() -> PathBuf {
    binary().with_file_name("test-home")
}

/// The command, built when a suite first asks for it.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--quiet", "--workspace", "--bins"]).current_dir(project());
        // Of the cargo that runs the tests: build scripts would see it, and
        // half of the workspace would be built again, now and the next time.
        for (name, _) in std::env::vars_os() {
            let outer = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
            if outer.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
                cargo.env_remove(&name);
            }
        }
        let status = cargo.status();
        assert!(status.is_ok_and(|status| status.success()), "the command cannot be built");
        // …/target/debug/deps/suites-… → …/target/debug/flowhost
        let here = std::env::current_exe().expect("this program");
        let folder = here.parent().and_then(Path::parent).expect("the target folder");
        folder.join(format!("flowhost{}", std::env::consts::EXE_SUFFIX))
    })
}
