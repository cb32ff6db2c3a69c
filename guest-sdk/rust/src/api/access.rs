//! `api.access()`: whether the reset may go on.

use crate::{ApiError, host};

/// Whether the reset may go on.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Access;

impl Access {
    /// Refuse the password reset. The flow ends after this run, and whatever
    /// else the run asked for is dropped. When called twice the first reason
    /// stands.
    ///
    /// # Errors
    ///
    /// `DenyReasonTooLong` when `reason`, which the user may be shown, is over
    /// 1 KiB.
    pub fn deny(&self, reason: impl AsRef<str>) -> Result<(), ApiError> {
        Ok(host::access::deny(reason.as_ref())?)
    }
}
