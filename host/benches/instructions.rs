//! The hot path, so many times and nothing else: what is counted are its
//! instructions, by valgrind. Times differ from run to run, these do not:
//! `cargo xtask instructions` compares them with those that are recorded. The word says
//! what: `event`, which is parsed and checked, `four-actions`, the same by raw wasmtime, or
//! `redirect-and-resume`.

mod guests;
#[path = "speed/raw.rs"]
mod raw;

use std::time::Duration;

use flowhost::{ActionSpec, Compiler, Component, Engine, Event, Flow, FlowSpec, Resume};
use raw::Raw;
use tokio::runtime::{Builder, Runtime};

/// So often before it is counted, and while it is.
const WARM_UP: usize = 20;
const TIMES: usize = 100;

const EVENT: &str = include_str!("javascript/event.json");

const HOUR: Duration = Duration::from_secs(3600);

fn main() {
    let what = std::env::args().nth(1).unwrap_or_default();
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    // Nothing is quick enough here: all of it must stay where it is counted.
    let patient = Engine::builder().quick(HOUR).max_runs(1);
    let engine = patient.compiler(Compiler::in_process()).build().expect("an engine");
    let (bytes, actions) = match what.as_str() {
        "raw-four-actions" => (guests::rust_without_wasi("reads-three"), 1),
        "event" => (guests::by_hand("good"), 1),
        "four-actions" => (guests::rust_without_wasi("reads-three"), 4),
        "redirect-and-resume" => (guests::by_hand("redirects"), 1),
        other => panic!("{other:?}"),
    };
    let raw = what.starts_with("raw").then(|| Raw::new(&roomy(bytes.clone())));
    let flow = runtime.block_on(flow(&engine, &roomy(bytes), actions));
    let event = Event::from_json(EVENT).expect("an event");
    let work = Work { runtime, engine, flow, event, parses: what == "event", raw };
    work.uncounted(WARM_UP);
    work.counted(TIMES);
    println!("{TIMES}");
}

/// A flow of so many actions, with time enough for valgrind.
async fn flow(engine: &Engine, bytes: &[u8], actions: usize) -> Flow {
    let mut spec = FlowSpec::new("counted");
    let hour = HOUR.as_millis() as u64;
    (spec.limits.wall_clock, spec.limits.cpu_time) = (hour, hour);
    for number in 0..actions {
        let component = Component::Bytes(bytes.to_vec());
        spec = spec.action(ActionSpec::new(format!("action-{number}"), component));
    }
    spec.actions.iter_mut().for_each(|action| action.limits = spec.limits.clone());
    engine.load(spec).await.expect("a flow")
}

struct Work {
    runtime: Runtime,
    engine: Engine,
    flow: Flow,
    event: Event,
    parses: bool,
    raw: Option<Raw>,
}

impl Work {
    /// The function that valgrind is told to look at.
    #[inline(never)]
    fn counted(&self, times: usize) {
        self.uncounted(times);
    }

    #[inline(never)]
    fn uncounted(&self, times: usize) {
        self.runtime.block_on(async {
            for _ in 0..times {
                self.once().await;
            }
        });
    }

    async fn once(&self) {
        if self.parses {
            Event::from_json(std::hint::black_box(EVENT)).expect("an event");
            return;
        }
        if let Some(raw) = &self.raw {
            for _ in 0..4 {
                raw.run().await;
            }
            return;
        }
        let report = self.engine.start(&self.flow, self.event.clone()).await.expect("a report");
        let Some(state) = report.outcome.state() else {
            assert_eq!(report.outcome.name(), "completed", "{report:?}");
            return;
        };
        let resume = Resume::get([("state", state)]);
        let report = self.engine.resume(state, resume).await.expect("a report");
        assert_eq!(report.outcome.name(), "completed", "{report:?}");
    }
}

/// The component with a custom section that says nothing: valgrind takes longer to
/// compile it than small ones may take, and large ones may take a minute.
fn roomy(mut component: Vec<u8>) -> Vec<u8> {
    const NAME: &[u8] = b"\x04room";
    let rest = vec![0; 1 << 20];
    component.push(0);
    let mut size = NAME.len() + rest.len();
    while size >= 0x80 {
        component.push(size as u8 | 0x80);
        size >>= 7;
    }
    component.push(size as u8);
    [&component, NAME, &rest].concat()
}
