//! [`Database`]: users, links and passages in one SQLite file. One connection;
//! what is asked of it runs on a thread that may block.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use flowhost::{Clock as _, SystemClock};
use rusqlite::Connection;

use crate::private;

const SCHEMA: &str = "
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA secure_delete = ON;
CREATE TABLE IF NOT EXISTS users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE COLLATE NOCASE,
    name TEXT NOT NULL,
    password TEXT NOT NULL,       -- argon2id, as a PHC string
    totp_key BLOB NOT NULL,
    totp_step INTEGER NOT NULL,   -- the last step that was accepted
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS links (
    digest BLOB PRIMARY KEY,      -- SHA-256 of what the mail says
    user_id TEXT NOT NULL REFERENCES users (id),
    expires_at INTEGER NOT NULL,
    taken_at INTEGER NOT NULL     -- when somebody began to use it, or 0
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS passages (
    flow_id TEXT PRIMARY KEY,
    binding BLOB NOT NULL UNIQUE, -- SHA-256 of the cookie
    user_id TEXT NOT NULL REFERENCES users (id),
    attempts INTEGER NOT NULL,    -- wrong codes so far
    expires_at INTEGER NOT NULL,
    completed INTEGER NOT NULL,   -- whether the flow said COMPLETED
    result_url TEXT,
    accepted_state BLOB,          -- SHA-256 of the state a code was accepted for
    accepted_step INTEGER,
    accepted_at INTEGER
) STRICT;
";

/// The file.
#[derive(Clone)]
pub(crate) struct Database(Arc<Mutex<Connection>>);

impl Database {
    /// Opens it, for this process's user alone: SQLite gives the files beside
    /// it the same permissions.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        private::ensure(path)?;
        let connection = Connection::open(path).with_context(|| path.display().to_string())?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.execute_batch(SCHEMA).with_context(|| path.display().to_string())?;
        Ok(Database(Arc::new(Mutex::new(connection))))
    }

    /// One piece of work, in a transaction of its own.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let connection = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || {
            // A transaction that a panic left open was rolled back.
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction = connection.transaction()?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok::<_, rusqlite::Error>(done)
        });
        Ok(done.await??)
    }

    /// Forgets links and passages whose time is over.
    pub(crate) async fn sweep(&self) -> Result<()> {
        let now = now();
        self.run(move |database| {
            database.execute("DELETE FROM links WHERE expires_at < ?1", [now])?;
            database.execute("DELETE FROM passages WHERE expires_at < ?1", [now])
        })
        .await?;
        Ok(())
    }
}

/// Seconds since the Unix epoch.
pub(crate) fn now() -> i64 {
    SystemClock.now().as_secs()
}
