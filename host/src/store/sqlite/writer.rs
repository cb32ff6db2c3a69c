//! [`Writer`]: the thread that owns the connection. Takes all calls that wait,
//! does each in a savepoint of one transaction, commits, and only then answers.
//!
//! After an error of the file the connection is opened anew: what a failed
//! write left in caches is not to be trusted.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::super::StoreFuture;
use super::checkpoints::Checkpoints;
use super::file;
use crate::error::{Code, Error, Result};

/// How many calls share a commit at most.
const BATCH: usize = 256;

/// A call: does its work on the connection, if there is one, and gives back
/// what answers it.
type Job = Box<dyn FnOnce(Result<&Connection, &str>) -> Reply + Send>;

/// Answers a call, given why the commit failed if it did.
type Reply = Box<dyn FnOnce(Option<&str>) + Send>;

#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(path: PathBuf, connection: Connection) -> Result<Self> {
        let (jobs, waiting) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("flowhost-sqlite".to_owned())
            .spawn(move || serve(&path, connection, &waiting))
            .map_err(|error| unavailable(&error.to_string()))?;
        Ok(Writer { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Does `work` in a transaction; answers when it is committed.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        let (tell, told) = oneshot::channel();
        let job = move |connection: Result<&Connection, &str>| -> Reply {
            let done = connection.map_err(str::to_owned).and_then(|connection| {
                in_savepoint(connection, work).map_err(|error| error.to_string())
            });
            Box::new(move |failed| {
                let done = failed.map_or(done, |why| Err(why.to_owned()));
                // Whoever asked may have stopped waiting.
                _ = tell.send(done.map_err(|why| unavailable(&why)));
            })
        };
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send(Box::new(job)).is_ok());
        Box::pin(async move {
            let gone = || unavailable("the thread of the store has ended");
            match sent {
                true => told.await.map_err(|_| gone())?,
                false => Err(gone()),
            }
        })
    }
}

/// What was asked is still done, and the file closed.
impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}

fn serve(path: &Path, connection: Connection, waiting: &Receiver<Job>) {
    let mut connection = Ok(connection);
    let mut checkpoints = Checkpoints::new(path);
    while let Ok(first) = waiting.recv() {
        let batch = std::iter::once(first).chain(waiting.try_iter().take(BATCH - 1));
        if connection.is_err() {
            connection = file::open(path).map_err(|error| error.to_string());
        }
        let sound = match &connection {
            Ok(connection) => commit(connection, batch),
            Err(why) => {
                batch.for_each(|job| job(Err(why))(None));
                continue;
            }
        };
        match sound {
            true => checkpoints.committed(),
            false => connection = Err("it is not open".to_owned()),
        }
    }
    drop(checkpoints);
}

/// Does all jobs in one transaction and answers them; false when the
/// connection is not to be used any more.
fn commit(connection: &Connection, batch: impl Iterator<Item = Job>) -> bool {
    // Immediate: a read that later writes could fail half-way.
    let begun = connection.execute_batch("BEGIN IMMEDIATE");
    // Somebody else writes: the file is as good as it was.
    let busy = begun.as_ref().is_err_and(file::is_busy);
    let begun = begun.map_err(|error| error.to_string());
    let usable = begun.as_ref().map(|()| connection).map_err(String::as_str);
    let replies: Vec<Reply> = batch.map(|job| job(usable)).collect();
    let commit = || connection.execute_batch("COMMIT").map_err(|error| error.to_string());
    let failed = begun.clone().and_then(|()| commit()).err();
    if failed.is_some() && !connection.is_autocommit() {
        _ = connection.execute_batch("ROLLBACK");
    }
    replies.into_iter().for_each(|reply| reply(failed.as_deref()));
    failed.is_none() || busy
}

/// Work that fails leaves the rest of the transaction as it was.
fn in_savepoint<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    if connection.is_autocommit() {
        // An error of the disk ended the transaction: nothing is done outside.
        return Err(rusqlite::Error::InvalidQuery);
    }
    connection.execute_batch("SAVEPOINT call")?;
    let done = work(connection);
    let end = if done.is_ok() { "RELEASE call" } else { "ROLLBACK TO call; RELEASE call" };
    connection.execute_batch(end).and(done)
}

fn unavailable(why: &str) -> Error {
    Error::new(Code::StoreUnavailable, format!("the store's file: {why}"))
}
