//! The tables, and how they came to have the form they have. Migrations are
//! applied under a lock, one process after another; a form that is newer than
//! this program is left alone.
//!
//! Names are kept as bytes: PostgreSQL's text holds no NUL, depends on the
//! encoding of the database, and its order on the libraries of the machine.

use deadpool_postgres::{ClientWrapper, Transaction};
use tokio_postgres::error::SqlState;

use super::fault::Fault;

/// Each brings the tables into the next form; what was released is never
/// changed any more.
const MIGRATIONS: &[&str] = &[FIRST];

/// A suspension waits while it has no `holder`, is claimed while it has one,
/// and is consumed from `settled_at` on. A claim changes no column of an index,
/// and finds room in the same page: it writes no index. Records are sealed, and
/// do not get smaller by compressing them.
const FIRST: &str = "
    CREATE TABLE flowhost.suspension (
        ticket       bytea PRIMARY KEY,
        flow_id      bytea NOT NULL,
        tenant       bytea NOT NULL,
        flow         bytea NOT NULL,
        flow_digest  bytea NOT NULL,
        action       bytea NOT NULL,
        subject      bytea NOT NULL,
        origin       bytea,
        created_at   bigint NOT NULL,
        expires_at   bigint NOT NULL,
        lease_millis bigint NOT NULL,
        record       bytea NOT NULL,
        holder       bigint,
        lease_until  bigint NOT NULL DEFAULT 0,
        settled_at   bigint,
        answer       bytea
    ) WITH (fillfactor = 85);
    ALTER TABLE flowhost.suspension ALTER COLUMN record SET STORAGE EXTERNAL;
    ALTER TABLE flowhost.suspension ALTER COLUMN answer SET STORAGE EXTERNAL;
    CREATE UNIQUE INDEX suspension_flow ON flowhost.suspension (flow_id)
        WHERE settled_at IS NULL;
    CREATE INDEX suspension_expiry ON flowhost.suspension (expires_at);
    CREATE INDEX suspension_answer ON flowhost.suspension (settled_at)
        WHERE answer IS NOT NULL;
    CREATE TABLE flowhost.ending (
        flow_id  bytea PRIMARY KEY,
        outcome  bytea NOT NULL,
        flow     bytea NOT NULL,
        ended_at bigint NOT NULL,
        record   bytea NOT NULL
    );
    ALTER TABLE flowhost.ending ALTER COLUMN record SET STORAGE EXTERNAL;
    CREATE INDEX ending_date ON flowhost.ending (ended_at);
    CREATE TABLE flowhost.component (
        digest bytea PRIMARY KEY,
        bytes  bytea NOT NULL,
        until  bigint NOT NULL
    );
    CREATE INDEX component_date ON flowhost.component (until);
";

/// Makes sure that the tables are there, in the form that is known.
pub(super) async fn prepare(client: &mut ClientWrapper) -> Result<(), Fault> {
    // Who may only use the tables needs no right to make any.
    match version(client).await? {
        Some(version) if version == newest() => return Ok(()),
        Some(version) if version > newest() => return Err(Fault::Incompatible(version)),
        _ => {}
    }
    let transaction = client.transaction().await?;
    migrate(&transaction).await?;
    Ok(transaction.commit().await?)
}

fn newest() -> i32 {
    i32::try_from(MIGRATIONS.len()).unwrap_or(i32::MAX)
}

/// The form of the tables; none when there are none.
async fn version(client: &ClientWrapper) -> Result<Option<i32>, Fault> {
    let asked = client.query_one("SELECT max(version) FROM flowhost.schema_version", &[]).await;
    match asked {
        Ok(row) => Ok(row.try_get(0)?),
        Err(error) => match error.code() {
            Some(code)
                if [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME].contains(code) =>
            {
                Ok(None)
            }
            _ => Err(error.into()),
        },
    }
}

async fn migrate(transaction: &Transaction<'_>) -> Result<(), Fault> {
    // The others wait here until it is done; the lock ends with the transaction.
    transaction
        .batch_execute(
            "SET LOCAL lock_timeout = 0;
             SET LOCAL statement_timeout = 0;
             SELECT pg_advisory_xact_lock(hashtext('flowhost'), hashtext('schema_version'));
             CREATE SCHEMA IF NOT EXISTS flowhost;
             CREATE TABLE IF NOT EXISTS flowhost.schema_version (
                 version    integer PRIMARY KEY,
                 applied_at timestamptz NOT NULL DEFAULT now()
             )",
        )
        .await?;
    let sql = "SELECT coalesce(max(version), 0) FROM flowhost.schema_version";
    let version: i32 = transaction.query_one(sql, &[]).await?.try_get(0)?;
    if version > newest() {
        return Err(Fault::Incompatible(version));
    }
    for (done, migration) in (1..).zip(MIGRATIONS).filter(|(number, _)| *number > version) {
        transaction.batch_execute(migration).await?;
        let sql = "INSERT INTO flowhost.schema_version (version) VALUES ($1)";
        transaction.execute(sql, &[&done]).await?;
    }
    Ok(())
}
