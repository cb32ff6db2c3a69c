//! [`Way`]: a flow with all that its user does until it ends; and [`World`], what
//! outlives a process.

use std::path::PathBuf;
use std::sync::Arc;

use flowhost::store::Store;
use flowhost::{
    Binding, Engine, Error, Event, FactorType, Flow, KeyRing, ManualClock, Outcome, Report, Resume,
    Secret, Timestamp,
};
use flowhost_tests::bent::Bent;
use flowhost_tests::{Scenario, engine_builder, home, wait_for};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Longer than any lease, shorter than a state lives, in milliseconds.
pub(super) const PAST_LEASES: i64 = 300_000;

/// What waits for the user, by its name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Wait {
    Redirect,
    Prompt,
    Challenge,
}

/// How a flow ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ending {
    Completed,
    WithResultUrl,
    Denied,
    Failed,
}

/// A flow of up to three actions: two that suspend it, one that ends it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    first: Wait,
    second: Option<Wait>,
    ending: Ending,
    /// Whether it waits for its browser before anything runs.
    pub(super) later: bool,
}

/// Every combination.
pub(super) fn all() -> Vec<Way> {
    let mut ways = Vec::new();
    for first in [Wait::Redirect, Wait::Prompt, Wait::Challenge] {
        for second in [None, Some(Wait::Redirect), Some(Wait::Prompt), Some(Wait::Challenge)] {
            for ending in [Ending::Completed, Ending::WithResultUrl, Ending::Denied, Ending::Failed]
            {
                ways.push(Way { first, second, ending, later: ways.len() % 2 == 1 });
            }
        }
    }
    ways
}

impl Way {
    pub(super) fn scenario(&self) -> Scenario {
        let suspends = |wait| match wait {
            Wait::Redirect => json!({ "send_user_to": { "url": "https://verify.example.com/" } }),
            Wait::Prompt => json!({ "render": { "id": "form" } }),
            Wait::Challenge => json!({ "challenge_with": { "factor": { "type": "otp" } } }),
        };
        let ends = match self.ending {
            Ending::Completed => json!([]),
            Ending::WithResultUrl => json!([{ "set_result_url": { "url": "https://a.example/" } }]),
            Ending::Denied => json!([{ "deny": "no" }]),
            Ending::Failed => json!([{ "trap": true }]),
        };
        let mut scenario = Scenario::new().action("first", json!([suspends(self.first)]));
        if let Some(second) = self.second {
            // The same challenge would be met already.
            let again = second == Wait::Challenge && self.first == Wait::Challenge;
            let phone = json!({ "challenge_with": { "factor": { "type": "phone" } } });
            let step = if again { phone } else { suspends(second) };
            scenario = scenario.action("second", json!([step]));
        }
        scenario.action("last", ends)
    }

    /// The name of the outcome.
    pub(super) fn outcome(&self) -> &'static str {
        match self.ending {
            Ending::Completed | Ending::WithResultUrl => "completed",
            Ending::Denied => "denied",
            Ending::Failed => "failed",
        }
    }

    /// What runs, once each.
    pub(super) fn runs(&self) -> Vec<String> {
        let mut runs = Vec::new();
        for (name, wait) in [("first", Some(self.first)), ("second", self.second)] {
            let Some(wait) = wait else { continue };
            runs.push(format!("{name} on-execute"));
            if wait != Wait::Challenge {
                runs.push(format!("{name} on-continue"));
            }
        }
        runs.push("last on-execute".to_owned());
        runs
    }

    /// How often something is asked of the engine.
    pub(super) fn asked(&self) -> usize {
        2 + usize::from(self.second.is_some()) + usize::from(self.later)
    }
}

/// What outlives a process: a store, keys, components, the time; and the
/// user's browser.
pub(super) struct World {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<ManualClock>,
    keys: KeyRing,
    components: TempDir,
}

impl World {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        World {
            store,
            clock: Arc::new(ManualClock::new(Timestamp::from_millis(1_800_000_000_000))),
            keys: KeyRing::generate().expect("keys"),
            components: TempDir::new().expect("a folder"),
        }
    }

    /// A process on this world.
    pub(super) fn process(&self) -> Engine {
        self.process_on(Bent::new(self.store.clone()))
    }

    /// One whose store may fail.
    pub(super) fn process_on(&self, store: Bent) -> Engine {
        let folder: PathBuf = self.components.path().to_owned();
        engine_builder()
            .store(store)
            .clock(self.clock.clone())
            .keys(self.keys.clone())
            .component_folder(folder)
            .code_cache(home().join("engine"), Secret::new("tests"))
            .build()
            .expect("an engine")
    }
}

/// What the user's browser knows of its flow.
#[derive(Debug, Clone)]
pub(super) enum Known {
    Nothing,
    /// A flow that waits for the browser.
    Pending(String),
    Report(Box<Report>),
}

impl Known {
    pub(super) fn state(&self) -> Option<&str> {
        match self {
            Known::Nothing => None,
            Known::Pending(state) => Some(state),
            Known::Report(report) => report.outcome.state(),
        }
    }

    /// Whether there is nothing more to do.
    pub(super) fn ended(&self) -> bool {
        !matches!(self, Known::Nothing) && self.state().is_none()
    }
}

/// The browser's cookie.
pub(super) fn cookie() -> Binding {
    Binding::new("the cookie of this browser")
}

/// What the user does next, as one call of the engine.
pub(super) async fn next(
    engine: &Engine,
    flow: &Flow,
    way: &Way,
    event: &Value,
    known: &Known,
) -> Result<Known, Error> {
    let report = match known {
        Known::Nothing => {
            let event = Event::from_json(&event.to_string())?;
            if way.later {
                return Ok(Known::Pending(engine.start_later(flow, event).await?.state));
            }
            engine.start_bound(flow, event, &cookie()).await?
        }
        Known::Pending(state) => {
            engine.resume(state, Resume::start().with_binding(cookie())).await?
        }
        Known::Report(report) => {
            let resume = answer(&report.outcome).with_binding(cookie());
            engine.resume(report.outcome.state().unwrap_or_default(), resume).await?
        }
    };
    Ok(Known::Report(Box::new(report)))
}

/// What the user comes back with.
pub(super) fn answer(outcome: &Outcome) -> Resume {
    match outcome {
        Outcome::Challenge(challenge) => {
            let first = challenge.factors.first().map_or(FactorType::Otp, |factor| factor.kind);
            Resume::passed(first)
        }
        _ => Resume::get([("a", "b")]),
    }
}

/// Asserts that the flow ended as it should, everything in it having run once.
#[track_caller]
pub(super) fn assert_ended(engine: &Engine, way: &Way, known: &Known, place: &str) {
    let Known::Report(report) = known else { panic!("{place}: {known:?}") };
    assert_eq!(report.outcome.name(), way.outcome(), "{place}");
    let view = wait_for(engine.find(&report.flow_id)).expect(place).expect(place);
    assert_eq!((view.status.as_str(), view.outcome.as_str()), ("ended", way.outcome()), "{place}");
    let run = |run: &Value| {
        let text = |name: &str| run[name].as_str().unwrap_or_default().to_owned();
        format!("{} {}", text("action"), text("handler"))
    };
    assert_eq!(view.runs.iter().map(run).collect::<Vec<_>>(), way.runs(), "{place}");
}
