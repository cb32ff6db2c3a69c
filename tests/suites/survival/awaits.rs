//! A process that dies at any await, and a store that fails at any call: the
//! user tries again and gets to the end, where everything ran once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use flowhost::store::{MemoryStore, SqliteStore, Store};
use flowhost::{Code, Error, Event};
use flowhost_tests::bent::{Bent, Fate};
use flowhost_tests::{long, wait_for};
use serde_json::Value;
use tempfile::TempDir;

use super::ways::{self, Known, PAST_LEASES, Way, World, assert_ended, next};

/// A call of the engine, and after how many polls its process dies.
#[derive(Debug, Clone, Copy)]
struct Death {
    call: usize,
    polls: usize,
}

/// A future that is dropped at its `polls`th await; none then.
pub(super) async fn until<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return std::task::Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

/// Goes the whole way, with a process that dies once; whether it died.
fn go(world: &World, way: &Way, death: Death, place: &str) -> bool {
    let scenario = way.scenario();
    let event: Value = serde_json::from_str(&scenario.event_json()).expect("JSON");
    let mut engine = world.process();
    let mut flow = scenario.clone().on(&engine).load().expect(place);
    let (mut known, mut calls, mut died, mut waited) = (Known::Nothing, 0, false, false);
    while !known.ended() {
        let polls = if calls == death.call && !died { death.polls } else { usize::MAX };
        match wait_for(until(polls, next(&engine, &flow, way, &event, &known))) {
            None => {
                died = true;
                engine = world.process();
                flow = scenario.clone().on(&engine).load().expect(place);
            }
            Some(Ok(told)) => {
                known = told;
                calls += 1;
            }
            // Whoever died held the lease; it ends.
            Some(Err(error)) if died && !waited => {
                assert_eq!(error.code(), Code::StateAlreadyUsed, "{place}");
                world.clock.advance_millis(PAST_LEASES);
                waited = true;
            }
            Some(Err(error)) => panic!("{place}: [{}] {error}", error.code()),
        }
    }
    assert_ended(&engine, way, &known, place);
    died
}

/// Dies at every await of every call of the way, one after another; how often.
fn dies_everywhere(world: &World, way: &Way) -> usize {
    let mut deaths = 0;
    for call in 0..way.asked() {
        for polls in 1.. {
            let death = Death { call, polls };
            if !go(world, way, death, &format!("{way:?}, {death:?}")) {
                break;
            }
            deaths += 1;
        }
    }
    deaths
}

/// Every way, or one of `each`: of each kind of suspension and ending some.
fn some_ways(each: usize) -> Vec<Way> {
    // Not in step with the number of endings.
    let stride = if long() { 1 } else { each | 1 };
    ways::all().into_iter().step_by(stride).collect()
}

#[test]
fn a_process_that_dies_at_any_await_loses_and_doubles_nothing() {
    let world = World::new(Arc::new(MemoryStore::new()));
    let ways = some_ways(3);
    let deaths: usize = ways.iter().map(|way| dies_everywhere(&world, way)).sum();
    println!("memory: {} ways, {deaths} deaths", ways.len());
    // Each call has at least the edges of what it asks the store.
    assert!(deaths >= ways.len() * 10, "{deaths} deaths");
}

#[test]
fn a_process_that_dies_at_any_await_on_sqlite_loses_and_doubles_nothing() {
    let folder = TempDir::new().expect("a folder");
    let store = SqliteStore::open(&folder.path().join("flows.db")).expect("a store");
    let world = World::new(Arc::new(store));
    let ways = some_ways(12);
    let deaths: usize = ways.iter().map(|way| dies_everywhere(&world, way)).sum();
    println!("sqlite: {} ways, {deaths} deaths", ways.len());
    assert!(deaths >= ways.len() * 10, "{deaths} deaths");
}

/// A process whose store fails once, at its `nth` call.
fn failing(store: &Arc<dyn Store>, nth: usize, fate: Fate) -> (Bent, Arc<AtomicUsize>) {
    let made = Arc::new(AtomicUsize::new(0));
    let counted = made.clone();
    let bent = Bent::new(store.clone()).failing(move |_| {
        if counted.fetch_add(1, Ordering::SeqCst) == nth { fate } else { Fate::Done }
    });
    (bent, made)
}

/// Goes the whole way on a store that fails once; whether it did.
fn goes_on(world: &World, way: &Way, nth: usize, fate: Fate) -> bool {
    let place = format!("{way:?}, {fate:?} at {nth}");
    let (bent, made) = failing(&world.store, nth, fate);
    let engine = world.process_on(bent);
    let scenario = way.scenario().on(&engine);
    let flow = scenario.load().expect(&place);
    let event: Value = serde_json::from_str(&scenario.event_json()).expect("JSON");
    let (mut known, mut failed, mut waited) = (Known::Nothing, false, false);
    while !known.ended() {
        match wait_for(next(&engine, &flow, way, &event, &known)) {
            Ok(told) => known = told,
            Err(error) if !failed => {
                assert_eq!(error.code(), Code::StoreUnavailable, "{place}");
                failed = true;
            }
            Err(error) if !waited => {
                assert_eq!(error.code(), Code::StateAlreadyUsed, "{place}");
                world.clock.advance_millis(PAST_LEASES);
                waited = true;
            }
            Err(error) => panic!("{place}: [{}] {error}", error.code()),
        }
    }
    assert_ended(&world.process(), way, &known, &place);
    assert_eq!(failed, made.load(Ordering::SeqCst) > nth, "{place}: an error was swallowed");
    failed
}

#[test]
fn a_store_that_fails_at_any_call_ends_in_an_error_and_never_in_completed() {
    let world = World::new(Arc::new(MemoryStore::new()));
    let mut failures = 0;
    for way in some_ways(2) {
        for fate in [Fate::FailsBefore, Fate::FailsAfter] {
            failures += (0..).take_while(|nth| goes_on(&world, &way, *nth, fate)).count();
        }
    }
    println!("{failures} calls of the store failed");
    assert!(failures > 200, "{failures} failures");
}

#[test]
fn a_store_that_is_gone_is_an_error_wherever_it_is_asked() {
    let world = World::new(Arc::new(MemoryStore::new()));
    let gone = || Bent::new(world.store.clone()).failing(|_| Fate::FailsBefore);
    let engine = world.process_on(gone());
    let way = ways::all()[0];
    let scenario = way.scenario().on(&engine);
    let flow = scenario.load().expect("a flow");
    let event = || Event::from_json(&scenario.event_json()).expect("an event");
    let state = "A".repeat(43);
    let codes: Vec<Option<Error>> = wait_for(async {
        vec![
            engine.start(&flow, event()).await.err(),
            engine.start_later(&flow, event()).await.err(),
            engine.resume(&state, flowhost::Resume::get([("a", "b")])).await.err(),
            engine.suspended(&state).await.err(),
            engine.find("a flow").await.err(),
            engine.outcome("a flow").await.err(),
            engine.cancel("a flow").await.err(),
            engine.ready().await.err(),
            engine.sweep().await.err(),
        ]
    });
    for (index, error) in codes.iter().enumerate() {
        let code = error.as_ref().map(Error::code);
        assert_eq!(code, Some(Code::StoreUnavailable), "call {index}");
    }
}
