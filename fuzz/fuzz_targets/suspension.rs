//! Bytes → the records of suspended and ended flows. Whatever was changed in a
//! sealed record opens nothing; whatever was sealed is read or refused, and what
//! is read is written again as it was.
//!
//! The input: a letter for the kind of record (`s`, `a`, `e`; capitals: sealed
//! bytes), and what it says. A small letter: the text behind the seal. A
//! capital: changes of a record that is in order, four bytes each. A digit: the
//! text behind the seal of a flow that is resumed, each digit in another way.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};

use flowhost::fuzzing::{Sealed, What};
use flowhost::store::{MemoryStore, Store as _};
use flowhost::{
    ActionSpec, Code, Compiler, Component, Engine, FactorType, FlowSpec, ManualClock, Outcome,
    Resume,
};
use tokio::runtime::Runtime;

use super::resume::REDIRECTS;

/// As long as what is sealed of a real flow.
const TEXT: &str = include_str!("../corpus/suspension/end.txt");

pub(crate) fn fuzz(input: &[u8]) {
    let Some((kind, rest)) = input.split_first() else { return };
    match kind {
        b's' => behind_the_seal(What::Suspension, rest),
        b'a' => behind_the_seal(What::Answer, rest),
        b'e' => behind_the_seal(What::End, rest),
        b'S' => changed(What::Suspension, rest),
        b'A' => changed(What::Answer, rest),
        b'E' => changed(What::End, rest),
        b'0'..=b'9' => resumed(*kind, rest),
        // Not made here at all.
        _ => nothing_opens(What::Suspension, rest),
    }
}

fn behind_the_seal(what: What, text: &[u8]) {
    let mut place = original().0.clone();
    if what == What::Suspension {
        place.belongs_to(text);
    }
    match place.read(what, text) {
        Ok(read) => {
            let again = place.read(what, read.as_bytes());
            assert_eq!(again.ok().as_ref(), Some(&read), "read once more");
            // Sealing takes longer than all the rest.
            if text.len().is_multiple_of(16) {
                sealed(&place, what, &read);
            }
        }
        Err(error) => assert_eq!(error.code(), Code::StoreIncompatible, "{error}"),
    }
}

fn sealed(place: &Sealed, what: What, text: &str) {
    let sealed = place.seal(what, text.as_bytes()).expect("it is not too long");
    assert_eq!(place.open_and_read(what, &sealed).as_deref().ok(), Some(text));
    for other in [What::Suspension, What::Answer, What::End] {
        assert!(other == what || place.open(other, &sealed).is_err(), "{what:?} as {other:?}");
    }
}

/// A place, and a record of each kind that belongs there.
fn original() -> &'static (Sealed, [Vec<u8>; 3]) {
    static ORIGINAL: OnceLock<(Sealed, [Vec<u8>; 3])> = OnceLock::new();
    ORIGINAL.get_or_init(|| {
        let place = Sealed::new().expect("randomness");
        let text = TEXT.trim_start_matches('e').as_bytes();
        let seal = |what| place.seal(what, text).expect("it is not too long");
        let records = [What::Suspension, What::Answer, What::End].map(seal);
        (place, records)
    })
}

fn changed(what: What, changes: &[u8]) {
    let (_, records) = original();
    let original = &records[what as usize];
    let mut bytes = original.clone();
    for change in changes.chunks_exact(4).take(16) {
        let at = usize::from(u16::from_be_bytes([change[1], change[2]])) % (bytes.len() + 1);
        match change[0] % 6 {
            0 if at < bytes.len() => bytes[at] ^= change[3],
            1 => bytes.truncate(at),
            2 => bytes.insert(at, change[3]),
            3 if at < bytes.len() => _ = bytes.remove(at),
            // The rest from another record.
            4 => {
                let other = &records[usize::from(change[3]) % 3];
                bytes.truncate(at);
                bytes.extend(other.iter().skip(at));
            }
            _ => bytes.rotate_left(at),
        }
    }
    if bytes != *original {
        nothing_opens(what, &bytes);
    } else {
        let (place, _) = self::original();
        assert!(place.open(what, &bytes).is_ok(), "what was not changed opens");
    }
}

fn nothing_opens(what: What, bytes: &[u8]) {
    let (place, _) = original();
    let error = place.open(what, bytes).expect_err("it was changed, and opened");
    let known = [Code::SealBroken, Code::KeyUnknown, Code::StoreIncompatible];
    assert!(known.contains(&error.code()), "{error}");
    // Not by what it would say inside.
    assert!(!error.message().contains("cannot be read"), "it was opened: {error}");
}

thread_local! {
    static SITE: RefCell<Option<Site>> = const { RefCell::new(None) };
}

/// A store keeps what is over for a day; that never comes.
const FLOWS_OF_A_STORE: u32 = 2_000;

/// Where flows are resumed.
struct Site {
    runtime: Runtime,
    engine: Engine,
    store: Arc<MemoryStore>,
    place: Sealed,
    left: u32,
}

impl Site {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let place = original().0.clone();
        let store = Arc::new(MemoryStore::new());
        let engine = Engine::builder()
            .compiler(Compiler::in_process())
            .keys(place.keys())
            .clock(Arc::new(ManualClock::new(place.date())))
            .shared_store(Arc::<MemoryStore>::clone(&store));
        let engine = engine.build().expect("an engine");
        // The component that suspended flows name.
        let action = ActionSpec::new("verify", Component::Bytes(REDIRECTS.to_vec()));
        let loaded = runtime.block_on(engine.load(FlowSpec::new("reset").action(action)));
        loaded.expect("a flow");
        Site { runtime, engine, store, place, left: FLOWS_OF_A_STORE }
    }
}

/// Whatever a record says that was sealed with the right key, its flow goes on,
/// fails, or is refused.
fn resumed(way: u8, text: &[u8]) {
    SITE.with_borrow_mut(|kept| {
        let site = kept.get_or_insert_with(Site::start);
        site.place.belongs_to(text);
        let (suspension, state) = site.place.suspended(text).expect("randomness");
        let resume = match way {
            b'0' => Resume::get([("state", state.as_str()), ("a", "b")]),
            b'1' => Resume::post([("a", "b")], [("state", state.as_str())]),
            b'2' => Resume::start(),
            b'3' => Resume::passed(FactorType::Otp),
            b'4' => Resume::passed(FactorType::WebauthnRoaming),
            _ => Resume::passed(FactorType::Email),
        };
        let report = site.runtime.block_on(async {
            site.store.suspend(suspension).await.expect("the store");
            site.engine.resume(&state, resume.vouched()).await
        });
        match report {
            Ok(report) => {
                let completed = matches!(report.outcome, Outcome::Completed);
                let ok = |run: &flowhost::RunReport| run.status == flowhost::RunStatus::Ok;
                assert!(!completed || report.runs.iter().all(ok), "{report:?}");
                _ = report.to_json();
            }
            Err(error) => _ = error.to_string(),
        }
        site.left -= 1;
        if site.left == 0 {
            *kept = None;
        }
    });
}
