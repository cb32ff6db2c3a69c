//! What is stored can be read and changed by nobody without the keys.

#[path = "sealing/outcomes.rs"]
mod outcomes;

use std::sync::{Arc, Mutex};

use flowhost::store::{Look, MemoryStore, SqliteStore, Store};
use flowhost::{Code, Digest, Engine, KeyRing, Resume};
use flowhost_tests::bent::Bent;
use flowhost_tests::serving::files_below;
use flowhost_tests::{Scenario, Step, engine_builder, wait_for};
use serde_json::{Value, json};
use tempfile::TempDir;

fn redirect() -> Value {
    json!({ "send_user_to": { "url": "https://verify.example.com/" } })
}

fn ring() -> KeyRing {
    KeyRing::generate().expect("keys")
}

/// An engine whose store shows what is put into its window, if anything is.
struct Windowed {
    engine: Engine,
    window: Arc<Mutex<Option<Look>>>,
    store: Arc<MemoryStore>,
    runtime: tokio::runtime::Runtime,
}

impl Windowed {
    fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let window = Arc::new(Mutex::new(None));
        let shown = Arc::clone(&window);
        let bent = Bent::new(store.clone())
            .showing(move |look| shown.lock().expect("a lock").clone().unwrap_or(look));
        let engine = engine_builder().store(bent).keys(ring()).build().expect("an engine");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Windowed { engine, window, store, runtime: runtime.expect("a runtime") }
    }

    /// Suspends a flow of some user.
    fn suspend(&self, user: &str) -> Step {
        let scenario = Scenario::executing(json!([redirect()])).on(&self.engine);
        scenario.event(|event| event["user"]["user_id"] = json!(user)).start()
    }

    /// What is stored of it.
    fn stored(&self, step: &Step) -> Look {
        let ticket = Digest::of(step.state().as_bytes());
        let now = flowhost::Clock::now(&flowhost::SystemClock);
        self.runtime.block_on(self.store.look(ticket, now)).expect("an answer")
    }

    /// Whether the state opens what is shown; else the code of the error.
    fn opens(&self, state: &str, shown: Look) -> Result<(), Code> {
        *self.window.lock().expect("a lock") = Some(shown);
        self.runtime.block_on(self.engine.suspended(state)).map(drop).map_err(|e| e.code())
    }
}

fn parts(look: Look) -> (flowhost::store::Head, Vec<u8>) {
    match look {
        Look::Waiting { head, record } => (head, record),
        other => panic!("{other:?}"),
    }
}

#[test]
fn of_a_record_with_one_bit_turned_or_a_part_missing_nothing_opens() {
    let windowed = Windowed::new();
    let (mut turned, mut cut) = (0, 0);
    for n in 0..10 {
        let step = windowed.suspend(&format!("auth0|{n}"));
        let state = step.state();
        let (head, mut record) = parts(windowed.stored(&step));
        let shown = |record: &[u8]| Look::Waiting { head: head.clone(), record: record.to_vec() };
        assert_eq!(windowed.opens(&state, shown(&record)), Ok(()));
        for bit in 0..record.len() * 8 {
            record[bit / 8] ^= 1 << (bit % 8);
            let error = windowed.opens(&state, shown(&record)).expect_err("opened");
            // The first byte is the form, the next four the key's epoch.
            let expected = match bit / 8 {
                0 => Code::StoreIncompatible,
                1..5 => Code::KeyUnknown,
                _ => Code::SealBroken,
            };
            assert_eq!(error, expected, "bit {bit}");
            record[bit / 8] ^= 1 << (bit % 8);
            turned += 1;
        }
        for length in 0..record.len() {
            let error = windowed.opens(&state, shown(&record[..length])).expect_err("opened");
            assert_eq!(error, Code::SealBroken, "{length} bytes");
            cut += 1;
        }
        record.push(0);
        assert_eq!(windowed.opens(&state, shown(&record)), Err(Code::SealBroken));
    }
    println!("{turned} bits turned, {cut} lengths: nothing opened");
}

#[test]
fn a_record_in_the_place_of_another_does_not_open() {
    let windowed = Windowed::new();
    let steps: Vec<Step> = (0..100).map(|n| windowed.suspend(&format!("auth0|{n}"))).collect();
    let stored: Vec<_> = steps.iter().map(|step| parts(windowed.stored(step))).collect();
    let mut swaps = 0;
    for (here, step) in steps.iter().enumerate() {
        let state = step.state();
        for (there, (head, record)) in stored.iter().enumerate().filter(|(it, _)| *it != here) {
            let own = stored[here].0.clone();
            let with_own_head = Look::Waiting { head: own, record: record.clone() };
            assert_eq!(windowed.opens(&state, with_own_head), Err(Code::SealBroken), "{there}");
            let with_its_head = Look::Waiting { head: head.clone(), record: record.clone() };
            assert_eq!(windowed.opens(&state, with_its_head), Err(Code::SealBroken), "{there}");
            swaps += 1;
        }
    }
    assert_eq!(swaps, 9_900);
}

#[test]
fn with_a_changed_head_a_record_does_not_open() {
    let windowed = Windowed::new();
    let step = windowed.suspend("auth0|1");
    let (head, record) = parts(windowed.stored(&step));
    let later = flowhost::Timestamp::from_millis(i64::MAX);
    let other = Digest::of(b"other");
    type Change = fn(&mut flowhost::store::Head, flowhost::Timestamp, Digest);
    let changes: [(&str, Change); 11] = [
        ("flow_id", |head, _, _| head.flow_id.push('x')),
        ("tenant", |head, _, _| head.tenant.push('x')),
        ("flow", |head, _, _| head.flow.push('x')),
        ("flow_digest", |head, _, other| head.flow_digest = other),
        ("action", |head, _, other| head.action = other),
        ("subject", |head, _, other| head.subject = other),
        ("origin", |head, _, _| head.origin = Some("elsewhere.toml".to_owned())),
        ("created_at", |head, later, _| head.created_at = later),
        ("expires_at", |head, later, _| head.expires_at = later),
        ("lease_millis", |head, _, _| head.lease_millis += 1),
        // What one part loses the next one gains.
        ("tenant and flow", |head, _, _| {
            let first = head.flow.remove(0);
            head.tenant.push(first);
        }),
    ];
    for (what, change) in changes {
        let mut head = head.clone();
        change(&mut head, later, other);
        let shown = Look::Waiting { head, record: record.clone() };
        assert_eq!(windowed.opens(&step.state(), shown), Err(Code::SealBroken), "{what}");
    }
    let shown = Look::Waiting { head, record };
    assert_eq!(windowed.opens(&step.state(), shown), Ok(()));
}

#[test]
fn a_broken_seal_runs_nothing_and_the_state_stays_usable() {
    let windowed = Windowed::new();
    let step = windowed.suspend("auth0|1");
    let (head, mut record) = parts(windowed.stored(&step));
    record[40] ^= 1;
    *windowed.window.lock().expect("a lock") = Some(Look::Waiting { head, record });
    assert_eq!(step.resume_refused(Resume::get([("a", "b")])), "seal_broken");
    *windowed.window.lock().expect("a lock") = None;
    step.returns(&[]).expect("completed");
}

/// Two engines on one store, each with its own keys.
fn engines(first: KeyRing, second: KeyRing) -> (Engine, Engine) {
    let store = Arc::new(MemoryStore::new());
    let engine = |keys| {
        let builder = engine_builder().shared_store(store.clone()).keys(keys);
        builder.build().expect("an engine")
    };
    (engine(first), engine(second))
}

/// The code of the error with which the second engine resumes.
fn resumed_by(second: &Engine, step: &Step, scenario: &Scenario) -> Result<&'static str, Code> {
    scenario.clone().on(second).load().expect("a flow");
    let resumed = wait_for(second.resume(&step.state(), Resume::get([("a", "b")])));
    resumed.map(|report| report.outcome.name()).map_err(|error| error.code())
}

#[test]
fn after_a_rotation_old_flows_go_on_and_new_ones_are_sealed_anew() {
    let old = ring();
    let new = old.rotate().expect("keys");
    let scenario = Scenario::executing(json!([redirect()]));
    let (first, second) = engines(old.clone(), new.clone());
    let step = scenario.clone().on(&first).start();
    assert_eq!(resumed_by(&second, &step, &scenario), Ok("completed"));
    // What the new key sealed is nothing to who has the old one only.
    let (first, second) = engines(new.clone(), old);
    let step = scenario.clone().on(&first).start();
    assert_eq!(resumed_by(&second, &step, &scenario), Err(Code::KeyUnknown));
    // Nor is what the old key sealed once it was retired.
    let (first, second) = engines(new.clone().retire(9), new.rotate().expect("keys").retire(1));
    let step = scenario.clone().on(&first).start();
    assert_eq!(resumed_by(&second, &step, &scenario), Err(Code::KeyUnknown));
}

#[test]
fn other_keys_of_the_same_epoch_open_nothing() {
    let scenario = Scenario::executing(json!([redirect()]));
    let (first, second) = engines(ring(), ring());
    let step = scenario.clone().on(&first).start();
    assert_eq!(resumed_by(&second, &step, &scenario), Err(Code::SealBroken));
}

#[test]
fn a_durable_store_without_keys_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let store = SqliteStore::open(&folder.path().join("flows.db")).expect("a store");
    let error = engine_builder().store(store).build().expect_err("refused");
    assert_eq!(error.code(), Code::KeysMissing);
}

/// Everything about a flow that is nobody's business, where it may be found.
const CANARIES: [&str; 7] = [
    "canary-secret-value",
    "canary-user-id",
    "canary-mail@example.com",
    "canary-query-value",
    "canary-log-line",
    "canary-url-part",
    "canary-deny-reason",
];

#[test]
fn nothing_of_a_flow_is_readable_in_the_store() {
    let folder = TempDir::new().expect("a folder");
    let store = SqliteStore::open(&folder.path().join("flows.db")).expect("a store");
    let engine = engine_builder()
        .store(store)
        .keys(ring())
        .component_folder(folder.path().join("components"))
        .build()
        .expect("an engine");
    let redirect =
        json!({ "send_user_to": { "url": "https://verify.example.com/canary-url-part" } });
    let log = json!({ "log": { "level": "info", "message": "canary-log-line" } });
    let flow = Scenario::new()
        .action_with(
            "a",
            json!([{ "secret": "K" }, log, redirect]),
            json!([log, { "encode_token": { "secret": { "named": "K" }, "payload": {} } }, redirect]),
        )
        .secret("K", CANARIES[0])
        .event(|event| {
            event["user"]["user_id"] = json!("canary-user-id");
            event["user"]["email"] = json!("canary-mail@example.com");
        })
        .on(&engine);
    let step = flow.start().expect("redirect");
    let browser = [("code", "canary-query-value")];
    let next = step.returns(&browser).expect("redirect");
    let denying = Scenario::new()
        .action_with("b", json!([redirect]), json!([{ "deny": "canary-deny-reason" }]))
        .on(&engine);
    denying.start().returns(&browser).expect("denied");
    let mut bytes = Vec::new();
    for entry in files_below(folder.path()) {
        bytes.extend(std::fs::read(entry).expect("a file"));
    }
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds(&step.report.flow_id), "the files were read");
    for canary in CANARIES {
        assert!(!holds(canary), "{canary}");
    }
    let token = next.logged("encode_token: ");
    assert!(!holds(&token) && !holds(&step.state()) && !holds(&next.state()));
}
