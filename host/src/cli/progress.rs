//! A line that says what takes long: on a terminal only, and only when it does
//! take long.

use std::cell::RefCell;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work shorter than this is not worth mentioning.
const PATIENCE: Duration = Duration::from_millis(300);

pub(super) struct Progress {
    quiet: bool,
    line: RefCell<Option<ProgressBar>>,
}

impl Progress {
    pub(super) fn new(quiet: bool) -> Self {
        Progress { quiet, line: RefCell::new(None) }
    }

    /// Says what is being done now.
    pub(super) fn say(&self, what: String) {
        self.done();
        if self.quiet {
            return;
        }
        // Hidden by itself where standard error is no terminal.
        let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}");
        line.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        line.set_message(what);
        line.enable_steady_tick(PATIENCE);
        *self.line.borrow_mut() = Some(line);
    }

    /// The last thing said is done.
    pub(super) fn done(&self) {
        if let Some(line) = self.line.borrow_mut().take() {
            line.finish_and_clear();
        }
    }
}
