//! The calls, as statements. Each runs in a savepoint of a transaction that
//! others share.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::super::{
    ANSWER_MILLIS, Cancel, Claim, End, Found, Head, Lease, Look, NewSuspension, Next, Refusal,
    Settlement,
};
use crate::clock::Timestamp;
use crate::digest::Digest;

/// How many rows a sweep forgets at once: each is in another place of the file,
/// and a claim waits meanwhile.
const SWEEP: i64 = 50;

/// The columns of a head, in the order of [`head`].
const HEAD: &str = "flow_id, tenant, flow, flow_digest, action, subject, origin,
                    created_at, expires_at, lease_millis";

pub(super) fn insert(connection: &Connection, suspension: &NewSuspension) -> rusqlite::Result<()> {
    let NewSuspension { ticket, head, record } = suspension;
    // A ticket that is there is this suspension: the call is repeated.
    let sql = "INSERT INTO suspension
                   (ticket, flow_id, tenant, flow, flow_digest, action, subject, origin,
                    created_at, expires_at, lease_millis, record, status)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 'waiting')
               ON CONFLICT (ticket) DO NOTHING";
    connection.prepare_cached(sql)?.execute(params![
        ticket.as_bytes(),
        head.flow_id,
        head.tenant,
        head.flow,
        head.flow_digest.as_bytes(),
        head.action.as_bytes(),
        head.subject.as_bytes(),
        head.origin,
        head.created_at.as_millis(),
        head.expires_at.as_millis(),
        head.lease_millis.cast_signed(),
        record
    ])?;
    Ok(())
}

/// What decides about a suspension, beside its head.
struct Standing {
    status: String,
    lease_until: Timestamp,
    settled_at: Option<Timestamp>,
}

impl Standing {
    /// From three columns on.
    fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        Ok(Standing {
            status: row.get(first)?,
            lease_until: Timestamp::from_millis(row.get(first + 1)?),
            settled_at: row.get::<_, Option<i64>>(first + 2)?.map(Timestamp::from_millis),
        })
    }

    fn running(&self, now: Timestamp) -> bool {
        self.status == "claimed" && now < self.lease_until
    }
}

pub(super) fn look(
    connection: &Connection,
    ticket: Digest,
    now: Timestamp,
) -> rusqlite::Result<Look> {
    let sql = format!(
        "SELECT {HEAD}, record, answer, status, lease_until, settled_at
         FROM suspension WHERE ticket = ?1"
    );
    let found = connection.prepare_cached(&sql)?.query_row([ticket.as_bytes()], |row| {
        Ok((head(row)?, row.get(10)?, row.get(11)?, Standing::read(row, 12)?))
    });
    let Some((head, record, answer, standing)) = found.optional()? else {
        return Ok(Look::Refused(Refusal::Unknown));
    };
    Ok(match standing.settled_at {
        Some(settled_at) => Look::Settled { head, answer, settled_at },
        None if standing.running(now) => Look::Running { head, record },
        None if now >= head.expires_at => Look::Refused(Refusal::Expired),
        None => Look::Waiting { head, record },
    })
}

pub(super) fn claim(
    connection: &Connection,
    lease: Lease,
    now: Timestamp,
) -> rusqlite::Result<Claim> {
    let ticket = lease.ticket.as_bytes();
    let sql = "SELECT lease_millis, expires_at, status, lease_until, settled_at
               FROM suspension WHERE ticket = ?1";
    let columns = |row: &Row<'_>| {
        let expires_at = Timestamp::from_millis(row.get(1)?);
        Ok((unsigned(row, 0)?, expires_at, Standing::read(row, 2)?))
    };
    let found = connection.prepare_cached(sql)?.query_row([ticket], columns).optional()?;
    let Some((lease_millis, expires_at, standing)) = found else {
        return Ok(Claim::Refused(Refusal::Unknown));
    };
    // The row count decides who won.
    let sql = "UPDATE suspension SET status = 'claimed', holder = ?3, lease_until = ?4
               WHERE ticket = ?1
                 AND ((status = 'waiting' AND expires_at > ?2)
                   OR (status = 'claimed' AND lease_until <= ?2 AND expires_at > ?2)
                   OR (status = 'claimed' AND lease_until > ?2 AND holder = ?3))";
    // Not in SQL, where a sum that overflows is no integer any more.
    let until = now.plus_millis(lease_millis);
    let won = connection.prepare_cached(sql)?.execute(params![
        ticket,
        now.as_millis(),
        lease.holder.cast_signed(),
        until.as_millis()
    ])?;
    Ok(match won {
        1 => Claim::Taken,
        _ if standing.settled_at.is_some() => Claim::Refused(Refusal::AlreadyUsed),
        _ if !standing.running(now) && now >= expires_at => Claim::Refused(Refusal::Expired),
        _ => Claim::Refused(Refusal::InUse),
    })
}

pub(super) fn settle(
    connection: &Connection,
    lease: Lease,
    settlement: &Settlement,
) -> rusqlite::Result<bool> {
    let (ticket, holder) = (lease.ticket.as_bytes(), lease.holder.cast_signed());
    let Settlement { settled_at, answer, next } = settlement;
    let sql = "UPDATE suspension
               SET status = 'consumed', record = x'', answer = ?3, settled_at = ?4
               WHERE ticket = ?1 AND holder = ?2 AND status = 'claimed'";
    let parameters = params![ticket, holder, answer, settled_at.as_millis()];
    if connection.prepare_cached(sql)?.execute(parameters)? == 0 {
        // Settled by this very lease: the call is repeated.
        let sql = "SELECT 1 FROM suspension
                   WHERE ticket = ?1 AND holder = ?2 AND status = 'consumed'";
        return connection.prepare_cached(sql)?.exists(params![ticket, holder]);
    }
    match next {
        Next::Suspended(next) => insert(connection, next)?,
        Next::Ended(end) => insert_end(connection, end)?,
    }
    Ok(true)
}

fn insert_end(connection: &Connection, end: &End) -> rusqlite::Result<()> {
    let End { flow_id, outcome, flow, ended_at, record } = end;
    let sql = "INSERT INTO ending (flow_id, outcome, flow, ended_at, record)
               VALUES (?1, ?2, ?3, ?4, ?5)";
    let parameters = params![flow_id, outcome, flow, ended_at.as_millis(), record];
    connection.prepare_cached(sql)?.execute(parameters).map(|_| ())
}

pub(super) fn find(
    connection: &Connection,
    flow_id: &str,
    now: Timestamp,
) -> rusqlite::Result<Option<Found>> {
    let sql = "SELECT flow_id, outcome, flow, ended_at, record FROM ending WHERE flow_id = ?1";
    let ended = connection.prepare_cached(sql)?.query_row([flow_id], |row| {
        let ended_at = Timestamp::from_millis(row.get(3)?);
        let (flow_id, outcome, flow) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(End { flow_id, outcome, flow, ended_at, record: row.get(4)? })
    });
    if let Some(end) = ended.optional()? {
        return Ok(Some(Found::Ended(end)));
    }
    let sql = format!(
        "SELECT {HEAD}, ticket, record, status, lease_until, settled_at
         FROM suspension WHERE flow_id = ?1 AND status <> 'consumed'"
    );
    let suspended = connection.prepare_cached(&sql)?.query_row([flow_id], |row| {
        let (head, ticket, standing) = (head(row)?, digest(row, 10)?, Standing::read(row, 12)?);
        let running = standing.running(now);
        Ok(Found::Suspended { ticket, head, record: row.get(11)?, running })
    });
    suspended.optional()
}

pub(super) fn cancel(
    connection: &Connection,
    end: &End,
    now: Timestamp,
) -> rusqlite::Result<Cancel> {
    let sql = "UPDATE suspension
               SET status = 'consumed', record = x'', holder = NULL, settled_at = ?2
               WHERE flow_id = ?1
                 AND (status = 'waiting' OR (status = 'claimed' AND lease_until <= ?3))";
    let parameters = params![end.flow_id, end.ended_at.as_millis(), now.as_millis()];
    if connection.prepare_cached(sql)?.execute(parameters)? == 1 {
        insert_end(connection, end)?;
        return Ok(Cancel::Done);
    }
    Ok(match find(connection, &end.flow_id, now)? {
        Some(Found::Ended(_)) => Cancel::Ended,
        Some(Found::Suspended { .. }) => Cancel::Running,
        None => Cancel::Unknown,
    })
}

/// What a part of a sweep came to.
pub(super) struct Swept {
    pub(super) forgotten: u64,
    /// Whether there may be more to forget.
    pub(super) more: bool,
}

pub(super) fn sweep(
    connection: &Connection,
    before: Timestamp,
    now: Timestamp,
) -> rusqlite::Result<Swept> {
    let (before, now) = (before.as_millis(), now.as_millis());
    let answered = now.saturating_sub_unsigned(ANSWER_MILLIS);
    let answers = "UPDATE suspension SET answer = x'' WHERE rowid IN
        (SELECT rowid FROM suspension WHERE answer <> x'' AND settled_at < ?1 LIMIT ?2)";
    let endings = "DELETE FROM ending WHERE rowid IN
        (SELECT rowid FROM ending WHERE ended_at < ?1 LIMIT ?2)";
    let suspensions = "DELETE FROM suspension WHERE rowid IN
        (SELECT rowid FROM suspension WHERE expires_at < ?1
         AND NOT (status = 'claimed' AND lease_until > ?3) LIMIT ?2)";
    let wiped = connection.prepare_cached(answers)?.execute([answered, SWEEP])?;
    let ended = connection.prepare_cached(endings)?.execute([before, SWEEP])?;
    let expired = connection.prepare_cached(suspensions)?.execute([before, SWEEP, now])?;
    let full = |count: usize| count as i64 == SWEEP;
    Ok(Swept {
        forgotten: (ended + expired) as u64,
        more: full(wiped) || full(ended) || full(expired),
    })
}

fn head(row: &Row<'_>) -> rusqlite::Result<Head> {
    Ok(Head {
        flow_id: row.get(0)?,
        tenant: row.get(1)?,
        flow: row.get(2)?,
        flow_digest: digest(row, 3)?,
        action: digest(row, 4)?,
        subject: digest(row, 5)?,
        origin: row.get(6)?,
        created_at: Timestamp::from_millis(row.get(7)?),
        expires_at: Timestamp::from_millis(row.get(8)?),
        lease_millis: unsigned(row, 9)?,
    })
}

fn digest(row: &Row<'_>, column: usize) -> rusqlite::Result<Digest> {
    row.get(column).map(Digest::from_bytes)
}

/// SQLite's integers are signed; ours in these columns never are.
fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get(column).map(i64::cast_unsigned)
}
