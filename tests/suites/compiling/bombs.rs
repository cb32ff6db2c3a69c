//! Compile bombs: valid components, or nearly so, that are small as files and
//! cost much to compile.

use std::fmt::Write as _;

use crate::hostile::shell::FAILURE;

/// A bomb by its name.
pub(super) struct Bomb {
    pub(super) name: &'static str,
    /// What stands in the module of an action that does nothing.
    pub(super) module: String,
    /// What stands in its component.
    pub(super) component: String,
}

impl Bomb {
    fn of(name: &'static str, module: String) -> Self {
        Bomb { name, module, component: String::new() }
    }

    /// The whole component, as bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let text = format!("(component {} {})", self.component, action(&self.module));
        wat::parse_str(text).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}

/// An action that does nothing, with something more in its module.
pub(super) fn action(module: &str) -> String {
    format!(
        r#"(core module $m
             (memory (export "memory") 1)
             (func (export "handle") (result i32) (i32.const 0))
             {module})
           (core instance $i (instantiate $m))
           {FAILURE}
           (func $handle (result (result (error $failure'))) (canon lift
             (core func $i "handle") (memory (core memory $i "memory"))))
           (instance $e (instantiate $handler
             (with "failure" (type $failure')) (with "handle" (func $handle))))
           (export "flowhost:post-challenge/on-execute@1.0.0" (instance $e))"#
    )
}

/// All of them.
pub(super) fn bombs() -> Vec<Bomb> {
    let mut bombs = in_one_function();
    bombs.extend(in_many_parts());
    bombs
}

/// A function around `body`.
fn function(body: &str) -> String {
    format!("(func (param i32) (result i32) (local i32 i64) {body} (local.get 0))")
}

fn nested(open: &str, inner: &str, close: &str, times: usize) -> String {
    [&open.repeat(times), inner, &close.repeat(times)].concat()
}

fn in_one_function() -> Vec<Bomb> {
    let locals = |count: usize| format!("(local {})", "i32 ".repeat(count));
    let sets = |count: usize| {
        (0..count).map(move |n| format!("(local.set {n} (local.get {}))", (n + 1) % count))
    };
    let ladder: String = (0..800).map(|n| format!("(block $b{n} ")).collect();
    let labels: String = (0..800).map(|n| format!("$b{n} ")).collect();
    let tables = format!("(br_table {labels} (local.get 0))").repeat(100);
    vec![
        Bomb::of("16,000 nested blocks and loops", {
            function(&nested("(block (loop ", "(br_if 0 (local.get 0))", "))", 16_000))
        }),
        Bomb::of("30,000 nested conditions", {
            function(&nested("(if (local.get 0) (then ", "", "))", 30_000))
        }),
        Bomb::of("100 jump tables out of 800 blocks", {
            function(&format!("{ladder} {tables} {}", ")".repeat(800)))
        }),
        Bomb::of("a jump table of 400,000 places", {
            function(&format!("(block (br_table {} (local.get 0)))", "0 ".repeat(400_000)))
        }),
        Bomb::of("a stack of 100,000 values", {
            let values = "(local.get 0) ".repeat(100_000);
            format!("(func (param i32) {values} {} drop)", "i32.add ".repeat(99_999))
        }),
        Bomb::of("140,000 assignments", {
            let step = "(local.set 1 (i32.mul (local.get 1) (local.get 0)))";
            function(&step.repeat(140_000))
        }),
        Bomb::of("1,000 variables in 300 loops", {
            let sets: String = sets(1_000).collect();
            let inner = format!("{sets} (br_if 0 (local.get 0))");
            let looped = format!("(loop {inner})").repeat(30);
            format!("(func (param i32) {} {})", locals(1_000), nested("(loop ", &looped, ")", 300))
        }),
        Bomb::of("50,000 variables", {
            let sets: String = sets(50_000).collect();
            format!("(func {} (loop {sets} (br_if 0 (local.get 0))))", locals(50_000))
        }),
        Bomb::of("60,000 divisions", {
            let step = "(local.set 2 (i64.div_s (local.get 2) (i64.extend_i32_s (local.get 0))))";
            function(&step.repeat(60_000))
        }),
        Bomb::of("20,000 shuffled vectors", {
            let lanes = "0 17 2 19 4 21 6 23 8 25 10 27 12 29 14 31";
            let step = format!("(local.set 0 (i8x16.shuffle {lanes} (local.get 0) (local.get 1)))");
            format!("(func (local v128 v128) {})", step.repeat(20_000))
        }),
        Bomb::of("100,000 jumps to one place", {
            function(&format!("(block {})", "(br_if 0 (local.get 0))".repeat(100_000)))
        }),
        Bomb::of("30,000 calls with ten arguments", {
            let call = format!("(call $f {})", "(local.get 0)".repeat(10));
            let body = call.repeat(30_000);
            format!("(func $f (param {}) ) (func (param i32) {body})", "i32 ".repeat(10))
        }),
        Bomb::of("500 blocks that hand on 500 values", {
            let types = "i32 ".repeat(500);
            let values = "(local.get 0)".repeat(500);
            let block = "(block (type $many))".repeat(500);
            format!(
                "(type $many (func (param {types}) (result {types})))
                 (func (param i32) (result {types}) {values} {block})"
            )
        }),
    ]
}

fn in_many_parts() -> Vec<Bomb> {
    vec![
        Bomb::of("20,000 small functions", {
            function("(local.set 1 (i32.add (local.get 0) (local.get 1)))").repeat(20_000)
        }),
        Bomb::of("150,000 empty functions", "(func)".repeat(150_000)),
        Bomb::of("30 functions of 40,000 variables", {
            format!("(func (local {}))", "i32 ".repeat(40_000)).repeat(30)
        }),
        Bomb::of("30,000 exports and globals", {
            let mut text = String::new();
            for n in 0..30_000 {
                _ = write!(text, r#"(global $g{n} (mut i32) (i32.const {n}))"#);
                _ = write!(text, r#"(export "g{n}" (global $g{n}))"#);
            }
            text
        }),
        Bomb::of("90,000 pieces of data", r#"(data (i32.const 0) "x")"#.repeat(90_000)),
        Bomb::of("10,000 types of functions", {
            let mut text = String::new();
            for n in 0..10_000 {
                let bits = (0..14).map(|bit| if n >> bit & 1 == 0 { "i32 " } else { "i64 " });
                _ = write!(text, "(type (func (param {})))", bits.collect::<String>());
            }
            text
        }),
        Bomb {
            name: "a type of 2^30 parts",
            module: String::new(),
            component: {
                let mut text = "(type $t0 (tuple u8 u8))".to_owned();
                for n in 1..30 {
                    _ = write!(text, "(type $t{n} (tuple $t{0} $t{0}))", n - 1);
                }
                text
            },
        },
        doubled("2^16 instances", 16),
        doubled("2^18 instances", 18),
        doubled("2^19 instances", 19),
        Bomb {
            name: "200 modules with 100 functions each",
            module: String::new(),
            component: format!("(core module {})", function("").repeat(100)).repeat(200),
        },
    ]
}

/// A component of two that consist of two, and so on: 100 bytes for each time.
fn doubled(name: &'static str, times: usize) -> Bomb {
    let mut text = "(component $c0 (core module $m) (core instance (instantiate $m)))".to_owned();
    for n in 1..=times {
        let half = format!("(instance (instantiate $c{}))", n - 1);
        _ = write!(text, "(component $c{n} {half} {half})");
    }
    _ = write!(text, "(instance (instantiate $c{times}))");
    Bomb { name, module: String::new(), component: text }
}
