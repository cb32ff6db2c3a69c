//! What is particular to PostgreSQL: a server that is away, a way to it that
//! fails, tables that others made. What all stores promise is in `store.rs`.

mod away;
mod faults;
mod machines;

use std::time::Duration;

use flowhost::Digest;
use flowhost::store::{Claim, PostgresStore, Store};
use flowhost_tests::stores::{
    LIFETIME, at, claim, end, every_store, lease, suspend, suspension, ticket,
};
use flowhost_tests::{PASSWORD, nobody, project, shared_postgres, wait_for};

/// Says so when the bodies of tests for all stores run without this one.
#[test]
fn every_store_is_tested() {
    let Some(_) = shared_postgres() else { return };
    assert!(every_store().iter().any(|each| each.name == "postgres"));
}

#[test]
fn a_store_connects_when_it_is_needed_and_then_says_what_is_wrong() {
    let url = format!("postgres://u:{PASSWORD}@{}/d", nobody());
    let store = PostgresStore::new(&url).expect("a store, so far");
    let error = wait_for(store.ready()).expect_err("nobody is there");
    assert_eq!(error.code().as_str(), "store_unavailable");
    assert!(error.message().contains("refused"), "{error}");
    let said = format!("{error} {error:?} {store:?} {:?}", error.hint());
    assert!(!said.contains(PASSWORD) && !said.contains("hunter2"), "{said}");
}

#[test]
fn a_password_is_never_shown_whatever_is_wrong() {
    let Some(server) = shared_postgres() else { return };
    let (port, database) = (server.port(), server.database());
    for url in [
        format!("postgres://flowhost:wrong-hunter2@127.0.0.1:{port}/{database}"),
        format!("postgres://somebody:hunter2@127.0.0.1:{port}/{database}"),
        format!("postgres://flowhost:{PASSWORD}@127.0.0.1:{port}/{database}_not"),
        format!("postgres://flowhost:{PASSWORD}@no-such-host.invalid:{port}/{database}"),
        format!("{}?sslmode=verify-full", server.bare_url(&database, port)),
    ] {
        let store = PostgresStore::new(&url).expect("a store, so far");
        let error = wait_for(store.ready()).expect_err("refused");
        assert_eq!(error.code().as_str(), "store_unavailable", "{error}");
        let said = format!("{error} {error:?} {store:?}");
        assert!(!said.contains("hunter2"), "{said}");
    }
    for option in ["sslmode=allow", "sslmode=hunter2", "pool_size=0", "hunter2=1"] {
        let url = format!("{}?{option}", server.bare_url(&database, port));
        let error = PostgresStore::new(&url).map(drop).expect_err(option);
        assert_eq!(error.code().as_str(), "usage");
        assert!(!format!("{error:?}").contains(PASSWORD), "{error:?}");
    }
}

#[test]
fn tls_is_what_sslmode_says() {
    let Some(server) = shared_postgres() else { return };
    let database = server.database();
    let authority = project().join("tests/certificates/authority.pem");
    let ready = |host: &str, options: &str| {
        let url = server.bare_url(&database, server.port()).replace("127.0.0.1", host);
        let store = PostgresStore::new(&format!("{url}?{options}")).expect(options);
        wait_for(store.ready()).is_ok()
    };
    let ours = format!("sslrootcert={}", authority.display());
    assert!(ready("127.0.0.1", "sslmode=disable"));
    assert!(ready("127.0.0.1", "sslmode=prefer"));
    assert!(ready("127.0.0.1", "sslmode=require"));
    assert!(ready("127.0.0.1", &format!("sslmode=require&{ours}")));
    assert!(ready("127.0.0.1", &format!("sslmode=verify-full&{ours}")));
    assert!(!ready("127.0.0.1", "sslmode=verify-full"), "the machine does not know it");
    assert!(!ready("127.0.0.1", "sslmode=verify-ca"), "the machine does not know it");
    let other = format!("hostaddr=127.0.0.1&{ours}");
    assert!(ready("other.example.com", &format!("sslmode=verify-ca&{other}")));
    assert!(!ready("other.example.com", &format!("sslmode=verify-full&{other}")));
    let url = format!("{}?sslmode=verify-full&sslrootcert=/no/such/file", server.url("x"));
    let url = url.replacen("?sslmode=disable", "", 1);
    let error = PostgresStore::new(&url).map(drop).expect_err("no file");
    assert_eq!(error.code().as_str(), "store_unavailable");
}

#[test]
fn tables_are_made_once_by_however_many_begin_together() {
    let Some(server) = shared_postgres() else { return };
    for _ in 0..10 {
        let url = server.url(&server.database());
        std::thread::scope(|scope| {
            let begun: Vec<_> = (0..8)
                .map(|n| {
                    let store = PostgresStore::new(&url).expect("a store");
                    scope.spawn(move || suspend(&store, &format!("t{n}"), 0))
                })
                .collect();
            begun.into_iter().for_each(|thread| thread.join().expect("a thread"));
        });
        let store = PostgresStore::new(&url).expect("a store");
        (0..8).for_each(|n| _ = lease(&store, &format!("t{n}"), 1, 1));
    }
}

#[test]
fn tables_of_a_newer_form_are_left_alone() {
    let Some(server) = shared_postgres() else { return };
    let database = server.database();
    suspend(&PostgresStore::new(&server.url(&database)).expect("a store"), "a", 0);
    server.execute(&database, "INSERT INTO flowhost.schema_version (version) VALUES (99)");
    let store = PostgresStore::new(&server.url(&database)).expect("a store");
    for _ in 0..2 {
        let error = wait_for(store.suspend(suspension("b", 0))).expect_err("refused");
        assert_eq!(error.code().as_str(), "store_incompatible", "{error}");
    }
    let count = server.ask(&database, "SELECT count(*) FROM flowhost.suspension");
    assert_eq!(count.as_deref(), Some("1"));
}

#[test]
fn a_user_without_the_right_to_make_tables_uses_those_that_are_there() {
    let Some(server) = shared_postgres() else { return };
    let database = server.database();
    let url = server.url(&database);
    suspend(&PostgresStore::new(&url).expect("a store"), "a", 0);
    let user = format!("user_of_{database}");
    server.execute(
        &database,
        &format!(
            "CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}';
             GRANT USAGE ON SCHEMA flowhost TO {user};
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA flowhost TO {user}"
        ),
    );
    let store = PostgresStore::new(&url.replacen("//flowhost:", &format!("//{user}:"), 1));
    lease(&store.expect("a store"), "a", 1, 1);
}

#[test]
fn components_are_there_for_other_machines_as_long_as_a_flow_may_need_them() {
    let Some(server) = shared_postgres() else { return };
    let url = server.url(&server.database());
    let [one, other] = [0, 1].map(|_| PostgresStore::new(&url).expect("a store"));
    let bytes = vec![7; 300_000];
    let digest = Digest::of(b"an action");
    let kept = |until| wait_for(one.keep_component(digest, bytes.clone(), at(until)));
    let there = || wait_for(other.component(digest)).expect("an answer");
    let sweep = |before, now| wait_for(other.sweep(at(before), at(now))).expect("swept");
    assert_eq!(there(), None);
    assert!(kept(LIFETIME).expect("kept"));
    assert!(kept(5).expect("kept"), "an earlier end changes nothing");
    assert_eq!(there(), Some(bytes.clone()));
    suspend(&one, "a", 0);
    let held = lease(&one, "a", 1, LIFETIME - 1);
    sweep(LIFETIME, LIFETIME + 9);
    assert_eq!(there(), Some(bytes.clone()), "its time is not over");
    sweep(LIFETIME + 1, LIFETIME + 2);
    assert_eq!(there(), Some(bytes.clone()), "a flow is running with it");
    assert!(end(&one, held, "a", LIFETIME + 3));
    sweep(LIFETIME + 1, LIFETIME + 4);
    assert_eq!(there(), None);
    assert!(kept(3 * LIFETIME).expect("kept"));
    assert_eq!(there(), Some(bytes.clone()));
}

#[test]
fn names_may_hold_whatever_text_can() {
    let Some(server) = shared_postgres() else { return };
    let store = PostgresStore::new(&server.url(&server.database())).expect("a store");
    let mut odd = suspension("a", 0);
    odd.head.tenant = "nul \0 and 𝄞 '; DROP TABLE".to_owned();
    odd.head.origin = Some("\0".to_owned());
    odd.head.flow_id = "\0".to_owned();
    wait_for(store.suspend(odd.clone())).expect("suspended");
    let found = wait_for(store.find("\0", at(1))).expect("an answer");
    let head = match found {
        Some(flowhost::store::Found::Suspended { head, .. }) => head,
        other => panic!("{other:?}"),
    };
    assert_eq!(head, odd.head);
}

/// The server may be told to answer before it has written: not to us.
#[test]
fn a_commit_is_on_the_disk_whatever_the_server_is_configured_to() {
    let Some(server) = shared_postgres() else { return };
    let database = server.database();
    server.execute(&database, &format!("ALTER DATABASE {database} SET synchronous_commit = off"));
    server.execute(
        &database,
        &format!("ALTER DATABASE {database} SET default_transaction_isolation = serializable"),
    );
    let store = PostgresStore::new(&server.url(&database)).expect("a store");
    suspend(&store, "a", 0);
    // A trigger tells what the session of the store has set.
    server.execute(
        &database,
        "CREATE TABLE public.seen (setting text);
         CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             INSERT INTO public.seen VALUES (current_setting('synchronous_commit') || ', '
                 || current_setting('transaction_isolation'));
             RETURN NEW; END $$;
         CREATE TRIGGER see BEFORE INSERT ON flowhost.suspension
             FOR EACH ROW EXECUTE FUNCTION see()",
    );
    suspend(&store, "b", 0);
    let seen = server.ask(&database, "SELECT setting FROM public.seen");
    assert_eq!(seen.as_deref(), Some("on, read committed"));
}

/// A row that somebody else has locked: the statement is given up, and the
/// call may be repeated.
#[test]
fn a_lock_that_is_held_too_long_is_an_error_and_no_wait_without_end() {
    let Some(server) = shared_postgres() else { return };
    let database = server.database();
    let store = PostgresStore::new(&format!("{}&lock_timeout=100", server.url(&database)));
    let store = store.expect("a store");
    suspend(&store, "a", 0);
    wait_for(async {
        let url = server.url(&database);
        let connected = tokio_postgres::connect(&url, tokio_postgres::NoTls).await;
        let (mut other, connection) = connected.expect("a connection");
        tokio::spawn(connection);
        let transaction = other.transaction().await.expect("a transaction");
        let sql = "SELECT 1 FROM flowhost.suspension FOR UPDATE";
        transaction.execute(sql, &[]).await.expect("locked");
        let lease = flowhost::store::Lease { ticket: ticket("a"), holder: 1 };
        let error = store.claim(lease, at(1)).await.expect_err("it is locked");
        assert_eq!(error.code().as_str(), "store_unavailable");
        let swept = store.sweep(at(LIFETIME + 1), at(LIFETIME + 1)).await;
        assert_eq!(swept.expect("swept"), 0, "a sweep leaves alone what is in use");
        transaction.rollback().await.expect("unlocked");
        let claimed = tokio::time::timeout(Duration::from_secs(60), store.claim(lease, at(1)));
        assert_eq!(claimed.await.expect("in time").expect("an answer"), Claim::Taken);
    });
    assert_eq!(claim(&store, "a", 1, 2), Claim::Taken);
}
