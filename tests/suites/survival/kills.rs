//! A supervisor that kills a server under load, and many users who try again
//! until they are through: each flow that was acknowledged gets to its end, and
//! everything in it ran once. On SQLite with one server, on PostgreSQL with two.

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use flowhost_tests::serving::{API_KEY, Response, Serving, attempt, request, wait_until};
use flowhost_tests::{Cli, KEYS, Random, event, long, seed, shared_postgres};
use serde_json::{Value, json};

/// One redirect, and a little computing for a kill to meet.
const FLOW: &str = r#"
name = "reset"
trigger = "post-challenge@1"
return_url = "https://app.example.com/reset"
[limits]
wall_clock = "1s"
[[action]]
name = "first"
component = "scripted.wasm"
configuration = { execute = [{ repeat = { times = 20, steps = [{ quiet = { json_at = "/user" } }] } }, { send_user_to = { url = "https://verify.example.com/" } }], continue = [{ repeat = { times = 20, steps = [{ quiet = { json_at = "/user" } }] } }] }
"#;

/// How many users there are at once.
const USERS: usize = 8;

/// Longer than the lease of a server that was killed.
const PATIENCE: usize = 600;
const PAUSE: Duration = Duration::from_millis(100);

/// Somebody else is at it, a state that is in use, a store that is busy.
const NOT_NOW: [u16; 3] = [409, 410, 503];

/// Addresses that servers come back to.
fn addresses(count: usize, random: &mut Random) -> Vec<SocketAddr> {
    // Below those that clients are given: nobody takes one while a server is
    // away.
    let mut listen = || loop {
        let port = 20_000 + random.below(10_000) as u16;
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
            return listener;
        }
    };
    let listeners: Vec<_> = (0..count).map(|_| listen()).collect();
    listeners.iter().map(|it| it.local_addr().expect("an address")).collect()
}

fn serve(cli: &Cli, store: &str, address: SocketAddr) -> Serving {
    let listen = address.to_string();
    let arguments = ["flow.toml", "--listen", &listen, "--store", store];
    // All are one place to a browser.
    let public = ["--public-url", "http://127.0.0.1:1"];
    Serving::with(cli, &[&arguments[..], &public].concat(), |_| {})
}

/// A user of flows, at whichever server answers.
struct User<'a> {
    servers: &'a [SocketAddr],
    random: Random,
    cookie: Option<String>,
}

impl User<'_> {
    /// Sends a request until it is answered with something else than
    /// "not now": a server that is away, a store that is busy, a state that a
    /// dead server holds.
    fn asks(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Response {
        let mut last = None;
        for _ in 0..PATIENCE {
            let server = self.servers[self.random.below(self.servers.len() as u64) as usize];
            let cookie = self.cookie.iter().map(|cookie| format!("cookie: {cookie}\r\n"));
            let headers = format!("{headers}{}", cookie.collect::<String>());
            match attempt(server, &request(method, path, &headers, body.as_bytes())) {
                Some(answer) if answer.status < 400 => return answer,
                Some(answer) if !NOT_NOW.contains(&answer.status) => {
                    panic!("{method} {path}: {answer:#?}")
                }
                answer => last = answer,
            }
            thread::sleep(PAUSE);
        }
        panic!("{method} {path}: gave up: {last:#?}");
    }

    fn api(&mut self, method: &str, path: &str, body: &str) -> Value {
        let key = format!("authorization: Bearer {API_KEY}\r\ncontent-type: application/json\r\n");
        self.asks(method, path, &key, body).json()
    }

    /// Follows a link until it leads elsewhere.
    fn follows(&mut self, link: &str) -> String {
        let mut link = link.to_owned();
        while let Some(path) = link.strip_prefix("http://127.0.0.1:1") {
            let answer = self.asks("GET", path, "", "");
            if let Some(set) = answer.header("set-cookie") {
                self.cookie = set.split(';').next().map(str::to_owned);
            }
            link = answer.location().to_owned();
        }
        link
    }

    /// A whole flow; its id.
    fn goes_through(&mut self) -> String {
        let body = json!({ "flow": "reset", "event": event() }).to_string();
        let started = self.api("POST", "/v1/flows", &body);
        let id = started["flow_id"].as_str().expect("an id").to_owned();
        let away = self.follows(started["begin_url"].as_str().expect("a link"));
        let (_, state) = away.split_once("state=").expect("a state");
        let back = self.follows(&format!("http://127.0.0.1:1/continue?state={state}"));
        assert!(back.ends_with(&id), "{back}");
        id
    }

    /// The flow ended well, and all in it ran once.
    fn checks(&mut self, id: &str) {
        let view = self.api("GET", &format!("/v1/flows/{id}"), "");
        assert_eq!((&view["status"], &view["outcome"]), (&json!("ended"), &json!("completed")));
        let runs: Vec<_> = view["runs"].as_array().expect("runs").iter().collect();
        let handlers: Vec<_> = runs.iter().map(|run| run["handler"].as_str()).collect();
        assert_eq!(handlers, [Some("on-execute"), Some("on-continue")], "{id}");
    }
}

/// Kills servers under load, that often, and lets the users finish.
fn kills(store: &str, count: usize, kills: usize, random: &mut Random) {
    let cli = Cli::with_keys(KEYS);
    cli.write("flow.toml", FLOW);
    let places = addresses(count, random);
    let mut servers: Vec<_> = places.iter().map(|it| serve(&cli, store, *it)).collect();
    let (stop, flows) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        let users: Vec<_> = (0..USERS)
            .map(|_| {
                let (random, servers) = (Random::new(random.below(u64::MAX)), &places[..]);
                let (stop, flows) = (&stop, &flows);
                scope.spawn(move || {
                    let mut user = User { servers, random, cookie: None };
                    let mut ids = Vec::new();
                    while !stop.load(Ordering::SeqCst) {
                        user.cookie = None;
                        ids.push(user.goes_through());
                        flows.fetch_add(1, Ordering::SeqCst);
                    }
                    ids.iter().for_each(|id| user.checks(id));
                })
            })
            .collect();
        for _ in 0..kills {
            thread::sleep(Duration::from_millis(100 + random.below(400)));
            let which = random.below(count as u64) as usize;
            servers[which].signal("KILL");
            servers[which].ended();
            servers[which] = serve(&cli, store, places[which]);
        }
        // Somebody gets through, or all of this showed nothing.
        let before = flows.load(Ordering::SeqCst);
        wait_until("a flow", || flows.load(Ordering::SeqCst) > before);
        stop.store(true, Ordering::SeqCst);
        users.into_iter().for_each(|user| user.join().expect("a user who got through"));
    });
    println!("{count} servers: {kills} kills, {} flows, each ended once", flows.into_inner());
}

fn times(few: usize, many: usize) -> usize {
    if long() { many } else { few }
}

#[test]
fn a_server_killed_under_load_loses_and_doubles_nothing() {
    let mut random = Random::new(seed("a_server_killed_under_load"));
    kills("sqlite:flows.db", 1, times(20, 1_000), &mut random);
}

#[test]
fn of_two_servers_on_one_postgresql_either_may_be_killed() {
    let Some(postgres) = shared_postgres() else { return };
    let mut random = Random::new(seed("of_two_servers_on_one_postgresql"));
    kills(&postgres.url(&postgres.database()), 2, times(10, 500), &mut random);
}
