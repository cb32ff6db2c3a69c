//! The runtime of JavaScript actions of the post-challenge trigger: the engine
//! with a view of `event` and `api` (`js/view.js`) over the trigger's WIT
//! interfaces. Built once; `flowhost build` loads a file into it.

mod bindings;
mod host;

use bindings::on_continue::exports::flowhost::post_challenge::on_continue;
use bindings::on_execute::exports::flowhost::post_challenge::on_execute;
use flowhost_javascript_engine::{Part, Thrown, Trigger, run};

const TRIGGER: Trigger = Trigger {
    handlers: &["onExecutePostChallenge", "onContinuePostChallenge"],
    no_handler: "Invalid function signature for the \"onExecutePostChallenge\" handler. Use \"exports.onExecutePostChallenge = async function(event, api) { }\" as the signature.",
    parts: &[
        Part {
            words: &["redirect"],
            spelled: false,
            interfaces: &["flowhost:post-challenge/redirect"],
        },
        Part {
            words: &["prompt"],
            spelled: false,
            interfaces: &["flowhost:post-challenge/prompt"],
        },
    ],
    view: include_str!("../js/view.js"),
    host: host::object,
};

flowhost_javascript_engine::export_loader!(TRIGGER);

struct Action;

impl on_execute::Guest for Action {
    fn handle() -> Result<(), on_execute::Failure> {
        run("onExecutePostChallenge")
            .map_err(|Thrown { name, message, stack }| on_execute::Failure { name, message, stack })
    }
}

impl on_continue::Guest for Action {
    fn handle() -> Result<(), on_continue::Failure> {
        run("onContinuePostChallenge").map_err(|Thrown { name, message, stack }| {
            on_continue::Failure { name, message, stack }
        })
    }
}

bindings::on_execute::export_on_execute!(Action);
bindings::on_continue::export_on_continue!(Action);
