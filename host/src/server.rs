//! `flowhost serve`: how a browser and a backend reach an engine over HTTP.
//! The backend starts flows and reads what came of them, with a key; the
//! browser brings what resumes them, and is told nothing but where to go.
//!
//! Keeps no state of its own: whatever a flow needs is in the engine's store,
//! so that any number of servers may share one.

mod api;
mod api_keys;
mod body;
mod browser;
mod flows;
mod guard;
mod health;
mod listener;
mod metrics;
mod openapi;
mod parameters;
mod problem;
mod runs;
mod stalled;
mod telemetry;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use flowhost::{Code, Engine, Error, Result};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::time::MissedTickBehavior;
use url::Url;

pub(crate) use api_keys::ApiKeys;
use flows::Flows;
pub(crate) use flows::ReadFlow;
use listener::Listening;
use metrics::Metrics;
use runs::Runs;
pub(crate) use telemetry::{LogFormat, Telemetry};

/// How often what nobody needs is forgotten.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// How often the flow files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What a server is started with.
pub(crate) struct Settings {
    /// Where it listens.
    pub(crate) listen: SocketAddr,
    /// Where it answers about itself, if not there.
    pub(crate) admin_listen: Option<SocketAddr>,
    /// Where browsers reach it; by default where it listens.
    pub(crate) public_url: Option<Url>,
    /// Whether whoever connects is a proxy that says for whom.
    pub(crate) trust_proxy: bool,
    /// The keys of the API.
    pub(crate) api_keys: ApiKeys,
    /// How long runs may take to finish once it is told to stop.
    pub(crate) grace: Duration,
    /// How many connections it holds at once.
    pub(crate) max_connections: usize,
    /// The flow files.
    pub(crate) files: Vec<PathBuf>,
    /// Whether the store is somewhere else, and may be there later.
    pub(crate) store_may_come: bool,
}

/// What all requests share.
struct Site {
    engine: Engine,
    flows: Flows,
    runs: Runs,
    metrics: Arc<Metrics>,
    keys: ApiKeys,
    /// Ends with a slash.
    public_url: Url,
    trust_proxy: bool,
    has_admin: bool,
    stopping: AtomicBool,
    /// Asks for all files to be read again.
    read_again: Notify,
}

/// What a server says once it can be reached.
pub(crate) struct Started {
    /// Where it listens.
    pub(crate) listen: SocketAddr,
    /// Where it answers about itself.
    pub(crate) admin_listen: Option<SocketAddr>,
    /// Where browsers reach it.
    pub(crate) public_url: Url,
    /// The flows that can be started.
    pub(crate) flows: Vec<String>,
}

/// Serves until the process is told to stop; whether all that ran has
/// finished.
///
/// # Errors
/// What is wrong with a flow file, or with the store; `usage` for an address
/// that cannot be listened on.
pub(crate) async fn serve(
    settings: Settings,
    engine: Engine,
    read: Arc<ReadFlow>,
    say: impl FnOnce(&Started),
) -> Result<bool> {
    let mut signals = Signals::new()?;
    let (files, may_come) = (settings.files, settings.store_may_come);
    // In a task of its own: whatever it does, signals are heeded.
    let prepared = tokio::spawn(prepare(engine.clone(), read, files, may_come));
    let flows = tokio::select! {
        flows = prepared => flows.unwrap_or_else(|_| {
            Err(Error::new(Code::Internal, "loading the flows panicked"))
        })?,
        () = signals.again() => return Ok(true),
    };
    let main = bind(settings.listen).await?;
    let admin = match settings.admin_listen {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let listen = address_of(&main)?;
    let admin_listen = admin.as_ref().map(address_of).transpose()?;
    let metrics = Arc::new(Metrics::default());
    let site = Arc::new(Site {
        runs: Runs::new(Arc::clone(&metrics)),
        engine,
        flows,
        metrics,
        keys: settings.api_keys,
        public_url: public_url(settings.public_url, listen)?,
        trust_proxy: settings.trust_proxy,
        has_admin: admin.is_some(),
        stopping: AtomicBool::new(false),
        read_again: Notify::new(),
    });
    let (stop, stopped) = watch::channel(false);
    // Operators may watch it stop.
    let (_close, closed) = watch::channel(false);
    let most = settings.max_connections;
    let main = Listening::start(main, routes(&site), most, stopped);
    if let Some(socket) = admin {
        Listening::start(socket, health::admin_routes(&site), most, closed);
    }
    let housekeeping = tokio::spawn(keep_house(Arc::clone(&site)));
    let (public_url, flows) = (site.public_url.clone(), site.flows.names());
    say(&Started { listen, admin_listen, public_url, flows });
    tracing::info!(%listen, "serving");

    signals.stop(&site).await;
    tracing::info!("stopping: runs in flight are finished");
    site.stopping.store(true, Ordering::SeqCst);
    stop.send_replace(true);
    let all = async {
        main.finished().await;
        site.runs.finished().await;
    };
    let finished = tokio::select! {
        done = tokio::time::timeout(settings.grace, all) => done.is_ok(),
        () = signals.again() => false,
    };
    housekeeping.abort();
    match finished {
        true => tracing::info!("stopped"),
        false => tracing::warn!("stopped before everything was finished"),
    }
    Ok(finished)
}

/// Loads the flows, and sees whether the store can be used.
async fn prepare(
    engine: Engine,
    read: Arc<ReadFlow>,
    files: Vec<PathBuf>,
    store_may_come: bool,
) -> Result<Flows> {
    let flows = Flows::load(&engine, read, &files).await?;
    match engine.ready().await {
        Err(error) if store_may_come && error.code() == Code::StoreUnavailable => {
            let (code, error) = (error.code().as_str(), error.to_string());
            tracing::warn!(code, error, "the store cannot be used yet");
            Ok(flows)
        }
        ready => ready.map(|()| flows),
    }
}

fn routes(site: &Arc<Site>) -> axum::Router {
    let routes = api::routes(site).merge(browser::routes()).merge(health::routes(site));
    guard::around(routes, site).with_state(Arc::clone(site))
}

async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        Error::new(Code::Usage, format!("cannot listen on {address}: {error}"))
            .with_hint("--listen takes an address and a port, such as 127.0.0.1:8080")
    })
}

fn address_of(socket: &TcpListener) -> Result<SocketAddr> {
    socket.local_addr().map_err(|error| Error::new(Code::Internal, error.to_string()))
}

/// The address for browsers, with a slash at its end.
fn public_url(given: Option<Url>, listen: SocketAddr) -> Result<Url> {
    let url = match given {
        Some(url) => url,
        None if listen.ip().is_loopback() => format!("http://{listen}/")
            .parse()
            .map_err(|error: url::ParseError| Error::new(Code::Internal, error.to_string()))?,
        None => {
            let message = "who listens beyond loopback must say where browsers reach it";
            return Err(Error::new(Code::Usage, message)
                .with_hint("--public-url https://reset.example.com"));
        }
    };
    Ok(url)
}

/// Forgets what is over, and sees to flow files that changed.
async fn keep_house(site: Arc<Site>) {
    let mut sweep = tokio::time::interval(SWEEP_EVERY);
    let mut look = tokio::time::interval(LOOK_EVERY);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = site.read_again.notified() => site.flows.reload_all(&site.engine).await,
            _ = look.tick() => site.flows.reload_changed(&site.engine).await,
            _ = sweep.tick() => match site.engine.sweep().await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "swept"),
                Err(error) => {
                    site.metrics.failed(error.code());
                    tracing::warn!(code = error.code().as_str(), "sweeping failed");
                }
            },
        }
    }
}

/// What tells the process to stop, and to read its files again.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen =
            |kind| signal(kind).map_err(|error| Error::new(Code::Internal, error.to_string()));
        Ok(Signals {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }

    /// Until the process is to stop.
    async fn stop(&mut self, site: &Site) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.hang_up.recv() => site.read_again.notify_one(),
            }
        }
    }

    /// Until it is told to stop once more.
    async fn again(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Result<Self> {
        Ok(Signals)
    }

    async fn stop(&mut self, _: &Site) {
        _ = tokio::signal::ctrl_c().await;
    }

    async fn again(&mut self) {
        _ = tokio::signal::ctrl_c().await;
    }
}
