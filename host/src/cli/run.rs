//! `flowhost run`: starts a flow with an event. The event is read before the
//! actions are built: it is the cheaper one to be wrong.

use flowhost::{Event, FlowSpec, Report, Result};

use super::args::Run;
use super::progress::Progress;
use super::{Answer, block_on, build, exit_of, render, store};

pub(super) fn run(args: Run) -> Result<Answer> {
    let event = Event::from_file(&args.event)?;
    let mut spec = FlowSpec::from_file(&args.flow)?;
    let progress = Progress::new(args.output.quiet || args.output.json);
    let engine = store::engine(&args.store)?;
    build::build_sources(&mut spec, &engine, &progress)?;
    let names: Vec<String> = spec.actions.iter().map(|action| action.name.clone()).collect();
    let report = block_on(async {
        progress.say(format!("compiling {}", names.join(", ")));
        let flow = engine.load(spec).await?;
        progress.done();
        let report = engine.start(&flow, event).await?;
        if report.outcome.state().is_some() {
            // Housekeeping: whoever has a state must get to know it.
            _ = engine.sweep().await;
        }
        Ok(report)
    })?;
    Ok(answer(&report, &names, args.output.quiet, args.store.url.as_deref()))
}

/// What is printed of a report; `names` are the flow's actions.
pub(super) fn answer(
    report: &Report,
    names: &[String],
    quiet: bool,
    store: Option<&str>,
) -> Answer {
    Answer {
        text: render::report(report, names, quiet, store),
        json: report.to_json(),
        exit: exit_of(&report.outcome),
    }
}
