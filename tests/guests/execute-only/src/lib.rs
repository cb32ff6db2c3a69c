//! An action without the SDK and without a continue handler.
//!
//! It has only the contract and `wit-bindgen`, as an author in another language
//! would. Sending the user away is what such an action must not do; it does so
//! when its configuration mentions `redirect` or `prompt`, and the host has to
//! fail the flow when it would suspend.

#[allow(missing_docs, unreachable_pub, reason = "generated")]
mod bindings {
    wit_bindgen::generate!({
        world: "execute-only",
        path: "../../../wit/post-challenge@1.0.0",
    });
}

use bindings::exports::flowhost::post_challenge::on_execute::Guest;
use bindings::flowhost::post_challenge::types::{ApiError, Failure};
use bindings::flowhost::post_challenge::{event, prompt, redirect};

struct ExecuteOnly;

impl Guest for ExecuteOnly {
    fn handle() -> Result<(), Failure> {
        let configuration = event::get_configuration();
        if configuration.contains("redirect") {
            redirect::send_user_to("https://verify.example.com/", &[]).map_err(failure)?;
        }
        if configuration.contains("prompt") {
            prompt::render("consent", None, None).map_err(failure)?;
        }
        Ok(())
    }
}

fn failure(refusal: ApiError) -> Failure {
    Failure { name: refusal.code, message: refusal.message, stack: None }
}

#[cfg(target_family = "wasm")]
bindings::export!(ExecuteOnly with_types_in bindings);
