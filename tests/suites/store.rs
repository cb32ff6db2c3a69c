//! What every store promises: one body of tests for all of them.

mod random;
mod sqlite;

use flowhost::store::{
    ANSWER_MILLIS, Cancel, Claim, Found, Look, NewSuspension, Next, Refusal, Store,
};
use flowhost_tests::stores::{
    LEASE, LIFETIME, at, claim, completed, end, every_store, lease, look, on_every_store, settle,
    suspend, suspension, ticket,
};
use flowhost_tests::{long, wait_for};

const REFUSED_USED: Claim = Claim::Refused(Refusal::AlreadyUsed);
const REFUSED_IN_USE: Claim = Claim::Refused(Refusal::InUse);

#[test]
fn what_was_suspended_is_claimed_as_it_was() {
    on_every_store(|store| {
        suspend(store, "a", 0);
        let NewSuspension { head, record, .. } = suspension("a", 0);
        assert_eq!(look(store, "a", 1), Look::Waiting { head, record });
        lease(store, "a", 1, 1);
    });
}

#[test]
fn a_head_without_an_origin_stays_without() {
    on_every_store(|store| {
        let mut bare = suspension("a", -5);
        bare.head.origin = None;
        wait_for(store.suspend(bare.clone())).expect("suspended");
        let NewSuspension { head, record, .. } = bare;
        assert_eq!(look(store, "a", 1), Look::Waiting { head, record });
    });
}

#[test]
fn a_claimed_suspension_is_in_use_and_a_settled_one_used() {
    on_every_store(|store| {
        suspend(store, "a", 0);
        let held = lease(store, "a", 1, 1);
        assert_eq!(claim(store, "a", 2, 2), REFUSED_IN_USE);
        assert!(matches!(look(store, "a", 2), Look::Running { .. }));
        assert!(end(store, held, "a", 3));
        assert_eq!(claim(store, "a", 2, 4), REFUSED_USED);
        assert_eq!(claim(store, "a", 2, 1 << 40), REFUSED_USED, "used counts before expired");
    });
}

#[test]
fn an_unknown_ticket_is_unknown() {
    on_every_store(|store| {
        assert_eq!(claim(store, "nobody", 1, 1), Claim::Refused(Refusal::Unknown));
        assert_eq!(look(store, "nobody", 1), Look::Refused(Refusal::Unknown));
        assert_eq!(wait_for(store.find("nobody", at(1))).expect("an answer"), None);
    });
}

#[test]
fn a_suspension_expires_at_its_end_and_no_clock_revives_it_after_use() {
    on_every_store(|store| {
        suspend(store, "a", 0);
        assert_eq!(claim(store, "a", 1, LIFETIME), Claim::Refused(Refusal::Expired));
        let held = lease(store, "a", 1, LIFETIME - 1);
        assert!(end(store, held, "a", LIFETIME));
        assert_eq!(claim(store, "a", 1, 0), REFUSED_USED);
    });
}

#[test]
fn a_lease_that_ended_is_claimed_again_and_the_old_one_is_worth_nothing() {
    on_every_store(|store| {
        suspend(store, "a", 0);
        let old = lease(store, "a", 1, 1);
        assert_eq!(claim(store, "a", 2, LEASE), REFUSED_IN_USE);
        let new = lease(store, "a", 2, 1 + LEASE);
        assert!(matches!(look(store, "a", 2 + LEASE), Look::Running { .. }));
        assert!(!end(store, old, "a", 2 + LEASE));
        assert!(end(store, new, "a", 2 + LEASE));
        assert!(!end(store, old, "a", 2 + LEASE));
    });
}

/// A lease outlives its time as long as nobody else claims: the work is done.
#[test]
fn a_lease_that_ended_and_was_not_taken_still_settles() {
    on_every_store(|store| {
        suspend(store, "a", 0);
        let held = lease(store, "a", 1, 1);
        assert!(end(store, held, "a", 5 * LEASE));
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
            let held = lease(store, "a", 1, 5);
            assert_eq!(claim(store, "a", 2, 6), REFUSED_IN_USE, "{lease_millis}");
            assert!(end(store, held, "a", 7));
        });
    }
}

#[test]
fn holders_may_be_any_number() {
    for holder in [0, 1, u64::MAX, 1 << 63] {
        on_every_store(|store| {
            suspend(store, "a", 0);
            let held = lease(store, "a", holder, 1);
            assert_eq!(claim(store, "a", holder ^ 1, 2), REFUSED_IN_USE);
            assert!(end(store, held, "a", 3));
        });
    }
}

#[test]
fn calls_whose_answer_was_lost_may_be_repeated() {
    on_every_store(|store| {
        suspend(store, "a", 0);
        suspend(store, "a", 0);
        let held = lease(store, "a", 1, 1);
        suspend(store, "a", 0);
        assert_eq!(claim(store, "a", 1, 2), Claim::Taken, "it is the same claim");
        let next = || {
            let mut next = suspension("b", 3);
            next.head.flow_id = "flow of a".to_owned();
            Next::Suspended(next)
        };
        assert!(settle(store, held, next(), 3));
        assert!(settle(store, held, next(), 3), "it is settled by this lease");
        suspend(store, "a", 0);
        assert_eq!(claim(store, "a", 1, 4), REFUSED_USED);
        lease(store, "b", 2, 4);
    });
}

#[test]
fn looking_takes_nothing_and_tells_what_a_claim_would() {
    on_every_store(|store| {
        suspend(store, "a", 0);
        for now in [1, LIFETIME - 1] {
            assert!(matches!(look(store, "a", now), Look::Waiting { .. }));
        }
        assert_eq!(look(store, "a", LIFETIME), Look::Refused(Refusal::Expired));
        lease(store, "a", 1, 1);
        assert!(matches!(look(store, "a", 2), Look::Running { .. }));
        assert!(matches!(look(store, "a", 1 + LEASE), Look::Waiting { .. }), "the lease ended");
    });
}

#[test]
fn what_was_answered_is_there_until_it_is_swept() {
    on_every_store(|store| {
        suspend(store, "a", 0);
        let held = lease(store, "a", 1, 1);
        assert!(end(store, held, "a", 7));
        let settled = |answer: &[u8]| Look::Settled {
            head: suspension("a", 0).head,
            answer: answer.to_vec(),
            settled_at: at(7),
        };
        assert_eq!(look(store, "a", 8), settled(b"an answer"));
        let sweep = |now: i64| wait_for(store.sweep(at(0), at(now))).expect("swept");
        sweep(7 + ANSWER_MILLIS as i64);
        assert_eq!(look(store, "a", 8), settled(b"an answer"));
        sweep(8 + ANSWER_MILLIS as i64);
        assert_eq!(look(store, "a", 8), settled(b""));
    });
}

#[test]
fn settling_consumes_the_old_and_keeps_the_next_at_once() {
    on_every_store(|store| {
        suspend(store, "a", 0);
        let held = lease(store, "a", 1, 1);
        assert!(settle(store, held, Next::Suspended(suspension("b", 1)), 2));
        assert_eq!(claim(store, "a", 2, 3), REFUSED_USED);
        lease(store, "b", 3, 3);
        let other = flowhost::store::Lease { holder: 9, ..held };
        assert!(!settle(store, other, Next::Suspended(suspension("c", 1)), 3));
        let unknown = Claim::Refused(Refusal::Unknown);
        assert_eq!(claim(store, "c", 4, 3), unknown, "a lost lease writes nothing");
    });
}

#[test]
fn a_flow_is_found_by_its_id_wherever_it_stands() {
    on_every_store(|store| {
        let found = |now| wait_for(store.find("flow of a", at(now))).expect("an answer");
        let waits = |running| {
            let NewSuspension { ticket, head, record } = suspension("a", 0);
            Some(Found::Suspended { ticket, head, record, running })
        };
        assert_eq!(found(0), None);
        suspend(store, "a", 0);
        assert_eq!(found(1), waits(false));
        let held = lease(store, "a", 1, 1);
        assert_eq!(found(2), waits(true));
        assert_eq!(found(1 + LEASE), waits(false));
        assert!(end(store, held, "a", 3));
        assert_eq!(found(4), Some(Found::Ended(completed("a", 3))));
    });
}

#[test]
fn a_flow_that_suspended_again_is_found_where_it_waits_now() {
    on_every_store(|store| {
        suspend(store, "a", 0);
        let held = lease(store, "a", 1, 1);
        let mut next = suspension("b", 1);
        next.head.flow_id = "flow of a".to_owned();
        assert!(settle(store, held, Next::Suspended(next), 2));
        let found = wait_for(store.find("flow of a", at(3))).expect("an answer");
        assert!(matches!(found, Some(Found::Suspended { ticket: it, .. }) if it == ticket("b")));
    });
}

#[test]
fn a_flow_that_waits_is_cancelled_and_nothing_resumes_it() {
    on_every_store(|store| {
        let mut ending = completed("a", 5);
        ending.outcome = "cancelled".to_owned();
        let cancel = |now| wait_for(store.cancel(ending.clone(), at(now))).expect("an answer");
        assert_eq!(cancel(1), Cancel::Unknown);
        suspend(store, "a", 0);
        assert_eq!(cancel(5), Cancel::Done);
        assert_eq!(cancel(6), Cancel::Ended);
        assert_eq!(claim(store, "a", 1, 6), REFUSED_USED);
        let look = look(store, "a", 6);
        assert!(matches!(look, Look::Settled { answer, .. } if answer.is_empty()));
        let found = wait_for(store.find("flow of a", at(6))).expect("an answer");
        assert_eq!(found, Some(Found::Ended(ending.clone())));
    });
}

#[test]
fn a_flow_that_runs_is_not_cancelled_until_its_lease_ends() {
    on_every_store(|store| {
        suspend(store, "a", 0);
        let held = lease(store, "a", 1, 1);
        let cancel = |now| wait_for(store.cancel(completed("a", now), at(now))).expect("an answer");
        assert_eq!(cancel(LEASE), Cancel::Running);
        assert_eq!(cancel(1 + LEASE), Cancel::Done);
        assert!(!end(store, held, "a", 2 + LEASE), "cancelled once, ended once");
    });
}

#[test]
fn sweeping_forgets_only_what_has_ended() {
    on_every_store(|store| {
        suspend(store, "old", 0);
        suspend(store, "new", 10);
        let swept = wait_for(store.sweep(at(LIFETIME + 1), at(LIFETIME + 1)));
        assert_eq!(swept.expect("swept"), 1);
        assert_eq!(claim(store, "old", 1, 1), Claim::Refused(Refusal::Unknown));
        lease(store, "new", 1, 11);
    });
}

#[test]
fn sweeping_leaves_a_live_lease_alone() {
    on_every_store(|store| {
        suspend(store, "a", 0);
        let held = lease(store, "a", 1, LIFETIME - 1);
        let sweep = |now| wait_for(store.sweep(at(LIFETIME + 1), at(now))).expect("swept");
        assert_eq!(sweep(LIFETIME + 1), 0);
        assert!(end(store, held, "a", LIFETIME + 2));
        assert_eq!(sweep(LIFETIME + 3), 1);
    });
}

#[test]
fn sweeping_forgets_flows_that_ended() {
    on_every_store(|store| {
        for (name, ended) in [("old", 11), ("new", 20)] {
            suspend(store, name, 0);
            let held = lease(store, name, 1, ended - 1);
            assert!(end(store, held, name, ended));
        }
        let found = |name: &str| {
            wait_for(store.find(&format!("flow of {name}"), at(30))).expect("an answer")
        };
        assert_eq!(wait_for(store.sweep(at(20), at(30))).expect("swept"), 1);
        assert_eq!(found("new"), Some(Found::Ended(completed("new", 20))));
        assert_eq!(found("old"), None);
    });
}

#[test]
fn a_sweep_of_many_forgets_them_all() {
    on_every_store(|store| {
        for n in 0..1_700 {
            suspend(store, &format!("t{n}"), 0);
        }
        suspend(store, "stays", 10);
        let swept = wait_for(store.sweep(at(LIFETIME + 1), at(LIFETIME + 1)));
        assert_eq!(swept.expect("swept"), 1_700);
        lease(store, "stays", 1, 11);
    });
}

/// Claims; again while a busy store has no connection free, as any caller may.
async fn patiently(store: &dyn Store, lease: flowhost::store::Lease) -> Claim {
    for _ in 0..60 {
        match store.claim(lease, at(1)).await {
            Ok(claim) => return claim,
            Err(error) => assert_eq!(error.code().as_str(), "store_unavailable", "{error}"),
        }
    }
    panic!("the store stays away");
}

#[test]
fn of_many_claims_at_once_exactly_one_wins() {
    let rounds = if long() { 10_000 } else { 500 };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    for each in every_store() {
        for round in 0..rounds {
            let name = format!("ticket {round}");
            runtime.block_on(each.stores[0].suspend(suspension(&name, 0))).expect("suspended");
            let claims: Vec<_> = (0..64)
                .map(|n| {
                    let store = each.stores[n % 2].clone();
                    let lease = flowhost::store::Lease { ticket: ticket(&name), holder: n as u64 };
                    runtime.spawn(async move { patiently(&*store, lease).await })
                })
                .collect();
            let won = claims.into_iter().map(|claim| {
                let claim = runtime.block_on(claim).expect("a task");
                assert!(claim == Claim::Taken || claim == REFUSED_IN_USE, "{claim:?}");
                usize::from(claim == Claim::Taken)
            });
            assert_eq!(won.sum::<usize>(), 1, "{name} on {}", each.name);
        }
        println!("{}: {rounds} tickets, 64 claims each, one winner each", each.name);
    }
}
