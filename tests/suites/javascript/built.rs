//! A file that did not change is not built again, and nothing else is taken for it.

use std::fs;
use std::path::PathBuf;

use flowhost_tests::Cli;
use serde_json::Value;

const FLOW: &str = "name = \"f\"\ntrigger = \"post-challenge@1\"\n[[action]]\nname = \"a\"\nsource = \"action.js\"\n";

fn says(cli: &Cli, word: &str) -> Value {
    cli.write(
        "action.js",
        format!("exports.onExecutePostChallenge = () => console.log('{word}');"),
    );
    let mut command = cli.command();
    command.args(["run", "flow.toml", "--event", "event.json", "--json"]);
    command.env("FLOWHOST_CACHE", cli.path().join("cache"));
    let output = command.output().expect("the command");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    report["runs"][0]["logs"][0]["message"].clone()
}

fn built(cli: &Cli) -> Vec<PathBuf> {
    let entries = fs::read_dir(cli.path().join("cache")).expect("the cache");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut built: Vec<_> = paths
        .filter(|path| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("component-of-"))
        })
        .collect();
    built.sort();
    built
}

#[test]
fn what_was_built_is_kept_and_stands_for_its_own_file_alone() {
    let cli = Cli::new();
    cli.write("flow.toml", FLOW);
    assert_eq!(says(&cli, "one"), "one");
    let one = built(&cli);
    assert_eq!(one.len(), 1);
    assert_eq!(says(&cli, "two"), "two");
    let both = built(&cli);
    assert_eq!(both.len(), 2);
    assert_eq!(says(&cli, "one"), "one");
    assert_eq!(built(&cli), both, "nothing new");

    let [first, second] = &both[..] else { panic!("two entries") };
    let (a, b) = (fs::read(first).expect("an entry"), fs::read(second).expect("an entry"));
    fs::write(first, &b).expect("written");
    fs::write(second, &a).expect("written");
    assert_eq!(says(&cli, "one"), "one", "not what was built from another file");
    assert_eq!(says(&cli, "two"), "two");
    let again = (fs::read(first).expect("an entry"), fs::read(second).expect("an entry"));
    assert_eq!(again, (a, b), "built anew");
}
