//! What is particular to SQLite: one file, which several processes open.

use flowhost::store::{Claim, Refusal, SqliteStore, Store as _};
use flowhost_tests::serving::files_below;
use flowhost_tests::stores::{claim, end, lease, suspend, suspension};
use flowhost_tests::wait_for;
use tempfile::TempDir;

#[test]
fn a_sqlite_store_is_there_after_closing_it() {
    let folder = TempDir::new().expect("a folder");
    let open = || SqliteStore::open(&folder.path().join("flows.db")).expect("a store");
    suspend(&open(), "a", 0);
    let held = lease(&open(), "a", 1, 1);
    assert!(end(&open(), held, "a", 2));
    assert_eq!(claim(&open(), "a", 2, 3), Claim::Refused(Refusal::AlreadyUsed));
}

#[test]
fn a_sqlite_store_uses_the_write_ahead_log_and_is_its_owners_only() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("flows.db");
    let store = SqliteStore::open(&path).expect("a store");
    suspend(&store, "a", 0);
    let other = rusqlite::Connection::open(&path).expect("a connection");
    let mode: String =
        other.query_row("PRAGMA journal_mode", [], |row| row.get(0)).expect("a mode");
    assert_eq!(mode, "wal");
    #[cfg(unix)]
    for entry in std::fs::read_dir(folder.path()).expect("a folder") {
        use std::os::unix::fs::PermissionsExt as _;
        let entry = entry.expect("an entry");
        let mode = entry.metadata().expect("metadata").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", entry.path().display());
    }
}

#[test]
fn what_is_no_store_of_ours_is_refused_by_name() {
    let folder = TempDir::new().expect("a folder");
    let code = |path: &std::path::Path| {
        SqliteStore::open(path).map(drop).expect_err("refused").code().as_str()
    };
    let text = folder.path().join("text.db");
    std::fs::write(&text, "this is no database, however long it is ".repeat(100)).expect("a file");
    assert_eq!(code(&text), "store_unavailable");
    assert_eq!(code(&folder.path().join("no/such/folder.db")), "store_unavailable");
    let newer = folder.path().join("newer.db");
    drop(SqliteStore::open(&newer).expect("a store"));
    let connection = rusqlite::Connection::open(&newer).expect("a connection");
    connection.pragma_update(None, "user_version", 99).expect("a version");
    assert_eq!(code(&newer), "store_incompatible");
}

#[test]
fn many_may_open_a_new_file_at_the_same_moment() {
    for _ in 0..20 {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("flows.db");
        std::thread::scope(|scope| {
            let opened: Vec<_> =
                (0..4).map(|_| scope.spawn(|| SqliteStore::open(&path).map(drop))).collect();
            for result in opened {
                result.join().expect("a thread").expect("a store");
            }
        });
    }
}

#[test]
fn a_consumed_record_is_overwritten_on_the_disk() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("flows.db");
    let on_disk = || {
        let bytes: Vec<u8> = files_below(folder.path())
            .iter()
            .flat_map(|file| std::fs::read(file).expect("a file"))
            .collect();
        bytes.windows(11).filter(|window| window == b"record of a").count()
    };
    suspend(&SqliteStore::open(&path).expect("a store"), "a", 0);
    assert!(on_disk() > 0, "the files were read");
    let store = SqliteStore::open(&path).expect("a store");
    let held = lease(&store, "a", 1, 1);
    assert!(end(&store, held, "a", 2));
    drop(store);
    assert_eq!(on_disk(), 0);
}

/// What is committed gets into the file while the store is open, and the log does
/// not grow for ever.
#[test]
fn the_log_is_moved_into_the_file_meanwhile() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("flows.db");
    let store = SqliteStore::open(&path).expect("a store");
    let size = |name: &str| std::fs::metadata(folder.path().join(name)).expect("a file").len();
    for n in 0..400 {
        let mut large = suspension(&format!("t{n}"), 0);
        large.record = vec![7; 200_000];
        wait_for(store.suspend(large)).expect("suspended");
    }
    assert!(size("flows.db") > 20_000_000, "{} bytes in the file", size("flows.db"));
    assert!(size("flows.db-wal") < 60_000_000, "{} bytes in the log", size("flows.db-wal"));
}

#[test]
fn another_process_that_writes_for_long_is_an_error_and_then_forgotten() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("flows.db");
    let store = SqliteStore::open(&path).expect("a store");
    suspend(&store, "a", 0);
    let other = rusqlite::Connection::open(&path).expect("a connection");
    other.execute_batch("BEGIN IMMEDIATE").expect("a lock");
    for _ in 0..2 {
        let code = wait_for(store.suspend(suspension("b", 0))).expect_err("no answer yet").code();
        assert_eq!(code.as_str(), "store_unavailable");
    }
    let code = SqliteStore::open(&path).map(drop).expect_err("refused").code();
    assert_eq!(code.as_str(), "store_unavailable");
    other.execute_batch("ROLLBACK").expect("no lock");
    suspend(&store, "b", 0);
    lease(&store, "b", 1, 1);
}

#[test]
fn what_sqlite_would_keep_in_memory_is_refused() {
    for name in ["", ":memory:"] {
        let code = SqliteStore::open(std::path::Path::new(name)).map(drop).expect_err("refused");
        assert_eq!(code.code().as_str(), "usage", "{name}");
    }
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("file:flows.db?mode=memory");
    suspend(&SqliteStore::open(&path).expect("a store"), "a", 0);
    lease(&SqliteStore::open(&path).expect("a store"), "a", 1, 1);
}
