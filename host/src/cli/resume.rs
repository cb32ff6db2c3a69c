//! `flowhost resume`: goes on with a suspended flow. The flow file is found by
//! the suspension and is read for its secrets only: what runs was pinned when
//! the flow started.

use std::path::Path;

use flowhost::{Code, Error, FlowSpec, Result, Resume as Resumption};
use serde_json::Value;

use super::args::Resume;
use super::{Answer, block_on, run, store};

pub(super) fn resume(args: Resume) -> Result<Answer> {
    let user = args.event_user.as_deref().map(read_user).transpose()?;
    let engine = store::engine(&args.store)?;
    let mut resumption = resumption(&args)?;
    if let Some(user) = user {
        resumption = resumption.with_user(user);
    }
    let (report, names) = block_on(async {
        let head = engine.suspended(&args.state).await?;
        let file = args.flow.clone().or_else(|| head.origin.map(Into::into)).ok_or_else(|| {
            Error::new(Code::FlowNotLoaded, "the flow did not come from a file")
                .with_hint("name its flow file: --flow FLOW.toml")
        })?;
        let spec = FlowSpec::from_file(&file)?;
        engine.provide_secrets(&spec)?;
        let report = engine.resume(&args.state, resumption).await?;
        let names: Vec<String> = spec.actions.into_iter().map(|action| action.name).collect();
        Ok((report, names))
    })?;
    Ok(run::answer(&report, &names, args.output.quiet, args.store.url.as_deref()))
}

fn resumption(args: &Resume) -> Result<Resumption> {
    match args.passed.as_slice() {
        [] if args.body.is_empty() => Ok(Resumption::get(once("--query", &args.query)?)),
        [] => Ok(Resumption::post(once("--query", &args.query)?, once("--body", &args.body)?)),
        [factor] => Ok(Resumption::passed(*factor)),
        _ => Err(Error::new(Code::Usage, "a state resumes its flow with one factor")
            .with_hint("every challenge has a state of its own: report one factor with each")),
    }
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
