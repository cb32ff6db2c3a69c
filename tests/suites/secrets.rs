//! Contract §5: where secrets come from, and that they show up nowhere. That
//! they are not stored is in `sealing.rs`.

use flowhost_tests::serving::files_below;
use flowhost_tests::{Cli, Scenario};
use serde_json::{Value, json};

use crate::serve::canary::forms;

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

/// Everything that goes wrong goes wrong with a secret at hand; then all that
/// was said is searched, and all files but the one it is in: the store, the
/// cache of compiled code, the keys of both. Nor are those keys anywhere else.
#[test]
fn secrets_are_in_nothing_that_is_left_behind() {
    const SECRET: &str = "canary-secret-behind-4471";
    let cli = Cli::new();
    cli.write("key.txt", SECRET);
    let good = "secrets = { K = { file = \"key.txt\" } }\n";
    let reads = "{ secret = \"K\" }, { get = \"secrets\" }, { json = true }";
    let token = "encode_token = { secret = { named = \"K\" }, payload = {}, as = \"t\" }";
    let to = "send_user_to = { url = \"https://a.example/\", query = [[\"t\", \"${t}\"]] }";
    let runs = [
        (good, format!("execute = [{reads}, {{ trap = true }}]")),
        (good, format!("execute = [{reads}, {{ panic = \"p {SECRET}\" }}]")),
        (good, format!("execute = [{reads}, {{ deny = \"d {SECRET}\" }}]")),
        (
            good,
            format!(
                "execute = [{reads}, {{ fail = {{ name = \"{SECRET}\", message = \"m\", stack = \"{SECRET}\" }} }}]"
            ),
        ),
        (good, format!("execute = [{reads}, {{ {token} }}, {{ {to} }}]")),
        (good, format!("execute = [{{ what_is_this = \"{SECRET}\" }}]")),
        (
            good,
            format!("execute = [{{ send_user_to = {{ url = \"https://a.example/{SECRET}\" }} }}]"),
        ),
        ("secrets = { K = { fil = \"SECRET\" } }\n", String::new()),
        ("secrets = { K = [\"SECRET\"] }\n", String::new()),
        ("secrets = { K = \"SECRET\", K = 1 }\n", String::new()),
        ("secrets = { K = { env = 7, file = \"SECRET\" } }\n", String::new()),
    ];
    let mut said = String::new();
    for (secrets, script) in runs {
        let secrets = secrets.replace("SECRET", SECRET);
        cli.write("flow.toml", format!("{}{secrets}", flow(&script)));
        for more in [&[][..], &["--json"]] {
            let mut command = cli.command();
            command.args(["run", "flow.toml", "-e", "event.json"]).args(more);
            command.env("FLOWHOST_CACHE", cli.path().join("cache"));
            command.env("XDG_DATA_HOME", cli.path().join("data"));
            let output = command.output().expect("the command");
            said += &String::from_utf8_lossy(&[output.stdout, output.stderr].concat());
        }
    }
    cli.write("said", said);
    std::fs::remove_file(cli.path().join("flow.toml")).expect("removed");
    let files = files_below(cli.path());
    let names = |suffix: &str| files.iter().filter(|file| file.ends_with(suffix)).count();
    assert_eq!((names("flows.db"), names("said"), names("key.txt")), (1, 1, 1), "{files:?}");
    assert!(files.iter().filter(|file| file.starts_with(cli.path().join("cache"))).count() > 0);
    let mut private = vec![(cli.path().join("key.txt"), SECRET.to_owned())];
    for file in files.iter().filter(|file| file.starts_with(cli.path().join("data"))) {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let keys = text.lines().filter(|line| !line.starts_with('#'));
        let keys = keys.map(|line| line.rsplit(':').next().unwrap_or_default().trim().to_owned());
        private.extend(keys.filter(|key| key.len() == 43).map(|key| (file.clone(), key)));
    }
    assert_eq!(private.len(), 3, "a secret and two keys: {private:?}");
    let mut found = Vec::new();
    for (place, canary) in &private {
        for file in files.iter().filter(|file| *file != place) {
            let bytes = std::fs::read(file).unwrap_or_default();
            let in_it =
                |form: &String| bytes.windows(form.len()).any(|part| part == form.as_bytes());
            found.extend(forms(canary).iter().filter(|form| in_it(form)).map(|_| file));
        }
    }
    assert!(found.is_empty(), "{found:?}");
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
