//! Contract §5: where secrets come from, and that they show up nowhere. That
//! they are not stored is in `sealing.rs`.

use flowhost_tests::{Cli, Scenario};
use serde_json::{Value, json};

/// A flow file of one scripted action; `script` is TOML.
fn flow(script: &str) -> String {
    format!(
        "name = \"t\"\ntrigger = \"post-challenge@1\"\n\n[[action]]\nname = \"one\"\n\
         component = \"scripted.wasm\"\nconfiguration = {{ {script} }}\n"
    )
}

#[test]
fn secrets_are_in_no_output() {
    const SECRET: &str = "canary-secret-value";
    let table = [
        "execute = [{ secret = \"K\" }, { json = true }, { trap = true }]",
        "execute = [{ fail = { name = \"N\", message = \"m canary-secret-value\" } }]",
        "execute = [{ deny = \"because canary-secret-value\" }]",
    ];
    for script in table {
        let cli = Cli::new();
        cli.write(
            "flow.toml",
            format!("{}secrets = {{ K = {{ file = \"key.txt\" }} }}\n", flow(script)),
        );
        cli.write("key.txt", format!("{SECRET}\n"));
        for arguments in [
            &["run", "flow.toml", "-e", "event.json", "--json"][..],
            &["run", "flow.toml", "-e", "event.json"],
        ] {
            let ran = cli.run(arguments);
            assert!(!ran.stdout.contains(SECRET) && !ran.stderr.contains(SECRET), "{ran:?}");
            assert!(ran.stdout.contains("[secret K]"), "{ran:?}");
        }
    }
}

/// Whoever logs the event as JSON writes a secret's quotes and line breaks as
/// escapes.
#[test]
fn a_secret_written_as_json_is_in_no_output_either() {
    let reads = json!([
        { "json": true },
        { "get": "secrets" },
        { "json_at": "/secrets/K" },
        { "json_at": "/secrets" },
    ]);
    for secret in ["can\"ary-quote", "back\\slash-canary", "tab\tcanary", "two\nlines"] {
        let step = Scenario::executing(reads.clone()).secret("K", secret).start();
        let escaped = Value::from(secret).to_string();
        let escaped = &escaped[1..escaped.len() - 1];
        assert_eq!(step.logs().len(), 4);
        for line in step.logs() {
            let shown = line.contains(secret) || line.contains(escaped);
            assert!(!shown, "{secret:?} is shown in a line that begins with {line:.40}");
            assert!(line.contains("[secret K]"), "{secret:?}: {line:.40}");
        }
    }
}

#[test]
fn a_secret_comes_from_the_environment_and_is_looked_up_on_every_start() {
    let script = "execute = [{ encode_token = { secret = { named = \"K\" }, payload = { iat = 1, exp = 1 } } }]";
    let cli = Cli::new();
    let token = |secrets: &str, value: &str| {
        cli.write("flow.toml", format!("{}secrets = {{ K = {secrets} }}\n", flow(script)));
        let mut command = cli.command();
        command.args(["run", "flow.toml", "-e", "event.json", "--json"]);
        let output = command.env("FLOWHOST_TEST_KEY", value).output().expect("the command");
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        report["runs"][0]["logs"][0]["message"].as_str().expect("a message").to_owned()
    };
    let by_value = token("\"the-first-value\"", "");
    assert!(by_value.starts_with("encode_token: ey"), "{by_value}");
    assert_eq!(token("{ env = \"FLOWHOST_TEST_KEY\" }", "the-first-value"), by_value);
    assert_ne!(token("{ env = \"FLOWHOST_TEST_KEY\" }", "the-second-value"), by_value);
}
