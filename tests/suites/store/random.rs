//! Random operations go the same way on every store: what memory answers, the
//! others answer too.

use std::collections::HashMap;
use std::sync::Arc;

use flowhost::store::{Claim, Lease, Next, Store};
use flowhost_tests::stores::{
    LEASE, LIFETIME, at, claim, completed, every_store, look, settle, suspend, suspension, ticket,
};
use flowhost_tests::{Random, long, seed, wait_for};

/// Asks every store, whose answers must be the same.
#[track_caller]
fn all<T: PartialEq + std::fmt::Debug>(
    stores: &[(&'static str, Arc<dyn Store>)],
    step: usize,
    ask: impl Fn(&dyn Store) -> T,
) -> T {
    let mut answers = stores.iter().map(|(name, store)| (name, ask(&**store)));
    let (_, first) = answers.next().expect("a store");
    for (name, answer) in answers {
        assert_eq!(answer, first, "step {step} on {name}");
    }
    first
}

#[test]
fn random_operations_go_the_same_way_on_all_stores() {
    let mut random = Random::new(seed("random_operations"));
    let each = every_store();
    let stores: Vec<_> = each.iter().map(|each| (each.name, each.stores[0].clone())).collect();
    let mut leases: Vec<(String, Lease)> = Vec::new();
    // The flow that each suspension belongs to.
    let mut flows: HashMap<String, String> = HashMap::new();
    let (mut now, mut names) = (0, 0);
    let steps = if long() { 100_000 } else { 3_000 };
    for step in 0..steps {
        // Now and then the clock goes back.
        now += random.below(LEASE as u64 / 2) as i64 - i64::from(random.below(20) == 0) * LEASE;
        let some = format!("t{}", random.below(names + 1));
        let some_lease = leases.get(random.below(leases.len() as u64) as usize).cloned();
        match (random.below(9), some_lease) {
            (0 | 1, _) => {
                names += 1;
                let name = format!("t{names}");
                all(&stores, step, |store| suspend(store, &name, now));
                flows.insert(name.clone(), name);
            }
            (2 | 3, _) => {
                let holder = random.below(1 << 40);
                let claimed = all(&stores, step, |store| claim(store, &some, holder, now));
                if claimed == Claim::Taken {
                    leases.push((some.clone(), Lease { ticket: ticket(&some), holder }));
                }
            }
            (4, Some((name, lease))) => {
                let next = Next::Ended(completed(&flows[&name], now));
                all(&stores, step, |store| settle(store, lease, next.clone(), now));
            }
            (5, Some((name, lease))) => {
                names += 1;
                let mut next = suspension(&format!("t{names}"), now);
                next.head.flow_id = format!("flow of {}", flows[&name]);
                flows.insert(format!("t{names}"), flows[&name].clone());
                let next = Next::Suspended(next);
                all(&stores, step, |store| settle(store, lease, next.clone(), now));
            }
            (6, Some((name, _))) if random.below(3) == 0 => {
                let mut ending = completed(&flows[&name], now);
                ending.outcome = "cancelled".to_owned();
                all(&stores, step, |store| {
                    wait_for(store.cancel(ending.clone(), at(now))).expect("an answer")
                });
            }
            (7, _) if random.below(8) == 0 => {
                let before = at(now - LIFETIME / 2);
                all(&stores, step, |store| {
                    wait_for(store.sweep(before, at(now))).expect("an answer")
                });
            }
            (7, _) => {
                let flow = format!("flow of {some}");
                all(&stores, step, |store| {
                    wait_for(store.find(&flow, at(now))).expect("an answer")
                });
            }
            _ => _ = all(&stores, step, |store| look(store, &some, now)),
        }
    }
}
