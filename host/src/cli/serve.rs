//! `flowhost serve`: puts together what a server needs from arguments, files
//! and the environment, and runs it.

use std::path::Path;
use std::sync::Arc;

use flowhost::{Code, Engine, Error, FlowSpec, Result, SCHEMA_VERSION, Secret};
use serde_json::json;
use url::Url;

use super::args::Serve;
use super::progress::Progress;
use super::{build, print_out, store};
use crate::server::{self, ApiKeys, ReadFlow, Settings, Started, Telemetry};

/// The exit code when runs had to be given up.
const UNFINISHED: u8 = 3;

/// Serves until the process is told to stop; the exit code.
pub(super) fn serve(args: Serve) -> Result<u8> {
    let settings = Settings {
        listen: args.listen,
        admin_listen: args.admin_listen,
        public_url: args.public_url.as_deref().map(public_url).transpose()?,
        trust_proxy: args.trust_proxy,
        api_keys: api_keys(args.api_keys.as_deref())?,
        grace: args.grace,
        max_connections: args.max_connections,
        files: args.flows,
        store_may_come: is_elsewhere(args.store.url.as_deref()),
    };
    let engine = store::engine(&args.store)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::new(Code::Internal, error.to_string()))?;
    let as_json = args.json._json;
    let read = reader(engine.clone());
    let finished = runtime.block_on(async {
        let telemetry = Telemetry::start(args.log)?;
        let served = server::serve(settings, engine, read, |started| say(started, as_json)).await;
        // It sends from a thread of its own, on this runtime.
        _ = tokio::task::spawn_blocking(|| telemetry.close()).await;
        served
    });
    runtime.shutdown_background();
    Ok(if finished? { 0 } else { UNFINISHED })
}

/// Whether a store is a server's, which may be there later. A file is here, or
/// is not.
fn is_elsewhere(store: Option<&str>) -> bool {
    store.is_some_and(|url| url.starts_with("postgres"))
}

/// Reads a flow file and builds what it names as source.
fn reader(engine: Engine) -> Arc<ReadFlow> {
    Arc::new(move |path: &Path| {
        let mut spec = FlowSpec::from_file(path)?;
        build::build_sources(&mut spec, &engine, &Progress::new(true))?;
        Ok(spec)
    })
}

/// One line, when it can be reached.
fn say(started: &Started, as_json: bool) {
    let Started { listen, admin_listen, public_url, flows } = started;
    match as_json {
        true => {
            let line = json!({
                "schema_version": SCHEMA_VERSION,
                "listen": listen.to_string(),
                "admin_listen": admin_listen.map(|address| address.to_string()),
                "public_url": public_url.as_str(),
                "flows": flows,
            });
            print_out(&format!("{line}\n"));
        }
        false => {
            let flows = flows.join(", ");
            print_out(&format!("flowhost serves {flows} on http://{listen} as {public_url}\n"));
        }
    }
}

/// The keys of the API: from a file, or else from the environment, and from
/// nowhere else: arguments are seen by everybody on the machine.
fn api_keys(file: Option<&Path>) -> Result<ApiKeys> {
    match file {
        Some(file) => {
            let text = std::fs::read_to_string(file).map(Secret::new).map_err(|error| {
                let message = format!("the API keys cannot be read: {error}");
                Error::new(Code::FileUnreadable, message).in_file(file)
            })?;
            ApiKeys::parse(text.expose()).map_err(|error| error.in_file(file))
        }
        None => match std::env::var("FLOWHOST_API_KEYS") {
            Ok(text) => ApiKeys::parse(Secret::new(text).expose()),
            Err(_) => Err(Error::new(Code::Usage, "there is no API key: who may start flows?")
                .with_hint("--api-keys FILE, or FLOWHOST_API_KEYS: openssl rand -hex 32")),
        },
    }
}

/// Where browsers reach the server: https, or http on this machine.
fn public_url(text: &str) -> Result<Url> {
    let loopback = |url: &Url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let fits = |url: &Url| {
        let bare = url.username().is_empty() && url.password().is_none();
        let rest = url.query().is_none() && url.fragment().is_none();
        bare && rest && (url.scheme() == "https" || (url.scheme() == "http" && loopback(url)))
    };
    // With a slash at its end, so that paths can be put after it.
    let url = Url::parse(&format!("{}/", text.trim_end_matches('/'))).ok().filter(fits);
    url.ok_or_else(|| {
        Error::new(Code::Usage, "the public address must be https, or http to this machine")
            .with_hint("--public-url https://reset.example.com")
    })
}
