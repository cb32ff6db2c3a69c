//! `flowhost resume`: goes on with a suspended flow. The flow file is found by
//! the suspension and is read for its secrets only: what runs was pinned when
//! the flow started.

use std::path::Path;

use flowhost::{Code, Engine, Error, FlowSpec, Outcome, Report, Result, Resume as Resumption};
use serde_json::Value;

use super::args::Resume;
use super::{Answer, block_on, run, store};

pub(super) fn resume(args: Resume) -> Result<Answer> {
    let user = args.event_user.as_deref().map(read_user).transpose()?;
    let resumptions = resumptions(&args, user)?;
    let engine = store::engine(&args.store)?;
    let (report, names) = block_on(async {
        let head = engine.suspended(&args.state).await?;
        let file = args.flow.clone().or_else(|| head.origin.map(Into::into)).ok_or_else(|| {
            Error::new(Code::FlowNotLoaded, "the flow did not come from a file")
                .with_hint("name its flow file: --flow FLOW.toml")
        })?;
        let spec = FlowSpec::from_file(&file)?;
        engine.provide_secrets(&spec)?;
        let report = all(&engine, &args.state, resumptions).await?;
        let names: Vec<String> = spec.actions.into_iter().map(|action| action.name).collect();
        Ok((report, names))
    })?;
    Ok(run::answer(&report, &names, args.output.quiet, args.store.url.as_deref()))
}

/// Resumes with one thing after another: challenges may follow each other, and
/// each has a state of its own. What is left when the flow waits for something
/// else is not used.
async fn all(engine: &Engine, state: &str, resumptions: Vec<Resumption>) -> Result<Report> {
    let mut resumptions = resumptions.into_iter();
    let first = resumptions.next().unwrap_or_else(|| Resumption::get([] as [(&str, &str); 0]));
    let mut report = engine.resume(state, first).await?;
    for resumption in resumptions {
        let Outcome::Challenge(challenge) = &report.outcome else { break };
        let mut next = engine.resume(&challenge.state, resumption).await?;
        next.runs.splice(0..0, report.runs);
        report = next;
    }
    Ok(report)
}

fn resumptions(args: &Resume, user: Option<Value>) -> Result<Vec<Resumption>> {
    let mut resumptions: Vec<Resumption> = match args.passed.as_slice() {
        [] if args.body.is_empty() => vec![Resumption::get(once("--query", &args.query)?)],
        [] => vec![Resumption::post(once("--query", &args.query)?, once("--body", &args.body)?)],
        factors => factors.iter().map(|factor| Resumption::passed(*factor)).collect(),
    };
    if let Some(user) = user {
        resumptions = resumptions.into_iter().map(|r| r.with_user(user.clone())).collect();
    }
    Ok(resumptions)
}

/// Two parameters of one name: which one counts would be a guess.
fn once(flag: &str, pairs: &[(String, String)]) -> Result<Vec<(String, String)>> {
    for (index, (name, _)) in pairs.iter().enumerate() {
        if pairs[..index].iter().any(|(other, _)| other == name) {
            return Err(Error::new(Code::Usage, format!("{flag} {name} is given twice")));
        }
    }
    Ok(pairs.to_vec())
}

fn read_user(path: &Path) -> Result<Value> {
    let unreadable = |why: String| {
        Error::new(Code::FileUnreadable, format!("the user cannot be read: {why}")).in_file(path)
    };
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| {
        Error::new(Code::EventInvalid, format!("the user is not valid JSON: {error}")).in_file(path)
    })
}
