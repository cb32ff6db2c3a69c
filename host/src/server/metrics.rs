//! [`Metrics`]: what a server counts, in the text form of Prometheus. Labels
//! are names of flows and actions, codes and routes: never anything a user
//! brought along, so that their number is bounded.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use flowhost::{Code, Kind, Outcome, Report, RunReport, RunStatus};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

type Labels = Vec<(&'static str, String)>;
type Counters = Family<Labels, Counter<u64, AtomicU64>>;
type Histograms = Family<Labels, Histogram, fn() -> Histogram>;

/// The numbers.
pub(super) struct Metrics {
    registry: Registry,
    started: Counters,
    outcomes: Counters,
    refused: Counters,
    action_runs: Counters,
    action_fuel: Counters,
    action_seconds: Histograms,
    in_flight: Gauge,
    store_errors: Counter,
    requests: Counters,
    request_seconds: Histograms,
}

impl Default for Metrics {
    fn default() -> Self {
        let seconds: fn() -> Histogram = || Histogram::new(exponential_buckets(0.000_25, 2.0, 18));
        let mut metrics = Metrics {
            registry: Registry::with_prefix("flowhost"),
            started: Family::default(),
            outcomes: Family::default(),
            refused: Family::default(),
            action_runs: Family::default(),
            action_fuel: Family::default(),
            action_seconds: Family::new_with_constructor(seconds),
            in_flight: Gauge::default(),
            store_errors: Counter::default(),
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(seconds),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let all = &mut self.registry;
        all.register("flows_started", "Flows started, by flow", self.started.clone());
        let help = "What starts and resumes came to, by flow and outcome";
        all.register("outcomes", help, self.outcomes.clone());
        let help = "Resumes that were refused, by code";
        all.register("resumes_refused", help, self.refused.clone());
        let help = "Runs of actions, by flow, action and outcome";
        all.register("action_runs", help, self.action_runs.clone());
        all.register("action_fuel", "Fuel used, by flow and action", self.action_fuel.clone());
        let help = "Time of a run, by flow and action";
        all.register_with_unit("action_run", help, Unit::Seconds, self.action_seconds.clone());
        all.register("runs_in_flight", "Starts and resumes that run", self.in_flight.clone());
        let help = "Calls of the store that failed";
        all.register("store_errors", help, self.store_errors.clone());
        let help = "Requests, by route, method and status";
        all.register("http_requests", help, self.requests.clone());
        let help = "Time to answer a request, by route";
        all.register_with_unit("http_request", help, Unit::Seconds, self.request_seconds.clone());
    }

    /// Another flow was started.
    pub(super) fn started(&self, flow: &str) {
        self.started.get_or_create(&vec![("flow", flow.to_owned())]).inc();
    }

    /// A start or a resume came to something.
    pub(super) fn report(&self, report: &Report) {
        if report.repeated {
            return;
        }
        let flow = ("flow", report.flow.clone());
        let outcome = ("outcome", report.outcome.name().to_owned());
        self.outcomes.get_or_create(&vec![flow.clone(), outcome]).inc();
        let last = report.runs.len().saturating_sub(1);
        for (index, run) in report.runs.iter().enumerate() {
            let failure = match &report.outcome {
                Outcome::Failed(failure) if index == last => failure.code.as_str(),
                _ => "failed",
            };
            self.action_run(&flow, run, failure);
        }
    }

    fn action_run(&self, flow: &(&'static str, String), run: &RunReport, failure: &str) {
        let labels = vec![flow.clone(), ("action", run.action.clone())];
        self.action_fuel.get_or_create(&labels).inc_by(run.fuel);
        let seconds = Duration::from_micros(run.duration_us).as_secs_f64();
        self.action_seconds.get_or_create(&labels).observe(seconds);
        let outcome = if run.status == RunStatus::Ok { "ok" } else { failure };
        let labels = [labels, vec![("outcome", outcome.to_owned())]].concat();
        self.action_runs.get_or_create(&labels).inc();
    }

    /// The engine answered with an error.
    pub(super) fn failed(&self, code: Code) {
        if code == Code::StoreUnavailable {
            self.store_errors.inc();
        }
        if matches!(code.kind(), Kind::Refused) || code == Code::WrongResume {
            self.refused.get_or_create(&vec![("code", code.as_str().to_owned())]).inc();
        }
    }

    /// So many more runs are in flight.
    pub(super) fn runs_in_flight(&self, more: i64) {
        self.in_flight.inc_by(more);
    }

    /// A request was answered.
    pub(super) fn request(&self, route: &str, method: &str, status: u16, took: Duration) {
        let route = ("route", route.to_owned());
        let labels =
            vec![route.clone(), ("method", method.to_owned()), ("status", status.to_string())];
        self.requests.get_or_create(&labels).inc();
        self.request_seconds.get_or_create(&vec![route]).observe(took.as_secs_f64());
    }

    /// All of it, as text.
    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        _ = encode(&mut text, &self.registry);
        text
    }
}
