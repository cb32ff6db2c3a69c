//! Two servers on one PostgreSQL, and the same state brought to both many times
//! at once: the action runs once. Each run sends a request to a site that
//! counts, so that a run which is not settled is seen too.

use std::sync::Barrier;
use std::thread;

use flowhost_tests::serving::{Browser, Response, Serving, exchange, request};
use flowhost_tests::{Cli, Server, event, long, outbound, shared_postgres};

use super::{KEYS, RETURN_URL, returned};

/// How often each state is brought at once.
const TIMES: usize = 64;

fn flow_file(site: &Server) -> String {
    let origin = site.origin();
    format!(
        r#"
name = "reset"
trigger = "post-challenge@1"
return_url = "{RETURN_URL}"
[[action]]
name = "first"
component = "outbound.wasm"
outbound = ["{origin}"]
configuration = {{ requests = [{{ url = "{origin}/run" }}], redirect = "https://verify.example.com/" }}
"#
    )
}

/// The runs that a server counted, by what they came to.
fn runs(server: &Serving, outcome: &str) -> usize {
    let name = format!(
        "flowhost_action_runs_total{{flow=\"reset\",action=\"first\",outcome=\"{outcome}\"}} "
    );
    let text = server.call("GET", "/metrics", None).expect(200).body;
    let number = text.lines().find_map(|line| line.strip_prefix(&*name)?.parse::<f64>().ok());
    number.unwrap_or_default() as usize
}

/// Brings a state to both servers, all at once.
fn bring(servers: &[Serving; 2], state: &str, browser: &Browser) -> Vec<Response> {
    let cookie = format!("cookie: {}\r\n", browser.cookie.as_ref().expect("a cookie"));
    let asked = request("GET", &format!("/continue?state={state}"), &cookie, b"");
    let together = Barrier::new(TIMES);
    thread::scope(|scope| {
        let all: Vec<_> = (0..TIMES)
            .map(|number| {
                let (address, asked, together) = (servers[number % 2].address, &asked, &together);
                scope.spawn(move || {
                    together.wait();
                    exchange(address, asked)
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().expect("an answer")).collect()
    })
}

#[test]
fn of_one_state_brought_to_two_servers_at_once_one_run_comes() {
    let Some(postgres) = shared_postgres() else { return };
    let site = Server::saying("counted");
    let cli = Cli::with_keys(KEYS);
    cli.write("outbound.wasm", outbound());
    cli.write("flow.toml", flow_file(&site));
    let store = postgres.url(&postgres.database());
    let public = "http://127.0.0.1:1";
    let arguments = ["flow.toml", "--store", &store, "--public-url", public];
    let servers = [(); 2].map(|()| Serving::with(&cli, &arguments, |_| {}));
    let flows = if long() { 10_000 } else { 10 };
    let (mut again, mut refused, mut busy) = (0, 0, 0);
    let mut gone: Option<Response> = None;
    for number in 0..flows {
        let (one, other) = (&servers[number % 2], &servers[(number + 1) % 2]);
        let (started, path) = one.begin("reset", &event());
        let mut browser = Browser::default();
        let sent = browser.begin(other, &path).expect(303);
        assert_eq!(site.count(), 2 * number + 1, "execute ran once");
        for answer in bring(&servers, &sent.location_parameter("state"), &browser) {
            if answer.status == 303 {
                returned(&answer, &started);
                again += 1;
            } else if answer.status == 503 {
                // Nothing was done for it, which is counted below.
                busy += 1;
            } else {
                let answer = answer.expect(410).without_date();
                assert_eq!(&answer, gone.get_or_insert_with(|| answer.clone()));
                refused += 1;
            }
        }
        assert_eq!(site.count(), 2 * number + 2, "continue ran once");
        let views = servers.each_ref().map(|server| server.flow(&started));
        assert_eq!(views[0], views[1]);
        assert_eq!(views[0]["outcome"], "completed", "{:#}", views[0]);
        let runs = views[0]["runs"].as_array().expect("runs").iter();
        let handlers: Vec<_> = runs.map(|run| run["handler"].as_str()).collect();
        assert_eq!(handlers, [Some("on-execute"), Some("on-continue")]);
    }
    let settled = servers.each_ref().map(|server| runs(server, "ok"));
    println!(
        "{flows} flows × {TIMES}: {again} times the one answer, {refused} times 410, {busy} \
         times 503; runs of each server {settled:?}, requests of runs {}",
        site.count()
    );
    assert_eq!(settled.iter().sum::<usize>(), 2 * flows);
    assert!(again >= flows, "somebody is answered");
    assert!(busy * 100 < flows * TIMES, "few had to try again");
}
