//! A way to the server that fails, at random: what was acknowledged is never
//! lost, nothing is done twice, and what is not known is found out by repeating
//! the call with the same values.

use flowhost::store::{Claim, Lease, Look, Next, PostgresStore, Refusal, Store};
use flowhost::{Error, Result};
use flowhost_tests::stores::{
    LIFETIME, at, completed, look, settlement, suspend, suspension, ticket,
};
use flowhost_tests::{Proxy, Random, Trouble, Way, long, seed, shared_postgres, wait_for};

/// A flow in three calls, each repeated until it is answered.
struct Flow<'a> {
    store: &'a PostgresStore,
    name: String,
    holder: u64,
    /// How many calls ended without it being known what they did.
    unknown: &'a mut u64,
}

impl Flow<'_> {
    fn until_answered<T>(&mut self, call: impl Fn(&PostgresStore) -> Result<T>) -> T {
        for _ in 0..20 {
            match call(self.store) {
                Ok(answer) => return answer,
                Err(error) => self.not_known(&error),
            }
        }
        panic!("{}: no answer in twenty calls", self.name);
    }

    fn not_known(&mut self, error: &Error) {
        assert_eq!(error.code().as_str(), "store_unavailable", "{error}");
        *self.unknown += 1;
    }

    /// Suspends, claims, suspends again, claims that, ends.
    fn pass(&mut self) {
        let (first, second) = (self.name.clone(), format!("{} again", self.name));
        let kept = suspension(&first, 0);
        self.until_answered(|store| wait_for(store.suspend(kept.clone())));
        let mut next = suspension(&second, 2);
        next.head.flow_id.clone_from(&kept.head.flow_id);
        self.settled(&first, &Next::Suspended(next));
        self.settled(&second, &Next::Ended(completed(&first, 3)));
    }

    fn settled(&mut self, name: &str, next: &Next) {
        let lease = Lease { ticket: ticket(name), holder: self.holder };
        let claimed = self.until_answered(|store| wait_for(store.claim(lease, at(1))));
        assert_eq!(claimed, Claim::Taken, "{name}: the claim was ours");
        let done =
            self.until_answered(|store| wait_for(store.settle(lease, settlement(next.clone(), 3))));
        assert!(done, "{name}: the lease was ours");
    }
}

fn trouble(random: &mut Random) -> Trouble {
    let way = [Way::ToServer, Way::ToClient][random.below(2) as usize];
    match random.below(40) {
        0 => Trouble::Silence(way),
        1..=5 => Trouble::Refuse(1 + random.below(4) as u32),
        6..=9 => Trouble::Delay(way, random.below(40)),
        10..=24 => Trouble::Unheard,
        // Far enough to be met within the next call or two.
        _ => Trouble::Cut(way, random.below(700) as usize),
    }
}

#[test]
fn nothing_is_lost_and_nothing_done_twice_however_the_way_fails() {
    let Some(server) = shared_postgres() else { return };
    let wanted = if long() { 5_000 } else { 200 };
    let mut random = Random::new(seed("postgres_faults"));
    let database = server.database();
    let proxy = Proxy::to(server.port());
    let url = server.bare_url(&database, proxy.port());
    let options = "sslmode=disable&statement_timeout=200&connect_timeout=1&pool_size=2";
    let store = PostgresStore::new(&format!("{url}?{options}")).expect("a store");
    suspend(&store, "before anything", 0);
    let (mut flows, mut faults, mut unknown) = (0_u64, 0, 0);
    while faults < wanted {
        proxy.arm(trouble(&mut random));
        let (name, holder) = (format!("t{flows}"), random.below(1 << 40));
        Flow { store: &store, name, holder, unknown: &mut unknown }.pass();
        faults += usize::from(proxy.disarm());
        flows += 1;
    }
    println!("{faults} faults, {flows} flows, {unknown} calls were repeated by hand");
    // Straight to the server: what is there is what was acknowledged, once.
    let count = |what: &str| server.ask(&database, what).expect("a count").parse::<u64>().ok();
    let suspensions = count("SELECT count(*) FROM flowhost.suspension");
    assert_eq!(suspensions, Some(2 * flows + 1));
    assert_eq!(count("SELECT count(*) FROM flowhost.ending"), Some(flows));
    let open = "SELECT count(*) FROM flowhost.suspension WHERE settled_at IS NULL";
    assert_eq!(count(open), Some(1));
    let direct = PostgresStore::new(&server.url(&database)).expect("a store");
    for n in (0..flows).step_by(50) {
        let settled = look(&direct, &format!("t{n} again"), 4);
        assert!(matches!(settled, Look::Settled { answer, .. } if answer == b"an answer"));
    }
    assert!(matches!(look(&direct, "before anything", 4), Look::Waiting { .. }));
    assert_eq!(look(&direct, "before anything", LIFETIME), Look::Refused(Refusal::Expired));
}

/// The answer to each call, one after another, never arrives: the call is
/// repeated by the store, and comes to the same.
#[test]
fn a_commit_that_nobody_heard_of_is_found_out() {
    let Some(server) = shared_postgres() else { return };
    let proxy = Proxy::to(server.port());
    let url = server.bare_url(&server.database(), proxy.port());
    let store = PostgresStore::new(&format!("{url}?sslmode=disable&pool_size=1"));
    let store = store.expect("a store");
    suspend(&store, "warm", 0);
    let lease = Lease { ticket: ticket("a"), holder: 5 };
    let unheard = || {
        assert!(proxy.disarm(), "the trouble before was met");
        proxy.arm(Trouble::Unheard);
    };
    proxy.arm(Trouble::Unheard);
    suspend(&store, "a", 0);
    unheard();
    assert_eq!(wait_for(store.claim(lease, at(1))).expect("an answer"), Claim::Taken);
    unheard();
    let next = Next::Suspended(suspension("b", 2));
    assert!(wait_for(store.settle(lease, settlement(next, 2))).expect("an answer"));
    unheard();
    let mut gone = completed("b", 3);
    gone.outcome = "cancelled".to_owned();
    let cancelled = wait_for(store.cancel(gone, at(3))).expect("an answer");
    assert_eq!(cancelled, flowhost::store::Cancel::Done, "by the attempt that nobody heard of");
    assert!(proxy.disarm());
}
