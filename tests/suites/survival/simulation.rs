//! A seeded simulation: many flows at once in one world, with users who try
//! again, attackers, crashes, a store that fails before or after it acted, and a
//! clock that jumps. After each step what the contract promises is checked.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flowhost::store::MemoryStore;
use flowhost::{Binding, Clock, Code, Engine, Error, Flow, Report, Resume, Timestamp};
use flowhost_tests::bent::{Bent, Fate};
use flowhost_tests::{Random, Scenario, long, seed, wait_for};
use serde_json::Value;

use super::awaits::until;
use super::ways::{self, Known, PAST_LEASES, Way, World, next};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// A flow, and what its user was told.
struct Tracked {
    number: usize,
    way: usize,
    known: Known,
    flow_id: Option<String>,
    /// When the state that is known ends.
    expires_at: Timestamp,
    /// Whether it is not known what became of a call with that state.
    doubtful: bool,
    /// States that were used, by this user.
    spent: Vec<Known>,
    outcome: Option<String>,
    cancelled: bool,
    /// Its records may have been swept.
    forgotten: bool,
}

struct Simulation {
    world: World,
    ways: Vec<(Way, Scenario)>,
    random: Random,
    engine: Engine,
    flows: HashMap<usize, Flow>,
    tracked: Vec<Tracked>,
    /// States that ran something and told so.
    ran: HashSet<String>,
    /// What becomes of the next call of the store: its number, 0 for none.
    trouble: Arc<AtomicU64>,
    counts: HashMap<&'static str, usize>,
    started: usize,
}

/// No trouble, or at the nth call from now, before or after it acted.
fn fate(trouble: &AtomicU64) -> Fate {
    match trouble.load(Ordering::SeqCst) {
        0 => Fate::Done,
        1 => {
            trouble.store(0, Ordering::SeqCst);
            Fate::FailsBefore
        }
        2 => {
            trouble.store(0, Ordering::SeqCst);
            Fate::FailsAfter
        }
        more => {
            trouble.store(more - 2, Ordering::SeqCst);
            Fate::Done
        }
    }
}

fn process(world: &World, trouble: &Arc<AtomicU64>) -> Engine {
    let trouble = trouble.clone();
    world.process_on(Bent::new(world.store.clone()).failing(move |_| fate(&trouble)))
}

impl Simulation {
    fn new(seed: u64) -> Self {
        let world = World::new(Arc::new(MemoryStore::new()));
        let trouble = Arc::new(AtomicU64::new(0));
        let engine = process(&world, &trouble);
        Simulation {
            ways: ways::all().into_iter().map(|way| (way, way.scenario())).collect(),
            random: Random::new(seed),
            flows: HashMap::new(),
            tracked: Vec::new(),
            ran: HashSet::new(),
            counts: HashMap::new(),
            started: 0,
            world,
            engine,
            trouble,
        }
    }

    fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    fn flow(&mut self, way: usize) -> Flow {
        let (engine, scenario) = (&self.engine, &self.ways[way].1);
        let load = || scenario.clone().on(engine).load().expect("a flow");
        self.flows.entry(way).or_insert_with(load).clone()
    }

    fn step(&mut self) {
        let among = self.tracked.len() as u64;
        match self.random.below(20) {
            0 | 1 if among < 40 => self.begin(),
            2 => self.jump(),
            3 if self.random.below(6) == 0 => self.restart(),
            4 if self.random.below(4) == 0 => self.sweep(),
            5.. if among > 0 => {
                let index = self.random.below(among) as usize;
                self.act(index);
            }
            _ => {}
        }
    }

    fn act(&mut self, index: usize) {
        match self.random.below(16) {
            0..=6 => self.goes_on(index),
            7 => self.dies(index),
            8 => self.store_fails(index),
            9 | 10 => self.wrong_browser(index),
            11 => self.replays(index),
            12 => self.twice_at_once(index),
            13 if self.random.below(3) == 0 => self.cancels(index),
            _ => self.looks(index),
        }
        let done = &self.tracked[index];
        if (done.known.ended() || done.cancelled || done.forgotten) && self.random.below(6) == 0 {
            self.tracked.swap_remove(index);
        }
    }

    fn begin(&mut self) {
        let way = self.random.below(self.ways.len() as u64) as usize;
        self.started += 1;
        self.tracked.push(Tracked {
            number: self.started,
            way,
            known: Known::Nothing,
            flow_id: None,
            expires_at: Timestamp::from_millis(i64::MAX),
            doubtful: false,
            spent: Vec::new(),
            outcome: None,
            cancelled: false,
            forgotten: false,
        });
    }

    fn jump(&mut self) {
        let by = match self.random.below(8) {
            0..=2 => self.random.below(5_000) as i64,
            3 => 61_000,
            4 => PAST_LEASES,
            5 => -(self.random.below(120_000) as i64),
            6 if self.random.below(4) == 0 => DAY / 24,
            7 if self.random.below(8) == 0 => 2 * DAY,
            7 if self.random.below(8) == 0 => -DAY,
            _ => 1,
        };
        self.world.clock.advance_millis(by);
    }

    fn restart(&mut self) {
        self.engine = process(&self.world, &self.trouble);
        self.flows.clear();
        for way in 0..self.ways.len() {
            let spec = self.ways[way].1.flow_spec();
            self.engine.provide_secrets(&spec).expect("secrets");
        }
    }

    fn sweep(&mut self) {
        wait_for(self.engine.sweep()).expect("swept");
        let now = self.now();
        for tracked in &mut self.tracked {
            // It may have ended before its state would have.
            let past = tracked.expires_at.plus_millis(DAY as u64 * 23 / 24) < now;
            let ended = tracked.outcome.is_some() || tracked.known.ended() || tracked.cancelled;
            // What a doubtful call led to has the date of a clock that jumps.
            tracked.forgotten |= past || ended || tracked.doubtful;
        }
        self.count("sweeps");
    }

    /// One call, as the user of a flow makes it.
    fn ask(&mut self, index: usize, polls: usize) -> Option<Result<Known, Error>> {
        let way = self.tracked[index].way;
        let flow = self.flow(way);
        let (way, scenario) = &self.ways[way];
        let event: Value = serde_json::from_str(&scenario.event_json()).expect("JSON");
        let known = &self.tracked[index].known;
        wait_for(until(polls, next(&self.engine, &flow, way, &event, known)))
    }

    fn may_go_on(&self, index: usize) -> bool {
        let tracked = &self.tracked[index];
        !(tracked.known.ended() || matches!(tracked.known, Known::Nothing) && tracked.forgotten)
    }

    fn goes_on(&mut self, index: usize) {
        if self.may_go_on(index) {
            self.trouble.store(0, Ordering::SeqCst);
            let answer = self.ask(index, usize::MAX).expect("not stopped");
            self.told(index, answer);
        }
    }

    fn dies(&mut self, index: usize) {
        if !self.may_go_on(index) {
            return;
        }
        let polls = 1 + self.random.below(14) as usize;
        match self.ask(index, polls) {
            Some(answer) => self.told(index, answer),
            None => {
                self.tracked[index].doubtful = true;
                self.count("deaths");
                self.restart();
            }
        }
    }

    fn store_fails(&mut self, index: usize) {
        if !self.may_go_on(index) {
            return;
        }
        self.flow(self.tracked[index].way);
        self.trouble.store(1 + self.random.below(8), Ordering::SeqCst);
        let answer = self.ask(index, usize::MAX).expect("not stopped");
        self.trouble.store(0, Ordering::SeqCst);
        match answer {
            Err(error) if error.code() == Code::StoreUnavailable => {
                self.tracked[index].doubtful = true;
                self.count("store failures");
            }
            answer => self.told(index, answer),
        }
    }

    /// The answer to an undisturbed call.
    fn told(&mut self, index: usize, answer: Result<Known, Error>) {
        let now = self.now();
        let tracked = &self.tracked[index];
        let number = tracked.number;
        match answer {
            Ok(known) => self.accepted(index, known),
            Err(error) => {
                let excused = tracked.doubtful
                    || tracked.cancelled
                    || tracked.forgotten
                    || now >= tracked.expires_at;
                let code = error.code();
                assert!(excused, "flow {number}: lost: [{code}] {error}");
                let refused = [Code::StateAlreadyUsed, Code::StateExpired, Code::StateUnknown];
                assert!(refused.contains(&code), "flow {number}: [{code}] {error}");
                self.count("refusals");
            }
        }
    }

    fn accepted(&mut self, index: usize, known: Known) {
        let now = self.now();
        let state = self.tracked[index].known.state().map(str::to_owned);
        let number = self.tracked[index].number;
        let again = matches!(&known, Known::Report(report) if report.runs.is_empty());
        if let Some(state) = state {
            let cancelled = self.tracked[index].cancelled;
            assert!(again || !cancelled, "flow {number}: went on after its end");
            assert!(again || now < self.tracked[index].expires_at, "flow {number}: expired");
            assert!(again || self.ran.insert(state), "flow {number}: one state ran twice");
        }
        let tracked = &mut self.tracked[index];
        let before = std::mem::replace(&mut tracked.known, known);
        if before.state().is_some() {
            tracked.spent.push(before);
        }
        tracked.doubtful = false;
        if let Known::Report(report) = &tracked.known {
            let id = tracked.flow_id.get_or_insert_with(|| report.flow_id.clone());
            assert_eq!(*id, report.flow_id, "flow {number}");
            tracked.expires_at = expiry(report);
        } else {
            tracked.expires_at = now.plus_millis(3_600_000);
        }
        self.count(if again { "answers given again" } else { "steps of users" });
        if self.tracked[index].known.ended() {
            self.count("ends");
        }
    }

    fn wrong_browser(&mut self, index: usize) {
        let tracked = &self.tracked[index];
        let Known::Report(report) = &tracked.known else { return };
        let Some(state) = report.outcome.state() else { return };
        let number = tracked.number;
        let resume = ways::answer(&report.outcome).with_binding(Binding::new("another browser"));
        let answer = wait_for(self.engine.resume(state, resume));
        let code = answer.err().unwrap_or_else(|| panic!("flow {number}: stolen")).code();
        let certain = !tracked.doubtful && !tracked.cancelled && !tracked.forgotten;
        if certain && self.now() < tracked.expires_at {
            assert_eq!(code, Code::StateWrongBrowser, "flow {number}");
        }
        self.count("thefts");
    }

    fn replays(&mut self, index: usize) {
        let spent = self.tracked[index].spent.len() as u64;
        if spent == 0 {
            return;
        }
        let which = self.random.below(spent) as usize;
        let number = self.tracked[index].number;
        let resume = match &self.tracked[index].spent[which] {
            Known::Report(report) => ways::answer(&report.outcome),
            _ => Resume::start(),
        };
        let state = self.tracked[index].spent[which].state().expect("a state").to_owned();
        match wait_for(self.engine.resume(&state, resume.with_binding(ways::cookie()))) {
            Ok(report) => assert_eq!(report.runs, [], "flow {number}: ran again"),
            Err(error) => {
                let refused = [Code::StateAlreadyUsed, Code::StateExpired, Code::StateUnknown];
                assert!(refused.contains(&error.code()), "flow {number}: {error}");
            }
        }
        self.count("replays");
    }

    fn twice_at_once(&mut self, index: usize) {
        if self.tracked[index].known.state().is_none() {
            return;
        }
        let flow = self.flow(self.tracked[index].way);
        let (way, scenario) = &self.ways[self.tracked[index].way];
        let event: Value = serde_json::from_str(&scenario.event_json()).expect("JSON");
        let known = &self.tracked[index].known;
        let ask = || next(&self.engine, &flow, way, &event, known);
        let (one, two) = wait_for(async { tokio::join!(ask(), ask()) });
        let ran = |answer: &Result<Known, Error>| matches!(answer, Ok(Known::Report(report)) if !report.runs.is_empty());
        assert!(!(ran(&one) && ran(&two)), "flow {}: both ran", self.tracked[index].number);
        // The loser is told nothing that matters, or the same.
        self.told(index, if one.is_ok() { one } else { two });
        self.count("pairs");
    }

    fn cancels(&mut self, index: usize) {
        let Some(id) = self.tracked[index].flow_id.clone() else { return };
        match wait_for(self.engine.cancel(&id)) {
            Ok(view) => {
                assert_eq!(view.outcome, "cancelled");
                let ended = self.tracked[index].known.ended();
                assert!(!ended, "flow {}: ended twice", self.tracked[index].number);
                self.tracked[index].cancelled = true;
                self.count("cancellations");
            }
            Err(error) => {
                let refused = [Code::FlowEnded, Code::FlowRunning, Code::FlowUnknown];
                assert!(refused.contains(&error.code()), "{error}");
            }
        }
    }

    /// What the store says of a flow is what was told, and stays so.
    fn looks(&mut self, index: usize) {
        let Some(id) = self.tracked[index].flow_id.clone() else { return };
        let found = wait_for(self.engine.find(&id)).expect("an answer");
        let tracked = &mut self.tracked[index];
        let (number, way) = (tracked.number, &self.ways[tracked.way].0);
        let Some(view) = found else {
            let never = matches!(&tracked.known, Known::Report(report)
                if tracked.spent.is_empty() && report.outcome.state().is_none());
            assert!(tracked.forgotten || never, "flow {number}: lost");
            return;
        };
        let Some(outcome) = (view.status.as_str() == "ended").then_some(view.outcome) else {
            assert!(!tracked.known.ended() && !tracked.cancelled, "flow {number}: back again");
            assert!(tracked.outcome.is_none(), "flow {number}: back again");
            return;
        };
        let before = tracked.outcome.get_or_insert_with(|| outcome.clone());
        assert_eq!(*before, outcome, "flow {number}: ended twice");
        if tracked.cancelled || outcome == "cancelled" {
            assert!(tracked.cancelled && outcome == "cancelled", "flow {number}: {outcome}");
            return;
        }
        assert_eq!(outcome, way.outcome(), "flow {number}");
        assert_eq!(view.runs.len(), way.runs().len(), "flow {number}: {:?}", view.runs);
    }
}

fn expiry(report: &Report) -> Timestamp {
    match &report.outcome {
        flowhost::Outcome::Redirect(redirect) => redirect.expires_at,
        flowhost::Outcome::Prompt(prompt) => prompt.expires_at,
        flowhost::Outcome::Challenge(challenge) => challenge.expires_at,
        _ => Timestamp::from_millis(i64::MAX),
    }
}

#[test]
fn whatever_happens_no_flow_is_lost_and_none_ends_twice() {
    let mut simulation = Simulation::new(seed("simulation"));
    let steps = if long() { 1_000_000 } else { 20_000 };
    for _ in 0..steps {
        simulation.step();
    }
    println!("{steps} steps, {} flows: {:?}", simulation.started, simulation.counts);
    for what in ["deaths", "store failures", "thefts", "replays", "pairs", "ends", "cancellations"]
    {
        assert!(simulation.counts.get(what).is_some_and(|times| *times > 20), "no {what}");
    }
}
