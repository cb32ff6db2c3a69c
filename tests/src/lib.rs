//! What the suites share: components built from source, a complete event, an
//! engine that compiles each component once, and [`Scenario`], which says in
//! one sentence what a flow does.

pub mod bent;
mod borrowed;
mod cli;
mod components;
mod event;
mod installed;
mod javascript;
mod postgres;
mod proxy;
mod reset_app;
mod scenario;
mod server;
pub mod serving;
pub mod stores;

pub use borrowed::borrowed;
pub use cli::{Cli, KEYS, Ran, home};
pub use components::{example_folder, execute_only, guest_workspace, outbound, project, scripted};
pub use event::{event, without};
pub use installed::{bounded, has_npm, lock, npm, npm_program, pip, target};
pub use javascript::{auth0, javascript, try_javascript};
pub use postgres::{PASSWORD, Postgres, ignored, own_postgres, shared_postgres};
pub use proxy::{Proxy, Trouble, Way};
pub use reset_app::{ResetApp, ResetSetup, ResetUser, VERIFIER_KEY};
pub use scenario::{Scenario, Step, engine_builder, shared_engine, wait_for};
pub use server::{Answer, Server, nobody, ok};

use std::time::{SystemTime, UNIX_EPOCH};

/// Whether the long profile of each test is wanted: `FLOWHOST_LONG=1`.
pub fn long() -> bool {
    std::env::var("FLOWHOST_LONG").is_ok_and(|value| value == "1")
}

/// The seed of a randomised test: `FLOWHOST_SEED`, or the time. Printed, so
/// that a failure can be run again.
#[expect(clippy::disallowed_methods, reason = "a seed is no date")]
pub fn seed(test: &str) -> u64 {
    let given = std::env::var("FLOWHOST_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        now.as_nanos() as u64
    });
    println!("{test}: FLOWHOST_SEED={seed}");
    seed
}

/// A small generator of random numbers (xorshift64*).
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// Starts from a seed.
    pub fn new(seed: u64) -> Self {
        Random(seed | 1)
    }

    /// The next number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16) % bound.max(1)
    }
}
