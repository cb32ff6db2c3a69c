//! [`Raw`]: what a database commits at best: rows of the same size, one by one,
//! in a table with a key and nothing else, on as many connections as the store
//! has, and as durable.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flowhost::Digest;
use rusqlite::Connection;
use tokio::sync::Mutex;
use tokio_postgres::{Client, NoTls, Statement};

use super::{now, record};

/// As many as the pool of the store has.
const CONNECTIONS: usize = 16;

pub(crate) enum Raw {
    Sqlite(Connection),
    Postgres(Vec<Arc<Mutex<(Client, Statement)>>>),
}

impl Raw {
    pub(crate) fn sqlite(path: &Path) -> Self {
        let connection = Connection::open(path).expect("a file");
        connection.pragma_update(None, "journal_mode", "WAL").expect("a mode");
        connection.pragma_update(None, "synchronous", "FULL").expect("a mode");
        let table = "CREATE TABLE raw (ticket BLOB PRIMARY KEY, record BLOB) STRICT";
        connection.execute_batch(table).expect("a table");
        Raw::Sqlite(connection)
    }

    pub(crate) async fn postgres(url: &str) -> Self {
        let mut connections = Vec::new();
        for n in 0..CONNECTIONS {
            let connected = tokio_postgres::connect(url, NoTls).await;
            let (client, connection) = connected.expect("a connection");
            tokio::spawn(connection);
            if n == 0 {
                let table = "CREATE TABLE public.raw (ticket bytea PRIMARY KEY, record bytea);
                             ALTER TABLE public.raw ALTER record SET STORAGE EXTERNAL";
                client.batch_execute(table).await.expect("a table");
            }
            let sql = "INSERT INTO public.raw VALUES ($1, $2)";
            let statement = client.prepare(sql).await.expect("a statement");
            connections.push(Arc::new(Mutex::new((client, statement))));
        }
        Raw::Postgres(connections)
    }

    /// How many commits a second, from so many callers.
    pub(crate) async fn commit(&self, at_once: usize, all: usize) -> f64 {
        let started = now();
        match self {
            // It writes one after another, whoever asks.
            Raw::Sqlite(connection) => {
                let sql = "INSERT INTO raw VALUES (?1, ?2)";
                let mut statement = connection.prepare_cached(sql).expect("a statement");
                for _ in 0..all {
                    let (ticket, record) = row();
                    statement.execute((ticket.as_bytes(), record)).expect("written");
                }
            }
            Raw::Postgres(connections) => {
                let callers: Vec<_> = (0..at_once)
                    .map(|n| {
                        let connection = Arc::clone(&connections[n % CONNECTIONS]);
                        tokio::spawn(insert(connection, all / at_once))
                    })
                    .collect();
                for caller in callers {
                    caller.await.expect("a task");
                }
            }
        }
        (all / at_once * at_once) as f64 / started.elapsed().as_secs_f64()
    }
}

async fn insert(connection: Arc<Mutex<(Client, Statement)>>, count: usize) {
    for _ in 0..count {
        let (ticket, record) = row();
        let held = connection.lock().await;
        let (client, statement) = &*held;
        let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 2] =
            [&ticket.as_bytes().as_slice(), &record];
        client.execute(statement, &parameters).await.expect("written");
    }
}

fn row() -> (Digest, Vec<u8>) {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let name = format!("raw {}", NUMBER.fetch_add(1, Ordering::Relaxed));
    (Digest::of(name.as_bytes()), record(name.as_bytes()))
}
