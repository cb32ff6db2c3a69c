//! [`SlowLane`]: where runs go on that compute for long. Every run begins where
//! its caller polls it; one that has computed for [`QUICK`] moves to threads that
//! get a processor when nobody else wants it. So quick actions never wait for slow
//! ones, and an action that is made to spin takes what is left over.

use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout_at};
use tracing::Instrument as _;

use super::invoke::Invocation;
use super::meter::Meter;
use crate::error::{Code, Error, Result};

/// What a run may compute before it moves: ordinary actions end long before.
pub(super) const QUICK: Duration = Duration::from_millis(2);

/// A run on its way.
pub(crate) struct Started {
    pub(super) run: Pin<Box<dyn Future<Output = Invocation> + Send>>,
    pub(super) meter: Arc<Meter>,
    pub(super) deadline: Instant,
    /// Ends the run, wherever it is: its time is over, or nobody waits for it.
    pub(super) end: Option<oneshot::Sender<()>>,
}

impl Started {
    /// Polls it here until it is over, or has turned out to be slow.
    pub(crate) async fn begin(&mut self) -> Option<Invocation> {
        let mut deadline = pin!(sleep_until(self.deadline));
        std::future::poll_fn(|context| {
            loop {
                if let Poll::Ready(invocation) = self.run.as_mut().poll(context) {
                    return Poll::Ready(Some(invocation));
                }
                if self.meter.spent() >= QUICK {
                    return Poll::Ready(None);
                }
                if self.end.is_none() || deadline.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                self.end = None;
            }
        })
        .await
    }

    /// Goes on over there. It is stopped when this is dropped.
    pub(crate) async fn go_on(self, runtime: &super::Runtime) -> Invocation {
        let ended = self.end_in(runtime.slow_lane()).await;
        ended.unwrap_or_else(|error| Invocation::none(error.code(), error.to_string()))
    }

    async fn end_in(mut self, lane: &SlowLane) -> Result<Invocation> {
        let mut task = lane.handle()?.spawn(self.run.instrument(tracing::Span::current()));
        let ended = match timeout_at(self.deadline, &mut task).await {
            Ok(ended) => ended,
            Err(_) => {
                self.end = None;
                task.await
            }
        };
        ended.map_err(|error| Error::new(Code::Internal, error.to_string()))
    }
}

/// The threads for slow runs; there are none until one comes.
#[derive(Default)]
pub(super) struct SlowLane(Mutex<Option<Runtime>>);

impl SlowLane {
    fn handle(&self) -> Result<Handle> {
        let mut runtime = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = &*runtime {
            return Ok(runtime.handle().clone());
        }
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = Builder::new_multi_thread()
            .enable_all()
            .thread_name("flowhost-slow")
            .on_thread_start(yield_to_others)
            .worker_threads(processors)
            .build()
            .map_err(|error| {
                Error::new(Code::EngineUnavailable, format!("no threads for slow runs: {error}"))
            })?;
        Ok(runtime.insert(threads).handle().clone())
    }
}

impl Drop for SlowLane {
    fn drop(&mut self) {
        let runtime = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = runtime.take() {
            // Its runs are nobody's any more, and this may be a place where
            // waiting is not allowed.
            runtime.shutdown_background();
        }
    }
}

/// This thread's priority, at the end of the line. On Linux each thread has its
/// own; elsewhere the process would, and nothing is done.
fn yield_to_others() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Pid, setpriority_process};
        let thread = std::fs::read_link("/proc/thread-self").ok();
        let number = thread.as_deref().and_then(|path| path.file_name()?.to_str()?.parse().ok());
        if let Some(thread) = number.and_then(Pid::from_raw) {
            _ = setpriority_process(Some(thread), 19);
        }
    }
}
