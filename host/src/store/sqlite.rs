//! [`SqliteStore`]: suspensions in one file. The write-ahead log with
//! `synchronous=FULL`: what was acknowledged survives a power cut. Several
//! processes may use the file at once.
//!
//! One connection on a thread of its own. Calls that arrive while it commits
//! share the next commit, so that many suspensions cost few writes to the disk.

mod checkpoints;
mod file;
mod rows;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{
    Cancel, Claim, End, Found, Lease, Look, NewSuspension, Settlement, Store, StoreFuture,
};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::error::Result;
use writer::Writer;

/// Between the parts of a sweep.
const SWEEP_PAUSE: Duration = Duration::from_millis(40);

/// Suspensions in an SQLite file. Cheap to clone; the file is closed with the
/// last clone.
#[derive(Debug, Clone)]
pub struct SqliteStore(Arc<Writer>);

impl SqliteStore {
    /// Opens the file, making it when there is none.
    ///
    /// # Errors
    /// `store_unavailable` when it cannot be opened or is no database,
    /// `store_incompatible` when another flowhost wrote it.
    pub fn open(path: &Path) -> Result<Self> {
        let connection = file::open(path)?;
        Ok(SqliteStore(Arc::new(Writer::start(path.to_owned(), connection)?)))
    }
}

impl Store for SqliteStore {
    fn suspend(&self, suspension: NewSuspension) -> StoreFuture<'_, ()> {
        self.0.ask(move |connection| rows::insert(connection, &suspension))
    }

    fn look(&self, ticket: Digest, now: Timestamp) -> StoreFuture<'_, Look> {
        self.0.ask(move |connection| rows::look(connection, ticket, now))
    }

    fn claim(&self, lease: Lease, now: Timestamp) -> StoreFuture<'_, Claim> {
        self.0.ask(move |connection| rows::claim(connection, lease, now))
    }

    fn settle(&self, lease: Lease, settlement: Settlement) -> StoreFuture<'_, bool> {
        self.0.ask(move |connection| rows::settle(connection, lease, &settlement))
    }

    fn find(&self, flow_id: &str, now: Timestamp) -> StoreFuture<'_, Option<Found>> {
        let flow_id = flow_id.to_owned();
        self.0.ask(move |connection| rows::find(connection, &flow_id, now))
    }

    fn cancel(&self, end: End, now: Timestamp) -> StoreFuture<'_, Cancel> {
        self.0.ask(move |connection| rows::cancel(connection, &end, now))
    }

    fn sweep(&self, before: Timestamp, now: Timestamp) -> StoreFuture<'_, u64> {
        Box::pin(async move {
            let mut all = 0;
            loop {
                let swept =
                    self.0.ask(move |connection| rows::sweep(connection, before, now)).await?;
                all += swept.forgotten;
                if !swept.more {
                    return Ok(all);
                }
                // Others get their turn in between, and so does the disk: what is
                // swept at once, a checkpoint writes at once.
                tokio::time::sleep(SWEEP_PAUSE).await;
            }
        })
    }

    fn ready(&self) -> StoreFuture<'_, ()> {
        self.0.ask(|connection| connection.query_row("SELECT 1", [], |_| Ok(())))
    }
}
