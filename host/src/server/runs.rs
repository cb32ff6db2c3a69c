//! [`Runs`]: starts and resumes in flight. Each is a task of its own, which
//! goes on when whoever asked for it hangs up: what was begun is settled, and
//! the same browser may ask again.

use std::sync::Arc;

use flowhost::{Code, Error, Report, Result};
use tokio::sync::watch;
use tracing::Instrument as _;

use super::metrics::Metrics;

/// Counts what runs.
pub(super) struct Runs {
    running: Arc<watch::Sender<usize>>,
    metrics: Arc<Metrics>,
}

impl Runs {
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        Runs { running: Arc::new(watch::Sender::new(0)), metrics }
    }

    /// Runs a start or a resume to its end.
    pub(super) async fn run(
        &self,
        leg: impl Future<Output = Result<Report>> + Send + 'static,
    ) -> Result<Report> {
        let running = Running::enter(&self.running, &self.metrics);
        let metrics = Arc::clone(&self.metrics);
        let task = async move {
            let done = leg.await;
            match &done {
                Ok(report) => metrics.report(report),
                Err(error) => metrics.failed(error.code()),
            }
            drop(running);
            done
        };
        let task = tokio::spawn(task.in_current_span());
        task.await.unwrap_or_else(|_| Err(Error::new(Code::Internal, "the run panicked")))
    }

    /// Until nothing runs.
    pub(super) async fn finished(&self) {
        _ = self.running.subscribe().wait_for(|running| *running == 0).await;
    }
}

/// One of them, until it is dropped.
struct Running {
    count: Arc<watch::Sender<usize>>,
    metrics: Arc<Metrics>,
}

impl Running {
    fn enter(count: &Arc<watch::Sender<usize>>, metrics: &Arc<Metrics>) -> Self {
        count.send_modify(|running| *running += 1);
        metrics.runs_in_flight(1);
        Running { count: Arc::clone(count), metrics: Arc::clone(metrics) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.count.send_modify(|running| *running -= 1);
        self.metrics.runs_in_flight(-1);
    }
}
