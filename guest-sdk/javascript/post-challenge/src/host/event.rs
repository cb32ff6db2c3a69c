//! The event, one group at a time: its text is taken apart once, and a group
//! becomes a value when it is asked for.

use std::cell::RefCell;
use std::ops::Range;

use rquickjs::{Ctx, Error, Function, Object, Persistent, Result, Value, qjs};

use crate::bindings::imports::flowhost::post_challenge::event;

thread_local! {
    static EVENT: RefCell<Parts> = RefCell::default();
    /// How a property of a group is read and written until it is a plain one.
    static KNOWN: RefCell<Vec<Group>> = const { RefCell::new(Vec::new()) };
}

/// The text, and where in it the values of its members are.
#[derive(Default)]
struct Parts {
    text: String,
    members: Vec<(String, Range<usize>)>,
}

struct Group {
    name: String,
    get: Persistent<Function<'static>>,
    set: Persistent<Function<'static>>,
}

/// Tells how the group called `name` is read and written.
pub(super) fn know<'js>(ctx: Ctx<'js>, name: String, get: Function<'js>, set: Function<'js>) {
    let (get, set) = (Persistent::save(&ctx, get), Persistent::save(&ctx, set));
    KNOWN.with_borrow_mut(|known| known.push(Group { name, get, set }));
}

/// The event: a property for each group that came in, in order. `learn` is
/// called for those that nobody told of.
pub(super) fn object<'js>(ctx: Ctx<'js>, learn: Function<'js>) -> Result<Object<'js>> {
    let text = event::get_json();
    let mut members = members(&text);
    for (name, _) in members.iter_mut().filter(|(name, _)| name.contains('\\')) {
        *name = ctx.json_parse(format!("\"{name}\""))?.get()?;
    }
    let object = Object::new(ctx.clone())?;
    for (name, _) in &members {
        if !KNOWN.with_borrow(|known| known.iter().any(|group| group.name == *name)) {
            learn.call::<_, ()>((name.as_str(),))?;
        }
        let accessors = KNOWN.with_borrow(|known| {
            let group = known.iter().find(|group| group.name == *name);
            group.map(|group| (group.get.clone(), group.set.clone()))
        });
        if let Some((get, set)) = accessors {
            define(&ctx, &object, name, get.restore(&ctx)?, set.restore(&ctx)?)?;
        }
    }
    EVENT.set(Parts { text, members });
    Ok(object)
}

/// A property that is read and written by functions, and listed.
fn define<'js>(
    ctx: &Ctx<'js>,
    object: &Object<'js>,
    name: &str,
    get: Function<'js>,
    set: Function<'js>,
) -> Result<()> {
    let flags = qjs::JS_PROP_HAS_GET
        | qjs::JS_PROP_HAS_SET
        | qjs::JS_PROP_HAS_ENUMERABLE
        | qjs::JS_PROP_HAS_CONFIGURABLE
        | qjs::JS_PROP_ENUMERABLE
        | qjs::JS_PROP_CONFIGURABLE;
    let context = ctx.as_raw().as_ptr();
    // SAFETY: all of these live in this context; what is defined keeps
    // references of its own, and the atom is freed once.
    let defined = unsafe {
        let atom = qjs::JS_NewAtomLen(context, name.as_ptr().cast(), name.len() as _);
        let defined = qjs::JS_DefineProperty(
            context,
            object.as_raw(),
            atom,
            qjs::JS_UNDEFINED,
            get.as_raw(),
            set.as_raw(),
            flags as _,
        );
        qjs::JS_FreeAtom(context, atom);
        defined
    };
    if defined < 0 { Err(Error::Exception) } else { Ok(()) }
}

/// A group.
pub(super) fn part(ctx: Ctx<'_>, name: String) -> Result<Value<'_>> {
    EVENT.with_borrow(|event| {
        let found = event.members.iter().rfind(|(other, _)| *other == name);
        match found.and_then(|(_, place)| event.text.get(place.clone())) {
            Some(text) => ctx.json_parse(text),
            None => Ok(Value::new_undefined(ctx)),
        }
    })
}

/// The members of an object, in order: names, and where their values are. Only
/// looks for where things end: the host has parsed the text before, and this
/// is done in every run.
fn members(text: &str) -> Vec<(String, Range<usize>)> {
    let bytes = text.as_bytes();
    let mut members = Vec::with_capacity(16);
    let mut at = past_space(bytes, 0) + 1;
    loop {
        at = past_space(bytes, at);
        if bytes.get(at) != Some(&b'"') {
            return members;
        }
        let key = at..past_value(bytes, at);
        let start = past_space(bytes, past_space(bytes, key.end) + 1);
        let end = past_value(bytes, start);
        let name = text.get(key.start + 1..key.end - 1).unwrap_or_default();
        members.push((name.to_owned(), start..end));
        at = past_space(bytes, end) + 1;
    }
}

fn past_space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Where the value ends that begins at `at`.
fn past_value(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = past_text(bytes, at) - 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return if depth == 0 { at } else { at + 1 },
            b'}' | b']' => depth -= 1,
            b',' | b':' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
        if depth == 0 && *byte == b'"' {
            return at;
        }
    }
    at
}

/// Where the string ends that begins at `at`.
fn past_text(bytes: &[u8], mut at: usize) -> usize {
    at += 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn found(text: &str, expected: &[(&str, &str)]) {
        let members = members(text);
        let found: Vec<_> =
            members.iter().map(|(name, place)| (name.as_str(), &text[place.clone()])).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn members_are_found_whatever_is_in_them() {
        found("{}", &[]);
        found(" { } ", &[]);
        found(r#"{"a":1}"#, &[("a", "1")]);
        found(
            r#"{"a":{"b":[1,{"c":"}]"}]},"d":"x,\"y\\"}"#,
            &[("a", r#"{"b":[1,{"c":"}]"}]}"#), ("d", r#""x,\"y\\""#)],
        );
        found(
            "{\n \"a\" : [ ] ,\n \"b\" : null , \"c\":\"\" }",
            &[("a", "[ ]"), ("b", "null "), ("c", "\"\"")],
        );
        found(r#"{"ä\n":true,"ä\n":-1.5e3}"#, &[("ä\\n", "true"), ("ä\\n", "-1.5e3")]);
    }
}
