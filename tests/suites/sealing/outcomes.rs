//! The same for what a flow came to: its end, and the answer that is given
//! again.

use std::sync::{Arc, Mutex};

use flowhost::store::{End, Found, Look, MemoryStore, Store};
use flowhost::{Binding, Clock, Code, Digest, Engine, Event, Resume, SystemClock, Timestamp};
use flowhost_tests::bent::Bent;
use flowhost_tests::{Scenario, engine_builder, wait_for};
use serde_json::json;

use super::{redirect, ring};

/// An engine whose store shows what is put into its windows, if anything is.
struct Windowed {
    engine: Engine,
    store: Arc<MemoryStore>,
    look: Arc<Mutex<Option<Look>>>,
    found: Arc<Mutex<Option<Found>>>,
}

/// A flow that ended, and the state that ended it.
struct Ended {
    flow_id: String,
    state: String,
}

fn cookie() -> Binding {
    Binding::new("a cookie")
}

impl Windowed {
    fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let (look, found) = (Arc::new(Mutex::new(None)), Arc::new(Mutex::new(None)));
        let (shown, shown_found) = (Arc::clone(&look), Arc::clone(&found));
        let bent = Bent::new(store.clone())
            .showing(move |look| shown.lock().expect("a lock").clone().unwrap_or(look))
            .finding(move |found| shown_found.lock().expect("a lock").clone().or(found));
        let engine = engine_builder().store(bent).keys(ring()).build().expect("an engine");
        Windowed { engine, store, look, found }
    }

    /// A flow of one browser that was denied.
    fn denied(&self) -> Ended {
        let scenario = Scenario::new()
            .action_with("a", json!([redirect()]), json!([{ "deny": "no" }]))
            .on(&self.engine);
        let flow = scenario.load().expect("a flow");
        let event = Event::from_json(&scenario.event_json()).expect("an event");
        let report = wait_for(self.engine.start_bound(&flow, event, &cookie())).expect("a report");
        let state = report.outcome.state().expect("a state").to_owned();
        let ended = Ended { flow_id: report.flow_id, state };
        assert_eq!(self.answered(&ended), Ok("denied"));
        ended
    }

    fn end(&self, ended: &Ended) -> End {
        let found = wait_for(self.store.find(&ended.flow_id, SystemClock.now()));
        match found.expect("an answer") {
            Some(Found::Ended(end)) => end,
            other => panic!("{other:?}"),
        }
    }

    fn settled(&self, ended: &Ended) -> Look {
        let ticket = Digest::of(ended.state.as_bytes());
        wait_for(self.store.look(ticket, SystemClock.now())).expect("an answer")
    }

    /// What the engine says the flow came to when this is found.
    fn says(&self, ended: &Ended, end: End) -> Result<String, Code> {
        *self.found.lock().expect("a lock") = Some(Found::Ended(end));
        let view = wait_for(self.engine.find(&ended.flow_id)).map_err(|error| error.code());
        let outcome = wait_for(self.engine.outcome(&ended.flow_id)).map_err(|error| error.code());
        *self.found.lock().expect("a lock") = None;
        let view = view.map(|view| view.map(|view| view.outcome));
        assert_eq!(view, outcome);
        Ok(outcome?.expect("an outcome"))
    }

    /// What the browser is answered again.
    fn answered(&self, ended: &Ended) -> Result<&'static str, Code> {
        let resume = Resume::get([("a", "b")]).with_binding(cookie());
        let report = wait_for(self.engine.resume(&ended.state, resume));
        report.map(|report| report.outcome.name()).map_err(|error| error.code())
    }

    /// The same when this is looked at.
    fn answers(&self, ended: &Ended, shown: Look) -> Result<&'static str, Code> {
        *self.look.lock().expect("a lock") = Some(shown);
        let answer = self.answered(ended);
        *self.look.lock().expect("a lock") = None;
        answer
    }
}

/// Every bit turned and every length of something sealed: none opens.
fn bent<T: std::fmt::Debug + PartialEq>(
    sealed: &[u8],
    nothing: Code,
    open: impl Fn(Vec<u8>) -> Result<T, Code>,
) {
    for bit in 0..sealed.len() * 8 {
        let mut sealed = sealed.to_vec();
        sealed[bit / 8] ^= 1 << (bit % 8);
        let expected = match bit / 8 {
            0 => Code::StoreIncompatible,
            1..5 => Code::KeyUnknown,
            _ => Code::SealBroken,
        };
        assert_eq!(open(sealed), Err(expected), "bit {bit}");
    }
    for length in 0..sealed.len() {
        let expected = if length == 0 { nothing } else { Code::SealBroken };
        assert_eq!(open(sealed[..length].to_vec()), Err(expected), "{length} bytes");
    }
    println!("{} bits turned, {} lengths: nothing opened", sealed.len() * 8, sealed.len());
}

#[test]
fn of_an_end_with_one_bit_turned_or_a_part_missing_nothing_opens() {
    let windowed = Windowed::new();
    let ended = windowed.denied();
    let end = windowed.end(&ended);
    assert_eq!(windowed.says(&ended, end.clone()).as_deref(), Ok("denied"));
    bent(&end.record, Code::SealBroken, |record| {
        windowed.says(&ended, End { record, ..end.clone() })
    });
}

#[test]
fn a_denied_flow_is_not_made_a_completed_one() {
    let windowed = Windowed::new();
    let ended = windowed.denied();
    let end = windowed.end(&ended);
    let changes: [fn(&mut End); 4] = [
        |end| "completed".clone_into(&mut end.outcome),
        |end| end.flow.push('x'),
        |end| end.flow_id.push('x'),
        |end| end.ended_at = Timestamp::from_millis(end.ended_at.as_millis() + 1),
    ];
    for change in changes {
        let mut end = end.clone();
        change(&mut end);
        assert_eq!(windowed.says(&ended, end), Err(Code::SealBroken));
    }
}

#[test]
fn the_end_or_answer_of_one_flow_is_not_that_of_another() {
    let windowed = Windowed::new();
    let all: Vec<Ended> = (0..10).map(|_| windowed.denied()).collect();
    for (here, ended) in all.iter().enumerate() {
        let (own, own_look) = (windowed.end(ended), windowed.settled(ended));
        let Look::Settled { head, settled_at, .. } = own_look else { panic!("not settled") };
        for other in all.iter().enumerate().filter(|(it, _)| *it != here).map(|(_, it)| it) {
            let end = windowed.end(other);
            let moved = End { record: end.record.clone(), ..own.clone() };
            assert_eq!(windowed.says(ended, moved), Err(Code::SealBroken));
            assert_eq!(windowed.says(ended, end), Err(Code::SealBroken));
            let Look::Settled { answer, .. } = windowed.settled(other) else { panic!() };
            let moved = Look::Settled { head: head.clone(), answer, settled_at };
            assert_eq!(windowed.answers(ended, moved), Err(Code::SealBroken));
            assert_eq!(windowed.answers(ended, windowed.settled(other)), Err(Code::SealBroken));
        }
    }
}

#[test]
fn of_an_answer_with_one_bit_turned_or_a_part_missing_nothing_opens() {
    let windowed = Windowed::new();
    let ended = windowed.denied();
    let Look::Settled { head, answer, settled_at } = windowed.settled(&ended) else { panic!() };
    // One that is not there any more was given often enough.
    bent(&answer, Code::StateAlreadyUsed, |answer| {
        windowed.answers(&ended, Look::Settled { head: head.clone(), answer, settled_at })
    });
    assert_eq!(windowed.answered(&ended), Ok("denied"));
}
