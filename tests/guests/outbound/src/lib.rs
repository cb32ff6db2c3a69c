//! An action that sends the requests its configuration lists, and logs one line
//! for each: `200 <body>`, or `error <what the host answered>`.
//!
//! The configuration is `{"requests": […]}` for both handlers, and
//! `{"redirect": "https://…"}` to suspend in between. It follows redirects
//! itself, as every client in a sandbox does: by another request.

#[allow(missing_docs, unreachable_pub, reason = "generated")]
mod bindings {
    wit_bindgen::generate!({ world: "client", path: "wit", generate_all });
}
mod client;

use flowhost_action::{Action, Api, Continue, Error, Event};
use serde::Deserialize;

use client::Answer;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    #[serde(default)]
    requests: Vec<Request>,
    redirect: Option<String>,
    /// Send all before any is waited for.
    #[serde(default)]
    at_once: bool,
    /// Send all, and wait for none.
    #[serde(default)]
    abandon: bool,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    #[serde(default = "get")]
    method: String,
    /// Scheme, authority and target in one.
    url: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    body: Option<String>,
    /// So many bytes of body more.
    #[serde(default)]
    zeros: usize,
    #[serde(default = "once")]
    times: usize,
    /// How many redirects are followed.
    #[serde(default)]
    follow: usize,
    first_byte_ms: Option<u64>,
}

fn get() -> String {
    "GET".to_owned()
}

fn once() -> usize {
    1
}

struct Outbound;

impl Action for Outbound {
    fn on_execute(event: &Event, api: &Api) -> Result<(), Error> {
        let script = play(event, api)?;
        match script.redirect {
            Some(url) => Ok(api.redirect().send_user_to(&url, &[])?),
            None => Ok(()),
        }
    }
}

impl Continue for Outbound {
    fn on_continue(event: &Event, api: &Api) -> Result<(), Error> {
        play(event, api).map(drop)
    }
}

fn play(event: &Event, api: &Api) -> Result<Script, Error> {
    let script: Script = event.configuration().parse()?;
    let all = script.requests.iter().flat_map(|request| vec![request; request.times]);
    if script.at_once {
        let sent: Vec<_> = all.map(client::send).collect();
        if script.abandon {
            return Ok(script);
        }
        for pending in sent {
            log(api, pending.and_then(client::receive));
        }
    } else {
        all.for_each(|request| log(api, follow(request.clone())));
    }
    Ok(script)
}

/// Goes where redirects lead, hop by hop.
fn follow(mut request: Request) -> Result<Answer, String> {
    loop {
        let answer = client::send(&request).and_then(client::receive)?;
        match &answer.location {
            Some(location) if request.follow > 0 => {
                request.url.clone_from(location);
                request.follow -= 1;
            }
            _ => return Ok(answer),
        }
    }
}

fn log(api: &Api, result: Result<Answer, String>) {
    api.log().info(match result {
        Ok(Answer { status, length, text, .. }) if length > 200 => {
            format!("{status} {length} bytes {}", &text[..20])
        }
        Ok(Answer { status, text, .. }) => format!("{status} {text}"),
        Err(error) => format!("error {error}"),
    });
}

flowhost_action::export!(Outbound, on_continue);
