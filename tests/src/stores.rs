//! Every store, empty, and what to keep in one.

use std::sync::Arc;

use flowhost::store::{
    Claim, End, Head, Lease, Look, MemoryStore, NewSuspension, Next, PostgresStore, Settlement,
    SqliteStore, Store,
};
use flowhost::{Digest, Timestamp};
use tempfile::TempDir;

use crate::{shared_postgres, wait_for};

/// How long what [`suspension`] makes may wait, in milliseconds.
pub const LIFETIME: i64 = 100_000;

/// How long a claim of it lasts, in milliseconds.
pub const LEASE: i64 = 1_000;

/// A store, twice: as two processes have it.
pub struct EachStore {
    /// Which one.
    pub name: &'static str,
    /// What two processes use.
    pub stores: [Arc<dyn Store>; 2],
    _folder: Option<TempDir>,
}

/// All stores of this machine, each empty. PostgreSQL only where it is
/// installed; `postgres::every_store_is_tested` tells when it is not.
pub fn every_store() -> Vec<EachStore> {
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let folder = TempDir::new().expect("a folder");
    let open = || -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(&folder.path().join("flows.db")).expect("a store"))
    };
    let sqlite = [open(), open()];
    let mut stores = vec![
        EachStore { name: "memory", stores: [memory.clone(), memory], _folder: None },
        EachStore { name: "sqlite", stores: sqlite, _folder: Some(folder) },
    ];
    if let Some(server) = shared_postgres() {
        let url = server.url(&server.database());
        let open = || -> Arc<dyn Store> { Arc::new(PostgresStore::new(&url).expect("a store")) };
        stores.push(EachStore { name: "postgres", stores: [open(), open()], _folder: None });
    }
    stores
}

/// Runs a test on every store.
pub fn on_every_store(test: impl Fn(&dyn Store)) {
    for each in every_store() {
        println!("on {}", each.name);
        test(&*each.stores[0]);
    }
}

/// The moment that many milliseconds after the epoch.
pub fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// The digest of the state with this name.
pub fn ticket(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

/// A suspension by this name, made at `created`.
pub fn suspension(name: &str, created: i64) -> NewSuspension {
    let mut head = Head::new(
        format!("flow of {name}"),
        "reset",
        at(created),
        at(created + LIFETIME),
        LEASE as u64,
    )
    .with_origin("flow.toml");
    head.tenant = format!("tenant of {name}");
    head.flow_digest = Digest::of(b"a flow");
    head.action = Digest::of(b"an action");
    head.subject = Digest::of(b"a user");
    NewSuspension { ticket: ticket(name), head, record: format!("record of {name}").into_bytes() }
}

/// How the flow of that name ends.
pub fn completed(name: &str, ended: i64) -> End {
    End {
        flow_id: format!("flow of {name}"),
        outcome: "completed".to_owned(),
        flow: "reset".to_owned(),
        ended_at: at(ended),
        record: format!("end of {name}").into_bytes(),
    }
}

/// A settlement with that answer.
pub fn settlement(next: Next, settled: i64) -> Settlement {
    Settlement { settled_at: at(settled), answer: b"an answer".to_vec(), next }
}

/// Keeps a suspension.
pub fn suspend(store: &dyn Store, name: &str, created: i64) {
    wait_for(store.suspend(suspension(name, created))).expect("suspended");
}

/// Claims for a holder.
pub fn claim(store: &dyn Store, name: &str, holder: u64, now: i64) -> Claim {
    let lease = Lease { ticket: ticket(name), holder };
    wait_for(store.claim(lease, at(now))).expect("an answer")
}

/// Claims, which must succeed.
#[track_caller]
pub fn lease(store: &dyn Store, name: &str, holder: u64, now: i64) -> Lease {
    assert_eq!(claim(store, name, holder, now), Claim::Taken, "{name} at {now}");
    Lease { ticket: ticket(name), holder }
}

/// Looks.
pub fn look(store: &dyn Store, name: &str, now: i64) -> Look {
    wait_for(store.look(ticket(name), at(now))).expect("an answer")
}

/// Settles with the end of the flow called `name`.
pub fn end(store: &dyn Store, lease: Lease, name: &str, now: i64) -> bool {
    settle(store, lease, Next::Ended(completed(name, now)), now)
}

/// Settles.
pub fn settle(store: &dyn Store, lease: Lease, next: Next, now: i64) -> bool {
    wait_for(store.settle(lease, settlement(next, now))).expect("an answer")
}
