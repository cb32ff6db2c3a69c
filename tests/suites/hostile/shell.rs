//! [`Shell`]: the text of an action written by hand. A test says what its code
//! does; the shell has the memory, the imports that the code mentions, and the
//! export that makes a component an action.

use std::fmt::Write as _;

/// The parts of an action. Addresses below 32 are zero and stay so: the result
/// that says that all is well is there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shell<'a> {
    /// Further fields of the core module: data, functions, globals.
    pub(crate) fields: &'a str,
    /// The body of `realloc`, which the host calls to put results somewhere.
    pub(crate) realloc: &'a str,
    /// The body of the execute handler.
    pub(crate) execute: &'a str,
    /// The body of the continue handler, if there is one.
    pub(crate) resume: Option<&'a str>,
    /// How texts are written: `utf8`, `utf16` or `latin1+utf16`.
    pub(crate) encoding: &'a str,
}

/// One piece of memory after the other, without an end.
const BUMP: &str = "(global.get $next)
      (global.set $next (i32.and
        (i32.add (i32.add (global.get $next) (local.get $new)) (i32.const 7)) (i32.const -8)))";

impl Default for Shell<'_> {
    fn default() -> Self {
        Shell { fields: "", realloc: BUMP, execute: "", resume: None, encoding: "utf8" }
    }
}

/// An interface: its name, its type, and its functions with the types they have
/// as core functions.
struct Interface {
    name: &'static str,
    id: &'static str,
    text: &'static str,
    functions: &'static [(&'static str, &'static str, &'static str)],
    /// Interfaces whose types it mentions.
    needs: &'static [&'static str],
}

const ERROR: &str = r#"(type $error (record (field "code" string) (field "message" string)))
    (export "api-error" (type $api-error (eq $error)))
    (type $done (result (error $api-error)))
    "#;

impl Shell<'_> {
    /// The text of the component.
    pub(crate) fn text(&self) -> String {
        let bodies = [self.fields, self.realloc, self.execute, self.resume.unwrap_or_default()];
        let used: Vec<_> = INTERFACES.iter().filter(|i| i.is_used(&bodies.concat())).collect();
        let mut text = String::from("(component $C\n");
        for interface in INTERFACES {
            let needed = used.iter().any(|other| other.needs.contains(&interface.id));
            if needed || used.iter().any(|other| other.id == interface.id) {
                interface.import(&mut text);
            }
        }
        let _ = write!(
            text,
            r#"  (core module $memory
    (memory (export "memory") 1)
    (table (export "table") 4 funcref)
    (global $next (mut i32) (i32.const 32768))
    (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32)
      (result i32)
      {}))
  (core instance $memory (instantiate $memory))
"#,
            self.realloc
        );
        let functions = || used.iter().flat_map(|i| i.functions.iter().map(move |f| (i.id, f)));
        for (id, (name, export, _)) in functions() {
            self.lower(&mut text, id, name, export);
        }
        text.push_str("  (core module $m\n    (import \"memory\" \"memory\" (memory 1))\n");
        text.push_str("    (import \"memory\" \"table\" (table 4 funcref))\n");
        for (_, (name, _, ty)) in functions() {
            let _ = writeln!(text, "    (import \"host\" \"{name}\" (func ${name} {ty}))");
        }
        let _ = writeln!(text, "    {}", self.fields);
        let _ = writeln!(text, "{}", handler("on-execute", self.execute));
        if let Some(body) = self.resume {
            let _ = writeln!(text, "{}", handler("on-continue", body));
        }
        text.push_str("  )\n  (core instance $i (instantiate $m\n");
        text.push_str("    (with \"memory\" (instance $memory))\n    (with \"host\" (instance");
        for (_, (name, ..)) in functions() {
            let _ = write!(text, "\n      (export \"{name}\" (func ${name}))");
        }
        text.push_str("))))\n");
        text.push_str(FAILURE);
        self.export(&mut text, "on-execute", "$e");
        if self.resume.is_some() {
            self.export(&mut text, "on-continue", "$c");
        }
        text.push_str(")\n");
        text
    }

    /// The component.
    #[track_caller]
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let text = self.text();
        wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    fn lower(&self, text: &mut String, id: &str, name: &str, export: &str) {
        let _ = match export.strip_prefix("drop ") {
            Some(resource) => {
                writeln!(text, "  (core func ${name} (canon resource.drop ${resource}))")
            }
            None => writeln!(
                text,
                "  (core func ${name} (canon lower (func ${id} \"{export}\")\n    \
                 (memory (core memory $memory \"memory\")) \
                 (realloc (core func $memory \"realloc\")) string-encoding={}))",
                self.encoding
            ),
        };
    }

    fn export(&self, text: &mut String, name: &str, id: &str) {
        let _ = write!(
            text,
            r#"  (func ${name} (result (result (error $failure'))) (canon lift
    (core func $i "{name}") (memory (core memory $memory "memory")) string-encoding={}))
  (instance {id} (instantiate $handler
    (with "failure" (type $failure')) (with "handle" (func ${name}))))
  (export "flowhost:post-challenge/{name}@1.0.0" (instance {id}))
"#,
            self.encoding
        );
    }
}

fn handler(name: &str, body: &str) -> String {
    format!("    (func (export \"{name}\") (result i32)\n      {body}\n      (i32.const 0))")
}

/// The types of a handler, and what makes an interface of one.
pub(crate) const FAILURE: &str = r#"  (type $failure' (record
    (field "name" string) (field "message" string) (field "stack" (option string))))
  (component $handler
    (import "failure" (type $failure (eq $failure')))
    (import "handle" (func $handle (result (result (error $failure)))))
    (export $exported "failure" (type $failure))
    (export "handle" (func $handle) (func (result (result (error $exported))))))
"#;

impl Interface {
    fn is_used(&self, code: &str) -> bool {
        self.functions.iter().any(|(name, ..)| {
            let name = format!("${name}");
            code.match_indices(&name).any(|(at, _)| {
                let next = code[at + name.len()..].chars().next();
                !next.is_some_and(|next| next.is_alphanumeric() || next == '-')
            })
        })
    }

    fn import(&self, text: &mut String) {
        let error = if self.text.contains("$done") { ERROR } else { "" };
        let _ = writeln!(
            text,
            "  (import \"{}\" (instance ${}\n    {error}{}))",
            self.name, self.id, self.text
        );
        for resource in ["pollable", "output-stream", "input-stream", "error"] {
            if self.text.contains(&format!("(type ${resource} (sub resource))")) {
                let _ = writeln!(
                    text,
                    "  (alias export ${} \"{resource}\" (type ${resource}))",
                    self.id
                );
            }
        }
    }
}

const INTERFACES: &[Interface] = &[
    Interface {
        name: "flowhost:post-challenge/access@1.0.0",
        id: "access",
        text: r#"(export "deny" (func (param "reason" string) (result $done)))"#,
        functions: &[("deny", "deny", "(param i32 i32 i32)")],
        needs: &[],
    },
    Interface {
        name: "flowhost:post-challenge/log@1.0.0",
        id: "log",
        text: r#"(type $level' (enum "debug" "info" "warn" "error"))
    (export "level" (type $level (eq $level')))
    (export "write" (func (param "level" $level) (param "message" string)))"#,
        functions: &[("log-write", "write", "(param i32 i32 i32)")],
        needs: &[],
    },
    Interface {
        name: "flowhost:post-challenge/event@1.0.0",
        id: "event",
        text: r#"(export "get-json" (func (result string)))
    (export "get-text-at" (func (param "pointer" string) (result (option string))))"#,
        functions: &[
            ("get-json", "get-json", "(param i32)"),
            ("get-text-at", "get-text-at", "(param i32 i32 i32)"),
        ],
        needs: &[],
    },
    Interface {
        name: "flowhost:post-challenge/authentication@1.0.0",
        id: "authentication",
        text: r#"(type $method' (enum "sms" "voice" "both"))
    (export "phone-method" (type $method (eq $method')))
    (type $phone' (record (field "preferred-method" (option $method))))
    (export "phone-options" (type $phone (eq $phone')))
    (type $push' (record (field "otp-fallback" (option bool))))
    (export "push-options" (type $push (eq $push')))
    (type $other' (record (field "type" string) (field "options" (option string))))
    (export "other-factor" (type $other (eq $other')))
    (type $factor' (variant
      (case "otp") (case "email") (case "webauthn-platform") (case "webauthn-roaming")
      (case "recovery-code" (option string)) (case "phone" $phone)
      (case "push-notification" $push) (case "other" $other)))
    (export "factor" (type $factor (eq $factor')))
    (export "challenge-with" (func
      (param "factor" $factor) (param "additional-factors" (list $factor)) (result $done)))
    (export "challenge-with-any" (func (param "factors" (list $factor)) (result $done)))"#,
        functions: &[
            ("challenge-with", "challenge-with", "(param i32 i32 i32 i32 i32 i32 i32 i32 i32)"),
            ("challenge-with-any", "challenge-with-any", "(param i32 i32 i32)"),
        ],
        needs: &[],
    },
    Interface {
        name: "flowhost:post-challenge/redirect@1.0.0",
        id: "redirect",
        text: r#"(export "send-user-to" (func
      (param "url" string) (param "query" (list (tuple string string))) (result $done)))"#,
        functions: &[("send-user-to", "send-user-to", "(param i32 i32 i32 i32 i32)")],
        needs: &[],
    },
    Interface {
        name: "flowhost:post-challenge/transaction@1.0.0",
        id: "transaction",
        text: r#"(export "set-result-url" (func
      (param "url" string) (param "query" (list (tuple string string))) (result $done)))"#,
        functions: &[("set-result-url", "set-result-url", "(param i32 i32 i32 i32 i32)")],
        needs: &[],
    },
    Interface {
        name: "flowhost:post-challenge/prompt@1.0.0",
        id: "prompt",
        text: r#"(export "render" (func (param "id" string)
      (param "fields" (option string)) (param "vars" (option string)) (result $done)))"#,
        functions: &[("render", "render", "(param i32 i32 i32 i32 i32 i32 i32 i32 i32)")],
        needs: &[],
    },
    Interface {
        name: "flowhost:post-challenge/cache@1.0.0",
        id: "cache",
        text: r#"(export "delete" (func (param "key" string) (result $done)))"#,
        functions: &[("cache-delete", "delete", "(param i32 i32 i32)")],
        needs: &[],
    },
    Interface {
        name: "wasi:io/poll@0.2.6",
        id: "poll",
        text: r#"(export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.ready" (func (param "self" (borrow $pollable)) (result bool)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))
    (export "poll" (func (param "in" (list (borrow $pollable))) (result (list u32))))"#,
        functions: &[
            ("ready", "[method]pollable.ready", "(param i32) (result i32)"),
            ("block", "[method]pollable.block", "(param i32)"),
            ("poll-list", "poll", "(param i32 i32 i32)"),
            ("drop-pollable", "drop pollable", "(param i32)"),
        ],
        needs: &[],
    },
    Interface {
        name: "wasi:clocks/monotonic-clock@0.2.6",
        id: "clock",
        text: r#"(alias outer $C $pollable (type $pollable'))
    (export "pollable" (type $pollable (eq $pollable')))
    (export "now" (func (result u64)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $pollable))))"#,
        functions: &[
            ("now", "now", "(result i64)"),
            ("subscribe", "subscribe-duration", "(param i64) (result i32)"),
        ],
        needs: &["poll"],
    },
    Interface {
        name: "wasi:io/error@0.2.6",
        id: "io-error",
        text: r#"(export "error" (type $error (sub resource)))"#,
        functions: &[],
        needs: &[],
    },
    Interface {
        name: "wasi:io/streams@0.2.6",
        id: "streams",
        text: r#"(alias outer $C $error (type $error'))
    (export "error" (type $error (eq $error')))
    (export "output-stream" (type $output-stream (sub resource)))
    (export "input-stream" (type $input-stream (sub resource)))
    (type $stream-error' (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $stream-error')))
    (export "[method]output-stream.write" (func (param "self" (borrow $output-stream))
      (param "contents" (list u8)) (result (result (error $stream-error)))))
    (export "[method]input-stream.read" (func (param "self" (borrow $input-stream))
      (param "len" u64) (result (result (list u8) (error $stream-error)))))"#,
        functions: &[
            ("write", "[method]output-stream.write", "(param i32 i32 i32 i32)"),
            ("read", "[method]input-stream.read", "(param i32 i64 i32)"),
            ("drop-output", "drop output-stream", "(param i32)"),
        ],
        needs: &["io-error"],
    },
    Interface {
        name: "wasi:cli/stdout@0.2.6",
        id: "stdout",
        text: r#"(alias outer $C $output-stream (type $output-stream'))
    (export "output-stream" (type $output-stream (eq $output-stream')))
    (export "get-stdout" (func (result (own $output-stream))))"#,
        functions: &[("get-stdout", "get-stdout", "(result i32)")],
        needs: &["streams", "io-error"],
    },
    Interface {
        name: "wasi:cli/stdin@0.2.6",
        id: "stdin",
        text: r#"(alias outer $C $input-stream (type $input-stream'))
    (export "input-stream" (type $input-stream (eq $input-stream')))
    (export "get-stdin" (func (result (own $input-stream))))"#,
        functions: &[("get-stdin", "get-stdin", "(result i32)")],
        needs: &["streams", "io-error"],
    },
    Interface {
        name: "wasi:cli/environment@0.2.6",
        id: "environment",
        text: r#"(export "get-environment" (func (result (list (tuple string string)))))
    (export "get-arguments" (func (result (list string))))
    (export "initial-cwd" (func (result (option string))))"#,
        functions: &[
            ("get-environment", "get-environment", "(param i32)"),
            ("get-arguments", "get-arguments", "(param i32)"),
            ("initial-cwd", "initial-cwd", "(param i32)"),
        ],
        needs: &[],
    },
    Interface {
        name: "wasi:cli/exit@0.2.6",
        id: "exit",
        text: r#"(export "exit" (func (param "status" (result))))"#,
        functions: &[("exit", "exit", "(param i32)")],
        needs: &[],
    },
    Interface {
        name: "wasi:random/random@0.2.6",
        id: "random",
        text: r#"(export "get-random-bytes" (func (param "len" u64) (result (list u8))))
    (export "get-random-u64" (func (result u64)))"#,
        functions: &[
            ("random-bytes", "get-random-bytes", "(param i64 i32)"),
            ("random-u64", "get-random-u64", "(result i64)"),
        ],
        needs: &[],
    },
    Interface {
        name: "wasi:random/insecure@0.2.6",
        id: "insecure",
        text: r#"(export "get-insecure-random-bytes" (func (param "len" u64) (result (list u8))))"#,
        functions: &[("insecure-bytes", "get-insecure-random-bytes", "(param i64 i32)")],
        needs: &[],
    },
];
