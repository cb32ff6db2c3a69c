//! Write a flowhost action in Rust.
//!
//! An action is a WebAssembly component that runs while a user resets their
//! password, after they have proven who they are and before a new password is
//! set. It reads the [`Event`] and asks for things through the [`Api`]: a
//! further factor, a redirect, a form, or that the reset be refused.
//!
//! ```
//! use flowhost_action::{Action, Api, Error, Event, Factor};
//!
//! struct RequireMfa;
//!
//! impl Action for RequireMfa {
//!     fn on_execute(event: &Event, api: &Api) -> Result<(), Error> {
//!         if event.connection().name == "employees" {
//!             api.authentication().challenge_with(Factor::otp())?;
//!         }
//!         Ok(())
//!     }
//! }
//!
//! flowhost_action::export!(RequireMfa);
//!
//! # #[cfg(feature = "json")] {
//! // And its test, in the same file, without WebAssembly:
//! use flowhost_action::testing::{Command, Run};
//! use serde_json::json;
//!
//! let run = Run::with_event(json!({"connection": {"name": "employees"}})).execute::<RequireMfa>();
//! assert_eq!(run.commands(), [Command::challenge_with(Factor::otp(), [])]);
//! # }
//! ```
//!
//! | feature | default | what it gives |
//! |---|---|---|
//! | `json` | yes | [`Json::parse`], `serde_json` values as arguments, and `testing` |
#![deny(missing_docs)]

mod action;
pub mod api;
#[doc(hidden)]
pub mod bindings;
mod error;
mod event;
mod heap;
mod host;
mod json;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod panics;
#[cfg(all(not(target_family = "wasm"), feature = "json"))]
pub mod testing;

pub use action::{Action, Continue};
pub use api::{Api, Expiry, Form, Secret};
pub use error::{ApiError, Error};
pub use event::Event;
pub use json::Json;

// The contract's records, and only those: its functions are behind `Event` and
// `Api`, and its `Secret` and `ApiError` are shadowed by the types above.
pub use bindings::flowhost::post_challenge::authentication::{
    Factor, OtherFactor, PhoneMethod, PhoneOptions, PushOptions,
};
pub use bindings::flowhost::post_challenge::cache::CacheRecord;
pub use bindings::flowhost::post_challenge::event::{
    AkamaiBot, AkamaiSignals, AkamaiUserRisk, Authentication, AuthenticationMethod, Authorization,
    Client, Connection, CustomDomain, EnrolledFactor, Geoip, Identity, Organization, Prompt,
    Request, RiskAssessment, Stats, SupplementalSignals, Tenant, Transaction, User,
};
pub use bindings::flowhost::post_challenge::log::Level;

/// The contract's own calls, for what the wrappers leave out.
///
/// They reach the host only; in a native test they panic.
pub use bindings::flowhost::post_challenge as wit;

/// What [`export!`] expands to.
#[doc(hidden)]
pub mod plumbing {
    pub use crate::action::{Component, NotContinued, continues, executes};
    pub use crate::heap::Heap;
}
