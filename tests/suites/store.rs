//! What every store promises: one body of tests for memory and SQLite.

use std::sync::Arc;

use flowhost::store::{
    Claim, Head, Lease, Look, MemoryStore, NewSuspension, Refusal, Settlement, SqliteStore, Store,
};
use flowhost::{Digest, Engine, Timestamp};
use flowhost_tests::{Random, Scenario, seed, wait_for};
use serde_json::json;
use tempfile::TempDir;

const LIFETIME: i64 = 100_000;
const LEASE: u64 = 1_000;

/// Runs a test on every store.
fn on_every_store(test: impl Fn(&dyn Store)) {
    test(&MemoryStore::new());
    let folder = TempDir::new().expect("a folder");
    test(&SqliteStore::open(&folder.path().join("flows.db")).expect("a store"));
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn ticket(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

fn suspension(name: &str, created: i64) -> NewSuspension {
    let head = Head {
        flow_id: format!("flow of {name}"),
        flow: "reset".to_owned(),
        origin: Some("flow.toml".to_owned()),
        created_at: at(created),
        expires_at: at(created + LIFETIME),
        lease_millis: LEASE,
    };
    NewSuspension { ticket: ticket(name), head, record: format!("record of {name}").into_bytes() }
}

fn suspend(store: &dyn Store, name: &str, created: i64) {
    wait_for(store.suspend(suspension(name, created))).expect("suspended");
}

fn claim(store: &dyn Store, name: &str, now: i64) -> Claim {
    wait_for(store.claim(ticket(name), at(now))).expect("an answer")
}

#[track_caller]
fn lease(store: &dyn Store, name: &str, now: i64) -> Lease {
    match claim(store, name, now) {
        Claim::Taken(lease) => lease,
        other => panic!("{name} at {now}: {other:?}"),
    }
}

fn look(store: &dyn Store, name: &str, now: i64) -> Look {
    wait_for(store.look(ticket(name), at(now))).expect("an answer")
}

fn end(store: &dyn Store, lease: Lease) -> bool {
    wait_for(store.settle(lease, Settlement::Ended("completed".to_owned()))).expect("an answer")
}

#[test]
fn what_was_suspended_is_claimed_as_it_was() {
    on_every_store(|store| {
        suspend(store, "a", 0);
        let NewSuspension { head, record, .. } = suspension("a", 0);
        assert_eq!(look(store, "a", 1), Look::Waiting { head, record });
        lease(store, "a", 1);
    });
}

#[test]
fn a_claimed_or_consumed_suspension_is_used_already() {
    on_every_store(|store| {
        suspend(store, "a", 0);
        let lease = lease(store, "a", 1);
        assert_eq!(claim(store, "a", 2), Claim::Refused(Refusal::AlreadyUsed));
        assert!(end(store, lease));
        assert_eq!(claim(store, "a", 3), Claim::Refused(Refusal::AlreadyUsed));
        assert_eq!(
            claim(store, "a", 1 << 40),
            Claim::Refused(Refusal::AlreadyUsed),
            "used counts before expired"
        );
    });
}

#[test]
fn an_unknown_ticket_is_unknown() {
    on_every_store(|store| {
        assert_eq!(claim(store, "nobody", 1), Claim::Refused(Refusal::Unknown));
        assert_eq!(look(store, "nobody", 1), Look::Refused(Refusal::Unknown));
    });
}

#[test]
fn a_suspension_expires_at_its_end_and_no_clock_revives_it_after_use() {
    on_every_store(|store| {
        suspend(store, "a", 0);
        assert_eq!(claim(store, "a", LIFETIME), Claim::Refused(Refusal::Expired));
        let lease = lease(store, "a", LIFETIME - 1);
        assert!(end(store, lease));
        assert_eq!(claim(store, "a", 0), Claim::Refused(Refusal::AlreadyUsed));
    });
}

#[test]
fn a_lease_that_ended_is_claimed_again_and_the_old_one_is_worth_nothing() {
    on_every_store(|store| {
        suspend(store, "a", 0);
        let old = lease(store, "a", 1);
        assert_eq!(claim(store, "a", LEASE as i64), Claim::Refused(Refusal::AlreadyUsed));
        let new = lease(store, "a", 1 + LEASE as i64);
        assert_ne!(old.generation, new.generation);
        assert_eq!(look(store, "a", 2 + LEASE as i64), Look::Refused(Refusal::AlreadyUsed));
        assert!(!end(store, old));
        assert!(end(store, new.clone()));
        assert!(!end(store, new), "settled once");
    });
}

#[test]
fn a_lease_may_be_longer_than_any_clock_can_count() {
    for lease_millis in [u64::MAX, u64::MAX / 2, i64::MAX as u64 - 1] {
        on_every_store(|store| {
            let mut endless = suspension("a", 0);
            endless.head.lease_millis = lease_millis;
            wait_for(store.suspend(endless.clone())).expect("suspended");
            assert!(
                matches!(look(store, "a", 1), Look::Waiting { head, .. } if head == endless.head)
            );
            let held = lease(store, "a", 5);
            assert_eq!(
                claim(store, "a", 6),
                Claim::Refused(Refusal::AlreadyUsed),
                "{lease_millis}"
            );
            assert!(end(store, held));
        });
    }
}

#[test]
fn looking_takes_nothing_and_tells_what_a_claim_would() {
    on_every_store(|store| {
        suspend(store, "a", 0);
        for now in [1, LIFETIME - 1] {
            assert!(matches!(look(store, "a", now), Look::Waiting { .. }));
        }
        assert_eq!(look(store, "a", LIFETIME), Look::Refused(Refusal::Expired));
        let held = lease(store, "a", 1);
        assert_eq!(look(store, "a", 2), Look::Refused(Refusal::AlreadyUsed));
        assert!(end(store, held));
        assert_eq!(look(store, "a", 3), Look::Refused(Refusal::AlreadyUsed));
    });
}

#[test]
fn settling_consumes_the_old_and_keeps_the_next_at_once() {
    on_every_store(|store| {
        suspend(store, "a", 0);
        let held = lease(store, "a", 1);
        let next = Settlement::Suspended(suspension("b", 1));
        assert!(wait_for(store.settle(held.clone(), next.clone())).expect("an answer"));
        assert_eq!(claim(store, "a", 2), Claim::Refused(Refusal::AlreadyUsed));
        lease(store, "b", 2);
        let lost = wait_for(store.settle(held, Settlement::Suspended(suspension("c", 1))));
        assert!(!lost.expect("an answer"));
        assert_eq!(
            claim(store, "c", 2),
            Claim::Refused(Refusal::Unknown),
            "a lost lease writes nothing"
        );
    });
}

#[test]
fn an_outcome_is_recorded_for_its_flow() {
    on_every_store(|store| {
        suspend(store, "a", 0);
        let outcome = || wait_for(store.outcome("flow of a")).expect("an answer");
        assert_eq!(outcome(), None);
        let held = lease(store, "a", 1);
        assert!(end(store, held));
        assert_eq!(outcome().as_deref(), Some("completed"));
    });
}

#[test]
fn sweeping_forgets_only_what_has_ended() {
    on_every_store(|store| {
        suspend(store, "old", 0);
        suspend(store, "new", 10);
        assert_eq!(wait_for(store.sweep(at(LIFETIME + 1))).expect("swept"), 1);
        assert_eq!(claim(store, "old", 1), Claim::Refused(Refusal::Unknown));
        lease(store, "new", 11);
    });
}

#[test]
fn sweeping_forgets_outcomes_with_their_flows() {
    on_every_store(|store| {
        suspend(store, "old", 0);
        suspend(store, "new", 10);
        for name in ["old", "new"] {
            let held = lease(store, name, 11);
            assert!(end(store, held));
        }
        let outcome =
            |name: &str| wait_for(store.outcome(&format!("flow of {name}"))).expect("an answer");
        assert_eq!(wait_for(store.sweep(at(LIFETIME + 1))).expect("swept"), 1);
        assert_eq!(outcome("new").as_deref(), Some("completed"));
        assert_eq!(outcome("old"), None);
    });
}

#[test]
fn of_many_claims_at_once_exactly_one_wins() {
    let folder = TempDir::new().expect("a folder");
    let open = || SqliteStore::open(&folder.path().join("flows.db")).expect("a store");
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::new());
    // Two connections, as two processes have them.
    let stores: [[Arc<dyn Store>; 2]; 2] =
        [[memory.clone(), memory], [Arc::new(open()), Arc::new(open())]];
    let runtime = tokio::runtime::Builder::new_multi_thread().build().expect("a runtime");
    for stores in stores {
        for round in 0..100 {
            let name = format!("ticket {round}");
            suspend(&*stores[0], &name, 0);
            let claims: Vec<_> = (0..64)
                .map(|n| {
                    let (store, ticket) = (stores[n % 2].clone(), ticket(&name));
                    runtime.spawn(async move { store.claim(ticket, at(1)).await })
                })
                .collect();
            let won = claims.into_iter().map(|claim| {
                let claim = runtime.block_on(claim).expect("a task").expect("an answer");
                usize::from(matches!(claim, Claim::Taken(_)))
            });
            assert_eq!(won.sum::<usize>(), 1, "{name}");
        }
    }
}

#[test]
fn random_operations_go_the_same_way_on_both_stores() {
    let mut random = Random::new(seed("random_operations"));
    let folder = TempDir::new().expect("a folder");
    let memory = MemoryStore::new();
    let sqlite = SqliteStore::open(&folder.path().join("flows.db")).expect("a store");
    let stores: [&dyn Store; 2] = [&memory, &sqlite];
    let mut leases: Vec<Lease> = Vec::new();
    let (mut now, mut names) = (0, 0);
    for step in 0..2_000 {
        now += random.below(LEASE / 2) as i64;
        let some = format!("t{}", random.below(names + 1));
        let lease = leases.get(random.below(leases.len() as u64) as usize).cloned();
        match (random.below(6), lease) {
            (0, _) => {
                names += 1;
                for store in stores {
                    suspend(store, &format!("t{names}"), now);
                }
            }
            (1 | 2, _) => {
                let [one, two] = stores.map(|store| claim(store, &some, now));
                assert_eq!(one, two, "step {step}");
                if let Claim::Taken(lease) = one {
                    leases.push(lease);
                }
            }
            (3, Some(lease)) if random.below(2) == 0 => {
                let [one, two] = stores.map(|store| end(store, lease.clone()));
                assert_eq!(one, two, "step {step}");
            }
            (3, Some(lease)) => {
                names += 1;
                let next = Settlement::Suspended(suspension(&format!("t{names}"), now));
                let [one, two] =
                    stores.map(|store| wait_for(store.settle(lease.clone(), next.clone())));
                assert_eq!(one.expect("an answer"), two.expect("an answer"), "step {step}");
            }
            _ if random.below(20) == 0 => {
                let [one, two] = stores.map(|store| wait_for(store.sweep(at(now - LIFETIME / 2))));
                assert_eq!(one.expect("swept"), two.expect("swept"), "step {step}");
            }
            _ => {
                let [one, two] = stores.map(|store| look(store, &some, now));
                assert_eq!(one, two, "step {step}");
            }
        }
    }
}

#[test]
fn a_sqlite_store_is_there_after_closing_it() {
    let folder = TempDir::new().expect("a folder");
    let open = || SqliteStore::open(&folder.path().join("flows.db")).expect("a store");
    suspend(&open(), "a", 0);
    let held = lease(&open(), "a", 1);
    assert!(end(&open(), held));
    assert_eq!(claim(&open(), "a", 2), Claim::Refused(Refusal::AlreadyUsed));
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
fn neither_the_state_nor_a_secret_is_in_the_store() {
    const CANARY: &str = "canary-secret-value";
    let folder = TempDir::new().expect("a folder");
    let store = SqliteStore::open(&folder.path().join("flows.db")).expect("a store");
    let engine = Engine::builder()
        .store(store)
        .component_folder(folder.path().join("components"))
        .build()
        .expect("an engine");
    let redirect = json!({ "send_user_to": { "url": "https://verify.example.com/" } });
    let flow = Scenario::new()
        .action_with("a", json!([{ "secret": "K" }, redirect]), json!([redirect]))
        .secret("K", CANARY)
        .on(&engine);
    let step = flow.start().expect("redirect");
    let states = [step.state(), step.returns(&[]).expect("redirect").state()];
    let mut bytes = Vec::new();
    for entry in files(folder.path()) {
        bytes.extend(std::fs::read(entry).expect("a file"));
    }
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds(&step.report.flow_id), "the files were read");
    assert!(!holds(CANARY));
    assert!(!states.iter().any(|state| holds(state)));
}

#[test]
fn a_consumed_record_is_overwritten_on_the_disk() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("flows.db");
    let on_disk = || {
        let bytes: Vec<u8> = files(folder.path())
            .iter()
            .flat_map(|file| std::fs::read(file).expect("a file"))
            .collect();
        bytes.windows(11).filter(|window| window == b"record of a").count()
    };
    suspend(&SqliteStore::open(&path).expect("a store"), "a", 0);
    assert!(on_disk() > 0, "the files were read");
    let store = SqliteStore::open(&path).expect("a store");
    let held = lease(&store, "a", 1);
    assert!(end(&store, held));
    drop(store);
    assert_eq!(on_disk(), 0);
}

fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
