//! The event's shape as data: the table of the contract, and the walk that
//! compares an event with it. Every problem is found, not only the first,
//! and each names its path (`event.user.user_id: missing`): in the order of the event,
//! and behind what an object has what it has not.
//!
//! `null` counts as absent. Keys the table does not list are kept: in an open
//! object silently, in a closed one with a warning.

use std::fmt;

use super::document::Json;
use crate::error::Problem;

/// What a place in the event must hold.
enum Shape {
    Text,
    Number,
    Bool,
    /// Any object.
    Object,
    /// An object whose values are strings.
    TextMap,
    TextList,
    List(&'static Table),
    Table(&'static Table),
}

/// An object with known keys.
struct Table {
    /// Whether further keys are expected.
    open: bool,
    keys: &'static [Key],
}

struct Key {
    name: &'static str,
    required: bool,
    shape: Shape,
}

const fn must(name: &'static str, shape: Shape) -> Key {
    Key { name, required: true, shape }
}

const fn may(name: &'static str, shape: Shape) -> Key {
    Key { name, required: false, shape }
}

const fn closed(keys: &'static [Key]) -> Table {
    table(false, keys)
}

const fn open(keys: &'static [Key]) -> Table {
    table(true, keys)
}

const fn table(open: bool, keys: &'static [Key]) -> Table {
    assert!(keys.len() <= 64, "the walk has a bit for each");
    Table { open, keys }
}

impl Table {
    /// The place of a key, looked for from where the last one was: many events have
    /// them in this order.
    fn find(&self, name: &str, from: usize) -> Option<usize> {
        let is_called = |at: &usize| self.keys[*at].name == name;
        (from..self.keys.len()).find(is_called).or_else(|| (0..from).find(is_called))
    }
}

use Shape::{Bool, List, Number, Object, Text, TextList, TextMap};

static EVENT: Table = closed(&[
    must("authentication", Shape::Table(&AUTHENTICATION)),
    must("authorization", Shape::Table(&closed(&[must("roles", TextList)]))),
    must("client", Shape::Table(&CLIENT)),
    must("connection", Shape::Table(&CONNECTION)),
    may("custom_domain", Shape::Table(&CUSTOM_DOMAIN)),
    may("organization", Shape::Table(&ORGANIZATION)),
    must("request", Shape::Table(&REQUEST)),
    must("stats", Shape::Table(&closed(&[must("logins_count", Number)]))),
    must("tenant", Shape::Table(&closed(&[must("id", Text)]))),
    must("transaction", Shape::Table(&TRANSACTION)),
    must("user", Shape::Table(&USER)),
]);

static AUTHENTICATION: Table = closed(&[
    must("methods", List(&METHOD)),
    may("riskAssessment", Shape::Table(&closed(&[may("supplemental", Shape::Table(&SIGNALS))]))),
]);

static METHOD: Table = open(&[must("name", Text), must("timestamp", Text), may("type", Text)]);

static SIGNALS: Table = open(&[may("akamai", Shape::Table(&AKAMAI))]);

static AKAMAI: Table = closed(&[
    may("akamaiBot", Shape::Table(&AKAMAI_BOT)),
    may("akamaiUserRisk", Shape::Table(&AKAMAI_USER_RISK)),
]);

static AKAMAI_BOT: Table = closed(&[
    may("type", Text),
    may("action", Text),
    may("botCategory", TextList),
    may("botScore", Number),
    may("botScoreResponseSegment", Text),
    may("botnetId", Text),
]);

static AKAMAI_USER_RISK: Table = closed(&[
    may("action", Text),
    may("emailDomain", Text),
    may("ouid", Text),
    may("requestid", Text),
    may("username", Text),
    may("uuid", Text),
    may("allow", Number),
    may("score", Number),
    may("status", Number),
    may("general", Object),
    may("risk", Object),
    may("trust", Object),
]);

static CLIENT: Table =
    open(&[must("client_id", Text), must("name", Text), must("metadata", TextMap)]);

static CONNECTION: Table = closed(&[
    must("id", Text),
    must("name", Text),
    must("strategy", Text),
    may("metadata", TextMap),
]);

static CUSTOM_DOMAIN: Table = closed(&[must("domain", Text), must("domain_metadata", TextMap)]);

static ORGANIZATION: Table = open(&[
    must("id", Text),
    must("display_name", Text),
    must("name", Text),
    must("metadata", TextMap),
]);

static REQUEST: Table = closed(&[
    must("body", Object),
    must("query", Object),
    must("method", Text),
    must("ip", Text),
    may("hostname", Text),
    may("language", Text),
    may("user_agent", Text),
    must("geoip", Shape::Table(&GEOIP)),
]);

static GEOIP: Table = open(&[
    may("cityName", Text),
    may("continentCode", Text),
    may("countryCode", Text),
    may("countryCode3", Text),
    may("countryName", Text),
    may("subdivisionCode", Text),
    may("subdivisionName", Text),
    may("timeZone", Text),
    may("latitude", Number),
    may("longitude", Number),
]);

static TRANSACTION: Table = open(&[
    may("correlation_id", Text),
    must("locale", Text),
    may("login_hint", Text),
    may("state", Text),
    must("ui_locales", TextList),
]);

static USER: Table = open(&[
    must("app_metadata", Object),
    must("user_metadata", Object),
    must("created_at", Text),
    must("updated_at", Text),
    must("user_id", Text),
    must("email_verified", Bool),
    must("identities", List(&IDENTITY)),
    may("email", Text),
    may("family_name", Text),
    may("given_name", Text),
    may("last_password_reset", Text),
    may("name", Text),
    may("nickname", Text),
    may("phone_number", Text),
    may("picture", Text),
    may("username", Text),
    may("phone_verified", Bool),
    may("enrolledFactors", List(&ENROLLED_FACTOR)),
]);

static IDENTITY: Table = open(&[
    may("connection", Text),
    may("provider", Text),
    may("user_id", Text),
    may("isSocial", Bool),
    may("profileData", Object),
]);

static ENROLLED_FACTOR: Table = closed(&[must("type", Text), may("options", Object)]);

/// Where in the event something is. Written only where something is wrong.
enum Place<'a> {
    Event,
    Member(&'a Place<'a>, &'a str),
    Item(&'a Place<'a>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Event => f.write_str("event"),
            Place::Member(object, name) => write!(f, "{object}.{name}"),
            Place::Item(list, index) => write!(f, "{list}[{index}]"),
        }
    }
}

/// What comparing with the table found.
#[derive(Default)]
pub(super) struct Findings {
    /// Wrong types and missing fields: the event is refused.
    pub(super) problems: Vec<Problem>,
    /// Unknown keys of closed objects.
    pub(super) warnings: Vec<Problem>,
}

/// Compares a whole event with the contract.
pub(super) fn check(event: Json<'_>) -> Findings {
    let mut findings = Findings::default();
    findings.table(&EVENT, event, &Place::Event);
    findings
}

impl Findings {
    fn table(&mut self, table: &Table, object: Json<'_>, path: &Place<'_>) {
        // What is there, by the key's place in the table.
        let mut there = 0_u64;
        let mut next = 0;
        for (name, value) in object.members() {
            let place = Place::Member(path, name);
            match table.find(name, next) {
                Some(found) => {
                    next = found + 1;
                    if !value.is_null() {
                        there |= 1 << found;
                        self.shape(&table.keys[found].shape, value, &place);
                    }
                }
                None if table.open => {}
                None => self
                    .warnings
                    .push(Problem::at_path(place.to_string(), "not part of this trigger's event")),
            }
        }
        for (number, key) in table.keys.iter().enumerate() {
            if key.required && there & (1 << number) == 0 {
                let place = Place::Member(path, key.name).to_string();
                self.problems.push(Problem::at_path(place, "missing"));
            }
        }
    }

    fn shape(&mut self, shape: &Shape, value: Json<'_>, path: &Place<'_>) {
        if !shape.fits(value) {
            let message = format!("expected {}, found {}", shape.name(), value.kind());
            self.problems.push(Problem::at_path(path.to_string(), message));
            return;
        }
        match shape {
            Shape::Table(table) => self.table(table, value, path),
            TextMap => {
                for (name, value) in value.members() {
                    self.shape(&Text, value, &Place::Member(path, name));
                }
            }
            TextList => self.items(&Text, value, path),
            List(table) => self.items(&Shape::Table(table), value, path),
            Text | Number | Bool | Object => {}
        }
    }

    fn items(&mut self, shape: &Shape, list: Json<'_>, path: &Place<'_>) {
        for (index, item) in list.items().enumerate() {
            self.shape(shape, item, &Place::Item(path, index));
        }
    }
}

impl Shape {
    fn fits(&self, value: Json<'_>) -> bool {
        match self {
            Text => value.as_str().is_some(),
            Number => value.as_f64().is_some(),
            Bool => value.as_bool().is_some(),
            Object | TextMap | Shape::Table(_) => value.is_object(),
            TextList | List(_) => value.is_list(),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Text => "a string",
            Number => "a number",
            Bool => "true or false",
            Object | TextMap | Shape::Table(_) => "an object",
            TextList | List(_) => "a list",
        }
    }
}
