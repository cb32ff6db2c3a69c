//! [`Event`]: what is known about the user and the request when a flow
//! starts. Parsed and checked once per flow; groups replaced later (the
//! request on a resume, a changed user) go through the same checks.
//!
//! Each group is kept twice: as the text that came in, for the JSON view of
//! dynamic languages, and parsed, for the typed one.

pub(crate) mod pointer;
mod schema;

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::error::{Code, Error, Problem, Result};

/// Strategies of database connections. All others are enterprise, social or
/// passwordless, where there is no password to reset.
const DATABASE_STRATEGIES: &[&str] = &["auth0", "database"];

/// Groups that belong to the action at hand or to the flow, never to the
/// caller: secrets above all must not travel with the event.
const NOT_FROM_CALLER: &[&str] = &["secrets", "configuration", "prompt"];

/// The event a flow starts with. A copy of it is another handle to the same.
#[derive(Clone)]
pub struct Event(Arc<Parts>);

#[derive(Clone)]
struct Parts {
    texts: Vec<(String, Box<RawValue>)>,
    groups: Map<String, Value>,
    warnings: Vec<Problem>,
    size: usize,
}

/// Does not print what the event holds: it is personal data.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event").finish_non_exhaustive()
    }
}

impl Event {
    /// Parses and checks an event.
    ///
    /// # Errors
    /// `event_invalid` with every wrong type and missing field by its path;
    /// `connection_not_supported` and `classic_login_not_supported` for
    /// logins this trigger does not exist for.
    pub fn from_json(json: &str) -> Result<Event> {
        let Members::<true>(texts) =
            serde_json::from_str(json).map_err(|error| not_json(json, "the event", &error))?;
        let mut groups = Map::new();
        for (name, text) in &texts {
            let value =
                serde_json::from_str(text.get()).map_err(|e| not_json(json, "the event", &e))?;
            groups.insert(name.clone(), value);
        }
        let parts = Parts { texts, groups, warnings: Vec::new(), size: json.len() };
        let event = Event(Arc::new(parts.checked()?));
        event.refuse_unsupported_login()?;
        Ok(event)
    }

    /// Reads an event from a file.
    ///
    /// # Errors
    /// `file_unreadable`, and those of [`from_json`](Event::from_json), with
    /// the file's name.
    pub fn from_file(path: &Path) -> Result<Event> {
        let text = crate::flow::read_text(path, "the event")?;
        Event::from_json(&text).map_err(|error| error.in_file(path))
    }

    /// Keys outside the contract, which are kept and passed on.
    pub fn warnings(&self) -> &[Problem] {
        &self.0.warnings
    }

    /// Bytes of its JSON text.
    pub(crate) fn size(&self) -> usize {
        self.0.size
    }

    fn refuse_unsupported_login(&self) -> Result<()> {
        let strategy = self.text("/connection/strategy").unwrap_or_default();
        if !DATABASE_STRATEGIES.contains(&strategy) {
            let message = format!("event.connection.strategy: `{strategy}` is no database");
            return Err(Error::new(Code::ConnectionNotSupported, message)
                .with_hint("this trigger exists for database connections: strategy `auth0`"));
        }
        const SAYS_CLASSIC: &[&str] = &[
            "/transaction/login_experience",
            "/transaction/universal_login_experience",
            "/tenant/universal_login_experience",
            "/universal_login_experience",
        ];
        let classic = |place: &&&str| {
            self.text(place).is_some_and(|value| value.eq_ignore_ascii_case("classic"))
        };
        if let Some(place) = SAYS_CLASSIC.iter().find(classic) {
            let message = format!("event{}: Classic Login", place.replace('/', "."));
            return Err(Error::new(Code::ClassicLoginNotSupported, message)
                .with_hint("this trigger exists for Universal Login only"));
        }
        Ok(())
    }

    /// The group called `name`, such as `user`.
    pub(crate) fn group(&self, name: &str) -> Option<&Value> {
        self.0.groups.get(name).filter(|value| !value.is_null())
    }

    /// The string at a JSON Pointer.
    pub(crate) fn text(&self, pointer: &str) -> Option<&str> {
        self.at(pointer)?.as_str()
    }

    /// The value at a JSON Pointer.
    pub(crate) fn at(&self, pointer: &str) -> Option<&Value> {
        pointer::within(&self.0.groups, pointer)
    }

    /// `event.user.user_id`.
    pub(crate) fn user_id(&self) -> &str {
        self.text("/user/user_id").unwrap_or_default()
    }

    /// `event.tenant.id`.
    pub(crate) fn tenant_id(&self) -> &str {
        self.text("/tenant/id").unwrap_or_default()
    }

    /// `event.authentication.methods`.
    pub(crate) fn methods(&self) -> &[Value] {
        let methods = self.at("/authentication/methods").and_then(Value::as_array);
        methods.map_or(&[], Vec::as_slice)
    }

    /// Replaces a group, which must fit the contract.
    pub(crate) fn set_group(&mut self, name: &str, value: Value) -> Result<()> {
        self.put(name, raw(&value)?, value)
    }

    /// Replaces members of a group, or adds them. All others stay as they came in.
    pub(crate) fn set_members(
        &mut self,
        name: &str,
        members: impl IntoIterator<Item = (String, Box<RawValue>)>,
    ) -> Result<()> {
        let mut all = self.members(name);
        for (member, text) in members {
            match all.iter_mut().find(|(known, _)| *known == member) {
                Some((_, old)) => *old = text,
                None => all.push((member, text)),
            }
        }
        let all: Vec<String> = all.iter().map(|(name, text)| member(name, text.get())).collect();
        let text = RawValue::from_string(format!("{{{}}}", all.join(","))).map_err(internal)?;
        let value = serde_json::from_str(text.get()).map_err(internal)?;
        self.put(name, text, value)
    }

    /// The members of a group, as they came in.
    pub(crate) fn members(&self, name: &str) -> Vec<(String, Box<RawValue>)> {
        let group = self.0.texts.iter().find(|(group, _)| group == name);
        let members = group.and_then(|(_, text)| serde_json::from_str(text.get()).ok());
        members.map(|Members::<false>(members)| members).unwrap_or_default()
    }

    fn put(&mut self, name: &str, text: Box<RawValue>, value: Value) -> Result<()> {
        let findings = schema::check_group(name, &value);
        if !findings.problems.is_empty() {
            return Err(invalid(findings.problems));
        }
        let parts = Arc::make_mut(&mut self.0);
        parts.size += text.get().len();
        match parts.texts.iter_mut().find(|(group, _)| group == name) {
            Some((_, old)) => {
                parts.size = parts.size.saturating_sub(old.get().len());
                *old = text;
            }
            None => parts.texts.push((name.to_owned(), text)),
        }
        parts.groups.insert(name.to_owned(), value);
        Ok(())
    }

    /// The event as JSON text, groups in the order and spelling they came in,
    /// followed by `extra` ones.
    pub(crate) fn to_json(&self, extra: impl Iterator<Item = (&'static str, String)>) -> String {
        let own = self.0.texts.iter().map(|(name, text)| member(name, text.get()));
        let members: Vec<String> =
            own.chain(extra.map(|(name, text)| member(name, &text))).collect();
        format!("{{{}}}", members.join(","))
    }
}

impl Parts {
    fn checked(mut self) -> Result<Self> {
        let findings = schema::check_event(&self.groups);
        if !findings.problems.is_empty() {
            return Err(invalid(findings.problems));
        }
        self.warnings = findings.warnings;
        self.texts.retain(|(name, _)| !NOT_FROM_CALLER.contains(&name.as_str()));
        self.groups.retain(|name, _| !NOT_FROM_CALLER.contains(&name.as_str()));
        Ok(self)
    }
}

/// One member of a JSON object.
fn member(name: &str, text: &str) -> String {
    format!("{}:{text}", Value::from(name))
}

fn invalid(problems: Vec<Problem>) -> Error {
    let message = match problems.len() {
        1 => "the event does not fit the trigger".to_owned(),
        count => format!("the event does not fit the trigger in {count} places"),
    };
    Error::new(Code::EventInvalid, message).with_problems(problems)
}

/// The error for text that is no JSON, with its place.
pub(crate) fn not_json(text: &str, what: &str, error: &serde_json::Error) -> Error {
    let start = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len);
    let offset = start.sum::<usize>() + error.column().saturating_sub(1);
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default();
    Error::new(Code::EventInvalid, format!("{what} is not valid JSON"))
        .with_problems(vec![Problem::at_offset(text, offset, reason)])
}

/// A value as the text that an event has of it.
pub(crate) fn raw(value: &(impl Serialize + ?Sized)) -> Result<Box<RawValue>> {
    serde_json::value::to_raw_value(value).map_err(internal)
}

fn internal(error: serde_json::Error) -> Error {
    Error::new(Code::Internal, error.to_string())
}

/// The members of an object, with the text that came in. Of two with one name the last
/// counts, as it does for `Value`; or, if they have to be `UNIQUE`, there must be one.
struct Members<const UNIQUE: bool>(Vec<(String, Box<RawValue>)>);

impl<'de, const UNIQUE: bool> Deserialize<'de> for Members<UNIQUE> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit<const UNIQUE: bool>;
        impl<'de, const UNIQUE: bool> Visitor<'de> for Visit<UNIQUE> {
            type Value = Members<UNIQUE>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members: Vec<(String, Box<RawValue>)> = Vec::new();
                let mut places = HashMap::new();
                while let Some((name, text)) = map.next_entry::<String, Box<RawValue>>()? {
                    match places.get(&name) {
                        // Readers differ in which of two they believe.
                        Some(_) if UNIQUE => {
                            return Err(A::Error::custom(format!("`{name}` occurs twice")));
                        }
                        Some(&place) => members[place] = (name, text),
                        None => {
                            places.insert(name.clone(), members.len());
                            members.push((name, text));
                        }
                    }
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visit)
    }
}
