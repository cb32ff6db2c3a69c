//! The actions' cache: small values that outlive a flow, shared by the actions
//! of one tenant's trigger. In memory, best effort: entries may vanish, none
//! outlives its expiry.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Timestamp;
use crate::error::Code;

const MAX_KEY: usize = 64;
const MAX_VALUE: usize = 4096;
const MAX_ENTRIES: usize = 20;
const MAX_BYTES: usize = 8192;
const DEFAULT_LIFETIME: u64 = 15 * 60 * 1000;
const MAX_LIFETIME: u64 = 24 * 60 * 60 * 1000;

/// Tenants whose caches are kept; another one displaces all that are idle.
const MAX_TENANTS: usize = 1024;

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) value: String,
    pub(crate) expires_at: Timestamp,
}

/// What a caller said about an entry's end.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Expiry {
    /// Milliseconds from now.
    pub(crate) ttl: Option<i64>,
    /// Milliseconds since the epoch.
    pub(crate) expires_at: Option<i64>,
}

/// The caches of all tenants of an engine.
#[derive(Debug, Default)]
pub(crate) struct Caches(Mutex<HashMap<(String, &'static str), Arc<TenantCache>>>);

/// The cache of one tenant's trigger.
#[derive(Debug, Default)]
pub(crate) struct TenantCache(Mutex<HashMap<String, Entry>>);

impl Caches {
    pub(crate) fn of(&self, tenant: &str, trigger: &'static str) -> Arc<TenantCache> {
        let mut caches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (tenant.to_owned(), trigger);
        if caches.len() >= MAX_TENANTS && !caches.contains_key(&key) {
            // In use by a run: someone beside this map holds it.
            caches.retain(|_, cache| Arc::strong_count(cache) > 1);
        }
        Arc::clone(caches.entry(key).or_default())
    }
}

impl TenantCache {
    pub(crate) fn get(&self, key: &str, now: Timestamp) -> Option<Entry> {
        self.entries(now).get(key).cloned()
    }

    pub(crate) fn set(
        &self,
        key: String,
        value: String,
        expiry: Expiry,
        now: Timestamp,
    ) -> Result<Entry, Code> {
        if key.len() > MAX_KEY {
            return Err(Code::CacheKeySizeExceeded);
        }
        if value.len() > MAX_VALUE {
            return Err(Code::CacheValueSizeExceeded);
        }
        let expires_at = expiry.resolve(now)?;
        let mut entries = self.entries(now);
        let others = entries.iter().filter(|(other, _)| **other != key);
        let (count, bytes) = others.fold((0, 0), |(count, bytes), (key, entry)| {
            (count + 1, bytes + key.len() + entry.value.len())
        });
        if count + 1 > MAX_ENTRIES || bytes + key.len() + value.len() > MAX_BYTES {
            return Err(Code::CacheSizeExceeded);
        }
        let entry = Entry { value, expires_at };
        entries.insert(key, entry.clone());
        Ok(entry)
    }

    pub(crate) fn delete(&self, key: &str, now: Timestamp) -> Result<(), Code> {
        self.entries(now).remove(key).map(drop).ok_or(Code::CacheKeyDoesNotExist)
    }

    /// The entries that have not expired.
    fn entries(&self, now: Timestamp) -> MutexGuard<'_, HashMap<String, Entry>> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|_, entry| now < entry.expires_at);
        entries
    }
}

impl Expiry {
    /// The earlier of the two ends, or the default.
    fn resolve(self, now: Timestamp) -> Result<Timestamp, Code> {
        let millis = |value: i64| u64::try_from(value).map_err(|_| Code::InvalidExpiry);
        let by_ttl = self.ttl.map(millis).transpose()?.map(|ttl| now.plus_millis(ttl));
        let by_date = self.expires_at.map(millis).transpose()?;
        let by_date =
            by_date.map(|at| Timestamp::from_millis(i64::try_from(at).unwrap_or(i64::MAX)));
        let end = match (by_ttl, by_date) {
            (Some(ttl), Some(date)) => ttl.min(date),
            (Some(end), None) | (None, Some(end)) => end,
            (None, None) => now.plus_millis(DEFAULT_LIFETIME),
        };
        if end <= now {
            return Err(Code::ItemAlreadyExpired);
        }
        if end > now.plus_millis(MAX_LIFETIME) { Err(Code::InvalidExpiry) } else { Ok(end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn end(ttl: Option<i64>, expires_at: Option<i64>) -> Result<i64, Code> {
        Expiry { ttl, expires_at }.resolve(NOW).map(Timestamp::as_millis)
    }

    #[test]
    fn the_earlier_end_counts_and_the_default_is_a_quarter_of_an_hour() {
        assert_eq!(end(None, None), Ok(1_000_000 + 900_000));
        assert_eq!(end(Some(5), None), Ok(1_000_005));
        assert_eq!(end(Some(500), Some(1_000_400)), Ok(1_000_400));
        assert_eq!(end(Some(300), Some(1_000_400)), Ok(1_000_300));
    }

    #[test]
    fn ends_that_are_refused() {
        assert_eq!(end(Some(-1), None), Err(Code::InvalidExpiry));
        assert_eq!(end(None, Some(-1)), Err(Code::InvalidExpiry));
        assert_eq!(end(Some(86_400_001), None), Err(Code::InvalidExpiry));
        assert_eq!(end(Some(i64::MAX), None), Err(Code::InvalidExpiry));
        assert_eq!(end(Some(0), None), Err(Code::ItemAlreadyExpired));
        assert_eq!(end(None, Some(1_000_000)), Err(Code::ItemAlreadyExpired));
        assert!(end(Some(86_400_000), None).is_ok());
    }

    #[test]
    fn many_tenants_do_not_grow_the_map_without_end() {
        let caches = Caches::default();
        let in_use = caches.of("kept", "t");
        assert!(in_use.set("k".into(), "v".into(), Expiry::default(), NOW).is_ok());
        for tenant in 0..5000 {
            caches.of(&tenant.to_string(), "t");
        }
        assert!(caches.0.lock().unwrap().len() <= MAX_TENANTS);
        assert!(caches.of("kept", "t").get("k", NOW).is_some());
    }
}
