//! The arguments as typed. Parsing them does no I/O.

mod author;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use flowhost::{FactorType, Secret};

use crate::server::LogFormat;
pub(super) use author::{Build, Check, Conformance, Inspect, New, Template, View};

/// 32 bytes in base64url.
const STATE_LENGTH: usize = 43;

const EXIT_CODES: &str = "\
Exit codes:
   0  completed: the password may be set (for other commands: all is well)
  10  denied by an action
  11  suspended: challenge the user
  12  suspended: redirect the user or show a prompt
  20  failed: no password may be set
  21  resume refused: the state is unknown, was used or has expired
   2  usage, flow file, source, component or event
   3  environment: store, toolchain, capacity
  70  a fault in flowhost

Every error has a code: `flowhost explain CODE`.";

/// Runs identity-flow hooks as sandboxed WebAssembly.
#[derive(Debug, Parser)]
#[command(name = "flowhost", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(super) struct Args {
    /// Colours in the output.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,

    #[command(subcommand)]
    pub(super) verb: Verb,
}

/// When to use colours; `auto` honours NO_COLOR and CLICOLOR_FORCE.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    pub(super) fn write_global(self) {
        let choice = match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Start a flow with an event
    Run(Run),
    /// Go on with a suspended flow
    Resume(Resume),
    /// Serve flows to browsers and backends over HTTP
    Serve(Serve),
    /// Make a folder with an action to begin with
    New(New),
    /// Build an action from source and check it
    Build(Build),
    /// Check a flow file or a component without running it
    Check(Check),
    /// Show what a component imports, exports and was made for
    Inspect(Inspect),
    /// Play the scenarios of the contract with conformance actions
    Conformance(Conformance),
    /// Make and rotate the keys that seal suspended flows
    Keys(Keys),
    /// Explain an error code
    Explain(Explain),
    /// Sign a session token as the site does that a user was sent to
    Token(Token),
}

#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Run {
    /// The flow file
    #[arg(value_name = "FLOW.toml")]
    pub(super) flow: PathBuf,

    /// The event, a JSON file
    #[arg(short, long, value_name = "EVENT.json")]
    pub(super) event: PathBuf,

    #[command(flatten)]
    pub(super) store: StoreUrl,

    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Resume {
    /// The state that the suspended flow answered with
    pub(super) state: String,

    /// A query parameter the user came back with
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub(super) query: Vec<(String, String)>,

    /// A form field the user came back with; makes the request a POST
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub(super) body: Vec<(String, String)>,

    /// The factor the user met the challenge with; several for challenges that
    /// follow each other
    #[arg(long, value_name = "FACTOR", value_parser = factor, conflicts_with_all = ["query", "body"])]
    pub(super) passed: Vec<FactorType>,

    /// The user as they are now, a JSON file holding `event.user`
    #[arg(long, value_name = "FILE")]
    pub(super) event_user: Option<PathBuf>,

    /// The flow file, if it is not where it was when the flow started
    #[arg(long, value_name = "FLOW.toml")]
    pub(super) flow: Option<PathBuf>,

    #[command(flatten)]
    pub(super) store: StoreUrl,

    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Serve {
    /// The flow files
    #[arg(value_name = "FLOW.toml", required = true)]
    pub(super) flows: Vec<PathBuf>,

    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub(super) listen: SocketAddr,

    /// Where to answer about itself: health and metrics, without a key. By
    /// default where it listens, the metrics with a key
    #[arg(long, value_name = "ADDRESS")]
    pub(super) admin_listen: Option<SocketAddr>,

    /// Where browsers reach it: https, or http to this machine. By default
    /// where it listens
    #[arg(long, value_name = "URL", env = "FLOWHOST_PUBLIC_URL")]
    pub(super) public_url: Option<String>,

    /// A file with the keys of the API, one in each line; otherwise they are
    /// in FLOWHOST_API_KEYS
    #[arg(long, value_name = "FILE", env = "FLOWHOST_API_KEYS_FILE")]
    pub(super) api_keys: Option<PathBuf>,

    /// Take the user's address from the last entry of X-Forwarded-For
    #[arg(long)]
    pub(super) trust_proxy: bool,

    /// How long runs may take to finish when told to stop
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = humantime::parse_duration)]
    pub(super) grace: Duration,

    /// How many connections to hold at once
    #[arg(long, value_name = "N", default_value_t = 1024, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1_000_000))]
    pub(super) max_connections: usize,

    /// How to write the log, on standard error
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    pub(super) log: LogFormat,

    #[command(flatten)]
    pub(super) store: StoreUrl,

    #[command(flatten)]
    pub(super) json: Json,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Explain {
    /// The code, such as `out_of_fuel`; all codes when left out
    pub(super) code: Option<String>,

    #[command(flatten)]
    pub(super) json: Json,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Token {
    /// A file with the secret that both sides share
    #[arg(long, value_name = "FILE")]
    pub(super) secret_file: PathBuf,

    /// The state the user brought along
    #[arg(long, allow_hyphen_values = true)]
    pub(super) state: String,

    /// The user's id
    #[arg(long)]
    pub(super) sub: String,

    /// Who signs
    #[arg(long, default_value = "verify.example.com")]
    pub(super) iss: String,

    /// Seconds until it expires
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(super) expires_in: i64,

    /// A further claim; the value is JSON, or else a string
    #[arg(long = "claim", value_name = "NAME=VALUE", value_parser = pair)]
    pub(super) claims: Vec<(String, String)>,

    #[command(flatten)]
    pub(super) json: Json,
}

#[derive(Debug, ClapArgs)]
pub(super) struct StoreUrl {
    /// Where suspended flows wait: `sqlite:PATH`, `postgres://…`, or `memory:`
    /// for this run only. By default a file in your data folder
    #[arg(long = "store", value_name = "URL", env = "FLOWHOST_STORE", hide_env_values = true)]
    pub(super) url: Option<String>,

    #[command(flatten)]
    pub(super) keys: KeySource,
}

#[derive(Debug, ClapArgs)]
pub(super) struct KeySource {
    /// The file with the keys that seal suspended flows; FLOWHOST_KEYS may hold
    /// the keys themselves instead. By default a file in your data folder, made
    /// when there is none; required with PostgreSQL
    #[arg(long = "keys", value_name = "FILE", env = "FLOWHOST_KEYS_FILE")]
    pub(super) file: Option<PathBuf>,

    /// The keys themselves, from the environment only
    #[arg(skip = std::env::var("FLOWHOST_KEYS").ok().map(Secret::new))]
    pub(super) text: Option<Secret>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Keys {
    #[command(subcommand)]
    pub(super) verb: KeysVerb,
}

#[derive(Debug, Subcommand)]
pub(super) enum KeysVerb {
    /// Make a key file
    New(KeysNew),
    /// Add a key to a key file: it seals from now on, the others still open
    Rotate(KeysRotate),
}

#[derive(Debug, ClapArgs)]
pub(super) struct KeysNew {
    /// The file to make. By default the one in your data folder
    #[arg(value_name = "FILE", env = "FLOWHOST_KEYS_FILE")]
    pub(super) file: Option<PathBuf>,

    #[command(flatten)]
    pub(super) json: Json,
}

#[derive(Debug, ClapArgs)]
pub(super) struct KeysRotate {
    /// The key file. By default the one in your data folder
    #[arg(value_name = "FILE", env = "FLOWHOST_KEYS_FILE")]
    pub(super) file: Option<PathBuf>,

    /// Keep only this many keys: what older ones sealed is lost
    #[arg(long, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    pub(super) keep: Option<usize>,

    #[command(flatten)]
    pub(super) json: Json,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Output {
    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,

    /// Leave out the next steps and progress
    #[arg(short, long)]
    pub(super) quiet: bool,
}

/// Seen by [`super::main`] before parsing, so that a usage error is JSON too.
#[derive(Debug, ClapArgs)]
pub(super) struct Json {
    /// Print one JSON object
    #[arg(long = "json")]
    pub(super) _json: bool,
}

/// A state may begin with a hyphen: puts it where it cannot be taken for a
/// flag.
pub(super) fn state_last(mut typed: Vec<OsString>) -> Vec<OsString> {
    let is_state = |argument: &OsString| {
        let text = argument.to_string_lossy();
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        text.len() == STATE_LENGTH && text.starts_with('-') && text.chars().all(fits)
    };
    let resumes = typed.iter().any(|argument| argument == "resume");
    let state = typed.iter().position(is_state).filter(|_| resumes);
    if let Some(position) = state {
        let state = typed.remove(position);
        typed.extend([OsString::from("--"), state]);
    }
    typed
}

fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = pair.ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn factor(text: &str) -> Result<FactorType, String> {
    FactorType::from_name(text).ok_or_else(|| {
        let known = FactorType::ALL.map(FactorType::as_str).join(", ");
        format!("known factors: {known}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(line: &str) -> Vec<OsString> {
        state_last(line.split(' ').map(OsString::from).collect())
    }

    #[test]
    fn a_state_that_looks_like_flags_is_a_state() {
        let state = format!("-qh{}", "x".repeat(40));
        let args = Args::try_parse_from(typed(&format!("flowhost resume {state} --query a=b")));
        let Ok(Args { verb: Verb::Resume(resume), .. }) = args else { panic!("not parsed") };
        assert_eq!(resume.state, state);
        assert_eq!(resume.query, [("a".to_owned(), "b".to_owned())]);
    }
}
