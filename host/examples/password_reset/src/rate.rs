//! [`Rate`]: how often an hour something may happen, for each of many. In
//! memory: several machines need a place that they share.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// So many are remembered. Beyond, those seen first are forgotten: whoever has
/// this many networks must not be able to lock everybody out.
const MOST_KEYS: usize = 100_000;

/// A limit per hour.
pub(crate) struct Rate {
    limit: u32,
    most_keys: usize,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    counts: HashMap<String, u32>,
    /// Since when each is counted, the oldest first.
    order: VecDeque<(Instant, String)>,
}

impl Rate {
    pub(crate) fn per_hour(limit: u32) -> Self {
        Rate { limit, most_keys: MOST_KEYS, seen: Mutex::default() }
    }

    /// Counts one more for `key`; false when that is one too many.
    #[expect(clippy::disallowed_methods, reason = "spans of time, no date")]
    pub(crate) fn allows(&self, key: &str) -> bool {
        self.allows_at(key, Instant::now())
    }

    fn allows_at(&self, key: &str, now: Instant) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.forget(|since, _| now.duration_since(since) >= HOUR);
        if let Some(count) = seen.counts.get_mut(key) {
            *count = count.saturating_add(1);
            return *count <= self.limit;
        }
        seen.forget(|_, keys| keys >= self.most_keys);
        seen.order.push_back((now, key.to_owned()));
        seen.counts.insert(key.to_owned(), 1);
        self.limit >= 1
    }
}

impl Seen {
    /// Forgets the oldest for as long as `old` says so of its time and of how
    /// many there are. Each is looked at once, when it goes.
    fn forget(&mut self, old: impl Fn(Instant, usize) -> bool) {
        while self.order.front().is_some_and(|(since, _)| old(*since, self.order.len())) {
            if let Some((_, key)) = self.order.pop_front() {
                self.counts.remove(&key);
            }
        }
    }
}

/// Who is counted as one: an IPv4 address; the first half of an IPv6 address,
/// since everybody has as many of the second as they like.
pub(crate) fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let network = Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64));
            format!("{network}/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_count() {
        let rate = Rate::per_hour(2);
        assert!(rate.allows("a") && rate.allows("a"));
        assert!(!rate.allows("a"));
        assert!(rate.allows("b"));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "spans of time, no date")]
    fn after_an_hour_it_begins_anew() {
        let (rate, start) = (Rate::per_hour(1), Instant::now());
        assert!(rate.allows_at("a", start));
        assert!(!rate.allows_at("a", start + HOUR / 2));
        assert!(rate.allows_at("a", start + HOUR));
        assert!(!rate.allows_at("a", start + HOUR));
    }

    #[test]
    fn whoever_fills_it_locks_nobody_out() {
        let rate = Rate { most_keys: 3, ..Rate::per_hour(1) };
        assert!(["a", "b", "c", "d", "e"].iter().all(|key| rate.allows(key)));
        assert!(!rate.allows("e"));
        assert_eq!(rate.seen.lock().expect("a lock").counts.len(), 3);
        assert!(rate.allows("a"));
    }

    #[test]
    fn half_an_address_is_counted() {
        let network = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(network("192.0.2.1"), "192.0.2.1");
    }
}
