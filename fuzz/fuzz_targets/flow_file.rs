//! Text → flow file. What is refused is refused with line and column inside
//! the text, and never shows a secret; what is accepted keeps to the rules of
//! names, origins and limits.

use std::path::Path;

use flowhost::{Code, FlowSpec, LIMITS, SecretSource};

pub(crate) fn fuzz(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match FlowSpec::from_toml(text, Path::new("flows")) {
        Ok(spec) => accepted(&spec),
        Err(error) => {
            _ = error.to_string();
            assert!(matches!(error.code(), Code::FlowInvalid | Code::TriggerUnknown), "{error}");
            assert!(!error.problems().is_empty(), "no problem is named: {error}");
            for problem in error.problems() {
                let (line, column) = (problem.line.expect("a line"), problem.column.expect("one"));
                let there = text.split('\n').nth(line - 1).expect("a line of the text");
                let characters = there.chars().count();
                assert!((1..=characters + 1).contains(&column), "{problem}: {characters}");
                assert!(problem.source_line.as_deref().is_none_or(|shown| text.contains(shown)));
            }
        }
    }
}

fn accepted(spec: &FlowSpec) {
    let fits = |name: &str| {
        let good = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        (1..=64).contains(&name.len()) && name.chars().all(good)
    };
    assert!(fits(&spec.name), "{:?}", spec.name);
    assert!(!spec.actions.is_empty());
    _ = spec.warnings();
    for (index, action) in spec.actions.iter().enumerate() {
        assert!(fits(&action.name), "{:?}", action.name);
        assert!(spec.actions[..index].iter().all(|other| other.name != action.name));
        assert!(action.secrets.len() <= 30);
        assert!(action.secrets.keys().all(|name| name.chars().count() <= 128));
        let literal = |source: &&SecretSource| matches!(source, SecretSource::Literal(_));
        if let Some(SecretSource::Literal(secret)) = action.secrets.values().find(literal) {
            let shown = format!("{:?}", action.secrets);
            let value = secret.expose();
            assert!(value.len() < 8 || !shown.contains(value), "a secret is shown");
        }
        for limit in LIMITS {
            assert!(action.limits.get(limit.name).is_some_and(|value| value > 0));
        }
    }
    for origin in spec.redirects.allow.iter().flatten() {
        let url = url::Url::parse(origin).expect("an origin is a URL");
        assert_eq!(url.origin().ascii_serialization(), *origin);
    }
    if let Some(url) = &spec.return_url {
        let url = url::Url::parse(url).expect("a URL");
        assert!(matches!(url.scheme(), "https" | "http") && url.username().is_empty());
    }
}
