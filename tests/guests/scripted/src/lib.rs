//! An action that does what its configuration says.
//!
//! The configuration is `{"execute": [steps], "continue": [steps]}`, and a step
//! an object with one key, the call (see [`step`]). One component thus serves
//! every data-driven test, and a test is a list of calls and what they should
//! lead to.
//!
//! Each call logs its result as one info line: `deny: ok`, `cache_get: <value>`
//! or `deny: error <code>: <message>`. `{"must": step}` makes the refusal the
//! handler's error instead, and `{"quiet": step}` logs nothing.

mod call;
mod factor;
mod mischief;
mod player;
mod read;
mod record;
mod step;
mod variables;

use flowhost_action::{Action, Api, Continue, Error, Event};
use serde::Deserialize;
use serde_json::Value;

use player::Player;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    #[serde(default)]
    execute: Vec<Value>,
    #[serde(default, rename = "continue")]
    resume: Vec<Value>,
}

struct Scripted;

impl Action for Scripted {
    fn on_execute(event: &Event, api: &Api) -> Result<(), Error> {
        let script: Script = event.configuration().parse()?;
        Player::new(event, api).play(script.execute)
    }
}

impl Continue for Scripted {
    fn on_continue(event: &Event, api: &Api) -> Result<(), Error> {
        let script: Script = event.configuration().parse()?;
        Player::new(event, api).play(script.resume)
    }
}

flowhost_action::export!(Scripted, on_continue);
