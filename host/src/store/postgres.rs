//! [`PostgresStore`]: suspensions in PostgreSQL, shared by any number of
//! processes on any number of machines. Every call is one statement, or one
//! transaction, at READ COMMITTED; what decides is how many rows a guarded
//! update changed.

mod columns;
mod connections;
mod fault;
mod rows;
mod schema;
mod settings;
mod sweep;
mod tls;

use std::fmt;
use std::sync::Arc;

use tokio::runtime::Runtime;

use super::{
    Cancel, Claim, End, Found, Lease, Look, NewSuspension, Settlement, Store, StoreFuture,
};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::error::{Code, Error, Result};
use connections::{Call, Connections};
use settings::Settings;

/// Suspensions in PostgreSQL 13 or newer, in a schema `flowhost` that is made
/// when it is not there. Cheap to clone; the connections are closed with the
/// last clone. They live on a thread of the store's own, so that it may be
/// used from any runtime, and a call that nobody waits for any more leaves no
/// connection half-way.
///
/// # The URL
/// `postgres://USER:PASSWORD@HOST:PORT/DATABASE?OPTION=VALUE&…`, as libpq
/// reads it; what is special in a password is percent-encoded. Neither errors
/// nor logs nor `Debug` show it. The environment variables of libpq are not
/// read.
///
/// | option | | by default |
/// |---|---|---|
/// | `sslmode` | `disable`, `prefer`, `require`, `verify-ca`, `verify-full`; `allow` is refused | `prefer` |
/// | `sslrootcert` | a file with the authorities to trust; with it `require` means `verify-ca` | those of the machine |
/// | `connect_timeout` | seconds for each address | 2 |
/// | `statement_timeout` | milliseconds the server spends on a statement | 3000 |
/// | `lock_timeout` | milliseconds it waits for a lock | 2000 |
/// | `pool_size` | how many connections at most, 1 to 1000 | 16 |
///
/// Also `application_name`, `channel_binding`, `keepalives…`,
/// `load_balance_hosts`, `options`, `target_session_attrs` and
/// `tcp_user_timeout`, as in libpq. `verify-full` is what a network needs that
/// others can reach: with `prefer` and `require` nobody knows who answers.
///
/// # When the server is away
/// A call that finds no connection, or loses it, is repeated with the same
/// values for up to two seconds, at growing distances. Then, or when it takes
/// longer than the statement timeout and three seconds, it answers
/// `store_unavailable`. At most 1,024 calls are under way at once; one more
/// answers `store_unavailable` immediately.
#[derive(Clone)]
pub struct PostgresStore(Arc<Shared>);

struct Shared {
    connections: Arc<Connections>,
    /// Always there until it is dropped.
    runtime: Option<Runtime>,
}

impl PostgresStore {
    /// A store in the database that `url` names. Connects when it is needed.
    ///
    /// # Errors
    /// `usage` when the URL is none, or has an option that is not known;
    /// `store_unavailable` when the authorities to trust cannot be read.
    pub fn new(url: &str) -> Result<Self> {
        let connections = Arc::new(Connections::new(Settings::parse(url)?)?);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("flowhost-postgres")
            .enable_all()
            .build()
            .map_err(|error| Error::new(Code::StoreUnavailable, error.to_string()))?;
        Ok(PostgresStore(Arc::new(Shared { connections, runtime: Some(runtime) })))
    }

    fn ask<C: Call>(&self, call: C) -> StoreFuture<'_, C::Answer> {
        let connections = Arc::clone(&self.0.connections);
        let task = self
            .0
            .runtime
            .as_ref()
            .map(|runtime| runtime.spawn(async move { connections.ask(&call).await }));
        Box::pin(async move {
            let gone = || Error::new(Code::StoreUnavailable, "the thread of the store has ended");
            task.ok_or_else(gone)?.await.map_err(|_| gone())?
        })
    }
}

/// Without waiting: the last clone may go where one must not block.
impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}

impl Store for PostgresStore {
    fn suspend(&self, suspension: NewSuspension) -> StoreFuture<'_, ()> {
        self.ask(rows::Suspend(suspension))
    }

    fn look(&self, ticket: Digest, now: Timestamp) -> StoreFuture<'_, Look> {
        self.ask(rows::LookAt { ticket, now })
    }

    fn claim(&self, lease: Lease, now: Timestamp) -> StoreFuture<'_, Claim> {
        self.ask(rows::Take { lease, now })
    }

    fn settle(&self, lease: Lease, settlement: Settlement) -> StoreFuture<'_, bool> {
        self.ask(rows::Settle { lease, settlement })
    }

    fn find(&self, flow_id: &str, now: Timestamp) -> StoreFuture<'_, Option<Found>> {
        self.ask(rows::Find { flow_id: flow_id.to_owned(), now })
    }

    fn cancel(&self, end: End, now: Timestamp) -> StoreFuture<'_, Cancel> {
        self.ask(rows::CancelFlow { end, now })
    }

    fn sweep(&self, before: Timestamp, now: Timestamp) -> StoreFuture<'_, u64> {
        Box::pin(async move {
            let mut all = 0;
            loop {
                // Others get their turn in between.
                let swept = self.ask(sweep::Sweep { before, now }).await?;
                all += swept.forgotten;
                if !swept.more {
                    return Ok(all);
                }
            }
        })
    }

    fn ready(&self) -> StoreFuture<'_, ()> {
        self.ask(rows::Ready)
    }

    fn keep_component(
        &self,
        digest: Digest,
        component: Vec<u8>,
        until: Timestamp,
    ) -> StoreFuture<'_, bool> {
        self.ask(sweep::KeepComponent { digest, component, until })
    }

    fn component(&self, digest: Digest) -> StoreFuture<'_, Option<Vec<u8>>> {
        self.ask(sweep::Component(digest))
    }
}
