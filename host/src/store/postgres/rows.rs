//! The calls, as statements: each one statement, so that it is one round trip
//! and one commit. Only a call that changed nothing asks once more why.

use deadpool_postgres::ClientWrapper;

use super::super::{
    Cancel, Claim, End, Found, Lease, Look, NewSuspension, Next, Refusal, Settlement,
};
use super::columns::{
    Ending, HEAD, HEAD_COLUMNS, Parameter, Standing, Suspension, digest, execute, first, head, key,
    text,
};
use super::connections::Call;
use super::fault::Fault;
use crate::clock::Timestamp;
use crate::digest::Digest;

pub(super) struct Suspend(pub(super) NewSuspension);

impl Call for Suspend {
    type Answer = ();

    async fn run(&self, client: &ClientWrapper, _again: bool) -> Result<(), Fault> {
        // A ticket that is there is this suspension: the call is repeated.
        let sql = "INSERT INTO flowhost.suspension
                       (ticket, flow_id, tenant, flow, flow_digest, action, subject, origin,
                        created_at, expires_at, lease_millis, record)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                   ON CONFLICT (ticket) DO NOTHING";
        let columns = Suspension::of(&self.0);
        execute(client, sql, &columns.parameters()).await?;
        Ok(())
    }
}

pub(super) struct LookAt {
    pub(super) ticket: Digest,
    pub(super) now: Timestamp,
}

impl Call for LookAt {
    type Answer = Look;

    async fn run(&self, client: &ClientWrapper, _again: bool) -> Result<Look, Fault> {
        let sql = format!(
            "SELECT {HEAD}, s.record, s.answer, s.holder IS NOT NULL, s.lease_until, s.settled_at
             FROM flowhost.suspension s WHERE s.ticket = $1",
        );
        let ticket = self.ticket.as_bytes().as_slice();
        let Some(row) = first(client, &sql, &[&ticket]).await? else {
            return Ok(Look::Refused(Refusal::Unknown));
        };
        let head = head(&row, 0)?;
        let standing = Standing::read(&row, HEAD_COLUMNS + 2)?;
        Ok(match standing.settled_at {
            Some(settled_at) => {
                let answer: Option<Vec<u8>> = row.try_get(HEAD_COLUMNS + 1)?;
                Look::Settled { head, answer: answer.unwrap_or_default(), settled_at }
            }
            None if standing.running(self.now) => {
                Look::Running { head, record: row.try_get(HEAD_COLUMNS)? }
            }
            None if self.now >= head.expires_at => Look::Refused(Refusal::Expired),
            None => Look::Waiting { head, record: row.try_get(HEAD_COLUMNS)? },
        })
    }
}

pub(super) struct Take {
    pub(super) lease: Lease,
    pub(super) now: Timestamp,
}

impl Call for Take {
    type Answer = Claim;

    async fn run(&self, client: &ClientWrapper, _again: bool) -> Result<Claim, Fault> {
        // The row count decides who won. What is read beside it is how the row
        // stood before; it only says why not. A lease may be longer than any
        // clock can count, which `bigint` could not add.
        let sql = "WITH taken AS (
                UPDATE flowhost.suspension
                SET holder = $3,
                    lease_until = least(9223372036854775807, $2::bigint::numeric
                        + CASE WHEN lease_millis < 0 THEN 9223372036854775807
                               ELSE lease_millis END)::bigint
                WHERE ticket = $1 AND settled_at IS NULL
                  AND CASE WHEN holder IS NOT NULL AND lease_until > $2
                           THEN holder = $3 ELSE expires_at > $2 END
                RETURNING 1)
            SELECT s.expires_at, s.holder IS NOT NULL, s.lease_until, s.settled_at,
                   (SELECT count(*) FROM taken)
            FROM flowhost.suspension s WHERE s.ticket = $1";
        let (ticket, holder) = key(&self.lease);
        let now = self.now.as_millis();
        let Some(row) = first(client, sql, &[&ticket, &now, &holder]).await? else {
            return Ok(Claim::Refused(Refusal::Unknown));
        };
        let expires_at = Timestamp::from_millis(row.try_get(0)?);
        let standing = Standing::read(&row, 1)?;
        Ok(match row.try_get::<_, i64>(4)? {
            1 => Claim::Taken,
            _ if standing.settled_at.is_some() => Claim::Refused(Refusal::AlreadyUsed),
            _ if !standing.running(self.now) && self.now >= expires_at => {
                Claim::Refused(Refusal::Expired)
            }
            _ => Claim::Refused(Refusal::InUse),
        })
    }
}

pub(super) struct Settle {
    pub(super) lease: Lease,
    pub(super) settlement: Settlement,
}

/// Consumes what the lease holds. No answer is kept as none.
const SETTLED: &str = "WITH settled AS (
        UPDATE flowhost.suspension
        SET record = '', answer = nullif($3::bytea, ''), settled_at = $4
        WHERE ticket = $1 AND holder = $2 AND settled_at IS NULL
        RETURNING 1)";

impl Call for Settle {
    type Answer = bool;

    async fn run(&self, client: &ClientWrapper, _again: bool) -> Result<bool, Fault> {
        let (ticket, holder) = key(&self.lease);
        let Settlement { settled_at, answer, next } = &self.settlement;
        let settled_at = settled_at.as_millis();
        let mut parameters: Vec<Parameter<'_>> = vec![&ticket, &holder, answer, &settled_at];
        let settled = match next {
            Next::Suspended(next) => {
                let sql = format!(
                    "{SETTLED}
                     INSERT INTO flowhost.suspension
                         (ticket, flow_id, tenant, flow, flow_digest, action, subject, origin,
                          created_at, expires_at, lease_millis, record)
                     SELECT $5::bytea, $6::bytea, $7::bytea, $8::bytea, $9::bytea, $10::bytea,
                            $11::bytea, $12::bytea, $13::bigint, $14::bigint, $15::bigint,
                            $16::bytea
                     FROM settled
                     ON CONFLICT (ticket) DO NOTHING"
                );
                let columns = Suspension::of(next);
                parameters.extend(columns.parameters());
                execute(client, &sql, &parameters).await?
            }
            Next::Ended(end) => {
                let sql = format!("{SETTLED} {}", insert_end("settled", 5));
                let columns = Ending::of(end);
                parameters.extend(columns.parameters());
                execute(client, &sql, &parameters).await?
            }
        };
        if settled == 1 {
            return Ok(true);
        }
        // Settled by this very lease: the call is repeated. A statement of its
        // own, which sees what the first attempt has committed meanwhile.
        let sql = "SELECT 1 FROM flowhost.suspension
                   WHERE ticket = $1 AND holder = $2 AND settled_at IS NOT NULL";
        Ok(first(client, sql, &[&ticket, &holder]).await?.is_some())
    }
}

pub(super) struct Find {
    pub(super) flow_id: String,
    pub(super) now: Timestamp,
}

impl Call for Find {
    type Answer = Option<Found>;

    async fn run(&self, client: &ClientWrapper, _again: bool) -> Result<Self::Answer, Fault> {
        find(client, &self.flow_id, self.now).await
    }
}

/// Both at once: a flow that ends in between is found either way.
async fn find(
    client: &ClientWrapper,
    flow_id: &str,
    now: Timestamp,
) -> Result<Option<Found>, Fault> {
    let sql = format!(
        "SELECT e.outcome, e.flow, e.ended_at, e.record, {HEAD}, s.ticket, s.record,
                s.holder IS NOT NULL, s.lease_until, s.settled_at
         FROM (SELECT $1::bytea AS id) AS asked
         LEFT JOIN flowhost.ending e ON e.flow_id = asked.id
         LEFT JOIN flowhost.suspension s ON s.flow_id = asked.id AND s.settled_at IS NULL",
    );
    let Some(row) = first(client, &sql, &[&flow_id.as_bytes()]).await? else { return Ok(None) };
    if row.try_get::<_, Option<&[u8]>>(0)?.is_some() {
        return Ok(Some(Found::Ended(End {
            flow_id: flow_id.to_owned(),
            outcome: text(&row, 0)?,
            flow: text(&row, 1)?,
            ended_at: Timestamp::from_millis(row.try_get(2)?),
            record: row.try_get(3)?,
        })));
    }
    let after = 4 + HEAD_COLUMNS;
    if row.try_get::<_, Option<&[u8]>>(after)?.is_none() {
        return Ok(None);
    }
    let running = Standing::read(&row, after + 2)?.running(now);
    let (ticket, head) = (digest(&row, after)?, head(&row, 4)?);
    Ok(Some(Found::Suspended { ticket, head, record: row.try_get(after + 1)?, running }))
}

pub(super) struct CancelFlow {
    pub(super) end: End,
    pub(super) now: Timestamp,
}

impl Call for CancelFlow {
    type Answer = Cancel;

    async fn run(&self, client: &ClientWrapper, again: bool) -> Result<Cancel, Fault> {
        let sql = format!(
            "WITH gone AS (
                 UPDATE flowhost.suspension
                 SET record = '', holder = NULL, settled_at = $4
                 WHERE flow_id = $1 AND settled_at IS NULL
                   AND (holder IS NULL OR lease_until <= $6)
                 RETURNING 1)
             {}",
            insert_end("gone", 1)
        );
        let columns = Ending::of(&self.end);
        let now = self.now.as_millis();
        let mut parameters = columns.parameters().to_vec();
        parameters.push(&now);
        if execute(client, &sql, &parameters).await? == 1 {
            return Ok(Cancel::Done);
        }
        Ok(match find(client, &self.end.flow_id, self.now).await? {
            // By the attempt before, whose answer was lost.
            Some(Found::Ended(end)) if again && end == self.end => Cancel::Done,
            Some(Found::Ended(_)) => Cancel::Ended,
            Some(Found::Suspended { .. }) => Cancel::Running,
            None => Cancel::Unknown,
        })
    }
}

pub(super) struct Ready;

impl Call for Ready {
    type Answer = ();

    async fn run(&self, client: &ClientWrapper, _again: bool) -> Result<(), Fault> {
        Ok(client.check_connection().await?)
    }
}

/// The end of a flow, if `guard` has a row; its columns are the parameters from
/// `from` on.
fn insert_end(guard: &str, from: usize) -> String {
    let [id, outcome, flow, ended_at, record] = [0, 1, 2, 3, 4].map(|column| from + column);
    format!(
        "INSERT INTO flowhost.ending (flow_id, outcome, flow, ended_at, record)
         SELECT ${id}::bytea, ${outcome}::bytea, ${flow}::bytea, ${ended_at}::bigint,
                ${record}::bytea
         FROM {guard}"
    )
}
