//! The event: who wants to set a new password, from where, and what is known.
//!
//! [`Event`] asks the host for one group at a time, so an action pays only for
//! what it reads. Nothing is kept between two calls, and the answers do not
//! change during a run.

use crate::bindings::flowhost::post_challenge::event::{
    Authentication, Authorization, Client, Connection, CustomDomain, EnrolledFactor, Identity,
    Organization, Prompt, Request, Stats, Tenant, Transaction, User,
};
use crate::{Json, host};

/// What is known when a handler runs.
///
/// Each method is a call to the host: keep the answer rather than ask twice.
#[derive(Debug)]
pub struct Event(());

impl Event {
    pub(crate) fn new() -> Self {
        Self(())
    }

    /// How the user has proven who they are so far.
    #[must_use]
    pub fn authentication(&self) -> Authentication {
        host::event::get_authentication()
    }

    /// The user's roles.
    #[must_use]
    pub fn authorization(&self) -> Authorization {
        host::event::get_authorization()
    }

    /// The application the reset was started from.
    #[must_use]
    pub fn client(&self) -> Client {
        host::event::get_client()
    }

    /// The database the user is stored in.
    #[must_use]
    pub fn connection(&self) -> Connection {
        host::event::get_connection()
    }

    /// The custom domain the user came through.
    #[must_use]
    pub fn custom_domain(&self) -> Option<CustomDomain> {
        host::event::get_custom_domain()
    }

    /// The organization the user acts for.
    #[must_use]
    pub fn organization(&self) -> Option<Organization> {
        host::event::get_organization()
    }

    /// The prompt that was answered; only in `on_continue` after a prompt.
    #[must_use]
    pub fn prompt(&self) -> Option<Prompt> {
        host::event::get_prompt()
    }

    /// In `on_execute` the request that started the flow, in `on_continue` the
    /// one the user came back with.
    #[must_use]
    pub fn request(&self) -> Request {
        host::event::get_request()
    }

    /// Numbers about the user.
    #[must_use]
    pub fn stats(&self) -> Stats {
        host::event::get_stats()
    }

    /// The tenant.
    #[must_use]
    pub fn tenant(&self) -> Tenant {
        host::event::get_tenant()
    }

    /// The transaction the reset is part of.
    #[must_use]
    pub fn transaction(&self) -> Transaction {
        host::event::get_transaction()
    }

    /// The user.
    #[must_use]
    pub fn user(&self) -> User {
        host::event::get_user()
    }

    /// The accounts that are linked to the user.
    #[must_use]
    pub fn identities(&self) -> Vec<Identity> {
        host::event::get_identities()
    }

    /// The factors the user has. An empty list: none. `None`: they could not be
    /// fetched, which is not the same.
    #[must_use]
    pub fn enrolled_factors(&self) -> Option<Vec<EnrolledFactor>> {
        host::event::get_enrolled_factors()
    }

    /// `user.app_metadata`, a JSON object.
    #[must_use]
    pub fn app_metadata(&self) -> Json {
        Json::raw(host::event::get_app_metadata())
    }

    /// `user.user_metadata`, a JSON object.
    #[must_use]
    pub fn user_metadata(&self) -> Json {
        Json::raw(host::event::get_user_metadata())
    }

    /// Names and values of this action's secrets. Prefer
    /// [`Secret::named`](crate::Secret::named) where a token is signed.
    #[must_use]
    pub fn secrets(&self) -> Vec<(String, String)> {
        host::event::get_secrets()
    }

    /// The secret called `name`.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<String> {
        host::event::get_secret(name)
    }

    /// This action's configuration, a JSON object; `{}` when there is none.
    #[must_use]
    pub fn configuration(&self) -> Json {
        Json::raw(host::event::get_configuration())
    }

    /// The whole event as it came in, keys without a typed place included.
    #[must_use]
    pub fn json(&self) -> Json {
        Json::raw(host::event::get_json())
    }

    /// One place of the event, by JSON Pointer (RFC 6901) such as
    /// `/user/app_metadata/plan`. `None` when nothing is there.
    #[must_use]
    pub fn json_at(&self, pointer: &str) -> Option<Json> {
        host::event::get_json_at(pointer).map(Json::raw)
    }

    /// The same for a place that holds a string: its plain value. `None` when
    /// nothing is there or it is no string.
    #[must_use]
    pub fn text_at(&self, pointer: &str) -> Option<String> {
        host::event::get_text_at(pointer)
    }
}
