//! The hot path, so many times and nothing else: what is counted are its
//! instructions, by valgrind. `cargo xtask bench instructions` compares them with those
//! that are recorded; times differ from run to run, these do not.

mod guests;

use flowhost::{Compiler, Engine, Event};

fn main() {
    let mut words = std::env::args().skip(1);
    let subject = words.next().unwrap_or_default();
    let times: usize = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(run(&subject, times));
}

async fn run(subject: &str, times: usize) {
    let builder = Engine::builder().compiler(Compiler::in_process()).max_runs(1);
    let engine = builder.build().expect("an engine");
    let flow = guests::flow(&engine, &roomy(guests::rust(subject)), 4).await;
    let event = Event::from_json(include_str!("javascript/event.json")).expect("an event");
    for _ in 0..times {
        let report = engine.start(&flow, event.clone()).await.expect("a report");
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
