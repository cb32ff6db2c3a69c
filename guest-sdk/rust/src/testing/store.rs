//! The cache of the double: in memory, within the bounds of the real one.
//!
//! Its time stands still, so that tests come out the same every day.

use std::collections::BTreeMap;

use super::world::refuse;
use crate::CacheRecord;
use crate::bindings::flowhost::post_challenge::cache::Expiry;
use crate::bindings::flowhost::post_challenge::types::ApiError;

/// The time in a test: 2026-01-01T12:00:00Z, in milliseconds since the Unix
/// epoch. It does not pass.
pub const NOW_MILLIS: i64 = 1_767_268_800_000;

const MAX_KEY_BYTES: usize = 64;
const MAX_VALUE_BYTES: usize = 4_096;
const MAX_ENTRIES: usize = 20;
const MAX_BYTES: usize = 8_192;
const DEFAULT_TTL_MILLIS: i64 = 15 * 60 * 1_000;
const MAX_TTL_MILLIS: i64 = 24 * 60 * 60 * 1_000;

#[derive(Clone, Debug, Default)]
pub(super) struct Store(BTreeMap<String, CacheRecord>);

impl Store {
    pub(super) fn get(&self, key: &str) -> Option<&CacheRecord> {
        self.0.get(key)
    }

    pub(super) fn set(
        &mut self,
        key: &str,
        value: &str,
        expiry: Expiry,
    ) -> Result<CacheRecord, ApiError> {
        if key.len() > MAX_KEY_BYTES {
            return refuse("CacheKeySizeExceeded", "a key has at most 64 bytes");
        }
        if value.len() > MAX_VALUE_BYTES {
            return refuse("CacheValueSizeExceeded", "a value has at most 4,096 bytes");
        }
        let record = CacheRecord { value: value.to_owned(), expires_at: end_of(expiry)? };
        self.check_room(key, value)?;
        self.0.insert(key.to_owned(), record.clone());
        Ok(record)
    }

    pub(super) fn delete(&mut self, key: &str) -> Result<(), ApiError> {
        match self.0.remove(key) {
            Some(_) => Ok(()),
            None => refuse("CacheKeyDoesNotExist", format!("there is no entry '{key}'")),
        }
    }

    fn check_room(&self, key: &str, value: &str) -> Result<(), ApiError> {
        let others = || self.0.iter().filter(|(name, _)| *name != key);
        let bytes: usize = others().map(|(name, record)| name.len() + record.value.len()).sum();
        if others().count() >= MAX_ENTRIES || bytes + key.len() + value.len() > MAX_BYTES {
            return refuse("CacheSizeExceeded", "at most 20 entries and 8,192 bytes together");
        }
        Ok(())
    }
}

fn end_of(expiry: Expiry) -> Result<i64, ApiError> {
    if expiry.ttl.into_iter().chain(expiry.expires_at).any(i64::is_negative) {
        return refuse("InvalidExpiry", "an entry does not live a negative time");
    }
    let by_ttl = expiry.ttl.map(|ttl| NOW_MILLIS.saturating_add(ttl));
    let end = match (by_ttl, expiry.expires_at) {
        (Some(a), Some(b)) => a.min(b),
        (Some(end), None) | (None, Some(end)) => end,
        (None, None) => NOW_MILLIS + DEFAULT_TTL_MILLIS,
    };
    match end {
        end if end <= NOW_MILLIS => refuse("ItemAlreadyExpired", "the entry ends in the past"),
        end if end > NOW_MILLIS + MAX_TTL_MILLIS => {
            refuse("InvalidExpiry", "an entry lives at most 24 hours")
        }
        end => Ok(end),
    }
}
