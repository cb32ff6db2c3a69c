//! The host as WASI 0.2.

mod bindings {
    #![allow(missing_docs, unreachable_pub, reason = "generated")]
    wit_bindgen::generate!({ world: "platform", path: "wit", generate_all });
}

mod http;

use bindings::wasi::clocks::{monotonic_clock, wall_clock};
use bindings::wasi::io::poll;
use bindings::wasi::random::random;
pub(crate) use http::Exchange;

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

/// Waits until something came of one of the exchanges, or the monotonic clock
/// shows `until`: which exchanges have news.
pub(crate) fn wait(exchanges: &[&Exchange], until: Option<u64>) -> Vec<usize> {
    let mut pollables: Vec<_> = exchanges.iter().filter_map(|exchange| exchange.news()).collect();
    let count = pollables.len();
    pollables.extend(until.map(monotonic_clock::subscribe_instant));
    if pollables.is_empty() {
        return Vec::new();
    }
    let ready = poll::poll(&pollables.iter().collect::<Vec<_>>());
    ready.into_iter().map(|index| index as usize).filter(|index| *index < count).collect()
}
