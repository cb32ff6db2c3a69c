//! Flows that wait for their users: what each takes in a store, and what a start and a
//! resume cost while so many others wait.

use std::path::{Path, PathBuf};
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

/// A store of each kind for each size: the sizes take turns.
pub(crate) async fn waiting(postgres: Option<[String; SIZES.len()]>) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let mut report = json!({ "event_bytes": include_str!("../javascript/event.json").len() });
    let memory = SIZES.map(|_| Arc::new(MemoryStore::new()) as Arc<dyn Store>);
    report["memory"] = measure("memory", memory, async || resident_kib() * 1024.0).await;
    let files = SIZES.map(|size| folder.path().join(format!("{size}.db")));
    let sqlite = |file: &PathBuf| Arc::new(SqliteStore::open(file).expect("a store")) as _;
    let largest = &files[SIZES.len() - 1];
    report["sqlite"] =
        measure("SQLite", files.each_ref().map(sqlite), async || size(largest)).await;
    if let Some(urls) = postgres {
        let mut stores = Vec::new();
        for url in &urls {
            let store = PostgresStore::new(url).expect("a store");
            store.ready().await.expect("tables");
            stores.push(Arc::new(store) as Arc<dyn Store>);
        }
        let stores = stores.try_into().unwrap_or_else(|_| panic!("one for each size"));
        let seen = Seen::by(&urls[SIZES.len() - 1]).await;
        let taken = async || seen.bytes().await;
        let before = seen.counters().await;
        report["postgres"] = measure("PostgreSQL", stores, taken).await;
        report["postgres"]["seen"] = seen.since(before).await;
    }
    report
}

/// The file, with all that is in its log moved into it: the log does not grow with it.
fn size(file: &Path) -> f64 {
    let connection = rusqlite::Connection::open(file).expect("the file");
    let moved = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    moved.expect("a checkpoint");
    std::fs::metadata(file).map_or(f64::NAN, |metadata| metadata.len() as f64)
}

/// The bytes that each flow takes which waits in the last store; and starts and resumes,
/// where few and many wait.
async fn measure(
    name: &str,
    stores: [Arc<dyn Store>; SIZES.len()],
    taken: impl AsyncFn() -> f64,
) -> Value {
    let mut filled = Vec::new();
    let mut bytes = 0.0;
    for (store, size) in stores.into_iter().zip(SIZES) {
        let keys = KeyRing::generate().expect("keys");
        let engine = builder().shared_store(store).keys(keys).build().expect("an engine");
        let flow = flow(&engine, &guests::by_hand("redirects"), 1).await;
        let before = taken().await;
        for _ in 0..size {
            engine.start(&flow, event()).await.expect("a report");
        }
        bytes = (taken().await - before) / size as f64;
        filled.push((engine, flow));
    }
    let (mut starts, mut resumes) =
        (SIZES.map(|_| Samples::new("start")), SIZES.map(|_| Samples::new("resume")));
    for turn in 0..RESUMES {
        for at in (0..SIZES.len()).map(|at| (at + turn) % SIZES.len()) {
            let (engine, flow) = &filled[at];
            round_trip(engine, flow, &mut starts[at], &mut resumes[at]).await;
        }
    }
    println!("\n{name}: {bytes:.0} bytes for each flow that waits");
    let many = resumes[SIZES.len() - 1].median() / resumes[0].median();
    println!("{name}: a resume among {} takes {many:.2} of one among {}", SIZES[2], SIZES[0]);
    json!({
        "bytes": bytes,
        "many_to_few": many,
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
        let resumes = RESUMES as f64;
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
