//! Who made a component: its language, told by the `producers` section that most
//! tools leave in what they make, and what an author of that language does about
//! what is wrong with it. Asked by [`inspect`](super::inspect); a hint, never a
//! reason to refuse anything.

use std::collections::BTreeSet;

use wasmparser::{CustomSectionReader, KnownCustom};

/// The names in all producers sections: languages and tools.
#[derive(Debug, Default)]
pub(super) struct Producers(BTreeSet<String>);

/// A language that actions are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Maker {
    Rust,
    /// Or C++.
    C,
    Go,
    Python,
    JavaScript,
}

impl Producers {
    /// Adds what a custom section says, if it is one of these. One that is broken says
    /// less.
    pub(super) fn add(&mut self, section: &CustomSectionReader<'_>) {
        let KnownCustom::Producers(fields) = section.as_known() else { return };
        let names = fields.into_iter().flatten().flat_map(|field| field.values.into_iter());
        self.0.extend(names.flatten().map(|value| value.name.to_owned()));
    }

    fn has(&self, beginnings: &[&str]) -> bool {
        self.0.iter().any(|name| beginnings.iter().any(|beginning| name.starts_with(beginning)))
    }

    /// The language of the component's author. Runtimes and adapters leave traces too,
    /// so the order counts: what brings others along comes first.
    pub(super) fn maker(&self) -> Option<Maker> {
        let signs: [(&[&str], Maker); 6] = [
            (&["componentize-py"], Maker::Python),
            (&["ComponentizeJS", "JavaScript", "SpiderMonkey"], Maker::JavaScript),
            (&["Go", "TinyGo"], Maker::Go),
            (&["wit-bindgen-rust"], Maker::Rust),
            (&["C_plus_plus", "C99", "C11", "C17", "C23", "wit-bindgen-c"], Maker::C),
            (&["Rust", "rustc"], Maker::Rust),
        ];
        signs.into_iter().find(|(names, _)| self.has(names)).map(|(_, maker)| maker)
    }

    /// The same of a core module, which has no adapter in it yet: Rust links C.
    pub(super) fn maker_of_module(&self) -> Option<Maker> {
        let rust = self.has(&["Rust", "rustc"]).then_some(Maker::Rust);
        rust.or_else(|| self.maker())
    }
}

impl Maker {
    pub(super) fn name(self) -> &'static str {
        match self {
            Maker::Rust => "Rust",
            Maker::C => "C or C++",
            Maker::Go => "Go",
            Maker::Python => "Python",
            Maker::JavaScript => "JavaScript",
        }
    }
}

/// How a core module becomes a component.
pub(super) fn componentize(maker: Option<Maker>) -> &'static str {
    match maker {
        Some(Maker::Rust) => {
            "this is Rust: build for wasm32-wasip2, which makes components; `flowhost build FOLDER` does"
        }
        Some(Maker::C) => {
            "this is C or C++: `flowhost build FOLDER` compiles and wraps it; or wrap it with `wasm-tools component new`"
        }
        Some(Maker::Go) => {
            "this is Go: `flowhost build FOLDER` compiles and wraps it; or wrap it with `wasm-tools component new`"
        }
        Some(Maker::Python) => "this is Python: `flowhost build FOLDER`, or `componentize-py`",
        Some(Maker::JavaScript) => {
            "this is JavaScript: name the file with `source`, or build it with `flowhost build FILE`"
        }
        None => {
            "Rust: build for wasm32-wasip2; other languages: `flowhost build`, or wrap it with `wasm-tools component new`"
        }
    }
}

/// How a component gets the exports of an action.
pub(super) fn export(maker: Option<Maker>) -> &'static str {
    match maker {
        Some(Maker::Rust) => {
            "an action is a component of the world `flowhost:post-challenge/action`; in Rust: flowhost_action::export!(MyAction);"
        }
        Some(Maker::C) => {
            "an action is a component of the world `flowhost:post-challenge/action`; in C and C++: define `on_execute` of flowhost_action.h, and build with `flowhost build`"
        }
        Some(Maker::Go) => {
            "an action is a component of the world `flowhost:post-challenge/action`; in Go: call `flowhost.Export` in an `init`, and build with `flowhost build`"
        }
        Some(Maker::Python) => {
            "an action is a component of the world `flowhost:post-challenge/action`; in Python: define `on_execute` in action.py, and build with `flowhost build`"
        }
        Some(Maker::JavaScript) => {
            "an action is a component of the world `flowhost:post-challenge/action`; in JavaScript: export `onExecutePostChallenge`, and build with `flowhost build`"
        }
        None => {
            "an action is a component of the world `flowhost:post-challenge/action`: generate its bindings from that world, or let `flowhost build` do it"
        }
    }
}

/// How a component gets rid of what it must not import.
pub(super) fn import_less(maker: Option<Maker>) -> &'static str {
    match maker {
        Some(Maker::Rust) => {
            "actions reach the outside only through the post-challenge interfaces; in Rust: look for `std::fs`, `std::net`, or a crate that uses them (`cargo tree`)"
        }
        Some(Maker::C) => {
            "actions reach the outside only through the post-challenge interfaces; in C and C++: look for files and sockets, such as `fopen`; `flowhost build` links none by itself"
        }
        Some(Maker::Go) => {
            "actions reach the outside only through the post-challenge interfaces; in Go: build with `flowhost build`, which leaves out what Go's runtime links and an action cannot use"
        }
        Some(Maker::Python) => {
            "actions reach the outside only through the post-challenge interfaces; in Python: build with `flowhost build`, which leaves out what the interpreter links and an action cannot use"
        }
        Some(Maker::JavaScript) => {
            "actions reach the outside only through the post-challenge interfaces; in JavaScript: build with `flowhost build`, or disable the features of the engine (`--disable all`)"
        }
        None => "actions reach the outside only through the post-challenge interfaces",
    }
}

/// How a component gets to an older version of the contract.
pub(super) fn older(maker: Option<Maker>) -> &'static str {
    match maker {
        Some(Maker::Rust) => {
            "update flowhost, or build the action against the older version: the flowhost-action that wit/README.md names for it"
        }
        Some(_) => {
            "update flowhost, or build the action with the `flowhost build` of this version, which brings the older contract along"
        }
        None => "update flowhost, or build the action against the older version",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn producers(names: &[&str]) -> Producers {
        Producers(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn a_language_is_told_by_what_its_tools_leave() {
        let told = |names: &[&str]| producers(names).maker();
        assert_eq!(told(&[]), None);
        assert_eq!(told(&["wit-component"]), None);
        assert_eq!(
            told(&["wit-component", "wit-bindgen-rust", "wit-bindgen-c"]),
            Some(Maker::Rust)
        );
        // A C component with an adapter, which is Rust.
        assert_eq!(told(&["C11", "clang", "Rust", "rustc"]), Some(Maker::C));
        assert_eq!(told(&["C_plus_plus_14", "clang"]), Some(Maker::C));
        assert_eq!(told(&["componentize-py", "C11", "wit-bindgen-rust"]), Some(Maker::Python));
        assert_eq!(told(&["ComponentizeJS", "C_plus_plus_20", "Rust"]), Some(Maker::JavaScript));
        assert_eq!(told(&["Go", "Go cmd/compile"]), Some(Maker::Go));
        // A core module in Rust has a C library in it.
        assert_eq!(producers(&["Rust", "C11"]).maker_of_module(), Some(Maker::Rust));
        assert_eq!(producers(&["C11", "clang"]).maker_of_module(), Some(Maker::C));
    }
}
