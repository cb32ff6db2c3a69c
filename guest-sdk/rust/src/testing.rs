//! Native tests for actions: no WebAssembly, no host.
//!
//! On a native target [`Event`](crate::Event) and [`Api`](crate::Api) talk to a
//! double that lives in the thread. A test sets it up with [`Run`], runs a
//! handler, and looks at the [`Report`].
//!
//! ```
//! use flowhost_action::testing::{Command, Run};
//! use flowhost_action::{Action, Api, Error, Event};
//! use serde_json::json;
//!
//! struct CountryBlock;
//!
//! impl Action for CountryBlock {
//!     fn on_execute(event: &Event, api: &Api) -> Result<(), Error> {
//!         if event.request().geoip.country_code.as_deref() == Some("AQ") {
//!             api.access().deny("not from here")?;
//!         }
//!         Ok(())
//!     }
//! }
//!
//! let run = Run::with_event(json!({"request": {"geoip": {"countryCode": "AQ"}}}));
//! assert_eq!(run.execute::<CountryBlock>().commands(), [Command::deny("not from here")]);
//! ```
//!
//! The double answers from the event, counts requests (32 in a run) and keeps
//! the cache within its bounds. It is no second host: which factors are usable,
//! which URLs are allowed, what a run's requests mean together and what a token
//! holds is for a run of the real one.

mod command;
pub(crate) mod double;
mod node;
mod records;
mod report;
mod run;
mod store;
mod world;

pub use command::{Command, LogLine, Token};
pub use report::Report;
pub use run::Run;
pub use store::NOW_MILLIS;
