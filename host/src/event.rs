//! [`Event`]: what is known about the user and the request when a flow
//! starts. Parsed and checked once per flow; groups replaced later (the
//! request on a resume, a changed user) go through the same checks.
//!
//! The text that came in is kept, for the JSON view of dynamic languages.

pub(crate) mod document;
pub(crate) mod pointer;
mod schema;

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use self::document::{Document, Json};
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

struct Parts {
    document: Document,
    warnings: Vec<Problem>,
    /// Bytes of its text, white space and all.
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
        let mut document =
            Document::parse(json.trim_end_matches([' ', '\t', '\n', '\r']).to_owned())
                .map_err(|error| not_json(json, "the event", &error))?;
        let warnings = checked(&document)?;
        if NOT_FROM_CALLER.iter().any(|name| document.root().get(name).is_some()) {
            let mut groups = members(document.text())?;
            groups.retain(|(name, _)| !NOT_FROM_CALLER.contains(&name.as_str()));
            document = Document::parse(object(&groups)).map_err(internal)?;
        }
        let event = Event(Arc::new(Parts { document, warnings, size: json.len() }));
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
    pub(crate) fn group(&self, name: &str) -> Option<Json<'_>> {
        self.root().get(name)
    }

    /// All of it, as actions see it.
    pub(crate) fn root(&self) -> Json<'_> {
        self.0.document.root()
    }

    /// The string at a JSON Pointer.
    pub(crate) fn text(&self, pointer: &str) -> Option<&str> {
        self.at(pointer)?.as_str()
    }

    /// The value at a JSON Pointer.
    pub(crate) fn at(&self, pointer: &str) -> Option<Json<'_>> {
        self.root().follow(pointer)
    }

    /// The part that one comes to by these names, such as `tenant` and `id`.
    pub(crate) fn part(&self, path: &[&str]) -> Option<Json<'_>> {
        path.iter().try_fold(self.0.document.root(), |part, name| part.get(name))
    }

    /// `event.user.user_id`.
    pub(crate) fn user_id(&self) -> &str {
        self.part(&["user", "user_id"]).and_then(Json::as_str).unwrap_or_default()
    }

    /// `event.tenant.id`.
    pub(crate) fn tenant_id(&self) -> &str {
        self.part(&["tenant", "id"]).and_then(Json::as_str).unwrap_or_default()
    }

    /// `event.authentication.methods`.
    pub(crate) fn methods(&self) -> Vec<Value> {
        let methods = self.part(&["authentication", "methods"]);
        methods.into_iter().flat_map(Json::items).map(Json::to_value).collect()
    }

    /// Replaces a group, which must fit the contract.
    pub(crate) fn set_group(&mut self, name: &str, value: &Value) -> Result<()> {
        self.put(name, raw(value)?)
    }

    /// Replaces members of a group, or adds them. All others stay as they came in.
    pub(crate) fn set_members(
        &mut self,
        name: &str,
        with: impl IntoIterator<Item = Member>,
    ) -> Result<()> {
        let mut all = self.members(name)?;
        replace(&mut all, with);
        self.put(name, RawValue::from_string(object(&all)).map_err(internal)?)
    }

    /// The members of a group, as they came in.
    pub(crate) fn members(&self, name: &str) -> Result<Vec<Member>> {
        let groups = members(self.0.document.text())?;
        let group = groups.iter().find(|(group, _)| group == name);
        group.map_or_else(|| Ok(Vec::new()), |(_, text)| members(text.get()))
    }

    fn put(&mut self, name: &str, text: Box<RawValue>) -> Result<()> {
        let mut groups = members(self.0.document.text())?;
        replace(&mut groups, [(name.to_owned(), text)]);
        let document = Document::parse(object(&groups)).map_err(|error| {
            invalid(vec![Problem::at_path(format!("event.{name}"), error.to_string())])
        })?;
        checked(&document)?;
        let (warnings, size) = (self.0.warnings.clone(), document.text().len());
        self.0 = Arc::new(Parts { document, warnings, size });
        Ok(())
    }

    /// The event as JSON text, groups in the order and spelling they came in,
    /// followed by `extra` ones.
    pub(crate) fn to_json(&self, extra: impl Iterator<Item = (&'static str, String)>) -> String {
        let mut json = self.0.document.text().to_owned();
        for (name, text) in extra {
            // The event has groups, and ends with its brace.
            json.pop();
            json.extend([",\"", name, "\":", &text, "}"]);
        }
        json
    }
}

/// What the contract does not know of an event that fits it.
fn checked(document: &Document) -> Result<Vec<Problem>> {
    let findings = schema::check(document.root());
    match findings.problems.is_empty() {
        true => Ok(findings.warnings),
        false => Err(invalid(findings.problems)),
    }
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

/// A name and the text behind it.
type Member = (String, Box<RawValue>);

/// An object of such members.
fn object(members: &[Member]) -> String {
    let member = |(name, text): &Member| format!("{}:{}", Value::from(name.as_str()), text.get());
    format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(","))
}

/// The members of an object with the text that came in. Of two with one name the last
/// counts.
fn members(object: &str) -> Result<Vec<Member>> {
    serde_json::from_str(object).map(|Members(members)| members).map_err(internal)
}

/// Puts members in the place of those with their names, or behind all.
fn replace(members: &mut Vec<Member>, with: impl IntoIterator<Item = Member>) {
    for (name, text) in with {
        match members.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = text,
            None => members.push((name, text)),
        }
    }
}

struct Members(Vec<Member>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members: Vec<Member> = Vec::new();
                let mut places = HashMap::new();
                while let Some((name, text)) = map.next_entry::<String, _>()? {
                    match places.get(&name) {
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
