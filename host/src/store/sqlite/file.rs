//! The file: how it is opened, and the form of its tables.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::clock::stopwatch;
use crate::error::{Code, Error, Result};

/// The form of the tables; raised with every change to them.
const SCHEMA_VERSION: i64 = 2;

const SCHEMA: &str = "
    CREATE TABLE suspension (
        ticket       BLOB PRIMARY KEY NOT NULL,
        flow_id      TEXT NOT NULL,
        tenant       TEXT NOT NULL,
        flow         TEXT NOT NULL,
        flow_digest  BLOB NOT NULL,
        action       BLOB NOT NULL,
        subject      BLOB NOT NULL,
        origin       TEXT,
        created_at   INTEGER NOT NULL,
        expires_at   INTEGER NOT NULL,
        lease_millis INTEGER NOT NULL,
        record       BLOB NOT NULL,
        status       TEXT NOT NULL CHECK (status IN ('waiting', 'claimed', 'consumed')),
        holder       INTEGER,
        lease_until  INTEGER NOT NULL DEFAULT 0,
        settled_at   INTEGER,
        answer       BLOB NOT NULL DEFAULT x''
    ) STRICT;
    CREATE INDEX suspension_expiry ON suspension (expires_at);
    CREATE UNIQUE INDEX suspension_flow ON suspension (flow_id) WHERE status <> 'consumed';
    CREATE INDEX suspension_answer ON suspension (settled_at) WHERE answer <> x'';
    CREATE TABLE ending (
        flow_id  TEXT PRIMARY KEY NOT NULL,
        outcome  TEXT NOT NULL,
        flow     TEXT NOT NULL,
        ended_at INTEGER NOT NULL,
        record   BLOB NOT NULL
    ) STRICT;
    CREATE INDEX ending_date ON ending (ended_at);
";

/// After how many pages the writer itself moves the log into the file.
const LONGEST_LOG: i64 = (32 << 20) / PAGE as i64;

/// How long to wait for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) fn open(path: &Path) -> Result<Connection> {
    let at = |error: rusqlite::Error| {
        let message = format!("{}: {error}", path.display());
        Error::new(Code::StoreUnavailable, message)
            .with_hint("name another file with --store sqlite:PATH, or use --store memory:")
    };
    // SQLite takes it for a database in memory, which is gone when it is closed.
    if path.as_os_str().is_empty() || path.as_os_str() == ":memory:" {
        return Err(Error::new(Code::Usage, "this is no name of a file")
            .with_hint("--store sqlite:PATH keeps flows in a file, --store memory: for one run"));
    }
    let mut connection = connect(path).map_err(at)?;
    let version = patiently(|| migrate(&mut connection)).map_err(at)?;
    if version != SCHEMA_VERSION {
        let message = format!(
            "{} was written in form {version}, this flowhost knows form {SCHEMA_VERSION}",
            path.display()
        );
        return Err(Error::new(Code::StoreIncompatible, message)
            .with_hint("end its flows with the flowhost that wrote it, or name another file"));
    }
    Ok(connection)
}

/// Bytes of a page of a new file.
const PAGE: u32 = 16384;

/// A connection as every one is used, whatever the file holds.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    restrict(path);
    // A path, whatever it looks like, and no URI.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // A suspended flow takes about three KiB: five of them fit, of a page of half the
    // size two would leave a quarter free. A file that is there keeps its own.
    connection.pragma_update(None, "page_size", PAGE)?;
    // Changing the mode does not wait for others by itself.
    patiently(|| connection.pragma_update(None, "journal_mode", "WAL"))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Usually long before that somebody else has done it: see `checkpoints.rs`.
    connection.pragma_update(None, "wal_autocheckpoint", LONGEST_LOG)?;
    // A consumed record holds personal data: overwrite it on disk.
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// Tries again while another process holds what is needed.
fn patiently<T>(mut work: impl FnMut() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    const PAUSE: Duration = Duration::from_millis(10);
    let begun = stopwatch();
    loop {
        match work() {
            Err(error) if is_busy(&error) && begun.elapsed() < BUSY_TIMEOUT => {
                std::thread::sleep(PAUSE);
            }
            other => return other,
        }
    }
}

/// Whether another process holds what is needed: it may be free again soon.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    code.is_some_and(|code| matches!(code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// Makes the file readable by its owner only, before anything is in it.
fn restrict(path: &Path) {
    use std::fs::OpenOptions;
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let mut options = OpenOptions::new();
        // An existing file keeps its mode; SQLite reports what else is wrong.
        _ = options.create_new(true).write(true).mode(0o600).open(path);
    }
    #[cfg(not(unix))]
    let _ = OpenOptions::new().create_new(true).write(true).open(path);
}

fn migrate(connection: &mut Connection) -> rusqlite::Result<i64> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version == 0 {
        transaction.execute_batch(SCHEMA)?;
        transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
        transaction.commit()?;
        return Ok(SCHEMA_VERSION);
    }
    Ok(version)
}
