//! [`App`]: the parts, put together, and served until a signal ends it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use flowhost::store::SqliteStore;
use flowhost::{Engine, Flow, FlowSpec, KeyRing};
use tokio::net::TcpListener;

use crate::args::{PublicUrl, Serve};
use crate::database::Database;
use crate::guard::Headers;
use crate::hashing::Hasher;
use crate::mail::{self, Post, Writer};
use crate::rate::Rate;
use crate::verifier::Verifier;
use crate::{private, routes, verifier};

/// Codes of one user, over all their flows.
const CODES_PER_HOUR: u32 = 20;

/// Passwords from one address.
const SIGN_INS_PER_HOUR: u32 = 30;

const SWEEP: Duration = Duration::from_secs(10 * 60);

/// What the pages share.
pub(crate) struct App {
    pub(crate) engine: Engine,
    pub(crate) flow: Flow,
    pub(crate) database: Database,
    pub(crate) hasher: Hasher,
    pub(crate) post: Post,
    pub(crate) public: PublicUrl,
    pub(crate) behind_proxy: bool,
    pub(crate) headers: Headers,
    pub(crate) forgot: Rate,
    pub(crate) codes: Rate,
    pub(crate) sign_in: Rate,
}

/// Serves the pages and the verifier.
pub(crate) async fn serve(data: &Path, serve: Serve) -> Result<()> {
    private::folder(data)?;
    let public = serve.public_url()?;
    let server = serve.smtp_url()?.map(mail::server).transpose()?;
    let spec = FlowSpec::from_file(&serve.flow)?;
    let headers = Headers::new(&targets(&spec), public.https)?;
    let engine = engine(data)?;
    let flow = engine.load(spec).await?;
    let database = Database::open(&data.join("app.db"))?;
    let post = Post::open(Writer {
        database: database.clone(),
        origin: public.origin.clone(),
        from: serve.mail_from.parse().context("--mail-from")?,
        link_lifetime: serve.link_lifetime,
        server,
    });
    let listener = listen(serve.listen).await?;
    let verifier = Verifier::new(&serve, &public)?;
    let verifier_listener = listen(serve.verifier_listen).await?;
    println!("verifier  http://{}", serve.verifier_listen);
    println!("ready     {}", public.origin);
    let app = Arc::new(App {
        engine,
        flow,
        database,
        hasher: Hasher::new(),
        post,
        public,
        behind_proxy: serve.behind_proxy,
        headers,
        forgot: Rate::per_hour(serve.forgot_per_hour),
        codes: Rate::per_hour(CODES_PER_HOUR),
        sign_in: Rate::per_hour(SIGN_INS_PER_HOUR),
    });
    tokio::spawn(sweep(Arc::clone(&app)));
    let pages = routes::router(app).into_make_service_with_connect_info::<SocketAddr>();
    let pages = axum::serve(listener, pages).with_graceful_shutdown(ended());
    let verifier = axum::serve(verifier_listener, verifier::router(verifier));
    let verifier = verifier.with_graceful_shutdown(ended());
    tokio::try_join!(pages.into_future(), verifier.into_future())?;
    Ok(())
}

/// Where the flow's actions may send people, as a Content-Security-Policy says
/// it. A flow file without `[redirects] allow` lets them go anywhere.
fn targets(spec: &FlowSpec) -> Vec<String> {
    spec.redirects.allow.clone().unwrap_or_else(|| vec!["https:".to_owned()])
}

/// Suspended flows outlive this process, and so do the keys that seal them. In
/// production the keys are not beside what they seal.
fn engine(data: &Path) -> Result<Engine> {
    let file = data.join("keys.txt");
    if !file.exists() {
        private::write_new(&file, KeyRing::generate()?.to_text().expose())?;
    }
    let engine = Engine::builder()
        .store(SqliteStore::open(&data.join("flows.db"))?)
        .keys(KeyRing::from_file(&file)?)
        .component_folder(data.join("components"));
    Ok(engine.build()?)
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| address.to_string())
}

async fn sweep(app: Arc<App>) {
    loop {
        tokio::time::sleep(SWEEP).await;
        if let Err(error) = app.engine.sweep().await {
            eprintln!("error: sweeping flows: {error}");
        }
        if let Err(error) = app.database.sweep().await {
            eprintln!("error: sweeping links: {error:#}");
        }
    }
}

/// Ctrl-C, or what a service manager sends.
async fn ended() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            },
            Err(_) => _ = interrupt.await,
        }
    }
    #[cfg(not(unix))]
    {
        _ = interrupt.await;
    }
}
