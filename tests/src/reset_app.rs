//! [`ResetApp`]: the example `password_reset`, started with free ports, users
//! and a data folder of its own, and ended with the test.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use tempfile::TempDir;

use crate::{guest_workspace, home, nobody, project};

const STARTING: Duration = Duration::from_secs(120);
const TICK: Duration = Duration::from_millis(20);

/// What the verifier and the flow share.
pub const VERIFIER_KEY: &str = "a key that only tests use, 32 bytes and more";

const REDIRECTS: &str = include_str!("../../host/examples/embed/redirect.wat");

const FLOW: &str = r#"
name = "password-reset"
trigger = "post-challenge@1"
[[action]]
name = "a"
component = "redirects.wasm"
"#;

/// The app, running.
#[derive(Debug)]
pub struct ResetApp {
    child: Child,
    /// Where its pages are.
    pub origin: String,
    /// Where the verifier is.
    pub verifier: String,
    /// Who has a password.
    pub users: Vec<ResetUser>,
    lines: Arc<Mutex<Vec<String>>>,
    folder: TempDir,
}

/// A user, as `add-user` printed them.
#[derive(Debug, Clone)]
pub struct ResetUser {
    /// Their address.
    pub email: String,
    /// Their first password.
    pub password: String,
    /// The key of their authenticator, in base32.
    pub secret: String,
}

/// How the app is started.
#[derive(Debug, Clone)]
pub struct ResetSetup<'a> {
    /// `rust` or `javascript`: the example's flow. `none`: one that redirects
    /// to `https://verify.example.com/` and then completes, at once compiled.
    pub language: &'a str,
    /// How many users there are.
    pub users: usize,
    /// What is replaced in the flow file.
    pub flow: &'a [(&'a str, &'a str)],
    /// Further arguments.
    pub arguments: &'a [&'a str],
}

impl ResetApp {
    /// Starts it, and waits until it is ready.
    pub fn start(setup: &ResetSetup<'_>) -> Self {
        let folder = TempDir::new().expect("a folder");
        let (pages, verifier) = (nobody(), nobody());
        // Another name is another site: cookies are not sent from there.
        let (origin, other_site) =
            (format!("http://{pages}"), format!("http://localhost:{}", verifier.port()));
        let flow = flow(setup, folder.path(), &origin, &other_site);
        let users = (1..=setup.users).map(|number| add_user(folder.path(), number)).collect();
        let mut serve = command(folder.path(), "serve");
        serve.arg("--flow").arg(flow).args(setup.arguments);
        serve.args(["--listen", &pages.to_string(), "--verifier-listen", &verifier.to_string()]);
        let mut child = serve.stdout(Stdio::piped()).spawn().expect("the app");
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (kept, output) = (Arc::clone(&lines), child.stdout.take().expect("its output"));
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                kept.lock().expect("a lock").push(line);
            }
        });
        let verifier = other_site;
        let app = ResetApp { child, origin, verifier, users, lines, folder };
        app.wait_until_ready();
        app
    }

    /// What it printed so far.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().expect("a lock").clone()
    }

    /// Where it keeps its data.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What it says when it does not start with these arguments.
    pub fn refusal(arguments: &[&str]) -> String {
        let folder = TempDir::new().expect("a folder");
        let mut serve = command(folder.path(), "serve");
        let output = serve.args(["--flow", "none"]).args(arguments).output().expect("the app");
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8(output.stderr).expect("UTF-8")
    }

    fn wait_until_ready(&self) {
        let mut waited = Duration::ZERO;
        while !self.lines().iter().any(|line| line.starts_with("ready ")) {
            assert!(waited < STARTING, "the app is not ready: {:?}", self.lines());
            std::thread::sleep(TICK);
            waited += TICK;
        }
    }
}

impl Drop for ResetApp {
    fn drop(&mut self) {
        _ = self.child.kill().and_then(|()| self.child.wait());
    }
}

/// The example's flow file, for these ports.
fn flow(setup: &ResetSetup<'_>, folder: &Path, origin: &str, verifier: &str) -> PathBuf {
    let text = match setup.language {
        "none" => {
            let component = wat::parse_str(REDIRECTS).expect("a component");
            std::fs::write(folder.join("redirects.wasm"), component).expect("a component");
            FLOW.to_owned()
        }
        _ => example(setup, origin, verifier),
    };
    let changed = |text: String, (from, to): &(&str, &str)| text.replace(from, to);
    let text = setup.flow.iter().fold(text, changed);
    let file = folder.join("flow.toml");
    std::fs::write(&file, text).expect("a flow file");
    file
}

fn example(setup: &ResetSetup<'_>, origin: &str, verifier: &str) -> String {
    let flows = project().join("host/examples/password_reset/flows").join(setup.language);
    if setup.language == "rust" {
        build_actions();
    }
    let mut text = std::fs::read_to_string(flows.join("flow.toml")).expect("a flow file");
    let root = project().display().to_string();
    let source = format!("source = \"{}/", flows.display());
    let own = [
        ("http://127.0.0.1:8000", origin),
        ("http://localhost:8001", verifier),
        ("../../../../..", root.as_str()),
        ("source = \"", source.as_str()),
    ];
    for (from, to) in own {
        text = text.replace(from, to);
    }
    text
}

fn build_actions() {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let status = Command::new("cargo")
            .args(["build", "--quiet", "--release", "--target", "wasm32-wasip2"])
            .args(["-p", "redirect-verify", "-p", "result-url"])
            .current_dir(guest_workspace())
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .status();
        assert!(status.is_ok_and(|status| status.success()), "the actions cannot be built");
    });
}

fn add_user(folder: &Path, number: usize) -> ResetUser {
    let email = format!("ada{number}@example.com");
    let output = command(folder, "add-user").arg(&email).output().expect("the app");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let value = |name: &str| {
        let line = printed.lines().find_map(|line| line.strip_prefix(name));
        line.expect(name).trim().to_owned()
    };
    ResetUser { email, password: value("password"), secret: value("secret") }
}

fn command(folder: &Path, verb: &str) -> Command {
    let binary = format!("password-reset{}", std::env::consts::EXE_SUFFIX);
    let mut command = Command::new(home().with_file_name(binary));
    command.arg(verb).arg("--data").arg(folder.join("data"));
    command.env("VERIFIER_KEY", VERIFIER_KEY).env_remove("SMTP_URL").stdin(Stdio::null());
    command
}
