//! Canaries: texts that occur nowhere else are put into every place where
//! something private may be, and then searched for in all that is left behind.

use std::collections::BTreeSet;
use std::path::PathBuf;

use flowhost_tests::serving::{API_KEY, Browser, Response, Serving, files_below};
use flowhost_tests::{Cli, own_postgres};
use serde_json::{Value, json};

use super::traces::Collector;
use super::{KEYS, flow_file, path_of};

const SECRET: &str = "canary-secret-7f3a9c51e2";
const USER_ID: &str = "auth0|canary-user-55d1";
const REASON: &str = "canary-reason-8e20";
const LOGGED: &str = "canary-logged-4b7d";

/// What is known about the user and their request.
const PERSONAL: [&str; 8] = [
    "canary-mail-1c9e@example.com",
    "canary-name-93b2",
    "198.51.100.77",
    "canary-agent-0d4f",
    "canary-metadata-6aa8",
    "canary-body-e71c",
    "canary-query-2f60",
    "canary-came-back-b8c3",
];

fn event() -> Value {
    let mut event = flowhost_tests::event();
    event["user"]["user_id"] = USER_ID.into();
    event["user"]["email"] = PERSONAL[0].into();
    event["user"]["name"] = PERSONAL[1].into();
    event["request"]["ip"] = PERSONAL[2].into();
    event["request"]["user_agent"] = PERSONAL[3].into();
    event["user"]["user_metadata"]["x"] = PERSONAL[4].into();
    event["request"]["body"]["x"] = PERSONAL[5].into();
    event["request"]["query"]["x"] = PERSONAL[6].into();
    event
}

/// A flow that reads everything, logs it, sends a token away and denies.
fn flow() -> String {
    let execute = json!([
        { "json": true },
        { "secret": "KEY" },
        { "log": { "level": "warn", "message": LOGGED } },
        { "encode_token": { "secret": { "named": "KEY" }, "payload": {}, "as": "token" } },
        { "send_user_to": { "url": "https://verify.example.com/", "query": [["t", "${token}"]] } },
    ]);
    let resume = json!([{ "json_at": "/user" }, { "secret": "KEY" }, { "deny": REASON }]);
    let mut flow: toml::Table = flow_file("reset", &execute, &resume).parse().expect("TOML");
    let action = &mut flow["action"].as_array_mut().expect("actions")[0];
    let secrets = toml::toml! { KEY = { file = "secret.txt" } };
    action.as_table_mut().expect("an action").insert("secrets".to_owned(), secrets.into());
    flow.to_string()
}

/// All that was found where it does not belong.
#[derive(Default)]
struct Search(BTreeSet<String>);

impl Search {
    fn look(&mut self, place: &str, bytes: &[u8], canaries: &[&str]) {
        let forms: Vec<_> = canaries
            .iter()
            .flat_map(|canary| forms(canary).into_iter().map(move |form| (*canary, form)))
            .collect();
        // Whole databases are searched: what no form begins with is passed by.
        let mut begins = vec![false; 1 << 16];
        let pair = |at: &[u8]| usize::from(at[0]) << 8 | usize::from(at[1]);
        forms.iter().for_each(|(_, form)| begins[pair(form.as_bytes())] = true);
        for start in (1..bytes.len()).map(|end| end - 1) {
            let rest = &bytes[start..];
            if begins[pair(rest)] {
                let found = forms.iter().filter(|(_, form)| rest.starts_with(form.as_bytes()));
                let found = found.map(|(canary, _)| format!("{place}: {canary}"));
                self.0.extend(found);
            }
        }
    }

    fn look_at(&mut self, place: &str, answer: &Response, canaries: &[&str]) {
        self.look(place, format!("{answer:?}").as_bytes(), canaries);
    }
}

/// As it is, in hexadecimal, and in base64 at each offset.
pub(crate) fn forms(canary: &str) -> Vec<String> {
    let hex = canary.bytes().map(|byte| format!("{byte:02x}")).collect();
    [canary.to_owned(), hex].into_iter().chain(base64(canary)).collect()
}

/// The middle of its base64 forms: whole groups, whatever came before.
fn base64(text: &str) -> Vec<String> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |bytes: &[u8]| {
        let bits = bytes.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| char::from(DIGITS[bits >> shift & 63]))
    };
    let encode =
        |offset: usize| text.as_bytes()[offset..].chunks_exact(3).flat_map(group).collect();
    (0..3).map(encode).collect()
}

#[test]
fn nothing_private_is_found_where_it_does_not_belong() {
    let cli = Cli::new();
    std::fs::create_dir(cli.path().join("kept")).expect("a folder");
    leaves_nothing_private(&cli, "sqlite:kept/flows.db", &["flows.db-wal"], || {
        files_below(&cli.path().join("kept"))
    });
}

/// Not even in the log of a database that logs each statement.
#[test]
fn nor_in_the_files_of_postgresql() {
    let Some(postgres) = own_postgres("log_statement = all\nlog_min_duration_statement = 0") else {
        return;
    };
    let database = postgres.database();
    let readable = ["/data/base/", "/data/pg_wal/", "/log: "];
    leaves_nothing_private(&Cli::with_keys(KEYS), &postgres.url(&database), &readable, || {
        postgres.execute(&database, "CHECKPOINT");
        files_below(postgres.folder())
    });
}

/// Plays flows with a store, and searches all that was said, and the `files`
/// of the store. What may be read is found in those that are `readable`.
fn leaves_nothing_private(
    cli: &Cli,
    store: &str,
    readable: &[&str],
    files: impl FnOnce() -> Vec<PathBuf>,
) {
    let collector = Collector::start();
    cli.write("flow.toml", flow());
    cli.write("secret.txt", SECRET);
    let arguments = ["flow.toml", "--store", store];
    let server = Serving::with(cli, &arguments, |command| {
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint());
    });
    let mut search = Search::default();
    let private: Vec<&str> =
        PERSONAL.into_iter().chain([SECRET, API_KEY, USER_ID, REASON, LOGGED]).collect();

    let (started, path) = server.begin("reset", &event());
    search.look("the start", started.to_string().as_bytes(), &private);
    let begin_state = path.split_once("state=").expect("a state").1.to_owned();
    let mut browser = Browser::default();
    let sent = browser.begin(&server, &path).expect(303);
    // The token names the user to the site that it is for.
    let unnamed: Vec<&str> = private.iter().copied().filter(|text| *text != USER_ID).collect();
    search.look_at("the redirect", &sent, &unnamed);
    let (state, token) = (sent.location_parameter("state"), sent.location_parameter("t"));
    let waiting = server.flow(&started);
    let back = format!("/continue?state={state}&x={}", PERSONAL[7]);
    let done = browser.get(&server, &back).expect(303);
    search.look_at("the return", &done, &private);
    search.look_at("the refusal", &Browser::default().get(&server, &back).expect(410), &private);

    // One that waits for its end in the store, too.
    let (left, path) = server.begin("reset", &event());
    Browser::default().begin(&server, &path).expect(303);
    let cancelled = server.begin("reset", &event()).0;
    server.call("POST", &path_of(&cancelled, "/cancel"), None).expect(200);

    let cookie = browser.cookie.clone().expect("a cookie");
    let cookie = cookie.split_once('=').expect("a value").1;
    let never = [SECRET, API_KEY, state.as_str(), begin_state.as_str(), cookie];
    for view in [waiting, server.flow(&started), server.flow(&left)] {
        search.look("the API", view.to_string().as_bytes(), &never);
    }
    let ours: Vec<&str> =
        private.iter().copied().chain([&*token, &*state, &*begin_state, cookie]).collect();
    search.look_at("the metrics", &server.call("GET", "/metrics", None).expect(200), &ours);

    // What may be read there is found: the search sees the right files.
    let (mut control, mut searched) = (Search::default(), 0);
    let id = started["flow_id"].as_str().expect("an id");
    for file in files() {
        // A socket cannot be read, and some files of a database come and go.
        let Ok(bytes) = std::fs::read(&file) else { continue };
        searched += bytes.len();
        search.look(&file.display().to_string(), &bytes, &ours);
        control.look(&file.display().to_string(), &bytes, &[id]);
    }
    println!("{searched} bytes searched; the id of a flow is in {:?}", control.0);
    for place in readable {
        assert!(control.0.iter().any(|found| found.contains(place)), "nothing in {place}");
    }
    let log = server.stop();
    assert!(log.contains("\"went on\"") && log.contains("state_already_used"), "{log}");
    search.look("the log", log.as_bytes(), &ours);
    let traces = collector.bytes();
    assert!(traces.len() > 1000, "{} bytes of traces", traces.len());
    search.look("the traces", &traces, &ours);
    assert!(search.0.is_empty(), "{:#?}", search.0);
}

/// The search would find them.
#[test]
fn a_canary_is_found_in_each_of_its_forms() {
    use std::fmt::Write as _;
    let mut search = Search::default();
    let hex = SECRET.bytes().fold(String::new(), |mut hex, byte| {
        _ = write!(hex, "{byte:02x}");
        hex
    });
    search.look("plain", format!("a{SECRET}b").as_bytes(), &[SECRET]);
    search.look("hex", hex.as_bytes(), &[SECRET]);
    assert_eq!(base64("canary")[0], "Y2FuYXJ5");
    search.look("base64", b"eHhZMkZ1WVhKNQ== Y2FuYXJ5", &["canary"]);
    assert_eq!(search.0.len(), 3, "{:?}", search.0);
}
