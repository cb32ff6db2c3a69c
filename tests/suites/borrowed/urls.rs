//! The URLs of the Web Platform Tests, as an action's redirects: none that the
//! standard calls wrong goes through, and those that do lead where a browser
//! would go, as Node's `URL` tells.

use std::process::Command;
use std::time::Duration;

use flowhost_tests::{Scenario, borrowed, bounded, ignored};
use serde_json::{Value, json};
use tempfile::TempDir;

const ASKING: Duration = Duration::from_secs(60);

/// Writes what Node makes of each URL.
const SCRIPT: &str = "
const parsed = (input) => { try { return new URL(input); } catch { return null; } };
const inputs = JSON.parse(require('fs').readFileSync(process.argv[1], 'utf8'));
console.log(JSON.stringify(inputs.map((input) => {
  const url = parsed(input);
  return url && { href: url.href, host: url.host, protocol: url.protocol,
    credentials: url.username + url.password };
})));";

/// What came of one URL.
struct Case {
    input: String,
    suite: Value,
    /// Where the user would be sent.
    accepted: Option<String>,
}

fn cases() -> Option<Vec<Case>> {
    let file = borrowed("url")?.join("tests/urltestdata.json");
    let text = std::fs::read_to_string(file).expect("the tests");
    let suite: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    let suite: Vec<Value> = suite.into_iter().filter(Value::is_object).collect();
    let inputs: Vec<String> =
        suite.iter().map(|case| case["input"].as_str().expect("a URL").to_owned()).collect();
    let redirect = |input: &String| json!({ "send_user_to": { "url": input, "query": [] } });
    let steps: Vec<Value> = inputs.iter().map(redirect).collect();
    let scenario = Scenario::executing(steps.into()).last(|action| {
        action.limits.commands = 1000;
        action.limits.host_calls = 10_000;
        action.limits.log_lines = 10_000;
        action.limits.log_bytes = 1 << 20;
    });
    let scenario = scenario.flow(|flow| flow.redirects.allow_http = true);
    let step = scenario.start();
    let mut urls = step.at("/runs/0/commands").as_array().expect("commands").iter();
    let logs = step.logs();
    assert_eq!(logs.len(), inputs.len(), "{logs:#?}");
    let accepted = logs.iter().map(|line| match line.strip_prefix("send_user_to: ") {
        Some("ok") => {
            let command = urls.next().expect("a command");
            let url = command.pointer("/send_user_to/url").or(command.get("url"));
            Some(url.and_then(Value::as_str).unwrap_or_else(|| panic!("{command}")).to_owned())
        }
        Some(refusal) => {
            let named = ["error InvalidUrl: ", "error UrlNotAllowed: "];
            assert!(named.iter().any(|code| refusal.starts_with(code)), "{refusal}");
            None
        }
        None => panic!("{line}"),
    });
    let accepted: Vec<Option<String>> = accepted.collect();
    assert!(urls.next().is_none());
    let parts = inputs.into_iter().zip(suite).zip(accepted);
    Some(parts.map(|((input, suite), accepted)| Case { input, suite, accepted }).collect())
}

#[test]
fn no_url_that_the_standard_calls_wrong_goes_through() {
    let Some(cases) = cases() else { return };
    let wrong: Vec<&Case> = cases.iter().filter(|case| case.suite["failure"] == true).collect();
    assert_eq!((cases.len(), wrong.len()), (819, 272));
    for case in &wrong {
        assert_eq!(case.accepted, None, "{:?}", case.input);
    }
    // Of the others, those that are absolute lead where the standard says.
    let mut compared = 0;
    for case in &cases {
        if let (Some(url), true) = (&case.accepted, case.suite["base"].is_null()) {
            assert_eq!(case.suite["href"], **url, "{:?}", case.input);
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared} compared");
}

#[test]
fn a_browser_goes_where_the_check_says() {
    let Some(cases) = cases() else { return };
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("inputs.json");
    let inputs: Vec<&str> = cases.iter().map(|case| case.input.as_str()).collect();
    std::fs::write(&file, json!(inputs).to_string()).expect("written");
    let (done, said) = bounded(Command::new("node").arg("-e").arg(SCRIPT).arg(&file), ASKING);
    if !done && Command::new("node").arg("--version").output().is_err() {
        return ignored("no node, whose URL is compared with; `apt-get install nodejs`");
    }
    let theirs: Vec<Value> = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}"));
    let (mut both, mut wrong) = (0, Vec::new());
    for (case, theirs) in cases.iter().zip(&theirs) {
        let web = theirs["protocol"] == "https:" || theirs["protocol"] == "http:";
        let expected = web && theirs["credentials"] == "";
        match &case.accepted {
            Some(url) if theirs["href"] == **url => both += 1,
            Some(url) => wrong.push(format!("{:?}: {url}, in Node {theirs}", case.input)),
            None if expected => wrong.push(format!("{:?}: refused, in Node {theirs}", case.input)),
            None => {}
        }
    }
    println!("{both} of {} go through", cases.len());
    assert!(both > 100 && theirs.len() == cases.len(), "{both}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
