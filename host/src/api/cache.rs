//! `cache`: small values that outlive the flow. Answers at once.

use wasmtime::Result;

use super::refused;
use crate::action::state::RunState;
use crate::action::v1::cache::{self, CacheRecord, Host};
use crate::action::v1::types::ApiError;
use crate::cache::{Entry, Expiry};
use crate::error::Code;

impl Host for RunState {
    fn get(&mut self, key: String) -> Result<Option<CacheRecord>> {
        self.enter(key.len())?;
        let entry = self.flow.cache().get(&key, self.flow.clock.now());
        if let Some(entry) = &entry {
            self.exchange(entry.value.len())?;
        }
        Ok(entry.map(record))
    }

    fn set(
        &mut self,
        key: String,
        value: String,
        expiry: cache::Expiry,
    ) -> Result<Result<CacheRecord, ApiError>> {
        self.enter(key.len() + value.len())?;
        let expiry = Expiry { ttl: expiry.ttl, expires_at: expiry.expires_at };
        let set = self.flow.cache().set(key, value, expiry, self.flow.clock.now());
        Ok(set.map(record).map_err(|code| refused((code, reason(code).to_owned()))))
    }

    fn delete(&mut self, key: String) -> Result<Result<(), ApiError>> {
        self.enter(key.len())?;
        let deleted = self.flow.cache().delete(&key, self.flow.clock.now());
        Ok(deleted.map_err(|code| refused((code, reason(code).to_owned()))))
    }
}

fn record(entry: Entry) -> CacheRecord {
    CacheRecord { value: entry.value, expires_at: entry.expires_at.as_millis() }
}

fn reason(code: Code) -> &'static str {
    match code {
        Code::CacheKeySizeExceeded => "a key has at most 64 bytes",
        Code::CacheValueSizeExceeded => "a value has at most 4096 bytes",
        Code::CacheSizeExceeded => "the cache holds at most 20 entries and 8192 bytes",
        Code::InvalidExpiry => "an entry lives at most 24 hours, and not a negative time",
        Code::ItemAlreadyExpired => "the entry would have expired already",
        _ => "there is no entry with this key",
    }
}
