//! What an action may ask for.
//!
//! [`Api`] gives one namespace for each interface of the contract, each in a
//! file of its own. They are thin: a call goes to the host as it is, and a
//! refusal comes back as an [`ApiError`](crate::ApiError).

mod access;
mod authentication;
mod cache;
mod log;
mod prompt;
mod redirect;
mod transaction;

pub use access::Access;
pub use authentication::Authentication;
pub use cache::{Cache, Expiry};
pub use log::Log;
pub use prompt::{Form, Prompt};
pub use redirect::{Redirect, Secret};
pub use transaction::Transaction;

/// What an action may ask for.
///
/// Requests are recorded and take effect after the handler returned `Ok`, at
/// most 32 in one run. The cache and the two token calls answer at once.
#[derive(Debug)]
pub struct Api(());

impl Api {
    pub(crate) fn new() -> Self {
        Self(())
    }

    /// Whether the reset may go on.
    #[must_use]
    pub fn access(&self) -> Access {
        Access
    }

    /// Further proof of who the user is.
    #[must_use]
    pub fn authentication(&self) -> Authentication {
        Authentication
    }

    /// A small store shared by the actions of the trigger.
    #[must_use]
    pub fn cache(&self) -> Cache {
        Cache
    }

    /// Messages for whoever operates the flow.
    #[must_use]
    pub fn log(&self) -> Log {
        Log
    }

    /// Forms for the user.
    #[must_use]
    pub fn prompt(&self) -> Prompt {
        Prompt
    }

    /// Sending the user to another site, and tokens to send along.
    #[must_use]
    pub fn redirect(&self) -> Redirect {
        Redirect
    }

    /// The transaction as a whole.
    #[must_use]
    pub fn transaction(&self) -> Transaction {
        Transaction
    }
}

/// The contract wants owned pairs; authors mostly have borrowed ones.
fn owned_pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}
