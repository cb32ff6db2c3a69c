//! What follows on each outcome of a flow. Only one of them leads to the form
//! for a new password.

use axum::response::{IntoResponse as _, Redirect, Response};
use flowhost::{FactorType, Outcome, Report};

use crate::app::App;
use crate::pages::{Answer, No, denied};
use crate::passages;

/// Sends the browser with this cookie to wherever its flow leads.
pub(crate) async fn follow(app: &App, cookie: &str, report: Report) -> Answer {
    println!("flow {} {}", report.flow_id, report.outcome.name());
    match report.outcome {
        Outcome::Completed => {
            let (id, url) = (report.flow_id, report.result_url);
            match passages::complete(&app.database, cookie, id, url).await? {
                true => Ok(see_other("/new-password")),
                false => Err(No::Refused),
            }
        }
        Outcome::Redirect(redirect) => Ok(see_other(&redirect.url)),
        Outcome::Challenge(challenge) => {
            // The only factor this app can verify. Flow files say so too:
            // `[factors] enabled = ["otp"]`.
            match challenge.factors.iter().any(|factor| factor.kind == FactorType::Otp) {
                true => Ok(see_other(&format!("/challenge?state={}", challenge.state))),
                false => Err(No::Refused),
            }
        }
        Outcome::Denied(refusal) => Ok(denied(&refusal.reason)),
        Outcome::Failed(failure) => {
            eprintln!("flow failed: {}: {}: {}", failure.action, failure.code, failure.message);
            Err(No::Refused)
        }
        // A prompt: an app that has actions with prompts renders it here, and
        // its form posts to /continue.
        _ => Err(No::Refused),
    }
}

/// What moves a flow goes on to its end also when the browser hangs up in the
/// middle: nothing is left half done.
pub(crate) async fn to_the_end(work: impl Future<Output = Answer> + Send + 'static) -> Answer {
    tokio::spawn(work).await.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        Err(No::Unavailable)
    })
}

/// Another page, by GET, whatever the method was before.
pub(crate) fn see_other(url: &str) -> Response {
    Redirect::to(url).into_response()
}
