//! The example `password_reset` over plain HTTP, without a browser: answers
//! that tell nothing, headers, cookies, what is stored. The way of a user is in
//! `browser.rs`.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use flowhost_tests::{ResetApp, ResetSetup, VERIFIER_KEY};
use ureq::Agent;

const SETUP: ResetSetup<'_> =
    ResetSetup { language: "none", users: 1, flow: &[], arguments: &["--forgot-per-hour", "99"] };

const WAITING: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_millis(20);

/// What came back.
#[derive(Debug, Clone, PartialEq)]
struct Answer {
    status: u16,
    /// All but the date.
    headers: BTreeMap<String, String>,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The cookie that was given, as the browser sends it back.
    fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
    }

    /// The `state` of the redirect.
    fn state(&self) -> String {
        let state = self.header("location").split("state=").nth(1);
        state.unwrap_or_else(|| panic!("{self:#?}")).to_owned()
    }
}

fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(WAITING));
    config.build().new_agent()
}

fn read(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
    let mut response = response.expect("an answer");
    let pairs = response.headers().iter().filter(|(name, _)| *name != "date");
    let text = |value: &ureq::http::HeaderValue| value.to_str().expect("text").to_owned();
    Answer {
        status: response.status().as_u16(),
        headers: pairs.map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: response.body_mut().read_to_string().expect("text"),
    }
}

fn get(url: &str, headers: &[(&str, &str)]) -> Answer {
    let request = agent().get(url);
    read(
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).call(),
    )
}

fn post(url: &str, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Answer {
    let request = agent().post(url);
    let request =
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    read(request.send_form(form.iter().copied()))
}

/// The token of the newest link in the outbox, which comes in its own time.
fn link(app: &ResetApp, headers: &[(&str, &str)]) -> String {
    let mut waited = Duration::ZERO;
    loop {
        let outbox = get(&format!("{}/dev/outbox", app.origin), headers).body;
        let found = outbox.split("/reset?token=").nth(1);
        if let Some(token) = found.and_then(|rest| rest.get(..43)) {
            return token.to_owned();
        }
        assert!(waited < WAITING, "no mail: {outbox}");
        std::thread::sleep(TICK);
        waited += TICK;
    }
}

/// A flow of the first user, started: its state and the browser's cookie.
fn started(app: &ResetApp) -> Answer {
    let email = app.users[0].email.as_str();
    let sent = post(&format!("{}/forgot", app.origin), &[], &[("email", email)]);
    assert_eq!(sent.status, 303, "{sent:#?}");
    let started = post(&format!("{}/reset", app.origin), &[], &[("token", &link(app, &[]))]);
    assert_eq!(started.status, 303, "{started:#?}");
    started
}

#[test]
fn the_answer_is_the_same_whether_or_not_there_is_such_a_user() {
    let app = ResetApp::start(&SETUP);
    let email = app.users[0].email.to_uppercase();
    let ask = |email: &str| post(&format!("{}/forgot", app.origin), &[], &[("email", email)]);
    let known = ask(&email);
    assert_eq!((known.status, known.header("location")), (303, "/forgot/sent"));
    for other in ["nobody@example.com", "no address", "", "@", "a@b@c", "ä@example.com"] {
        assert_eq!(ask(other), known, "{other}");
    }
    let page = get(&format!("{}/forgot/sent", app.origin), &[]);
    assert_eq!(page.status, 200);
    link(&app, &[]);
    let outbox = get(&format!("{}/dev/outbox", app.origin), &[]).body;
    assert_eq!(outbox.matches("<article>").count(), 1, "{outbox}");
    // To sign in tells as little.
    let sign_in = |email: &str| {
        let form = [("email", email), ("password", "wrong")];
        post(&format!("{}/sign-in", app.origin), &[], &form)
    };
    assert_eq!(sign_in(&app.users[0].email), sign_in("nobody@example.com"));
}

#[test]
fn every_page_keeps_to_itself() {
    let app = ResetApp::start(&SETUP);
    let paths = [
        "/",
        "/forgot",
        "/forgot/sent",
        "/reset",
        "/reset?token=x",
        "/continue",
        "/continue?state=x",
        "/continue/again",
        "/challenge",
        "/challenge?state=x",
        "/new-password",
        "/done",
        "/sign-in",
        "/dev/outbox",
        "/static/style.css",
        "/static/submit.js",
        "/nowhere",
    ];
    let pages = paths.map(|path| format!("{}{path}", app.origin));
    let verifier = ["/", "/start", "/static/style.css"];
    let verifier = verifier.map(|path| format!("{}{path}", app.verifier));
    for url in pages.iter().chain(&verifier) {
        for answer in [get(url, &[]), post(url, &[], &[("state", "x")])] {
            assert!(answer.status < 500, "{url}: {answer:#?}");
            assert_eq!(answer.header("cache-control"), "no-store", "{url}");
            assert_eq!(answer.header("referrer-policy"), "no-referrer", "{url}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{url}");
            let policy = answer.header("content-security-policy");
            assert!(policy.contains("default-src 'none'"), "{url}: {policy}");
            assert!(policy.contains("frame-ancestors 'none'"), "{url}: {policy}");
            assert!(!policy.contains("unsafe"), "{url}: {policy}");
        }
    }
}

#[test]
fn every_refusal_is_the_same_page() {
    let app = ResetApp::start(&SETUP);
    let url = |path: &str| format!("{}{path}", app.origin);
    let begun = started(&app);
    let (state, cookie) = (begun.state(), begun.cookie());
    let own = [("cookie", cookie.as_str())];
    let other_state = "x".repeat(43);
    let refusal = get(&url("/new-password"), &[]);
    assert_eq!(refusal.status, 400);
    let come_back = |more: &str| url(&format!("/continue?state={state}{more}"));
    let twice = format!("{cookie}; {cookie}");
    let answers = [
        get(&url("/reset"), &[]),
        get(&url("/reset?token=x"), &[]),
        get(&url("/reset?token=a&token=b"), &[]),
        post(&url("/reset"), &[], &[]),
        post(&url("/reset"), &[], &[("token", &other_state)]),
        get(&url("/continue"), &own),
        get(&come_back(""), &[]),
        get(&come_back(""), &[("cookie", &twice)]),
        get(&come_back(""), &[("cookie", "reset-without-tls=x")]),
        get(&come_back(&format!("&state={other_state}")), &own),
        get(&come_back(&format!("&state={state}")), &own),
        get(&url(&format!("/continue?state={other_state}")), &own),
        post(&come_back(""), &own, &[("state", &other_state)]),
        post(&come_back(""), &own, &[("x", &"x".repeat(65 * 1024))]),
        post(&url("/continue/again"), &own, &[]),
        get(&url(&format!("/challenge?state={state}")), &own),
        post(&url("/challenge"), &own, &[("state", &state), ("code", "123456")]),
        get(&url("/new-password"), &own),
        post(&url("/new-password"), &own, &[("password", "x"), ("again", "x")]),
        post(&url("/forgot"), &[("sec-fetch-site", "cross-site")], &[("email", "a@b.example")]),
        post(&url("/forgot"), &[("sec-fetch-site", "same-site")], &[("email", "a@b.example")]),
        post(&url("/forgot"), &[("origin", "null")], &[("email", "a@b.example")]),
        post(&url("/forgot"), &[("origin", "https://evil.example")], &[("email", "a@b.example")]),
        get(&url("/forgot"), &[("host", "evil.example")]),
        read(agent().post(url("/forgot")).header("content-type", "text/plain").send("email=a")),
        read(agent().post(url("/forgot")).content_type("application/json").send("{}")),
        read(agent().put(url("/forgot")).send("email=a")),
    ];
    for (number, answer) in answers.iter().enumerate() {
        assert_eq!((answer.status, &answer.body), (400, &refusal.body), "{number}");
        assert_eq!(answer.header("set-cookie"), "", "{number}");
    }
    // After all that, the flow still goes on, in its own browser.
    let back = get(&come_back("&result=ok"), &own);
    assert_eq!((back.status, back.header("location")), (303, "/new-password"));
    assert_eq!(get(&url("/new-password"), &own).status, 200);
}

#[test]
fn a_new_password_is_set_once_and_only_after_the_flow_completed() {
    let app = ResetApp::start(&SETUP);
    let url = |path: &str| format!("{}{path}", app.origin);
    let begun = started(&app);
    let cookie = begun.cookie();
    let own = [("cookie", cookie.as_str())];
    let back = url(&format!("/continue?state={}", begun.state()));
    assert_eq!(get(&back, &own).header("location"), "/new-password");
    let set = |password: &str, again: &str| {
        post(&url("/new-password"), &own, &[("password", password), ("again", again)])
    };
    let right = "correct horse battery staple";
    assert_eq!(set("too short", "too short").status, 422);
    assert_eq!(set(&"x".repeat(129), &"x".repeat(129)).status, 422);
    assert_eq!(set(right, "correct horse battery stable").status, 422);
    // Of many at once, one.
    let threads: Vec<_> = std::thread::scope(|scope| {
        let set = |_| scope.spawn(|| set(right, right));
        let threads: Vec<_> = (0..8).map(set).collect();
        threads.into_iter().map(|thread| thread.join().expect("an answer")).collect()
    });
    let done = threads.iter().filter(|answer| answer.status == 303).count();
    assert_eq!((done, threads.len()), (1, 8), "{threads:#?}");
    assert!(threads.iter().all(|answer| [303, 400].contains(&answer.status)));
    // The answer to the same state is given again for a while, and opens nothing.
    assert_eq!(get(&back, &own).status, 400);
    assert_eq!(set(right, right).status, 400);
    let sign_in = |password: &str| {
        let form = [("email", app.users[0].email.as_str()), ("password", password)];
        post(&url("/sign-in"), &[], &form).status
    };
    assert_eq!((sign_in(right), sign_in(&app.users[0].password)), (200, 403));
}

#[test]
fn an_expired_state_is_refused() {
    let short = [("trigger =", "limits = { state_lifetime = \"1s\" }\ntrigger =")];
    let app = ResetApp::start(&ResetSetup { flow: &short, ..SETUP });
    let begun = started(&app);
    std::thread::sleep(Duration::from_millis(1100));
    let back = format!("{}/continue?state={}", app.origin, begun.state());
    let answer = get(&back, &[("cookie", &begun.cookie())]);
    let refusal = get(&format!("{}/new-password", app.origin), &[]);
    assert_eq!((answer.status, answer.body), (400, refusal.body));
}

#[test]
fn an_expired_link_is_refused() {
    let arguments = ["--link-lifetime", "0"];
    let app = ResetApp::start(&ResetSetup { arguments: &arguments, ..SETUP });
    post(&format!("{}/forgot", app.origin), &[], &[("email", &app.users[0].email)]);
    let token = link(&app, &[]);
    assert_eq!(get(&format!("{}/reset?token={token}", app.origin), &[]).status, 400);
    assert_eq!(post(&format!("{}/reset", app.origin), &[], &[("token", &token)]).status, 400);
}

#[test]
fn over_https_the_cookie_is_for_this_host_alone() {
    let arguments = ["--public-url", "https://localhost"];
    let app = ResetApp::start(&ResetSetup { arguments: &arguments, ..SETUP });
    let host = [("host", "localhost")];
    let url = |path: &str| format!("{}{path}", app.origin);
    assert_eq!(get(&url("/forgot"), &[]).status, 400);
    let page = get(&url("/forgot"), &host);
    assert_eq!(page.header("strict-transport-security"), "max-age=31536000");
    post(&url("/forgot"), &host, &[("email", &app.users[0].email)]);
    let begun = post(&url("/reset"), &host, &[("token", &link(&app, &host))]);
    let cookie = begun.header("set-cookie");
    assert!(cookie.starts_with("__Host-reset="), "{cookie}");
    for flag in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[test]
fn the_outbox_is_for_this_machine_and_without_a_mail_server() {
    let cases: [(&[&str], &str); 3] = [
        (&["--public-url", "https://reset.example.com"], "reset.example.com"),
        (&["--public-url", "http://localhost", "--behind-proxy"], "localhost"),
        (&["--public-url", "http://localhost", "--smtp", "smtp://127.0.0.1:1"], "localhost"),
    ];
    for (arguments, host) in cases {
        let app = ResetApp::start(&ResetSetup { arguments, ..SETUP });
        let outbox = get(&format!("{}/dev/outbox", app.origin), &[("host", host)]);
        assert_eq!(outbox.status, 404, "{arguments:?}");
    }
}

#[test]
fn what_is_stored_opens_nothing() {
    let app = ResetApp::start(&SETUP);
    let email = [("email", app.users[0].email.as_str())];
    let begun = started(&app);
    let flags = begun.header("set-cookie");
    for flag in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(flags.contains(flag), "{flags}");
    }
    assert_eq!(post(&format!("{}/forgot", app.origin), &[], &email).status, 303);
    let (state, cookie, token) = (begun.state(), begun.cookie(), link(&app, &[]));
    let cookie = cookie.split('=').nth(1).expect("a value");
    let secrets = [state.as_str(), cookie, &token, &app.users[0].password];
    let mut files = 0;
    for entry in std::fs::read_dir(app.data()).expect("a folder") {
        let path = entry.expect("an entry").path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        files += 1;
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
    assert!(files >= 3, "{files} files");
    let printed = app.lines().join("\n");
    assert!(secrets.iter().all(|secret| !printed.contains(secret)), "{printed}");
}

#[test]
fn one_address_asks_only_so_often() {
    let arguments = ["--forgot-per-hour", "2", "--behind-proxy"];
    let app = ResetApp::start(&ResetSetup { arguments: &arguments, ..SETUP });
    let ask = |from: &str| {
        let headers = [("x-forwarded-for", from)];
        let form = [("email", "nobody@example.com")];
        post(&format!("{}/forgot", app.origin), &headers, &form).status
    };
    // What a client says of itself comes before what the proxy adds.
    let first = ["203.0.113.1", "192.0.2.7, 203.0.113.1", "192.0.2.8, 203.0.113.1"].map(ask);
    assert_eq!(first, [303, 303, 429]);
    assert_eq!(ask("203.0.113.2"), 303);
    // Everybody has as many addresses as they like in a /64.
    let v6 = ["2001:db8::1", "2001:db8::2", "2001:db8::ffff:1", "2001:db8:0:1::1"].map(ask);
    assert_eq!(v6, [303, 303, 429, 303]);
}

#[test]
fn other_cookies_do_not_hide_ours() {
    let app = ResetApp::start(&SETUP);
    let begun = started(&app);
    let back = format!("{}/continue?state={}", app.origin, begun.state());
    let mut header = b"theme=\xfc\xff; other=\"a=b\"; ".to_vec();
    header.extend(begun.cookie().bytes());
    let header = ureq::http::HeaderValue::from_bytes(&header).expect("a header");
    let answer = read(agent().get(&back).header("cookie", header).call());
    assert_eq!((answer.status, answer.header("location")), (303, "/new-password"));
}

#[test]
fn many_who_sign_in_at_once_are_all_answered() {
    let app = ResetApp::start(&SETUP);
    let sign_in = |password: &str| {
        let form = [("email", app.users[0].email.as_str()), ("password", password)];
        post(&format!("{}/sign-in", app.origin), &[], &form).status
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..24).map(|_| scope.spawn(|| sign_in("wrong"))).collect();
        for thread in threads {
            let status = thread.join().expect("an answer");
            assert!([403, 503].contains(&status), "{status}");
        }
    });
    assert_eq!(sign_in(&app.users[0].password), 200);
}

/// Whoever hangs up in the middle, and asks again, finds the flow as if they
/// had waited.
#[test]
fn a_browser_that_hangs_up_goes_on() {
    let app = ResetApp::start(&SETUP);
    let begun = started(&app);
    let (state, cookie) = (begun.state(), begun.cookie());
    let host = app.origin.trim_start_matches("http://");
    let request =
        format!("GET /continue?state={state} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\n\r\n");
    let mut stream = TcpStream::connect(host).expect("the app");
    stream.write_all(request.as_bytes()).expect("sent");
    drop(stream);
    let back = format!("{}/continue?state={state}", app.origin);
    let mut waited = Duration::ZERO;
    // Refused while the first still runs.
    while get(&back, &[("cookie", &cookie)]).header("location") != "/new-password" {
        assert!(waited < WAITING, "the flow is stuck");
        std::thread::sleep(TICK);
        waited += TICK;
    }
}

#[test]
fn an_address_is_added_once() {
    let app = ResetApp::start(&SETUP);
    let binary = format!("password-reset{}", std::env::consts::EXE_SUFFIX);
    let mut add = std::process::Command::new(flowhost_tests::home().with_file_name(binary));
    add.args(["add-user", &app.users[0].email, "--data"]).arg(app.data());
    let output = add.output().expect("the app");
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.contains("there is a user with the address"), "{said}");
    assert!(!said.contains("UNIQUE"), "{said}");
}

#[cfg(unix)]
#[test]
fn what_is_stored_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let app = ResetApp::start(&SETUP);
    started(&app);
    let mode = |path: &std::path::Path| {
        std::fs::metadata(path).expect("a file").permissions().mode() & 0o777
    };
    assert_eq!(mode(&app.data()), 0o700);
    for name in ["app.db", "app.db-wal", "app.db-shm", "flows.db", "keys.txt"] {
        assert_eq!(mode(&app.data().join(name)), 0o600, "{name}");
    }
}

/// With the actions in Rust: to the verifier, back, and the code from the
/// outbox.
#[test]
fn a_code_whose_answer_was_lost_is_answered_again() {
    let arguments = ["--verifier-returns", "get"];
    let app = ResetApp::start(&ResetSetup { language: "rust", arguments: &arguments, ..SETUP });
    let begun = started(&app);
    let cookie = begun.cookie();
    let own = [("cookie", cookie.as_str())];
    let (state, token) = (begun.state(), begun.header("location").split("session_token=").nth(1));
    let first = |text: &str| text.split('&').next().unwrap_or_default().to_owned();
    let (state, token) = (first(&state), first(token.expect("a token")));
    let yes = [("state", state.as_str()), ("session_token", &token), ("answer", "yes")];
    let confirmed = post(&format!("{}/start", app.verifier), &[], &yes);
    let challenged = get(confirmed.header("location"), &own);
    let state = challenged.state();
    let outbox = get(&format!("{}/dev/outbox", app.origin), &[]).body;
    let code = outbox.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 6);
    let code = code.unwrap_or_else(|| panic!("no code: {outbox}"));
    let send = |headers: &[(&str, &str)], code: &str| {
        let form = [("state", state.as_str()), ("code", code)];
        post(&format!("{}/challenge", app.origin), headers, &form)
    };
    let accepted = send(&own, code);
    assert_eq!((accepted.status, accepted.header("location")), (303, "/new-password"));
    assert_eq!(send(&own, code), accepted);
    let other = if code == "123456" { "654321" } else { "123456" };
    assert_eq!(send(&own, other).status, 400);
    assert_eq!(send(&[], code).status, 400);
    let stranger = format!("reset-without-tls={}", "x".repeat(43));
    assert_eq!(send(&[("cookie", &stranger)], code).status, 400);
    let completed = app.lines().iter().filter(|line| line.ends_with(" completed")).count();
    assert_eq!(completed, 2, "{:?}", app.lines());
}

#[test]
fn nothing_secret_travels_in_the_clear() {
    let key = ["--verifier-key", VERIFIER_KEY];
    let public = ["--public-url", "http://reset.example.com"];
    let public = ResetApp::refusal(&[key, public].concat());
    assert!(public.contains("must be https"), "{public}");
    let mail = ["--smtp", "smtp://user:pa55word@mail.example.com:25"];
    let mail = ResetApp::refusal(&[key, mail].concat());
    assert!(mail.contains("tls=required") && !mail.contains("pa55word"), "{mail}");
    let key = ResetApp::refusal(&["--verifier-key", "short"]);
    assert!(key.contains("at least 32 characters"), "{key}");
}
