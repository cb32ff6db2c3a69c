//! [`Telemetry`]: where logs and traces go. Logs: lines on standard error.
//! Traces: to an OpenTelemetry collector (OTLP over HTTP), when the environment
//! names one.
//!
//! Only what flowhost itself says is let through: what libraries say may quote
//! what passes through them.

use std::pin::Pin;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, Response};
use flowhost::{Code, Error, Result};
use hyper_rustls::HttpsConnectorBuilder;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Handle;
use tracing::Level;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::printable::Records;

/// The variables that name a collector.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

/// How long a batch of spans may take to be sent.
const EXPORT_TIME: Duration = Duration::from_secs(10);

/// How long the last spans may take, once the server stops.
const LAST_EXPORT_TIME: Duration = Duration::from_secs(5);

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object in each line.
    Json,
}

/// What was set up. Sends what is left when it is closed.
pub(crate) struct Telemetry(Option<SdkTracerProvider>);

impl Telemetry {
    /// Sets up logs and traces for the whole process; within tokio.
    ///
    /// # Errors
    /// `usage` when the environment names a collector that cannot be used.
    pub(crate) fn start(format: LogFormat) -> Result<Self> {
        let ours = || Targets::new().with_target("flowhost", Level::INFO);
        let provider = match ENDPOINTS.iter().any(|name| std::env::var_os(name).is_some()) {
            true => Some(provider()?),
            false => None,
        };
        let traces = provider.as_ref().map(|provider| {
            tracing_opentelemetry::layer()
                .with_tracer(provider.tracer("flowhost"))
                .with_location(false)
                .with_threads(false)
                .with_filter(ours())
        });
        let json = format == LogFormat::Json;
        let log = move || Records::new(std::io::stderr(), json);
        let lines = tracing_subscriber::fmt::layer().with_writer(log);
        let lines = match format {
            LogFormat::Json => lines.json().flatten_event(true).boxed(),
            LogFormat::Text => lines.with_ansi(false).boxed(),
        };
        let exporter = Targets::new().with_target("opentelemetry", Level::WARN);
        let lines = lines.with_filter(exporter.with_target("flowhost", Level::INFO));
        tracing_subscriber::registry()
            .with(traces)
            .with(lines)
            .try_init()
            .map_err(|error| Error::new(Code::Internal, error.to_string()))?;
        Ok(Telemetry(provider))
    }

    /// Sends what is left. Blocks.
    pub(crate) fn close(self) {
        if let Some(provider) = self.0 {
            _ = provider.shutdown_with_timeout(LAST_EXPORT_TIME);
        }
    }
}

fn provider() -> Result<SdkTracerProvider> {
    let unusable = |error: String| {
        Error::new(Code::Usage, format!("traces cannot be sent: {error}"))
            .with_hint("OTEL_EXPORTER_OTLP_ENDPOINT is the address of a collector")
    };
    let connector = HttpsConnectorBuilder::new()
        .with_native_roots()
        .map_err(|error| unusable(error.to_string()))?
        .https_or_http()
        .enable_http1()
        .build();
    let client = OnRuntime {
        client: std::sync::Arc::new(HyperClient::new(connector, EXPORT_TIME, None)),
        runtime: Handle::current(),
    };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_protocol(Protocol::HttpBinary)
        .build()
        .map_err(|error| unusable(error.to_string()))?;
    let resource = Resource::builder().with_service_name("flowhost").build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

/// A client for the exporter's own thread, where no runtime is: sends on ours.
#[derive(Debug)]
struct OnRuntime<C> {
    client: std::sync::Arc<C>,
    runtime: Handle,
}

type Sending<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

impl<C: HttpClient + 'static> HttpClient for OnRuntime<C> {
    fn send_bytes<'life0, 'async_trait>(
        &'life0 self,
        request: Request<Bytes>,
    ) -> Sending<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        let client = std::sync::Arc::clone(&self.client);
        let sent = self.runtime.spawn(async move { client.send_bytes(request).await });
        Box::pin(async move { sent.await.map_err(HttpError::from)? })
    }
}
