//! [`SlowLane`]: where runs go on that compute for long. Every run begins where
//! its caller polls it; one that has computed for [`QUICK`] moves to threads that
//! get a processor when nobody else wants it. So quick actions never wait for slow
//! ones, and an action that is made to spin takes what is left over. One that waits
//! stays where it is, and tells, so that it keeps no place that others could use.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinError;
use tokio::time::{Instant, Sleep, sleep_until, timeout, timeout_at};
use tracing::Instrument as _;

use super::invoke::Invocation;
use super::meter::Meter;
use super::waits::Waits;
use crate::error::{Code, Error, Result};

/// What a run may compute before it moves: ordinary actions end long before.
pub(crate) const QUICK: Duration = Duration::from_millis(2);

/// How long a run is waited for whose time is over: ordinary ones end within that.
const GRACE: Duration = Duration::from_millis(10);

/// A run on its way.
pub(crate) struct Started {
    pub(super) run: Pin<Box<dyn Future<Output = Invocation> + Send>>,
    pub(super) meter: Arc<Meter>,
    pub(super) waits: Waits,
    pub(super) deadline: Instant,
    /// Ends the run, wherever it is: its time is over, or nobody waits for it.
    pub(super) end: Option<oneshot::Sender<()>>,
}

/// What became of a run where it began.
pub(crate) enum Begun {
    Ended(Invocation),
    Computes,
    Waits,
}

impl Started {
    /// Polls it here until it is over, or has turned out to compute for long; or to
    /// wait for long, unless it `may_wait`.
    pub(crate) async fn begin(&mut self, may_wait: bool) -> Begun {
        // Nearly all end before there is anything to wait for.
        let mut timer: Option<Pin<Box<Sleep>>> = None;
        poll_fn(|context| {
            loop {
                self.waits.end();
                let waker = self.waits.waker(context);
                let polled = self.run.as_mut().poll(&mut Context::from_waker(&waker));
                if let Poll::Ready(invocation) = polled {
                    return Poll::Ready(Begun::Ended(invocation));
                }
                if self.meter.is_slow() {
                    return Poll::Ready(Begun::Computes);
                }
                let now = Instant::now();
                let patience = match self.waits.left() {
                    _ if may_wait => self.deadline,
                    Some(left) => self.deadline.min(now + left),
                    None => return Poll::Ready(Begun::Waits),
                };
                if self.end.is_none() {
                    return Poll::Pending;
                }
                self.waits.begin();
                let timer = timer.get_or_insert_with(|| Box::pin(sleep_until(patience)));
                timer.as_mut().reset(patience);
                if timer.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                if now >= self.deadline {
                    self.end = None;
                }
            }
        })
        .await
    }

    /// Whether it has waited for long.
    pub(crate) fn has_waited(&self) -> bool {
        self.waits.left().is_none()
    }

    /// Ends it here, where there is no place for it.
    pub(crate) async fn stop(mut self, why: &Error) -> Invocation {
        self.end = None;
        let mut invocation = self.run.await;
        invocation.failure = Some((why.code(), why.to_string()));
        invocation
    }

    /// Goes on over there, and is stopped when this is dropped. Its `place` is kept
    /// until it has ended: an instance that nobody waits for takes room still.
    pub(crate) async fn go_on(
        self,
        runtime: &super::Runtime,
        place: impl Send + 'static,
    ) -> Invocation {
        let ended = self.end_in(runtime.slow_lane(), place).await;
        ended.unwrap_or_else(|error| Invocation::none(error.code(), error.to_string()))
    }

    async fn end_in(mut self, lane: &SlowLane, place: impl Send + 'static) -> Result<Invocation> {
        let run = async move {
            let ended = self.run.await;
            drop(place);
            ended
        };
        let mut task = lane.handle()?.spawn(run.instrument(tracing::Span::current()));
        let ended = match timeout_at(self.deadline, &mut task).await {
            Ok(ended) => ended,
            Err(_) => {
                self.end = None;
                match timeout(GRACE, &mut task).await {
                    Ok(ended) => ended,
                    // It cannot be interrupted right now, or gets no processor: it
                    // ends by itself.
                    Err(_) => return Ok(Invocation::abandoned()),
                }
            }
        };
        ended.map_err(lost)
    }
}

fn lost(error: JoinError) -> Error {
    Error::new(Code::Internal, error.to_string())
}

/// The threads for slow runs; there are none until one comes.
#[derive(Default)]
pub(super) struct SlowLane {
    threads: Mutex<Option<Runtime>>,
}

impl SlowLane {
    fn handle(&self) -> Result<Handle> {
        let mut runtime = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
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
        let runtime = self.threads.get_mut().unwrap_or_else(PoisonError::into_inner);
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::pin::pin;

    use super::super::invoke::unless_over;
    use super::super::meter::{Metered, burn};
    use super::*;

    fn started(run: impl Future<Output = ()> + Send + 'static, deadline: Duration) -> Started {
        let meter = Meter::new(Duration::from_millis(1));
        let (end, ended) = oneshot::channel();
        let metered = Arc::clone(&meter);
        let run = async move {
            let run = Metered { future: pin!(run), meter: &metered };
            match unless_over(ended, run).await {
                None => Invocation::too_late(),
                Some(()) => Invocation::none(Code::ActionError, "it ended"),
            }
        };
        let deadline = Instant::now() + deadline;
        Started { run: Box::pin(run), meter, waits: Waits::default(), deadline, end: Some(end) }
    }

    fn failure(invocation: &Invocation) -> Code {
        invocation.failure.as_ref().expect("a failure").0
    }

    #[tokio::test]
    async fn what_computes_for_long_goes_on_with_the_lowest_priority() {
        let (tell, told) = oneshot::channel();
        let run = async move {
            burn(5_000);
            tokio::task::yield_now().await;
            let name = std::thread::current().name().map(str::to_owned);
            _ = tell.send((name, rustix::process::getpriority_process(None)));
        };
        let lane = SlowLane::default();
        let mut started = started(run, Duration::from_secs(60));
        assert!(matches!(started.begin(false).await, Begun::Computes));
        let ended = started.end_in(&lane, ()).await.expect("a lane");
        assert_eq!(failure(&ended), Code::ActionError);
        let (name, priority) = told.await.expect("it ran");
        assert_eq!(name.as_deref(), Some("flowhost-slow"));
        assert_eq!(priority, Ok(19));
    }

    #[tokio::test]
    async fn what_cannot_be_interrupted_is_not_waited_for_and_keeps_its_place() {
        let lane = SlowLane::default();
        // On a busy machine it may not begin in time.
        let try_once = async || {
            let (go, wait) = std::sync::mpsc::channel::<()>();
            let run = async move { _ = wait.recv() };
            let place = Arc::new(());
            let ended = started(run, Duration::from_millis(50)).end_in(&lane, Arc::clone(&place));
            assert_eq!(failure(&ended.await.expect("a lane")), Code::WallClockExceeded);
            (go, place)
        };
        let mut tries = 0;
        let (go, place) = loop {
            let (go, place) = try_once().await;
            if Arc::strong_count(&place) == 2 {
                break (go, place);
            }
            tries += 1;
            assert!(tries < 100, "nothing keeps its place");
        };
        go.send(()).expect("it is there still");
        while Arc::strong_count(&place) > 1 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn what_nobody_waits_for_is_stopped_and_keeps_its_place_until_then() {
        let lane = SlowLane::default();
        let (began, begins) = oneshot::channel();
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let run = async move {
            _ = began.send(());
            _ = wait.recv();
            std::future::pending().await
        };
        let place = Arc::new(());
        let started = started(run, Duration::from_secs(60));
        let ended = Box::pin(started.end_in(&lane, Arc::clone(&place)));
        tokio::select! {
            _ = ended => panic!("it goes on"),
            _ = begins => {}
        }
        assert_eq!(Arc::strong_count(&place), 2);
        go.send(()).expect("it goes on");
        while Arc::strong_count(&place) > 1 {
            tokio::task::yield_now().await;
        }
    }
}
