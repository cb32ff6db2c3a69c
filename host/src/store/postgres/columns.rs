//! What is kept, as columns, and back. A row that cannot be what this store
//! wrote is an error, never a guess.

use deadpool_postgres::ClientWrapper;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::super::{End, Head, Lease, NewSuspension};
use super::fault::Fault;
use crate::clock::Timestamp;
use crate::digest::Digest;

pub(super) type Parameter<'a> = &'a (dyn ToSql + Sync);

/// The columns of a head, in the order of [`head`]; of the table `s`.
pub(super) const HEAD: &str = "s.flow_id, s.tenant, s.flow, s.flow_digest, s.action, s.subject,
                               s.origin, s.created_at, s.expires_at, s.lease_millis";

/// How many columns that are.
pub(super) const HEAD_COLUMNS: usize = 10;

/// A new suspension, in the order of the table.
pub(super) struct Suspension<'a> {
    bytes: [&'a [u8]; 7],
    origin: Option<&'a [u8]>,
    numbers: [i64; 3],
    record: &'a [u8],
}

impl<'a> Suspension<'a> {
    pub(super) fn of(suspension: &'a NewSuspension) -> Self {
        let NewSuspension { ticket, head, record } = suspension;
        Suspension {
            bytes: [
                ticket.as_bytes(),
                head.flow_id.as_bytes(),
                head.tenant.as_bytes(),
                head.flow.as_bytes(),
                head.flow_digest.as_bytes(),
                head.action.as_bytes(),
                head.subject.as_bytes(),
            ],
            origin: head.origin.as_deref().map(str::as_bytes),
            numbers: [
                head.created_at.as_millis(),
                head.expires_at.as_millis(),
                // PostgreSQL's integers are signed; this one never is.
                head.lease_millis.cast_signed(),
            ],
            record,
        }
    }

    pub(super) fn parameters(&self) -> [Parameter<'_>; 12] {
        let [ticket, flow_id, tenant, flow, flow_digest, action, subject] = &self.bytes;
        let [created_at, expires_at, lease_millis] = &self.numbers;
        [
            ticket,
            flow_id,
            tenant,
            flow,
            flow_digest,
            action,
            subject,
            &self.origin,
            created_at,
            expires_at,
            lease_millis,
            &self.record,
        ]
    }
}

/// The end of a flow, in the order of the table.
pub(super) struct Ending<'a> {
    names: [&'a [u8]; 3],
    ended_at: i64,
    record: &'a [u8],
}

impl<'a> Ending<'a> {
    pub(super) fn of(end: &'a End) -> Self {
        let End { flow_id, outcome, flow, ended_at, record } = end;
        let names = [flow_id.as_bytes(), outcome.as_bytes(), flow.as_bytes()];
        Ending { names, ended_at: ended_at.as_millis(), record }
    }

    pub(super) fn parameters(&self) -> [Parameter<'_>; 5] {
        let [flow_id, outcome, flow] = &self.names;
        [flow_id, outcome, flow, &self.ended_at, &self.record]
    }
}

/// What decides about a suspension, beside its head.
pub(super) struct Standing {
    claimed: bool,
    lease_until: Timestamp,
    pub(super) settled_at: Option<Timestamp>,
}

impl Standing {
    /// From three columns on: whether somebody holds it, until when, and when
    /// it was settled.
    pub(super) fn read(row: &Row, from: usize) -> Result<Self, Fault> {
        Ok(Standing {
            claimed: row.try_get(from)?,
            lease_until: Timestamp::from_millis(row.try_get(from + 1)?),
            settled_at: row.try_get::<_, Option<i64>>(from + 2)?.map(Timestamp::from_millis),
        })
    }

    pub(super) fn running(&self, now: Timestamp) -> bool {
        self.claimed && self.settled_at.is_none() && now < self.lease_until
    }
}

pub(super) fn head(row: &Row, from: usize) -> Result<Head, Fault> {
    let origin = match row.try_get::<_, Option<&[u8]>>(from + 6)? {
        Some(_) => Some(text(row, from + 6)?),
        None => None,
    };
    Ok(Head {
        flow_id: text(row, from)?,
        tenant: text(row, from + 1)?,
        flow: text(row, from + 2)?,
        flow_digest: digest(row, from + 3)?,
        action: digest(row, from + 4)?,
        subject: digest(row, from + 5)?,
        origin,
        created_at: Timestamp::from_millis(row.try_get(from + 7)?),
        expires_at: Timestamp::from_millis(row.try_get(from + 8)?),
        lease_millis: row.try_get::<_, i64>(from + 9)?.cast_unsigned(),
    })
}

pub(super) fn text(row: &Row, column: usize) -> Result<String, Fault> {
    let bytes: Vec<u8> = row.try_get(column)?;
    String::from_utf8(bytes).map_err(|_| Fault::Damaged("a name in a row is not UTF-8"))
}

pub(super) fn digest(row: &Row, column: usize) -> Result<Digest, Fault> {
    let bytes: &[u8] = row.try_get(column)?;
    let bytes =
        bytes.try_into().map_err(|_| Fault::Damaged("a digest in a row has no 32 bytes"))?;
    Ok(Digest::from_bytes(bytes))
}

/// The two parameters that name a lease.
pub(super) fn key(lease: &Lease) -> (&[u8], i64) {
    (lease.ticket.as_bytes(), lease.holder.cast_signed())
}

/// Executes a statement; how many rows it changed.
pub(super) async fn execute(
    client: &ClientWrapper,
    sql: &str,
    parameters: &[Parameter<'_>],
) -> Result<u64, Fault> {
    let statement = client.prepare_cached(sql).await?;
    Ok(client.execute(&statement, parameters).await?)
}

/// The row that a query has, if it has one.
pub(super) async fn first(
    client: &ClientWrapper,
    sql: &str,
    parameters: &[Parameter<'_>],
) -> Result<Option<Row>, Fault> {
    let statement = client.prepare_cached(sql).await?;
    Ok(client.query_opt(&statement, parameters).await?)
}
