//! The conformance action in Rust: it does what its configuration says, and logs
//! what each call came to. `tests/conformance/README.md` in the project says how.
//!
//! Where the SDK's types are narrower than the contract (a time cannot be
//! negative) it makes the contract's own call, [`flowhost_action::wit`].

mod call;
mod factor;
mod look;
mod step;

use flowhost_action::{Action, Api, Continue, Error, Event};

use step::Step;

struct Conformance;

impl Action for Conformance {
    fn on_execute(event: &Event, api: &Api) -> Result<(), Error> {
        play(event, api, "execute")
    }
}

impl Continue for Conformance {
    fn on_continue(event: &Event, api: &Api) -> Result<(), Error> {
        play(event, api, "continue")
    }
}

flowhost_action::export!(Conformance, on_continue);

fn play(event: &Event, api: &Api, handler: &str) -> Result<(), Error> {
    let steps = (0..).map(|index| Step::new(event, format!("/configuration/{handler}/{index}")));
    for step in steps.take_while(Step::is_there) {
        let name = step.required("call");
        let line = match call::perform(&name, &step, event, api)? {
            Ok(None) => format!("{name}: ok"),
            Ok(Some(result)) => format!("{name}: ok {result}"),
            Err(refusal) => format!("{name}: error {}", refusal.code),
        };
        api.log().info(line);
    }
    Ok(())
}
