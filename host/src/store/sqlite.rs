//! [`SqliteStore`]: suspensions in one file. The write-ahead log with
//! `synchronous=FULL`: what was acknowledged survives a power cut. Several
//! processes may use the file at once.
//!
//! One connection behind a lock, used on tokio's blocking threads.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{
    Connection, ErrorCode, OptionalExtension, Row, Transaction, TransactionBehavior, params,
};

use super::{Claim, Head, Lease, Look, NewSuspension, Refusal, Settlement, Store, StoreFuture};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::error::{Code, Error, Result};

/// The form of the tables; raised with every change to them.
const SCHEMA_VERSION: i64 = 1;

const SCHEMA: &str = "
    CREATE TABLE suspension (
        ticket      BLOB PRIMARY KEY NOT NULL,
        flow_id     TEXT NOT NULL,
        flow        TEXT NOT NULL,
        origin      TEXT,
        created_at  INTEGER NOT NULL,
        expires_at  INTEGER NOT NULL,
        lease_ms    INTEGER NOT NULL,
        status      TEXT NOT NULL CHECK (status IN ('waiting', 'claimed', 'consumed')),
        generation  INTEGER NOT NULL,
        lease_until INTEGER NOT NULL,
        record      BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX suspension_expiry ON suspension (expires_at);
    CREATE TABLE outcome (
        flow_id    TEXT PRIMARY KEY NOT NULL,
        outcome    TEXT NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
";

/// How long to wait for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Suspensions in an SQLite file.
#[derive(Debug, Clone)]
pub struct SqliteStore(Arc<Mutex<Connection>>);

impl SqliteStore {
    /// Opens the file, making it when there is none.
    ///
    /// # Errors
    /// `store_unavailable` when it cannot be opened or is no database,
    /// `store_incompatible` when a newer flowhost wrote it.
    pub fn open(path: &Path) -> Result<Self> {
        let connect = || -> rusqlite::Result<Connection> {
            restrict(path);
            let connection = Connection::open(path)?;
            connection.busy_timeout(BUSY_TIMEOUT)?;
            // Changing the mode does not wait for others by itself.
            patiently(|| connection.pragma_update(None, "journal_mode", "WAL"))?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            // A consumed record holds personal data: overwrite it on disk.
            connection.pragma_update(None, "secure_delete", "ON")?;
            Ok(connection)
        };
        let at = |error: rusqlite::Error| {
            let message = format!("{}: {error}", path.display());
            Error::new(Code::StoreUnavailable, message)
                .with_hint("name another file with --store sqlite:PATH, or use --store memory:")
        };
        let mut connection = connect().map_err(at)?;
        let version = patiently(|| migrate(&mut connection)).map_err(at)?;
        if version != SCHEMA_VERSION {
            let message = format!(
                "{} was written in form {version}, this flowhost knows form {SCHEMA_VERSION}",
                path.display()
            );
            return Err(Error::new(Code::StoreIncompatible, message));
        }
        Ok(SqliteStore(Arc::new(Mutex::new(connection))))
    }

    /// Runs `work` in a transaction on a thread that may block.
    fn transact<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        let connection = Arc::clone(&self.0);
        let blocking = move || {
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            // Immediate: a read that later writes could fail half-way.
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(blocking).await;
            let unavailable = |why: String| Error::new(Code::StoreUnavailable, why);
            done.map_err(|error| unavailable(error.to_string()))?
                .map_err(|error: rusqlite::Error| unavailable(error.to_string()))
        })
    }
}

/// Tries again while another process holds what is needed.
fn patiently<T>(mut work: impl FnMut() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    const PAUSE: Duration = Duration::from_millis(10);
    let tries = BUSY_TIMEOUT.as_millis() / PAUSE.as_millis();
    for _ in 1..tries {
        match work() {
            Err(rusqlite::Error::SqliteFailure(error, _))
                if matches!(error.code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) =>
            {
                std::thread::sleep(PAUSE);
            }
            other => return other,
        }
    }
    work()
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

impl Store for SqliteStore {
    fn suspend(&self, suspension: NewSuspension) -> StoreFuture<'_, ()> {
        self.transact(move |tx| insert(tx, &suspension))
    }

    fn look(&self, ticket: Digest, now: Timestamp) -> StoreFuture<'_, Look> {
        self.transact(move |tx| {
            let sql = "SELECT flow_id, flow, origin, created_at, expires_at, lease_ms, record
                       FROM suspension WHERE ticket = ?1";
            let found = tx.query_row(sql, [ticket.as_bytes()], |row| Ok((head(row)?, row.get(6)?)));
            Ok(match (refusal(tx, ticket, now)?, found.optional()?) {
                (None, Some((head, record))) => Look::Waiting { head, record },
                (refusal, _) => Look::Refused(refusal.unwrap_or(Refusal::Unknown)),
            })
        })
    }

    fn claim(&self, ticket: Digest, now: Timestamp) -> StoreFuture<'_, Claim> {
        self.transact(move |tx| {
            // Not in SQL, where a sum that overflows is no integer any more.
            let lease_millis = tx
                .query_row(
                    "SELECT lease_ms FROM suspension WHERE ticket = ?1",
                    [ticket.as_bytes()],
                    |row| unsigned(row, 0),
                )
                .optional()?;
            let until = now.plus_millis(lease_millis.unwrap_or(0));
            // The row count decides who won.
            let won = tx.execute(
                "UPDATE suspension
                 SET status = 'claimed', generation = generation + 1, lease_until = ?3
                 WHERE ticket = ?1 AND expires_at > ?2
                   AND (status = 'waiting' OR (status = 'claimed' AND lease_until <= ?2))",
                params![ticket.as_bytes(), now.as_millis(), until.as_millis()],
            )?;
            if won == 0 {
                let refusal = refusal(tx, ticket, now)?;
                return Ok(Claim::Refused(refusal.unwrap_or(Refusal::AlreadyUsed)));
            }
            let sql = "SELECT generation FROM suspension WHERE ticket = ?1";
            let generation = tx.query_row(sql, [ticket.as_bytes()], |row| unsigned(row, 0))?;
            Ok(Claim::Taken(Lease { ticket, generation }))
        })
    }

    fn settle(&self, lease: Lease, settlement: Settlement) -> StoreFuture<'_, bool> {
        self.transact(move |tx| {
            let held = tx.execute(
                "UPDATE suspension SET status = 'consumed', record = x''
                 WHERE ticket = ?1 AND generation = ?2 AND status = 'claimed'",
                params![lease.ticket.as_bytes(), lease.generation.cast_signed()],
            )?;
            if held == 0 {
                return Ok(false);
            }
            match settlement {
                Settlement::Suspended(next) => insert(tx, &next)?,
                Settlement::Ended(outcome) => {
                    tx.execute(
                        "INSERT INTO outcome (flow_id, outcome, expires_at)
                         SELECT flow_id, ?2, expires_at FROM suspension WHERE ticket = ?1",
                        params![lease.ticket.as_bytes(), outcome],
                    )?;
                }
            }
            Ok(true)
        })
    }

    fn outcome(&self, flow_id: &str) -> StoreFuture<'_, Option<String>> {
        let flow_id = flow_id.to_owned();
        self.transact(move |tx| {
            let sql = "SELECT outcome FROM outcome WHERE flow_id = ?1";
            tx.query_row(sql, [flow_id], |row| row.get(0)).optional()
        })
    }

    fn sweep(&self, before: Timestamp) -> StoreFuture<'_, u64> {
        self.transact(move |tx| {
            let before = before.as_millis();
            tx.execute("DELETE FROM outcome WHERE expires_at < ?1", [before])?;
            let gone = tx.execute("DELETE FROM suspension WHERE expires_at < ?1", [before])?;
            Ok(gone as u64)
        })
    }
}

fn insert(tx: &Transaction<'_>, suspension: &NewSuspension) -> rusqlite::Result<()> {
    let NewSuspension { ticket, head, record } = suspension;
    tx.execute(
        "INSERT INTO suspension (ticket, flow_id, flow, origin, created_at, expires_at, lease_ms,
                                 status, generation, lease_until, record)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'waiting', 0, 0, ?8)",
        params![
            ticket.as_bytes(),
            head.flow_id,
            head.flow,
            head.origin,
            head.created_at.as_millis(),
            head.expires_at.as_millis(),
            head.lease_millis.cast_signed(),
            record
        ],
    )?;
    Ok(())
}

fn head(row: &Row<'_>) -> rusqlite::Result<Head> {
    Ok(Head {
        flow_id: row.get(0)?,
        flow: row.get(1)?,
        origin: row.get(2)?,
        created_at: Timestamp::from_millis(row.get(3)?),
        expires_at: Timestamp::from_millis(row.get(4)?),
        lease_millis: unsigned(row, 5)?,
    })
}

/// SQLite's integers are signed; ours in these columns never are.
fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get(column).map(i64::cast_unsigned)
}

/// Why a ticket cannot be claimed; none when it can.
fn refusal(
    tx: &Transaction<'_>,
    ticket: Digest,
    now: Timestamp,
) -> rusqlite::Result<Option<Refusal>> {
    let sql = "SELECT status, lease_until, expires_at FROM suspension WHERE ticket = ?1";
    let columns = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?));
    let row: Option<(String, i64, i64)> =
        tx.query_row(sql, [ticket.as_bytes()], columns).optional()?;
    let now = now.as_millis();
    Ok(match row {
        None => Some(Refusal::Unknown),
        Some((status, ..)) if status == "consumed" => Some(Refusal::AlreadyUsed),
        Some((status, until, _)) if status == "claimed" && now < until => {
            Some(Refusal::AlreadyUsed)
        }
        Some((.., expires)) if now >= expires => Some(Refusal::Expired),
        Some(_) => None,
    })
}
