//! `event`: the event, group by group, built when it is asked for. The event
//! was compared with the contract before any action ran, so a group that does
//! not read as expected here is one of the open, untyped parts: it reads as
//! absent.

mod records;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};
use wasmtime::Result;

use self::records::{
    Pairs, authentication, enrolled_factor, identity, pairs, request, text, texts, transaction,
    user,
};
use crate::action::state::RunState;
use crate::action::v1::event::{self as wit, Host};
use crate::event::document::Json;
use crate::event::pointer;

impl Host for RunState {
    fn get_authentication(&mut self) -> Result<wit::Authentication> {
        self.read(&["authentication"], authentication)
    }

    fn get_authorization(&mut self) -> Result<wit::Authorization> {
        self.read(&["authorization"], |group| wit::Authorization { roles: texts(group, "roles") })
    }

    fn get_client(&mut self) -> Result<wit::Client> {
        self.read(&["client"], |group| wit::Client {
            client_id: text(group, "client_id"),
            name: text(group, "name"),
            metadata: pairs(group, "metadata"),
        })
    }

    fn get_connection(&mut self) -> Result<wit::Connection> {
        self.read(&["connection"], |group| wit::Connection {
            id: text(group, "id"),
            name: text(group, "name"),
            strategy: text(group, "strategy"),
            metadata: pairs(group, "metadata"),
        })
    }

    fn get_custom_domain(&mut self) -> Result<Option<wit::CustomDomain>> {
        self.read_optional(&["custom_domain"], |group| wit::CustomDomain {
            domain: text(group, "domain"),
            domain_metadata: pairs(group, "domain_metadata"),
        })
    }

    fn get_organization(&mut self) -> Result<Option<wit::Organization>> {
        self.read_optional(&["organization"], |group| wit::Organization {
            id: text(group, "id"),
            display_name: text(group, "display_name"),
            name: text(group, "name"),
            metadata: pairs(group, "metadata"),
        })
    }

    fn get_prompt(&mut self) -> Result<Option<wit::Prompt>> {
        self.enter(0)?;
        let Some(prompt) = &self.came_back.prompt else { return Ok(None) };
        let id = prompt.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let json = |part| prompt.get(part).filter(|part| !part.is_null()).map(Value::to_string);
        let (fields, vars) = (json("fields"), json("vars"));
        // What an action asked for and what a user sent: neither is large, both have limits.
        let size = |json: &Option<String>| json.as_ref().map_or(0, String::len);
        self.exchange(id.len() + size(&fields) + size(&vars))?;
        Ok(Some(wit::Prompt { id, fields, vars }))
    }

    fn get_request(&mut self) -> Result<wit::Request> {
        self.read(&["request"], request)
    }

    fn get_stats(&mut self) -> Result<wit::Stats> {
        self.read(&["stats"], |group| wit::Stats {
            logins_count: records::number(group, "logins_count").unwrap_or_default(),
        })
    }

    fn get_tenant(&mut self) -> Result<wit::Tenant> {
        self.read(&["tenant"], |group| wit::Tenant { id: text(group, "id") })
    }

    fn get_transaction(&mut self) -> Result<wit::Transaction> {
        self.read(&["transaction"], transaction)
    }

    fn get_user(&mut self) -> Result<wit::User> {
        self.enter(0)?;
        let flow = Arc::clone(&self.flow);
        let group = flow.event.group("user");
        // What has functions of its own is not in the record.
        let members = group.into_iter().flat_map(Json::members);
        let texts = members.filter_map(|(_, value)| value.as_str().map(str::len));
        self.exchange(texts.sum())?;
        Ok(user(group))
    }

    fn get_identities(&mut self) -> Result<Vec<wit::Identity>> {
        self.read(&["user", "identities"], |list| {
            list.into_iter().flat_map(Json::items).map(identity).collect()
        })
    }

    fn get_enrolled_factors(&mut self) -> Result<Option<Vec<wit::EnrolledFactor>>> {
        self.read_optional(&["user", "enrolledFactors"], |list| {
            list.into_iter().flat_map(Json::items).map(enrolled_factor).collect()
        })
    }

    fn get_app_metadata(&mut self) -> Result<String> {
        self.read_json(&["user", "app_metadata"])
    }

    fn get_user_metadata(&mut self) -> Result<String> {
        self.read_json(&["user", "user_metadata"])
    }

    fn get_secrets(&mut self) -> Result<Pairs> {
        self.enter(0)?;
        self.exchange(self.own.secrets.iter().map(|(n, s)| n.len() + s.expose().len()).sum())?;
        let secrets = self.own.secrets.iter();
        Ok(secrets.map(|(name, secret)| (name.to_owned(), secret.expose().to_owned())).collect())
    }

    fn get_secret(&mut self, name: String) -> Result<Option<String>> {
        self.enter(name.len())?;
        let secret = self.own.secrets.get(&name).map(|secret| secret.expose().to_owned());
        self.exchange(secret.as_ref().map_or(0, String::len))?;
        Ok(secret)
    }

    fn get_configuration(&mut self) -> Result<String> {
        self.enter(0)?;
        let text = self.configuration();
        self.exchange(text.len())?;
        Ok(text)
    }

    fn get_json(&mut self) -> Result<String> {
        self.enter(0)?;
        let text = self.whole_event();
        self.exchange(text.len())?;
        Ok(text)
    }

    fn get_json_at(&mut self, pointer: String) -> Result<Option<String>> {
        self.enter(pointer.len())?;
        let text = match pointer.as_str() {
            "" => Some(self.whole_event()),
            _ => self.place(&pointer).map(|value| value.to_string()),
        };
        self.exchange(text.as_ref().map_or(0, String::len))?;
        Ok(text)
    }

    fn get_text_at(&mut self, pointer: String) -> Result<Option<String>> {
        self.enter(pointer.len())?;
        let text = self.place(&pointer).and_then(|value| value.as_str().map(str::to_owned));
        self.exchange(text.as_ref().map_or(0, String::len))?;
        Ok(text)
    }
}

impl RunState {
    /// Builds a record from a part of the event that is always there.
    fn read<T>(&mut self, part: &[&str], build: impl Fn(Option<Json<'_>>) -> T) -> Result<T> {
        self.read_optional(part, &build).map(|built| built.unwrap_or_else(|| build(None)))
    }

    fn read_optional<T>(
        &mut self,
        path: &[&str],
        build: impl Fn(Option<Json<'_>>) -> T,
    ) -> Result<Option<T>> {
        self.enter(0)?;
        let flow = Arc::clone(&self.flow);
        let part = flow.event.part(path).filter(|part| !part.is_null());
        let Some(part) = part else { return Ok(None) };
        self.exchange(part.weight())?;
        Ok(Some(build(Some(part))))
    }

    fn read_json(&mut self, path: &[&str]) -> Result<String> {
        self.enter(0)?;
        let text = self.flow.event.part(path).map_or("{}".to_owned(), |part| part.to_string());
        self.exchange(text.len())?;
        Ok(text)
    }

    fn configuration(&self) -> String {
        // A map of JSON values always has a JSON form.
        serde_json::to_string(&self.own.configuration).unwrap_or_default()
    }

    fn secrets(&self) -> Value {
        let secret = |(name, secret): (&str, &crate::secret::Secret)| {
            (name.to_owned(), Value::from(secret.expose()))
        };
        Value::Object(self.own.secrets.iter().map(secret).collect::<Map<_, _>>())
    }

    fn whole_event(&self) -> String {
        let prompt = self.came_back.prompt.iter().map(|prompt| ("prompt", prompt.to_string()));
        let own =
            [("secrets", self.secrets().to_string()), ("configuration", self.configuration())];
        self.flow.event.to_json(prompt.chain(own))
    }

    /// The value at a JSON Pointer, in the event or in what is the action's. Of the
    /// secrets nothing is copied but what is asked for.
    fn place(&self, pointer: &str) -> Option<Place<'_>> {
        let (group, rest) = pointer::split(pointer)?;
        let own = match group.as_ref() {
            "prompt" => Cow::Borrowed(pointer::follow(self.came_back.prompt.as_ref()?, rest)?),
            "secrets" => Cow::Owned(match pointer::split(rest) {
                None => self.secrets(),
                Some((name, "")) => Value::from(self.own.secrets.get(&name)?.expose()),
                Some(_) => return None,
            }),
            "configuration" if rest.is_empty() => {
                Cow::Owned(Value::Object(Map::clone(&self.own.configuration)))
            }
            "configuration" => Cow::Borrowed(pointer::within(&self.own.configuration, rest)?),
            name => return self.flow.event.group(name)?.follow(rest).map(Place::Event),
        };
        Some(Place::Own(own))
    }
}

/// Where a JSON Pointer leads to.
enum Place<'p> {
    Event(Json<'p>),
    /// To what is the action's own.
    Own(Cow<'p, Value>),
}

impl Place<'_> {
    fn as_str(&self) -> Option<&str> {
        match self {
            Place::Event(json) => json.as_str(),
            Place::Own(value) => value.as_str(),
        }
    }
}

/// As JSON text.
impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Event(json) => json.fmt(f),
            Place::Own(value) => value.fmt(f),
        }
    }
}
