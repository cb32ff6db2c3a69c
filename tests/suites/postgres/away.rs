//! A server that stands still, or is killed, and comes back.

use std::sync::Arc;
use std::time::Duration;

use flowhost::store::{Claim, Lease, PostgresStore, Refusal, Store};
use flowhost_tests::stores::{at, claim, end, lease, suspend, suspension, ticket};
use flowhost_tests::{own_postgres, wait_for};

/// Far longer than any bound of the store: it only ends a test that hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// More calls than may be under way.
const CALLS: usize = 1_200;

fn runtime() -> tokio::runtime::Runtime {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime")
}

#[test]
fn while_a_server_stands_still_calls_are_given_up_and_none_pile_up() {
    let Some(server) = own_postgres("") else { return };
    let url = format!("{}&statement_timeout=300", server.url(&server.database()));
    let store = Arc::new(PostgresStore::new(&url).expect("a store"));
    suspend(&*store, "before", 0);
    server.signal("STOP");
    let errors: Vec<_> = runtime().block_on(async {
        let calls: Vec<_> = (0..CALLS)
            .map(|n| {
                let store = store.clone();
                tokio::spawn(async move {
                    store.suspend(suspension(&format!("t{n}"), 0)).await.expect_err("no answer")
                })
            })
            .collect();
        let mut errors = Vec::new();
        for call in calls {
            errors.push(tokio::time::timeout(PATIENCE, call).await.expect("an end").expect("task"));
        }
        errors
    });
    assert!(errors.iter().all(|error| error.code().as_str() == "store_unavailable"));
    let refused = errors.iter().filter(|error| error.message().contains("too many")).count();
    assert!(refused >= CALLS - 1_024, "{refused} were refused at once");
    server.signal("CONT");
    suspend(&*store, "after", 0);
    // Whatever came of the calls, each may be repeated.
    for n in (0..CALLS).step_by(100) {
        suspend(&*store, &format!("t{n}"), 0);
        lease(&*store, &format!("t{n}"), 1, 1);
    }
    lease(&*store, "before", 1, 1);
}

#[test]
fn what_was_acknowledged_is_there_after_a_server_was_killed() {
    let Some(mut server) = own_postgres("") else { return };
    let store = PostgresStore::new(&server.url(&server.database())).expect("a store");
    for round in 0..3 {
        let name = |what: &str| format!("{what} {round}");
        suspend(&store, &name("waits"), 0);
        suspend(&store, &name("held"), 0);
        suspend(&store, &name("ended"), 0);
        let held = lease(&store, &name("held"), 7, 1);
        let ended = lease(&store, &name("ended"), 8, 1);
        assert!(end(&store, ended, &name("ended"), 2));
        server.signal("KILL");
        let error = wait_for(store.look(ticket(&name("waits")), at(3))).expect_err("it is away");
        assert_eq!(error.code().as_str(), "store_unavailable");
        server.restart();
        assert_eq!(claim(&store, &name("held"), 9, 3), Claim::Refused(Refusal::InUse));
        assert!(end(&store, held, &name("held"), 4));
        assert_eq!(claim(&store, &name("ended"), 9, 4), Claim::Refused(Refusal::AlreadyUsed));
        lease(&store, &name("waits"), 10, 4);
    }
}

/// A server that comes back while a call is repeated: nobody notices.
#[test]
fn a_short_absence_is_waited_for() {
    let Some(mut server) = own_postgres("") else { return };
    let store = PostgresStore::new(&server.url(&server.database())).expect("a store");
    suspend(&store, "a", 0);
    server.signal("KILL");
    // All connections of the pool are lost, and the next call makes a new one.
    server.restart();
    wait_for(store.claim(Lease { ticket: ticket("a"), holder: 1 }, at(1))).expect("an answer");
    assert_eq!(claim(&store, "a", 2, 2), Claim::Refused(Refusal::InUse));
}
