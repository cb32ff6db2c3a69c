//! What a file can reach, by its words: what it has no word for, its component
//! does not import. Wrong only towards more: a file that could get at names it
//! does not spell keeps everything.

/// Parts of the runtime that are left out where nothing can reach them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// Words of which one must be in the file.
    words: &'static [&'static str],
    /// The interfaces it is all that uses.
    pub(super) interfaces: &'static [&'static str],
}

/// With these, names can be put together while a file runs.
const DYNAMIC: &[&str] = &[
    "eval",
    "Function",
    "constructor",
    "globalThis",
    "global",
    "self",
    "Reflect",
    "\\u",
    "\\x",
    "api[",
];

const PARTS: &[Part] = &[
    Part {
        words: &["fetch"],
        interfaces: &[
            "wasi:http/outgoing-handler",
            "wasi:http/types",
            "wasi:io/streams",
            "wasi:io/error",
        ],
    },
    Part {
        words: &[
            "fetch",
            "setTimeout",
            "setInterval",
            "setImmediate",
            "timeout",
            "performance",
            "time",
        ],
        interfaces: &["wasi:clocks/monotonic-clock", "wasi:io/poll"],
    },
    Part { words: &["Date"], interfaces: &["wasi:clocks/wall-clock"] },
    Part { words: &["random", "crypto", "UUID"], interfaces: &["wasi:random/random"] },
    Part { words: &["redirect"], interfaces: &["flowhost:post-challenge/redirect"] },
    Part { words: &["prompt"], interfaces: &["flowhost:post-challenge/prompt"] },
];

/// The interfaces that a file cannot reach.
pub(super) fn of(text: &str) -> Vec<&'static str> {
    let mentions = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if mentions(DYNAMIC) {
        return Vec::new();
    }
    let beyond = PARTS.iter().filter(|part| !mentions(part.words));
    beyond.flat_map(|part| part.interfaces).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_what_it_has_words_for() {
        let beyond = of("exports.onExecutePostChallenge = (event, api) => { new Date(); };");
        assert!(beyond.contains(&"wasi:http/outgoing-handler"));
        assert!(beyond.contains(&"wasi:random/random"));
        assert!(!beyond.contains(&"wasi:clocks/wall-clock"));
    }

    #[test]
    fn a_file_that_can_put_names_together_keeps_everything() {
        assert!(of("globalThis['fe' + 'tch']()").is_empty());
        assert!(of("\\u0066etch()").is_empty());
    }
}
