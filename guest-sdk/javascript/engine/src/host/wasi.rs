//! The host as WASI 0.2.

mod bindings {
    #![allow(missing_docs, unreachable_pub, reason = "generated")]
    wit_bindgen::generate!({ world: "platform", path: "wit", generate_all });
}

use bindings::wasi::clocks::{monotonic_clock, wall_clock};
use bindings::wasi::io::poll;
use bindings::wasi::random::random;

/// Microseconds since the Unix epoch.
pub(crate) fn date_micros() -> f64 {
    let now = wall_clock::now();
    now.seconds as f64 * 1e6 + f64::from(now.nanoseconds / 1000)
}

/// Nanoseconds since some moment.
pub(crate) fn monotonic_nanos() -> u64 {
    monotonic_clock::now()
}

/// Secure randomness.
pub(crate) fn random_bytes(length: usize) -> Vec<u8> {
    random::get_random_bytes(length as u64)
}

/// Secure randomness, enough for a seed.
pub(crate) fn random_u64() -> u64 {
    random::get_random_u64()
}

/// Waits until the monotonic clock shows `until`.
pub(crate) fn wait_until(until: u64) {
    let timer = monotonic_clock::subscribe_instant(until);
    poll::poll(&[&timer]);
}
