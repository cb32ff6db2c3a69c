//! A line that says what takes long: on a terminal only, and only when it does
//! take long.

use std::cell::RefCell;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work shorter than this is not worth mentioning.
const PATIENCE: Duration = Duration::from_millis(300);

pub(super) struct Progress {
    quiet: bool,
    line: RefCell<Option<Line>>,
}

/// What is being done, by a thread that says so once it has taken long.
struct Line {
    done: Sender<()>,
    thread: JoinHandle<()>,
}

impl Progress {
    pub(super) fn new(quiet: bool) -> Self {
        // Nobody sees it where standard error is no terminal.
        let quiet = quiet || ProgressDrawTarget::stderr().is_hidden();
        Progress { quiet, line: RefCell::new(None) }
    }

    /// Says what is being done now.
    pub(super) fn say(&self, what: String) {
        self.done();
        if self.quiet {
            return;
        }
        let (done, is_done) = channel();
        let draw = std::thread::Builder::new().spawn(move || draw(what, &is_done));
        *self.line.borrow_mut() = draw.ok().map(|thread| Line { done, thread });
    }

    /// The last thing said is done.
    pub(super) fn done(&self) {
        if let Some(line) = self.line.borrow_mut().take() {
            _ = line.done.send(());
            // What is printed next comes after the line is gone.
            _ = line.thread.join();
        }
    }
}

fn draw(what: String, is_done: &Receiver<()>) {
    let began = clock();
    let waited = is_done.recv_timeout(PATIENCE);
    if !matches!(waited, Err(RecvTimeoutError::Timeout)) {
        return;
    }
    let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}");
    let line = line
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        .with_elapsed(began.elapsed())
        .with_message(what);
    line.enable_steady_tick(PATIENCE);
    _ = is_done.recv();
    line.finish_and_clear();
}

#[expect(clippy::disallowed_methods, reason = "what a person waits for")]
fn clock() -> Instant {
    Instant::now()
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.done();
    }
}
