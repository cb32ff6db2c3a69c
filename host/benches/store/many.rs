//! Claims among very many suspended flows: alone, and while a sweep forgets a
//! fifth of them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use flowhost::store::{Claim, Lease, PostgresStore, SqliteStore, Store};
use flowhost::{Digest, Timestamp};
use rusqlite::Connection;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::measure::{millis, now};
use super::postgres::Postgres;
use super::raw::Raw;
use super::record;

const CLAIMS: usize = 3_000;

/// When the flows end that a sweep forgets, and the others.
const SOON: i64 = 1_000;
const LATE: i64 = 1_000_000;

/// One flow in so many ends soon.
const ONE_IN: u64 = 5;

pub(crate) fn claims(runtime: &Runtime, server: Option<&Postgres>) -> Value {
    let flows = std::env::var("FLOWHOST_BENCH_FLOWS").ok().and_then(|text| text.parse().ok());
    let flows: u64 = flows.unwrap_or(1_000_000);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("flows.db");
    println!("\nclaims among {flows} suspended flows, ms       p50      p99      max");
    let mut rows = Vec::new();
    let only = |store: &str| std::env::args().any(|word| word == store);
    if !only("postgres") {
        let sqlite = SqliteStore::open(&file).expect("a store");
        fill_sqlite(&file, flows);
        let raw = Raw::sqlite(&folder.path().join("raw.db"));
        rows.extend(measure(runtime, "sqlite", Arc::new(sqlite), &raw, flows));
    }
    if let Some(server) = server.filter(|_| !only("sqlite")) {
        let database = server.database();
        let store = PostgresStore::new(&server.url(&database)).expect("a store");
        runtime.block_on(store.ready()).expect("tables");
        fill_postgres(server, &database, flows);
        let raw = runtime.block_on(Raw::postgres(&server.url(&database)));
        rows.extend(measure(runtime, "postgres", Arc::new(store), &raw, flows));
    }
    rows.into()
}

fn measure(
    runtime: &Runtime,
    name: &str,
    store: Arc<dyn Store>,
    raw: &Raw,
    flows: u64,
) -> Vec<Value> {
    // Warm: each page that matters was read once.
    runtime.block_on(claim_many(&store, flows, 0, || false, None));
    let mut bare = Vec::new();
    let beside = Some((raw, &mut bare));
    let alone = runtime.block_on(claim_many(&store, flows, 1, || false, beside));
    let sweeping = Arc::clone(&store);
    let sweep = runtime.spawn(async move {
        let started = now();
        let before = Timestamp::from_millis(SOON + 1);
        let swept = sweeping.sweep(before, before).await.expect("swept");
        (swept, started.elapsed())
    });
    let beside = runtime.block_on(claim_many(&store, flows, 2, || sweep.is_finished(), None));
    let (swept, took) = runtime.block_on(sweep).expect("a task");
    let note = format!("{} claims; swept {swept} in {:.0} s", beside.len(), took.as_secs_f64());
    vec![
        row(name, "alone", alone),
        row(name, "a raw commit, in turns with these", bare),
        row(name, &note, beside),
    ]
}

fn row(name: &str, how: &str, mut times: Vec<Duration>) -> Value {
    times.sort();
    let at = |share: f64| millis(times[((times.len() - 1) as f64 * share) as usize]);
    let (half, most, all) = (at(0.5), at(0.99), at(1.0));
    println!("{name:<10} {how:<38} {half:>8.2} {most:>8.2} {all:>8.2}");
    json!({ "store": name, "how": how, "p50_ms": half, "p99_ms": most, "max_ms": all })
}

/// How long each claim took, until there are enough or `done`; and each of the
/// raw commits in between, if any are asked for.
async fn claim_many(
    store: &Arc<dyn Store>,
    flows: u64,
    series: u64,
    done: impl Fn() -> bool,
    mut raw: Option<(&Raw, &mut Vec<Duration>)>,
) -> Vec<Duration> {
    let mut times = Vec::new();
    for n in 0.. {
        // Spread over all, each once, and none that ends soon.
        let number = ((3 * n + series) * 7_919 * ONE_IN + 1) % flows;
        let number = number - number % ONE_IN + 1;
        let lease = Lease { ticket: ticket(number), holder: n };
        let started = now();
        let claim = store.claim(lease, Timestamp::from_millis(10)).await.expect("an answer");
        times.push(started.elapsed());
        if let Some((raw, times)) = &mut raw {
            let started = now();
            raw.commit(1, 1).await;
            times.push(started.elapsed());
        }
        assert_eq!(claim, Claim::Taken, "{number}");
        // A sweep may be over soon: a few claims there are.
        if times.len() >= CLAIMS || (done() && times.len() > 100) {
            break;
        }
    }
    times
}

fn ticket(number: u64) -> Digest {
    Digest::of(format!("many {number}").as_bytes())
}

/// Straight into the table, for it takes long enough.
fn fill_sqlite(file: &Path, flows: u64) {
    let mut connection = Connection::open(file).expect("a file");
    connection.pragma_update(None, "synchronous", "OFF").expect("a mode");
    // In KiB: the indexes stay in memory while they grow.
    connection.pragma_update(None, "cache_size", -500_000).expect("a size");
    let transaction = connection.transaction().expect("a transaction");
    let sql = "INSERT INTO suspension VALUES (?1, ?2, '', 'reset', ?3, ?3, ?3, NULL, 0, ?4, 60000,
                                              ?5, 'waiting', NULL, 0, NULL, x'')";
    let mut statement = transaction.prepare(sql).expect("a statement");
    for number in 0..flows {
        let ticket = ticket(number);
        let end = if number % ONE_IN == 0 { SOON } else { LATE };
        let id = format!("many {number}");
        let none = Digest::of(b"");
        let row = (ticket.as_bytes(), &id, none.as_bytes(), end, record(id.as_bytes()));
        statement.execute(row).expect("written");
    }
    drop(statement);
    transaction.commit().expect("committed");
    connection.pragma_update(None, "wal_checkpoint", "TRUNCATE").expect("in the file");
}

fn fill_postgres(server: &Postgres, database: &str, flows: u64) {
    let size = super::RECORD / 32;
    server.execute(
        database,
        &format!(
            "SET synchronous_commit = off;
             INSERT INTO flowhost.suspension
                 (ticket, flow_id, tenant, flow, flow_digest, action, subject, created_at,
                  expires_at, lease_millis, record)
             SELECT sha256(id), id, '', 'reset', sha256(''), sha256(''), sha256(''), 0,
                    CASE WHEN n % {ONE_IN} = 0 THEN {SOON} ELSE {LATE} END, 60000,
                    decode(repeat(encode(sha256(id), 'hex'), {size}), 'hex')
             FROM (SELECT n, ('many ' || n)::bytea AS id
                   FROM generate_series(0, {flows} - 1) AS n) AS all_of_them"
        ),
    );
    server.execute(database, "VACUUM ANALYZE flowhost.suspension");
    server.execute(database, "CHECKPOINT");
}
