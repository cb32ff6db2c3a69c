//! Flows that wait for their users: what each takes in a store, and what a start and a
//! resume cost while so many others wait.

use std::path::Path;
use std::sync::Arc;

use flowhost::store::{MemoryStore, PostgresStore, SqliteStore};
use flowhost::{Engine, Flow, KeyRing, Resume, Store};
use serde_json::{Value, json};

use crate::guests::{self, flow};
use crate::measure::{Samples, now};
use crate::{builder, event, resident_kib, rows};

const SIZES: [usize; 3] = [100, 1_000, 10_000];

/// So many flows are started and resumed at each size.
const RESUMES: usize = 300;

pub(crate) async fn waiting(postgres: Option<&str>) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("flows.db");
    let sqlite = SqliteStore::open(&file).expect("a store");
    let mut report = json!({ "event_bytes": include_str!("../javascript/event.json").len() });
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::new());
    report["memory"] = measure("memory", memory, async || resident_kib() * 1024.0).await;
    report["sqlite"] = measure("SQLite", Arc::new(sqlite), async || size(&file)).await;
    if let Some(url) = postgres {
        let store = PostgresStore::new(url).expect("a store");
        store.ready().await.expect("tables");
        let seen = Seen::by(url).await;
        let taken = async || seen.bytes().await;
        let before = seen.counters().await;
        report["postgres"] = measure("PostgreSQL", Arc::new(store), taken).await;
        report["postgres"]["seen"] = seen.since(before).await;
    }
    report
}

fn size(file: &Path) -> f64 {
    let of = |suffix: &str| {
        let file = format!("{}{suffix}", file.display());
        std::fs::metadata(file).map_or(0, |metadata| metadata.len())
    };
    (of("") + of("-wal")) as f64
}

/// The bytes each flow takes that waits; starts and resumes as more and more do.
async fn measure(name: &str, store: Arc<dyn Store>, taken: impl AsyncFn() -> f64) -> Value {
    let keys = KeyRing::generate().expect("keys");
    let engine = builder().shared_store(store).keys(keys).build().expect("an engine");
    let flow = flow(&engine, &guests::by_hand("redirects"), 1).await;
    let (mut starts, mut resumes) =
        (SIZES.map(|_| Samples::new("start")), SIZES.map(|_| Samples::new("resume")));
    let before = taken().await;
    let mut waits = 0;
    let mut bytes = before;
    for (at, size) in SIZES.into_iter().enumerate() {
        while waits < size {
            engine.start(&flow, event()).await.expect("a report");
            waits += 1;
        }
        if at + 1 == SIZES.len() {
            bytes = taken().await;
        }
        for _ in 0..RESUMES {
            round_trip(&engine, &flow, &mut starts[at], &mut resumes[at]).await;
        }
    }
    // Those that ended on the way are a fifteenth.
    let each = (bytes - before) / waits as f64;
    println!("\n{name}: {each:.0} bytes for each flow that waits");
    json!({
        "bytes": each,
        "starts": rows(&format!("a start, so many wait in {name}"), &SIZES, &starts),
        "resumes": rows(&format!("a resume, so many wait in {name}"), &SIZES, &resumes),
    })
}

async fn round_trip(engine: &Engine, flow: &Flow, starts: &mut Samples, resumes: &mut Samples) {
    let event = event();
    let started = now();
    let report = engine.start(flow, event).await.expect("a report");
    starts.add(started.elapsed());
    let state = report.outcome.state().expect("a redirect");
    let resume = Resume::get([("state", state)]);
    let started = now();
    let report = engine.resume(state, resume).await.expect("a report");
    resumes.add(started.elapsed());
    assert_eq!(report.outcome.name(), "completed");
}

/// What PostgreSQL sees of it.
struct Seen(tokio_postgres::Client);

impl Seen {
    async fn by(url: &str) -> Self {
        let (client, connection) =
            tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("a connection");
        tokio::spawn(connection);
        Seen(client)
    }

    async fn bytes(&self) -> f64 {
        let query = "SELECT sum(pg_total_relation_size(oid))::float8 FROM pg_class \
                     WHERE relkind = 'r' AND relnamespace NOT IN \
                     (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_|^information')";
        self.0.query_one(query, &[]).await.expect("a size").get(0)
    }

    /// Transactions, and bytes of its log.
    async fn counters(&self) -> (f64, f64) {
        let query = "SELECT xact_commit::float8, \
                     pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 \
                     FROM pg_stat_database WHERE datname = current_database()";
        let row = self.0.query_one(query, &[]).await.expect("counters");
        (row.get(0), row.get(1))
    }

    async fn since(&self, before: (f64, f64)) -> Value {
        // Statistics come a moment later.
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        let after = self.counters().await;
        let resumes = (RESUMES * SIZES.len()) as f64;
        let starts = resumes + SIZES[SIZES.len() - 1] as f64;
        let (transactions, log) = (after.0 - before.0, after.1 - before.1);
        println!(
            "PostgreSQL: {transactions:.0} transactions and {:.0} KiB of log for {starts:.0} \
             starts and {resumes:.0} resumes",
            log / 1024.0
        );
        json!({ "transactions": transactions, "wal_bytes": log, "starts": starts, "resumes": resumes })
    }
}
