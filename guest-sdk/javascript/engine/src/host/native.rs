//! The host as the machine the tests run on.

#![expect(clippy::disallowed_methods, reason = "this is the seam")]

mod http;

use std::time::Instant;

pub(crate) use http::{Exchange, wait};

thread_local! {
    static START: Instant = Instant::now();
}

/// Nanoseconds since some moment.
pub(crate) fn monotonic_nanos() -> u64 {
    START.with(|start| start.elapsed().as_nanos() as u64)
}

/// Randomness of the standard library's hasher: fit for tests.
pub(crate) fn random_bytes(length: usize) -> Vec<u8> {
    (0..length).map(|_| random_u64() as u8).collect()
}

/// The same, enough for a seed.
pub(crate) fn random_u64() -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    RandomState::new().build_hasher().finish()
}
