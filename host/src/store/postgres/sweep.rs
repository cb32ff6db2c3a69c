//! What forgets, a little at a time, so that others get their turn; and what
//! keeps components for the machines that do not have them.
//!
//! A row that somebody uses right now is skipped: the next sweep meets it.

use deadpool_postgres::ClientWrapper;

use super::super::ANSWER_MILLIS;
use super::columns::{Parameter, execute, first};
use super::connections::Call;
use super::fault::Fault;
use crate::clock::Timestamp;
use crate::digest::Digest;

/// How many rows a part of a sweep forgets.
const CHUNK: i64 = 500;

/// A part of a sweep.
pub(super) struct Sweep {
    pub(super) before: Timestamp,
    pub(super) now: Timestamp,
}

/// What it came to.
pub(super) struct Swept {
    pub(super) forgotten: u64,
    /// Whether there may be more to forget.
    pub(super) more: bool,
}

// The limit is in a part of its own that is computed once: in a subquery it
// might be computed for each row.
const ANSWERS: &str = "WITH chunk AS MATERIALIZED (
        SELECT ticket FROM flowhost.suspension
        WHERE answer IS NOT NULL AND settled_at < $1
        ORDER BY settled_at LIMIT $2 FOR UPDATE SKIP LOCKED)
    UPDATE flowhost.suspension s SET answer = NULL FROM chunk WHERE s.ticket = chunk.ticket";

const ENDINGS: &str = "WITH chunk AS MATERIALIZED (
        SELECT flow_id FROM flowhost.ending WHERE ended_at < $1
        ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED)
    DELETE FROM flowhost.ending e USING chunk WHERE e.flow_id = chunk.flow_id";

const SUSPENSIONS: &str = "WITH chunk AS MATERIALIZED (
        SELECT ticket FROM flowhost.suspension
        WHERE expires_at < $1
          AND NOT (holder IS NOT NULL AND settled_at IS NULL AND lease_until > $3)
        ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
    DELETE FROM flowhost.suspension s USING chunk WHERE s.ticket = chunk.ticket";

/// A component is kept at least as long as any suspension that names it, so
/// that only those are left which a live lease, or another sweep, holds.
const COMPONENTS: &str = "WITH chunk AS MATERIALIZED (
        SELECT digest FROM flowhost.component c
        WHERE until < $1 AND NOT EXISTS (
            SELECT 1 FROM flowhost.suspension s
            WHERE s.expires_at <= c.until AND s.action = c.digest AND s.settled_at IS NULL)
        ORDER BY until LIMIT $2 FOR UPDATE SKIP LOCKED)
    DELETE FROM flowhost.component c USING chunk WHERE c.digest = chunk.digest";

impl Call for Sweep {
    type Answer = Swept;

    /// Each a transaction of its own: none holds its locks for long.
    async fn run(&self, client: &ClientWrapper, _again: bool) -> Result<Swept, Fault> {
        let (before, now) = (self.before.as_millis(), self.now.as_millis());
        let answered = now.saturating_sub_unsigned(ANSWER_MILLIS);
        let wiped = execute(client, ANSWERS, &[&answered, &CHUNK]).await?;
        let ended = execute(client, ENDINGS, &[&before, &CHUNK]).await?;
        let expired = execute(client, SUSPENSIONS, &[&before, &CHUNK, &now]).await?;
        let full = |count: u64| count == CHUNK.cast_unsigned();
        // Last: it looks through the suspensions that ended and are still there.
        let gone = match full(expired) {
            true => 0,
            false => execute(client, COMPONENTS, &[&before, &CHUNK]).await?,
        };
        Ok(Swept {
            forgotten: ended + expired,
            more: [wiped, ended, expired, gone].into_iter().any(full),
        })
    }
}

/// Keeps a component.
pub(super) struct KeepComponent {
    pub(super) digest: Digest,
    pub(super) component: Vec<u8>,
    pub(super) until: Timestamp,
}

impl Call for KeepComponent {
    type Answer = bool;

    async fn run(&self, client: &ClientWrapper, _again: bool) -> Result<bool, Fault> {
        let digest: Parameter<'_> = &self.digest.as_bytes().as_slice();
        let until = self.until.as_millis();
        // Its bytes are sent when it is not there.
        let sql = "UPDATE flowhost.component SET until = greatest(until, $2) WHERE digest = $1";
        if execute(client, sql, &[digest, &until]).await? == 0 {
            let sql = "INSERT INTO flowhost.component AS c (digest, bytes, until)
                       VALUES ($1, $2, $3) ON CONFLICT (digest)
                       DO UPDATE SET until = greatest(c.until, excluded.until)";
            execute(client, sql, &[digest, &self.component, &until]).await?;
        }
        Ok(true)
    }
}

/// A component that was kept.
pub(super) struct Component(pub(super) Digest);

impl Call for Component {
    type Answer = Option<Vec<u8>>;

    async fn run(&self, client: &ClientWrapper, _again: bool) -> Result<Self::Answer, Fault> {
        let sql = "SELECT bytes FROM flowhost.component WHERE digest = $1";
        let digest = self.0.as_bytes().as_slice();
        let row = first(client, sql, &[&digest]).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }
}
