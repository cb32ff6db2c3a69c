//! `api.authentication()`: further proof of who the user is.

use crate::bindings::flowhost::post_challenge::authentication::{
    Factor, OtherFactor, PhoneMethod, PhoneOptions, PushOptions,
};
use crate::{ApiError, Json, host};

/// Further proof of who the user is.
///
/// Two challenges in one run must both be met, in call order; at most 4 in a
/// flow, over all actions. A challenge does not come back to this action: when
/// it is met the flow goes on with the *next* one.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Authentication;

impl Authentication {
    /// Ask for `factor`.
    ///
    /// # Errors
    ///
    /// `MaxSideEffectsExceeded` after 32 requests in one run.
    pub fn challenge_with(&self, factor: Factor) -> Result<(), ApiError> {
        self.challenge_with_additional(factor, [])
    }

    /// Ask for `factor`; the user may choose one of `additional` instead.
    ///
    /// ```
    /// # use flowhost_action::{Api, ApiError, Factor};
    /// # fn example(api: &Api) -> Result<(), ApiError> {
    /// api.authentication()
    ///     .challenge_with_additional(Factor::webauthn_roaming(), [Factor::otp(), Factor::email()])
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `MaxSideEffectsExceeded` after 32 requests in one run.
    pub fn challenge_with_additional(
        &self,
        factor: Factor,
        additional: impl IntoIterator<Item = Factor>,
    ) -> Result<(), ApiError> {
        let additional: Vec<Factor> = additional.into_iter().collect();
        Ok(host::authentication::challenge_with(&factor, &additional)?)
    }

    /// Let the user pick one of `factors`. The picker is skipped when only one
    /// of them is usable.
    ///
    /// # Errors
    ///
    /// `MaxSideEffectsExceeded` after 32 requests in one run.
    pub fn challenge_with_any(
        &self,
        factors: impl IntoIterator<Item = Factor>,
    ) -> Result<(), ApiError> {
        let factors: Vec<Factor> = factors.into_iter().collect();
        Ok(host::authentication::challenge_with_any(&factors)?)
    }
}

impl Factor {
    /// A one-time password.
    #[must_use]
    pub fn otp() -> Self {
        Self::Otp
    }

    /// A code by email.
    #[must_use]
    pub fn email() -> Self {
        Self::Email
    }

    /// A passkey of this device.
    #[must_use]
    pub fn webauthn_platform() -> Self {
        Self::WebauthnPlatform
    }

    /// A security key.
    #[must_use]
    pub fn webauthn_roaming() -> Self {
        Self::WebauthnRoaming
    }

    /// A recovery code.
    #[must_use]
    pub fn recovery_code() -> Self {
        Self::RecoveryCode(None)
    }

    /// A code by phone, in the way the user prefers.
    #[must_use]
    pub fn phone() -> Self {
        Self::Phone(PhoneOptions { preferred_method: None })
    }

    /// A code by phone, preferably in this way.
    #[must_use]
    pub fn phone_by(method: PhoneMethod) -> Self {
        Self::Phone(PhoneOptions { preferred_method: Some(method) })
    }

    /// A notification in the user's authenticator app.
    #[must_use]
    pub fn push_notification() -> Self {
        Self::PushNotification(PushOptions { otp_fallback: None })
    }

    /// The same, with or without a one-time password as the way out.
    #[must_use]
    pub fn push_notification_with_otp_fallback(fallback: bool) -> Self {
        Self::PushNotification(PushOptions { otp_fallback: Some(fallback) })
    }

    /// A factor this version has no name for. The host ignores one it does not
    /// know either, with a warning in the run's log.
    #[must_use]
    pub fn other(type_: impl Into<String>, options: Option<Json>) -> Self {
        let options = options.map(|json| json.as_str().to_owned());
        Self::Other(OtherFactor { type_: type_.into(), options })
    }
}
