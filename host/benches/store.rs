//! What the stores cost: durable suspensions beside what the same database
//! commits at best, measured in turns, and claims among a million suspended
//! flows, with and without a sweep at the same time: `cargo xtask bench store`.
//!
//! `FLOWHOST_BENCH_FLOWS` says how many flows are suspended; the word
//! `suspensions` or `claims` measures only that, `sqlite` or `postgres` only
//! claims in that.

#[path = "store/many.rs"]
mod many;
mod measure;
// The server that the tests start.
#[path = "../../tests/src/postgres.rs"]
#[expect(dead_code, unreachable_pub, reason = "the tests need more of it")]
mod postgres;
#[path = "store/raw.rs"]
mod raw;
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flowhost::store::{Head, NewSuspension, PostgresStore, SqliteStore, Store};
use flowhost::{Digest, Timestamp};
use measure::{now, write_report};
use raw::Raw;
use serde_json::{Value, json};
use server::{nobody, project, wait_for};

/// The size of a sealed record.
const RECORD: usize = 1024;

const ROUNDS: usize = 9;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let profile =
        if cfg!(debug_assertions) { "dev: only dependencies optimised" } else { "release" };
    println!("profile: {profile}; records of {RECORD} bytes");
    let server = postgres::own_postgres("max_wal_size = 4GB");
    let mut report = json!({ "profile": profile, "record_bytes": RECORD });
    let words: Vec<String> = std::env::args().collect();
    let only = |part: &str| words.iter().any(|word| word == part);
    if !only("claims") {
        report["suspensions"] = suspensions(&runtime, server.as_ref());
    }
    if !only("suspensions") {
        report["claims"] = many::claims(&runtime, server.as_ref());
    }
    write_report(&report);
}

/// Both at each concurrency, in turns, so that the ratio holds on a busy
/// machine.
fn suspensions(runtime: &tokio::runtime::Runtime, server: Option<&postgres::Postgres>) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(&folder.path().join("flows.db")).expect("a store");
    let raw = Raw::sqlite(&folder.path().join("raw.db"));
    let mut contenders: Vec<(&str, Arc<dyn Store>, Raw)> = vec![("sqlite", Arc::new(store), raw)];
    if let Some(server) = server {
        let url = server.url(&server.database());
        let store = PostgresStore::new(&url).expect("a store");
        let raw = runtime.block_on(Raw::postgres(&url));
        contenders.push(("postgres", Arc::new(store), raw));
    }
    println!("\nsuspensions/s         at once    store      raw    ratio (median of {ROUNDS})");
    let mut rows = Vec::new();
    for (name, store, raw) in contenders {
        for at_once in [1, 8, 64] {
            let rounds = (0..=ROUNDS).map(|_| {
                let each = 100 * at_once.min(16);
                let kept = runtime.block_on(suspend(&store, at_once, each));
                (kept, runtime.block_on(raw.commit(at_once, each)))
            });
            // The first one warms up.
            let rounds: Vec<(f64, f64)> = rounds.skip(1).collect();
            let kept = median(rounds.iter().map(|(kept, _)| *kept));
            let bare = median(rounds.iter().map(|(_, raw)| *raw));
            let ratio = median(rounds.iter().map(|(kept, raw)| kept / raw));
            println!("{name:<20} {at_once:>8} {kept:>8.0} {bare:>8.0} {ratio:>8.2}");
            let row = json!({ "store": name, "at_once": at_once, "per_second": kept,
                              "raw_per_second": bare, "ratio": ratio });
            rows.push(row);
        }
    }
    rows.into()
}

/// How many suspensions a second, from so many callers.
async fn suspend(store: &Arc<dyn Store>, at_once: usize, all: usize) -> f64 {
    let started = now();
    let callers: Vec<_> = (0..at_once)
        .map(|_| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                for _ in 0..all / at_once {
                    store.suspend(suspension()).await.expect("suspended");
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.expect("a task");
    }
    (all / at_once * at_once) as f64 / started.elapsed().as_secs_f64()
}

/// A suspension that there was not before.
fn suspension() -> NewSuspension {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let id = format!("flow {}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let until = Timestamp::from_millis(3_600_000);
    let head = Head::new(id.as_str(), "reset", Timestamp::from_millis(0), until, 60_000);
    NewSuspension { ticket: Digest::of(id.as_bytes()), head, record: record(id.as_bytes()) }
}

/// Bytes that do not get smaller by compressing them.
fn record(name: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(RECORD);
    let mut last = Digest::of(name);
    while bytes.len() < RECORD {
        bytes.extend(last.as_bytes());
        last = Digest::of(last.as_bytes());
    }
    bytes
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
