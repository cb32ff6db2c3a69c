//! `api.cache()`: a small store shared by the actions of a tenant's trigger.

use std::time::Duration;

use crate::bindings::flowhost::post_challenge::cache::{CacheRecord, Expiry as WireExpiry};
use crate::{ApiError, host};

/// A small store shared by the actions of a tenant's trigger. It answers at
/// once. Entries may vanish early; none outlives its expiry.
///
/// At most 20 entries, and 8,192 bytes of keys and values together.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Cache;

impl Cache {
    /// The entry, or `None` when there is none or it has expired.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<CacheRecord> {
        host::cache::get(key)
    }

    /// Write an entry and say when it ends. A [`Duration`] will do for
    /// `expiry`.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use flowhost_action::{Api, ApiError, Expiry};
    /// # fn example(api: &Api) -> Result<(), ApiError> {
    /// api.cache().set("attempts", "3", Duration::from_secs(3600))?;
    /// api.cache().set("seen", "yes", Expiry::default())?; // 15 minutes
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `CacheKeySizeExceeded` over 64 bytes, `CacheValueSizeExceeded` over
    /// 4,096 bytes, `CacheSizeExceeded`, `InvalidExpiry`, `ItemAlreadyExpired`.
    pub fn set(
        &self,
        key: &str,
        value: &str,
        expiry: impl Into<Expiry>,
    ) -> Result<CacheRecord, ApiError> {
        let Expiry { ttl, expires_at } = expiry.into();
        let ttl = ttl.map(|ttl| i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX));
        Ok(host::cache::set(key, value, WireExpiry { ttl, expires_at })?)
    }

    /// Remove an entry.
    ///
    /// # Errors
    ///
    /// `CacheKeyDoesNotExist` when there is none.
    pub fn delete(&self, key: &str) -> Result<(), ApiError> {
        Ok(host::cache::delete(key)?)
    }
}

/// When a cache entry ends: the earlier of the two when both are given, 15
/// minutes from now when none is, at most 24 hours from now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expiry {
    /// From now.
    pub ttl: Option<Duration>,
    /// In milliseconds since the Unix epoch, as [`CacheRecord::expires_at`].
    pub expires_at: Option<i64>,
}

impl Expiry {
    /// At a moment, in milliseconds since the Unix epoch. To change a value
    /// and leave its end, pass the old record's
    /// [`expires_at`](CacheRecord::expires_at).
    #[must_use]
    pub fn at(expires_at: i64) -> Self {
        Self { ttl: None, expires_at: Some(expires_at) }
    }
}

impl From<Duration> for Expiry {
    fn from(ttl: Duration) -> Self {
        Self { ttl: Some(ttl), expires_at: None }
    }
}
