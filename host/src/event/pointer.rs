//! JSON Pointers (RFC 6901) into values. Unlike `Value::pointer` nothing is copied on
//! the way: an action may ask for many places.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::document::FEW;

/// The first token, and the pointer that is left.
pub(crate) fn split(pointer: &str) -> Option<(Cow<'_, str>, &str)> {
    let tail = pointer.strip_prefix('/')?;
    let special = |byte| matches!(byte, b'/' | b'~');
    let first = tail.bytes().position(special).unwrap_or(tail.len());
    let escaped = tail[first..].starts_with('~');
    let end = match escaped {
        true => tail.find('/').unwrap_or(tail.len()),
        false => first,
    };
    let (token, rest) = tail.split_at(end);
    let token = match escaped {
        true => Cow::Owned(token.replace("~1", "/").replace("~0", "~")),
        false => Cow::Borrowed(token),
    };
    Some((token, rest))
}

/// The value that `pointer` leads to from an object with these members.
pub(crate) fn within<'v>(members: &'v Map<String, Value>, pointer: &str) -> Option<&'v Value> {
    let (name, rest) = split(pointer)?;
    follow(member(members, &name)?, rest)
}

/// The value that `pointer` leads to.
pub(crate) fn follow<'v>(mut value: &'v Value, mut pointer: &str) -> Option<&'v Value> {
    while !pointer.is_empty() {
        let (token, rest) = split(pointer)?;
        value = match value {
            Value::Object(members) => member(members, &token)?,
            Value::Array(items) => items.get(index(&token)?)?,
            _ => return None,
        };
        pointer = rest;
    }
    Some(value)
}

/// Objects of events are small: looking through one takes less than hashing the name.
fn member<'v>(members: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    if members.len() > FEW {
        return members.get(name);
    }
    members.iter().find_map(|(known, value)| (known == name).then_some(value))
}

/// Digits without a leading zero.
pub(super) fn index(token: &str) -> Option<usize> {
    let plain = token.bytes().all(|byte| byte.is_ascii_digit());
    let padded = token.len() > 1 && token.starts_with('0');
    (plain && !padded).then(|| token.parse().ok())?
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The examples of RFC 6901, section 5, and what it excludes.
    #[test]
    fn places_are_found_as_the_rfc_says() {
        let value = json!({
            "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5,
            "k\"l": 6, " ": 7, "m~n": 8, "~1": 9,
        });
        let at = |pointer| follow(&value, pointer);
        assert_eq!(at(""), Some(&value));
        assert_eq!(at("/foo"), Some(&json!(["bar", "baz"])));
        assert_eq!(at("/foo/0"), Some(&json!("bar")));
        for (pointer, number) in [
            ("/", 0),
            ("/a~1b", 1),
            ("/c%d", 2),
            ("/e^f", 3),
            ("/g|h", 4),
            ("/i\\j", 5),
            ("/k\"l", 6),
            ("/ ", 7),
            ("/m~0n", 8),
            ("/~01", 9),
        ] {
            assert_eq!(at(pointer), Some(&json!(number)), "{pointer}");
        }
        for nowhere in ["foo", "/foo/2", "/foo/00", "/foo/+1", "/foo/-", "/foo/", "/foo/0/0", "/x"]
        {
            assert_eq!(at(nowhere), None, "{nowhere}");
        }
    }

    #[test]
    fn it_agrees_with_the_library_on_whatever_there_is() {
        let value = json!({ "a": [{ "b": { "c/d": [null, { "~": true }] } }, 7], "0": { "1": 2 } });
        for pointer in
            ["/a/0/b/c~1d/1/~0", "/a/0/b/c~1d/0", "/a/1", "/0/1", "/a/01", "/a/9", "/a/0/b/x", "a"]
        {
            assert_eq!(follow(&value, pointer), value.pointer(pointer), "{pointer}");
        }
    }
}
