//! [`Checkpoints`]: moves what was committed from the log into the file, on a
//! thread and a connection of its own, so that no call waits for it.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::JoinHandle;
use std::time::Duration;

use super::file;

/// After how many commits. A command that makes a few needs none: whoever closes
/// the file last moves the rest.
const AFTER: usize = 8;

/// How long one is over before the next begins: each costs a flush of the file.
const PAUSE: Duration = Duration::from_millis(100);

/// Runs while the store is open, once there was something to do.
pub(super) struct Checkpoints {
    path: PathBuf,
    commits: usize,
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    pub(super) fn new(path: &Path) -> Self {
        Checkpoints { path: path.to_owned(), commits: 0, wake: None, thread: None }
    }

    /// Counts a commit.
    pub(super) fn committed(&mut self) {
        self.commits += 1;
        if !self.commits.is_multiple_of(AFTER) {
            return;
        }
        if self.thread.is_none() {
            self.start();
        }
        // One that is waiting already will move this, too.
        _ = self.wake.as_ref().map(|wake| wake.try_send(()));
    }

    /// Without a thread the writer moves everything itself, as it does when the
    /// log becomes long.
    fn start(&mut self) {
        let (wake, woken) = mpsc::sync_channel(1);
        let path = self.path.clone();
        let named = std::thread::Builder::new().name("flowhost-checkpoint".to_owned());
        self.thread = named.spawn(move || run(&path, &woken)).ok();
        self.wake = Some(wake);
    }
}

/// The writer closes the file after it.
impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}

fn run(path: &Path, woken: &Receiver<()>) {
    let Ok(connection) = file::connect(path) else { return };
    while woken.recv().is_ok() {
        // Passive: it waits for nobody and keeps nobody waiting. What it cannot
        // do now it does the next time.
        _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        std::thread::sleep(PAUSE);
    }
}
