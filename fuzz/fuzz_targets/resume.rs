//! Bytes → the server, over a socket. Whatever is sent, no answer is the
//! server's fault (5xx but 503), it still answers afterwards, and no flow goes
//! on but by its state together with the cookie of its browser or the key of
//! the API.
//!
//! In the input `{state}`, `{cookie}`, `{begin}`, `{key}`, `{id}` and `{other}`
//! stand for what only the server and its users know: the state and the
//! browser's cookie of a flow that waits after a redirect, the state of one that
//! waits for its browser, the key, the id of the first flow, and the cookie of
//! another browser.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flowhost::store::{Found, MemoryStore, Store as _};
use flowhost::{
    Binding, Clock as _, Compiler, Engine, Event, Flow, FlowSpec, ManualClock, Outcome, Secret,
    Timestamp, fuzzing,
};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use super::http::{Pulse, exchange, statuses};

/// The least that an event must have.
pub(crate) const EVENT: &str = include_str!("../corpus/event/least.json");

/// The component that sends the user away and goes on when they return.
pub(crate) const REDIRECTS: &[u8] = include_bytes!("../corpus/load/redirects.wasm");

const FLOW: &str = "name = \"reset\"\ntrigger = \"post-challenge@1\"\n\
                    [[action]]\nname = \"verify\"\ncomponent = \"redirects.wasm\"\n";

/// Flows that nobody needs any more are forgotten after that many inputs.
const SWEEP_EVERY: u32 = 2_000;

const THREE_DAYS_MILLIS: i64 = 3 * 24 * 60 * 60 * 1000;

thread_local! {
    static SITE: RefCell<Option<Site>> = const { RefCell::new(None) };
}

pub(crate) fn fuzz(input: &[u8]) {
    SITE.with_borrow_mut(|site| site.get_or_insert_with(Site::start).visited(input));
}

/// A server, and flows that wait.
struct Site {
    runtime: Runtime,
    engine: Engine,
    store: Arc<MemoryStore>,
    clock: Arc<ManualClock>,
    flow: Flow,
    address: SocketAddr,
    pulse: Pulse,
    key: Secret,
    waiting: Waiting,
    visits: u32,
    _folder: tempfile::TempDir,
}

/// Where flows are kept, and the date: looked at without opening anything.
type Kept<'a> = (&'a MemoryStore, &'a ManualClock);

/// Two flows that wait, and how the first stands.
struct Waiting {
    state: String,
    cookie: String,
    other: String,
    id: String,
    begin: String,
    begin_id: String,
    stands: [Found; 2],
}

impl Site {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = write(folder.path());
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_770_000_000_000)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let store = Arc::new(MemoryStore::new());
        let engine = Engine::builder()
            .compiler(Compiler::in_process())
            .clock(Arc::<ManualClock>::clone(&clock));
        let engine = engine.shared_store(Arc::<MemoryStore>::clone(&store));
        let engine = engine.build().expect("an engine");
        let spec = FlowSpec::from_file(&file).expect("a flow");
        let flow = runtime.block_on(engine.load(spec)).expect("a flow");
        let key = Secret::random().expect("randomness");
        let address = serve(&runtime, engine.clone(), file, key.expose().to_owned());
        let waiting = runtime.block_on(Waiting::start(&engine, &flow, (&store, &clock)));
        let pulse = runtime.block_on(Pulse::new(address));
        let _folder = folder;
        let visits = 0;
        Site { runtime, engine, store, clock, flow, address, pulse, key, waiting, visits, _folder }
    }

    fn visited(&mut self, input: &[u8]) {
        let told = Told::of(input);
        let bytes = self.filled_in(input);
        let answers = self.runtime.block_on(async {
            let answers = exchange(self.address, &bytes).await;
            self.pulse.check().await;
            answers
        });
        for status in statuses(&answers) {
            assert!(status < 500 || status == 503, "{}", String::from_utf8_lossy(&answers));
        }
        self.visits += 1;
        let tidy = self.visits.is_multiple_of(SWEEP_EVERY);
        if !(told.state || told.begin || told.id || tidy) {
            return;
        }
        let kept = (&*self.store, &*self.clock);
        let stands = self.runtime.block_on(self.waiting.look(kept));
        let [redirect, begin] = [0, 1].map(|at| stands[at] != self.waiting.stands[at]);
        assert!(!redirect || told.may_resume(), "a flow went on: {stands:?}");
        assert!(!begin || told.may_begin(), "a flow began: {stands:?}");
        if tidy {
            self.clock.advance_millis(THREE_DAYS_MILLIS);
            while self.runtime.block_on(self.engine.sweep()).expect("the store") > 0 {}
        }
        if redirect || begin || tidy {
            let start = Waiting::start(&self.engine, &self.flow, kept);
            self.waiting = self.runtime.block_on(start);
        }
    }

    /// The input, with what only some know in the place of its names.
    fn filled_in(&self, input: &[u8]) -> Vec<u8> {
        let Waiting { state, cookie, other, id, begin, .. } = &self.waiting;
        let known = [
            ("{state}", state.as_str()),
            ("{cookie}", cookie),
            ("{other}", other),
            ("{id}", id),
            ("{begin}", begin),
            ("{key}", self.key.expose()),
        ];
        let mut bytes = Vec::with_capacity(input.len() + 256);
        let mut rest = input;
        while let Some((first, others)) = rest.split_first() {
            match known.iter().find(|(name, _)| rest.starts_with(name.as_bytes())) {
                Some((name, value)) => {
                    bytes.extend(value.as_bytes());
                    rest = &rest[name.len()..];
                }
                None => {
                    bytes.push(*first);
                    rest = others;
                }
            }
        }
        bytes
    }
}

/// What an input knows.
struct Told {
    state: bool,
    cookie: bool,
    begin: bool,
    id: bool,
    key: bool,
}

impl Told {
    fn of(input: &[u8]) -> Self {
        let knows = |name: &str| input.windows(name.len()).any(|part| part == name.as_bytes());
        let (state, cookie, begin) = (knows("{state}"), knows("{cookie}"), knows("{begin}"));
        Told { state, cookie, begin, id: knows("{id}"), key: knows("{key}") }
    }

    /// By its state in its browser, or by the backend.
    fn may_resume(&self) -> bool {
        (self.state && self.cookie) || (self.key && self.id)
    }

    /// A flow without a browser is begun by the first that has its state.
    fn may_begin(&self) -> bool {
        self.begin
    }
}

impl Waiting {
    async fn start(engine: &Engine, flow: &Flow, kept: Kept<'_>) -> Self {
        let random = || Secret::random().expect("randomness").expose().to_owned();
        let (cookie, other) = (random(), random());
        let event = || Event::from_json(EVENT).expect("an event");
        let report = engine.start_bound(flow, event(), &Binding::new(&cookie)).await;
        let report = report.expect("a report");
        let Outcome::Redirect(redirect) = &report.outcome else { panic!("{report:?}") };
        let (state, id) = (redirect.state.clone(), report.flow_id.clone());
        let pending = engine.start_later(flow, event()).await.expect("it waits");
        let (begin, begin_id) = (pending.state, pending.flow_id);
        let stands = [stands(kept, &id).await, stands(kept, &begin_id).await];
        Waiting { state, cookie, other, id, begin, begin_id, stands }
    }

    async fn look(&self, kept: Kept<'_>) -> [Found; 2] {
        [stands(kept, &self.id).await, stands(kept, &self.begin_id).await]
    }
}

async fn stands((store, clock): Kept<'_>, id: &str) -> Found {
    store.find(id, clock.now()).await.expect("the store").expect("the flow")
}

fn write(folder: &Path) -> PathBuf {
    std::fs::write(folder.join("redirects.wasm"), REDIRECTS).expect("a file");
    let file = folder.join("flow.toml");
    std::fs::write(&file, FLOW).expect("a file");
    file
}

/// Serves on this runtime whenever something runs there; where.
fn serve(runtime: &Runtime, engine: Engine, file: PathBuf, key: String) -> SocketAddr {
    let (say, said) = oneshot::channel();
    runtime.spawn(async move {
        let served = fuzzing::serve(engine, vec![file], &key, |at| say.send(at).expect("heard"));
        panic!("the server stopped: {:?}", served.await);
    });
    runtime.block_on(said).expect("a server")
}
