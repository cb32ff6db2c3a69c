//! [`npm`] and [`pip`]: programs of others that tests compare with, installed
//! below the target folder by whoever comes first, in the versions that the
//! tests name and never anything newer by itself.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::{home, ignored};

const INSTALLING: Duration = Duration::from_secs(180);
const TICK: Duration = Duration::from_millis(20);

/// A folder whose `node_modules` has these packages. None, and the test is
/// ignored, without node and npm.
pub fn npm(packages: &[&str]) -> Option<PathBuf> {
    if !has_npm(&packages.join(" and ")) {
        return None;
    }
    let folder = target().join("npm").join(packages.join("+"));
    std::fs::create_dir_all(&folder).expect("a folder");
    let _lock = lock(&folder);
    let installed = folder.join("installed");
    if !installed.exists() {
        let mut install = Command::new(npm_program());
        install.args(["install", "--no-save", "--no-package-lock", "--ignore-scripts"]);
        install.args(["--no-audit", "--no-fund", "--prefix"]).arg(&folder).args(packages);
        let (done, said) = bounded(&mut install, INSTALLING);
        assert!(done, "{packages:?} cannot be installed: {said}");
        std::fs::write(&installed, "").expect("a mark");
    }
    Some(folder)
}

/// Whether node and npm are there, to install what is wanted. Without them the
/// test is ignored.
pub fn has_npm(wanted: &str) -> bool {
    let has = |program| Command::new(program).arg("--version").output().is_ok();
    let both = has("node") && has(npm_program());
    if !both {
        ignored(&format!("npm is missing, to install {wanted}; `apt-get install nodejs npm`"));
    }
    both
}

/// The `bin` of a Python that has what `requirement` asks for: `NAME==VERSION`.
/// None, and the test is ignored, where pip cannot install it.
pub fn pip(requirement: &str) -> Option<PathBuf> {
    let folder = home().join(requirement.replace("==", "-"));
    std::fs::create_dir_all(home()).expect("a folder");
    let _lock = lock(&home());
    let installed = folder.join("installed");
    if installed.is_file() {
        return Some(folder.join("bin"));
    }
    let made = bounded(Command::new("python3").args(["-m", "venv"]).arg(&folder), INSTALLING).0
        && bounded(
            Command::new(folder.join("bin/pip"))
                .args(["install", "--quiet", "--disable-pip-version-check"])
                .args(["--retries=1", "--timeout=20", requirement]),
            INSTALLING,
        )
        .0;
    if !made {
        _ = std::fs::remove_dir_all(&folder);
        ignored(&format!(
            "no {requirement}; it needs python3 with venv (`apt-get install python3-venv`), and \
             pip must reach PyPI"
        ));
        return None;
    }
    std::fs::write(&installed, "").expect("a mark");
    Some(folder.join("bin"))
}

/// Runs a command, and ends it when it takes too long. Whether it succeeded,
/// and what it said.
pub fn bounded(command: &mut Command, limit: Duration) -> (bool, String) {
    // A file takes any amount; a pipe that nobody reads fills up.
    let output = tempfile::NamedTempFile::new().expect("a file");
    let into = || Stdio::from(output.reopen().expect("the file again"));
    command.stdin(Stdio::null()).stdout(into()).stderr(into());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return (false, format!("{command:?}: {error}")),
    };
    let mut waited = Duration::ZERO;
    let done = loop {
        match child.try_wait().expect("the command's status") {
            Some(status) => break status.success(),
            None if waited > limit => {
                child.kill().and_then(|()| child.wait().map(drop)).expect("ended");
                let said = std::fs::read_to_string(output.path()).unwrap_or_default();
                return (false, format!("{command:?} took longer than {limit:?}\n{said}"));
            }
            None => std::thread::sleep(TICK),
        }
        waited += TICK;
    };
    (done, std::fs::read_to_string(output.path()).expect("its output"))
}

/// Let go of when it is dropped, or when the process ends, however it ends.
pub fn lock(folder: &Path) -> File {
    let lock = File::create(folder.join("lock")).expect("a lock file");
    lock.lock().expect("the lock");
    lock
}

/// What npm is called here.
pub fn npm_program() -> &'static str {
    if cfg!(windows) { "npm.cmd" } else { "npm" }
}

/// …/target/debug/deps/suites-… → …/target
pub fn target() -> PathBuf {
    let here = std::env::current_exe().expect("this program");
    here.ancestors().nth(3).expect("the target folder").to_owned()
}
