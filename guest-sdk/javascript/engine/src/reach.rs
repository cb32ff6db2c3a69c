//! What a file can reach, by its words. What it has no word for is not made
//! when it is loaded, and not imported by its component. A file that looks as
//! if it put names together keeps everything; one that does so all the same is
//! stopped at what is not there, and its flow fails.

/// Words, of which one must be in the file, and what is for those alone.
pub struct Part {
    /// The words.
    pub words: &'static [&'static str],
    /// Whether it must be spelled: it is left out of a file without these words
    /// even if that could put them together.
    pub spelled: bool,
    /// Interfaces that nothing else uses.
    pub interfaces: &'static [&'static str],
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
    "this[",
    "import(",
];

const FETCH: &[&str] = &["fetch"];

/// What the platform takes from its host.
const PLATFORM: &[Part] = &[
    // Whoever runs an action must grant it requests: none for those who only
    // might.
    Part {
        words: FETCH,
        spelled: true,
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
            "imeout(",
            "performance",
            "time",
            "timers",
            "perf_hooks",
        ],
        spelled: false,
        interfaces: &["wasi:clocks/monotonic-clock", "wasi:io/poll"],
    },
    Part {
        words: &["Date", "performance"],
        spelled: false,
        interfaces: &["wasi:clocks/wall-clock"],
    },
    Part {
        words: &["random", "crypto", "UUID", "FormData"],
        spelled: false,
        interfaces: &["wasi:random/random"],
    },
];

/// A file's text, and whether it looks as if it put names together.
pub(crate) struct Reach<'t> {
    text: &'t str,
    dynamic: bool,
}

impl<'t> Reach<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        let dynamic = mentions(text, DYNAMIC) || requires_any(text);
        Reach { text, dynamic }
    }

    /// Whether it can reach what goes by one of these words.
    pub(crate) fn reaches(&self, words: &[&str]) -> bool {
        self.dynamic || mentions(self.text, words)
    }

    /// Whether its component can send requests.
    pub(crate) fn fetches(&self) -> bool {
        mentions(self.text, FETCH)
    }

    /// The interfaces that it cannot reach.
    pub(crate) fn beyond(&self, trigger: &'static [Part]) -> Vec<&'static str> {
        let parts = PLATFORM.iter().chain(trigger);
        let beyond = parts.filter(|part| match part.spelled {
            true => !mentions(self.text, part.words),
            false => !self.reaches(part.words),
        });
        beyond.flat_map(|part| part.interfaces).copied().collect()
    }
}

fn mentions(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// Whether something is required by a name that is not written down.
fn requires_any(text: &str) -> bool {
    let quoted = |rest: &str| rest.trim_start().starts_with(['\'', '"', '`']);
    text.split("require").skip(1).any(|rest| {
        let call = rest.trim_start().strip_prefix('(');
        call.is_none_or(|rest| !quoted(rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_what_it_has_words_for() {
        let beyond = Reach::of("exports.onExecute = () => { new Date(); };").beyond(&[]);
        assert!(beyond.contains(&"wasi:http/outgoing-handler"));
        assert!(beyond.contains(&"wasi:random/random"));
        assert!(!beyond.contains(&"wasi:clocks/wall-clock"));
    }

    #[test]
    fn a_file_that_can_put_names_together_keeps_everything() {
        for text in [
            "globalThis['fe' + 'tch']()",
            "\\u0066etch()",
            "const r = require; r('crypto')",
            "require(name)",
        ] {
            let beyond = Reach::of(text).beyond(&[]);
            assert!(!beyond.contains(&"wasi:random/random"), "{text}");
            // But requests are granted, and must be spelled.
            assert!(beyond.contains(&"wasi:http/types"), "{text}");
        }
        let plain = Reach::of("require ( 'util' ); require(\"url\")").beyond(&[]);
        assert!(plain.contains(&"wasi:random/random"));
    }
}
