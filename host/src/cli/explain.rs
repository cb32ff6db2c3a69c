//! `flowhost explain`: the page of an error code.

use flowhost::{Code, Error, Result, SCHEMA_VERSION};
use serde_json::json;

use super::Answer;
use super::args::Explain;

pub(super) fn explain(args: &Explain) -> Result<Answer> {
    let Some(name) = &args.code else { return Ok(all()) };
    let code = Code::from_name(name).ok_or_else(|| unknown(name))?;
    Ok(Answer {
        text: format!("{code}\n\n{}\n", code.explanation()),
        json: json!({
            "schema_version": SCHEMA_VERSION,
            "code": code,
            "explanation": code.explanation(),
        }),
        exit: 0,
    })
}

fn all() -> Answer {
    let names: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    Answer {
        text: names.join("\n") + "\n",
        json: json!({ "schema_version": SCHEMA_VERSION, "codes": names }),
        exit: 0,
    }
}

fn unknown(name: &str) -> Error {
    let wanted = name.to_lowercase();
    let similar = Code::ALL.iter().map(|code| code.as_str()).find(|known| {
        let known = known.to_lowercase();
        known.contains(&wanted) || wanted.contains(&known)
    });
    let error = Error::new(Code::CodeUnknown, format!("there is no error code `{name}`"));
    match similar {
        Some(similar) => error.with_hint(format!("a similar code exists: `{similar}`")),
        None => error.with_hint("`flowhost explain` lists all codes"),
    }
}
