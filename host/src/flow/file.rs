//! A flow file: TOML text → [`FlowSpec`]. All that is wrong is listed at once
//! with line and column. Reads nothing but the text: paths are only joined to
//! the folder of the flow file, and secrets stay names of their sources.

use std::collections::BTreeMap;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::reader::{At, Reader, Source, to_json};
use super::{
    ActionSpec, Component, FlowSpec, MAX_SECRET_NAME, MAX_SECRETS, RedirectPolicy, SecretSource,
    TRIGGER,
};
use crate::effects::FactorType;
use crate::error::{Code, Error, Result};
use crate::limits::{LIMITS, LimitInfo, Limits, Scope, Unit};
use crate::origin::Origin;
use crate::secret::Secret;

/// Names of flows and actions appear in paths, logs and metrics.
const MAX_NAME: usize = 64;

/// Parses a flow file that stands in `folder`.
pub(super) fn parse(text: &str, folder: &Path) -> Result<FlowSpec> {
    let source = Source::new(text);
    let (spec, trigger_known) = match DeTable::parse(text) {
        Ok(table) => read_flow(Reader::new(&source, table, "the flow"), folder),
        Err(error) => {
            source.note_unseen(error.span().map_or(0, |span| span.start), error.message());
            (FlowSpec::new(""), true)
        }
    };
    let problems = source.into_problems();
    if problems.is_empty() {
        return Ok(spec);
    }
    let message = match problems.len() {
        1 => "the flow file has a problem".to_owned(),
        count => format!("the flow file has {count} problems"),
    };
    let code = if trigger_known { Code::FlowInvalid } else { Code::TriggerUnknown };
    Err(Error::new(code, message).with_problems(problems))
}

fn read_flow(mut flow: Reader<'_, '_>, folder: &Path) -> (FlowSpec, bool) {
    let name = flow.required_text("name");
    check_name(&flow, &name, "the flow");
    let trigger = flow.required_text("trigger");
    // A missing one was noted as missing.
    let trigger_known = !trigger.found || trigger.value == TRIGGER;
    if !trigger_known {
        let message = format!("unknown trigger `{}`; known: {TRIGGER}", trigger.value);
        flow.note(trigger.offset, message);
    }
    let mut spec = FlowSpec::new(name.value);
    spec.return_url = flow.optional_text("return_url").and_then(|url| read_return_url(&flow, url));
    if let Some(limits) = flow.table("limits", "[limits]") {
        read_limits(limits, &mut spec.limits, Scope::Flow);
    }
    if let Some(factors) = flow.table("factors", "[factors]") {
        spec.factors = read_factors(factors);
    }
    if let Some(redirects) = flow.table("redirects", "[redirects]") {
        spec.redirects = read_redirects(redirects);
    }
    let actions = flow.tables("action", "[[action]]");
    if actions.is_empty() {
        flow.note(flow.offset(), "the flow has no `[[action]]`");
    }
    for action in actions {
        let action = read_action(action, folder, &spec);
        spec.actions.push(action);
    }
    flow.finish(&["name", "trigger", "return_url", "limits", "factors", "redirects", "action"]);
    (spec, trigger_known)
}

/// A place on the web to which parameters can be added.
fn read_return_url(flow: &Reader<'_, '_>, text: At<String>) -> Option<String> {
    let url = url::Url::parse(&text.value).ok().filter(|url| {
        let bare = url.username().is_empty() && url.password().is_none();
        Origin::serves_pages(url) && bare && url.fragment().is_none()
    });
    if url.is_none() {
        let message = "`return_url` must be an https address, or http on a loopback address, \
                       without user name and fragment";
        flow.note(text.offset, message);
    }
    url.map(Into::into)
}

fn check_name(table: &Reader<'_, '_>, name: &At<String>, of: &str) {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let empty = name.found && name.value.is_empty();
    if empty || name.value.len() > MAX_NAME || !name.value.chars().all(fits) {
        let message =
            format!("the name of {of} must be 1 to {MAX_NAME} letters, digits, `-`, `_`, `.`");
        table.note(name.offset, message);
    }
}

fn read_action(mut action: Reader<'_, '_>, folder: &Path, flow: &FlowSpec) -> ActionSpec {
    let name = action.required_text("name");
    check_name(&action, &name, "an action");
    if flow.actions.iter().any(|other| other.name == name.value) {
        action.note(name.offset, format!("two actions are called `{}`", name.value));
    }
    let component = read_component(&mut action, folder);
    let mut spec = ActionSpec::new(name.value, component);
    spec.limits = flow.limits.clone();
    if let Some(limits) = action.table("limits", "[action.limits]") {
        read_limits(limits, &mut spec.limits, Scope::Action);
    }
    if let Some(configuration) = action.table("configuration", "[action.configuration]") {
        let source = configuration.source();
        let entries = configuration.entries();
        let member = |(name, value): (At<String>, _)| (name.value, to_json(source, &value));
        spec.configuration = entries.into_iter().map(member).collect();
    }
    if let Some(secrets) = action.table("secrets", "[action.secrets]") {
        spec.secrets = read_secrets(secrets, folder);
    }
    spec.outbound = action.texts("outbound").map(|origins| read_outbound(origins, action.source()));
    action.finish(&[
        "name",
        "component",
        "source",
        "configuration",
        "secrets",
        "outbound",
        "limits",
    ]);
    spec
}

/// Where an action may send requests.
fn read_outbound(origins: Vec<At<String>>, source: &Source<'_>) -> Vec<String> {
    let mut granted = Vec::new();
    for origin in origins {
        match Origin::granted(&origin.value) {
            Ok(origin) => granted.push(origin.to_string()),
            // Credentials may stand in it.
            Err(why) if origin.value.contains('@') => {
                source.note_unseen(origin.offset, format!("`outbound` has an entry that is {why}"));
            }
            Err(why) => source.note(origin.offset, format!("`{}` is {why}", origin.value)),
        }
    }
    granted
}

fn read_component(action: &mut Reader<'_, '_>, folder: &Path) -> Component {
    let component = action.optional_text("component");
    let source = action.optional_text("source");
    match (component, source) {
        (Some(path), None) => Component::File(folder.join(path.value)),
        (None, Some(path)) => Component::Source(folder.join(path.value)),
        (component, _) => {
            let offset = component.map_or(action.offset(), |path| path.offset);
            action.note(offset, "an action needs either `component` or `source`");
            Component::Bytes(Vec::new())
        }
    }
}

fn read_factors(mut factors: Reader<'_, '_>) -> Option<Vec<FactorType>> {
    let enabled = factors.texts("enabled");
    let source = factors.source();
    factors.finish(&["enabled"]);
    let known = |factor: At<String>| {
        let parsed = FactorType::from_name(&factor.value);
        if parsed.is_none() {
            let list = FactorType::ALL.map(FactorType::as_str).join(", ");
            source.note(factor.offset, format!("unknown factor `{}`; known: {list}", factor.value));
        }
        parsed
    };
    enabled.map(|list| list.into_iter().filter_map(known).collect())
}

fn read_redirects(mut redirects: Reader<'_, '_>) -> RedirectPolicy {
    let mut policy = RedirectPolicy::default();
    if let Some(origins) = redirects.texts("allow") {
        // An empty list allows nothing.
        let allow = policy.allow.insert(Vec::new());
        for origin in origins {
            match url::Url::parse(&origin.value) {
                Ok(url) if is_origin(&url) => {
                    allow.push(url.origin().ascii_serialization());
                }
                _ => redirects.note(
                    origin.offset,
                    format!("`{}` is no origin like `https://verify.example.com`", origin.value),
                ),
            }
        }
    }
    policy.allow_http = redirects.flag("allow_http").unwrap_or(false);
    policy.strict_issuer = redirects.flag("strict_issuer").unwrap_or(false);
    redirects.finish(&["allow", "allow_http", "strict_issuer"]);
    policy
}

/// Scheme, host and port, and nothing else.
fn is_origin(url: &url::Url) -> bool {
    let bare = url.username().is_empty() && url.password().is_none();
    let rest = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    url.has_host() && bare && rest
}

fn read_secrets(secrets: Reader<'_, '_>, folder: &Path) -> BTreeMap<String, SecretSource> {
    let source = secrets.source();
    let offset = secrets.offset();
    let entries = secrets.entries();
    if entries.len() > MAX_SECRETS {
        source.note(offset, format!("an action has at most {MAX_SECRETS} secrets"));
    }
    let mut read = BTreeMap::new();
    for (name, value) in entries {
        if name.value.chars().count() > MAX_SECRET_NAME {
            let message = format!("a secret's name has at most {MAX_SECRET_NAME} characters");
            source.note(name.offset, message);
        }
        if let Some(secret) = read_secret(source, value, folder) {
            read.insert(name.value, secret);
        }
    }
    read
}

fn read_secret<'t>(
    source: &Source<'t>,
    value: Spanned<DeValue<'t>>,
    folder: &Path,
) -> Option<SecretSource> {
    const EXPECTED: &str = "a secret is `{ env = \"NAME\" }`, `{ file = \"PATH\" }` or a string";
    let span = value.span();
    match value.into_inner() {
        DeValue::String(text) => Some(SecretSource::Literal(Secret::new(text))),
        DeValue::Table(table) => {
            let mut table = Reader::hidden(source, Spanned::new(span.clone(), table), "a secret");
            let (env, file) = (table.optional_text("env"), table.optional_text("file"));
            table.finish(&["env", "file"]);
            match (env, file) {
                (Some(name), None) => Some(SecretSource::Env(name.value)),
                (None, Some(path)) => Some(SecretSource::File(folder.join(path.value))),
                _ => {
                    source.note_unseen(span.start, EXPECTED);
                    None
                }
            }
        }
        _ => {
            source.note_unseen(span.start, EXPECTED);
            None
        }
    }
}

fn read_limits(table: Reader<'_, '_>, limits: &mut Limits, scope: Scope) {
    let source = table.source();
    for (name, value) in table.entries() {
        let Some(limit) = LimitInfo::of(&name.value) else {
            let known = LIMITS.iter().filter(|limit| scope == Scope::Flow || limit.scope == scope);
            let known = known.map(|limit| limit.name).collect::<Vec<_>>().join(", ");
            source.note(name.offset, format!("unknown limit `{}`; known: {known}", name.value));
            continue;
        };
        if scope == Scope::Action && limit.scope == Scope::Flow {
            let message = format!("`{}` is a limit of the flow, not of an action", name.value);
            source.note(name.offset, message);
            continue;
        }
        match limit_value(limit.unit, value.get_ref()) {
            Some(number) => match limit.refuse(number) {
                Some(why) => source.note(value.span().start, why),
                None => _ = limits.set(limit.name, number),
            },
            None => {
                let expected = match limit.unit {
                    Unit::Count => "a number above 0",
                    Unit::Bytes => "bytes above 0: a number or a text such as \"64 MiB\"",
                    Unit::Millis => "a duration such as \"20s\" or \"500ms\"",
                };
                source.note(value.span().start, format!("`{}` must be {expected}", name.value));
            }
        }
    }
}

fn limit_value(unit: Unit, value: &DeValue<'_>) -> Option<u64> {
    let number = match (unit, value) {
        (Unit::Count | Unit::Bytes, DeValue::Integer(number)) => {
            u64::from_str_radix(number.as_str(), number.radix()).ok()?
        }
        (Unit::Bytes, DeValue::String(text)) => text.parse::<bytesize::ByteSize>().ok()?.as_u64(),
        (Unit::Millis, DeValue::String(text)) => {
            u64::try_from(humantime::parse_duration(text).ok()?.as_millis()).ok()?
        }
        _ => return None,
    };
    (number > 0).then_some(number)
}
