//! The event's getters, answered from the event of the test.

use crate::testing::node::Node;
use crate::testing::records;
use crate::testing::world::with;
use crate::{
    Authentication, Authorization, Client, Connection, CustomDomain, EnrolledFactor, Identity,
    Organization, Prompt, Request, Stats, Tenant, Transaction, User,
};

/// A getter for each group that is always there.
macro_rules! groups {
    ($($getter:ident -> $record:ident = $read:ident at $key:literal;)*) => {
        $(pub(crate) fn $getter() -> $record {
            with(|world| records::$read(&Node::event(&world.event).at($key)))
        })*
    };
}

/// A getter for each group that may be absent.
macro_rules! optional_groups {
    ($($getter:ident -> $record:ident = $read:ident at $key:literal;)*) => {
        $(pub(crate) fn $getter() -> Option<$record> {
            with(|world| {
                let node = Node::event(&world.event).at($key).present();
                node.map(|node| records::$read(&node))
            })
        })*
    };
}

groups! {
    get_authentication -> Authentication = authentication at "authentication";
    get_authorization -> Authorization = authorization at "authorization";
    get_client -> Client = client at "client";
    get_connection -> Connection = connection at "connection";
    get_request -> Request = request at "request";
    get_stats -> Stats = stats at "stats";
    get_tenant -> Tenant = tenant at "tenant";
    get_transaction -> Transaction = transaction at "transaction";
    get_user -> User = user at "user";
}

optional_groups! {
    get_custom_domain -> CustomDomain = custom_domain at "custom_domain";
    get_organization -> Organization = organization at "organization";
    get_prompt -> Prompt = prompt at "prompt";
}

pub(crate) fn get_identities() -> Vec<Identity> {
    with(|world| {
        let identities = Node::event(&world.event).at("user").opt_list("identities");
        identities.unwrap_or_default().iter().map(records::identity).collect()
    })
}

pub(crate) fn get_enrolled_factors() -> Option<Vec<EnrolledFactor>> {
    with(|world| {
        let factors = Node::event(&world.event).at("user").opt_list("enrolledFactors")?;
        Some(factors.iter().map(records::enrolled_factor).collect())
    })
}

pub(crate) fn get_app_metadata() -> String {
    with(|world| Node::event(&world.event).at("user").json("app_metadata"))
}

pub(crate) fn get_user_metadata() -> String {
    with(|world| Node::event(&world.event).at("user").json("user_metadata"))
}

pub(crate) fn get_secrets() -> Vec<(String, String)> {
    with(|world| world.secrets.clone().into_iter().collect())
}

pub(crate) fn get_secret(name: &str) -> Option<String> {
    with(|world| world.secrets.get(name).cloned())
}

pub(crate) fn get_configuration() -> String {
    with(|world| world.configuration.to_string())
}

pub(crate) fn get_json() -> String {
    with(|world| world.full_event().to_string())
}

pub(crate) fn get_json_at(pointer: &str) -> Option<String> {
    with(|world| world.full_event().pointer(pointer).map(ToString::to_string))
}

pub(crate) fn get_text_at(pointer: &str) -> Option<String> {
    with(|world| world.full_event().pointer(pointer)?.as_str().map(str::to_owned))
}
