//! The browser: its cookie, what it is answered, and how little that says.

use flowhost_tests::serving::{Browser, Response, Serving, request};
use flowhost_tests::{Cli, event};
use serde_json::json;

use super::{flow_file, path_of, redirect, returned, sent_away, serving};

fn came_back(browser: &mut Browser, server: &Serving, state: &str) -> Response {
    browser.get(server, &format!("/continue?state={state}&result=ok"))
}

#[test]
fn the_outcome_stays_between_the_server_and_the_backend() {
    for (ending, outcome) in [
        (json!([]), "completed"),
        (json!([{ "deny": "no" }]), "denied"),
        (json!([{ "trap": true }]), "failed"),
    ] {
        let (_cli, server) = serving(json!([redirect()]), ending);
        let (started, mut browser, state) = sent_away(&server);
        returned(&came_back(&mut browser, &server, &state), &started);
        assert_eq!(server.flow(&started)["outcome"], outcome);
    }
}

#[test]
fn the_cookie_is_for_this_host_alone() {
    let cli = Cli::new();
    cli.write("flow.toml", flow_file("reset", &json!([redirect()]), &json!([])));
    let url = "https://reset.example.com/flow";
    let server = Serving::with(&cli, &["flow.toml", "--public-url", url], |_| {});
    let (started, path) = server.begin("reset", &event());
    let begin = started["begin_url"].as_str().expect("a URL");
    assert!(begin.starts_with("https://reset.example.com/flow/begin?state="), "{begin}");
    let mut browser = Browser::default();
    let answer = browser.get(&server, &path).expect(303);
    assert!(answer.location().starts_with("https://reset.example.com/flow/begin?state="));
    let set = answer.header("set-cookie").expect("a cookie");
    let attributes: Vec<&str> = set.split("; ").skip(1).collect();
    assert!(set.starts_with("__Host-flowhost="), "{set}");
    for expected in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(attributes.contains(&expected), "{set}");
    }
    assert_eq!(attributes.len(), 4, "{set}");
    // The cookie is set before the flow begins: a lost answer can be had again.
    assert_eq!(server.flow(&started)["outcome"], "browser");
    let first = browser.get(&server, &path).expect(303);
    assert_eq!(browser.get(&server, &path).expect(303).location(), first.location());
    assert_eq!(server.flow(&started)["runs"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_browser_without_cookies_is_told_so_and_begins_nothing() {
    let (_cli, server) = serving(json!([redirect()]), json!([]));
    let (started, path) = server.begin("reset", &event());
    let answer = Browser::default().get(&server, &format!("{path}&cookie=set")).expect(400);
    assert!(answer.body.contains("cookie"), "{}", answer.body);
    assert_eq!(server.flow(&started)["outcome"], "browser");
}

/// Replayed, expired, unknown, another browser's, none at all, cancelled,
/// of another page: one answer, and nothing runs.
#[test]
fn a_state_that_is_not_accepted_is_answered_in_one_way() {
    let cli = Cli::new();
    let short = format!(
        "{}\n[limits]\nstate_lifetime = \"300ms\"\n",
        flow_file("short", &json!([redirect()]), &json!([]))
    );
    cli.write("short.toml", short);
    cli.write("flow.toml", flow_file("reset", &json!([redirect()]), &json!([])));
    let server = Serving::with(&cli, &["flow.toml", "short.toml"], |_| {});

    let (used, mut owner, replayed) = sent_away(&server);
    came_back(&mut owner, &server, &replayed).expect(303);
    let (stolen, _, foreign) = sent_away(&server);
    let (cancelled, mut canceller, gone) = sent_away(&server);
    server.call("POST", &path_of(&cancelled, "/cancel"), None).expect(200);
    let (pending, path) = server.begin("reset", &event());
    let (late, late_path) = server.begin("short", &event());
    flowhost_tests::serving::wait_until("its end", || server.flow(&late)["status"] == "expired");

    let mut other = Browser::default();
    other.get(&server, "/begin?state=x").expect(303);
    let mut nobody = Browser::default();
    let unknown = "A".repeat(43);
    let pending_state = path.split_once("state=").expect("a state").1;
    let answers = [
        ("replayed", came_back(&mut other, &server, &replayed)),
        ("foreign", came_back(&mut other, &server, &foreign)),
        ("no cookie", came_back(&mut nobody, &server, &foreign)),
        ("unknown", came_back(&mut other, &server, &unknown)),
        ("no state of ours", came_back(&mut other, &server, "%0d%0aset-cookie:%20a=b")),
        ("cancelled", came_back(&mut canceller, &server, &gone)),
        ("not begun", came_back(&mut other, &server, pending_state)),
        ("expired", other.get(&server, &late_path)),
        ("begun", other.get(&server, &format!("/begin?state={foreign}"))),
        ("unknown to begin", other.get(&server, &format!("/begin?state={unknown}"))),
        ("posted", other.post(&server, "/continue", &format!("state={replayed}&result=ok"))),
        ("here", nobody.post(&server, "/continue/here", &format!("state={foreign}"))),
    ];
    let first = answers[0].1.clone().expect(410).without_date();
    for (what, answer) in answers {
        assert_eq!(answer.without_date(), first, "{what}");
    }
    for (flow, outcome, runs) in [
        (&used, "completed", 2),
        (&stolen, "redirect", 1),
        (&cancelled, "cancelled", 1),
        (&pending, "browser", 0),
        (&late, "browser", 0),
    ] {
        let view = server.flow(flow);
        assert_eq!(view["outcome"], outcome, "{view:#}");
        assert_eq!(view["runs"].as_array().map(Vec::len), Some(runs), "{view:#}");
    }
    // The reasons are in the log, without the states.
    let log = server.stop();
    for code in ["state_unknown", "state_expired", "state_wrong_browser", "state_already_used"] {
        assert!(log.contains(code), "{log}");
    }
    assert!(!log.contains(&replayed) && !log.contains(&foreign), "{log}");
}

#[test]
fn a_lost_answer_is_given_again_to_the_same_browser() {
    let (_cli, server) = serving(json!([redirect()]), json!([redirect()]));
    let (started, mut browser, state) = sent_away(&server);
    let first = came_back(&mut browser, &server, &state).expect(303);
    let again = came_back(&mut browser, &server, &state).expect(303);
    assert_eq!(again.without_date(), first.without_date());
    assert_eq!(server.flow(&started)["runs"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_browser_that_hangs_up_does_not_stop_what_it_began() {
    use std::io::Write as _;
    let (_cli, server) = serving(json!([redirect()]), json!([{ "sleep_ms": 500 }]));
    let (started, browser, state) = sent_away(&server);
    let cookie = format!("cookie: {}\r\n", browser.cookie.as_ref().expect("a cookie"));
    let asked = request("GET", &format!("/continue?state={state}"), &cookie, b"");
    let mut stream = std::net::TcpStream::connect(server.address).expect("a connection");
    stream.write_all(&asked).expect("sent");
    flowhost_tests::serving::wait_until("a run", || server.flow(&started)["status"] != "waiting");
    drop(stream);
    flowhost_tests::serving::wait_until("the end", || {
        server.flow(&started)["outcome"] == "completed"
    });
}

#[test]
fn of_many_at_once_one_goes_on() {
    let (_cli, server) = serving(json!([redirect()]), json!([{ "sleep_ms": 100 }]));
    for _ in 0..5 {
        let (started, browser, state) = sent_away(&server);
        let answers: Vec<Response> = std::thread::scope(|scope| {
            let ask = || came_back(&mut browser.clone(), &server, &state);
            let asking: Vec<_> = (0..16).map(|_| scope.spawn(ask)).collect();
            asking.into_iter().map(|one| one.join().expect("an answer")).collect()
        });
        // The others came while it ran, or got its answer again.
        let done = answers.iter().filter(|answer| answer.status == 303).count();
        assert!(
            done >= 1 && answers.iter().all(|a| [303, 410].contains(&a.status)),
            "{answers:#?}"
        );
        let view = server.flow(&started);
        assert_eq!(view["runs"].as_array().map(Vec::len), Some(2), "{view:#}");
        assert_eq!(view["outcome"], "completed");
    }
}

#[test]
fn a_form_from_another_site_is_sent_again_from_this_one() {
    let (_cli, server) = serving(json!([redirect()]), json!([{ "json_at": "/request/body" }]));
    let (started, mut browser, state) = sent_away(&server);
    let form = format!("state={state}&a=%22%3E%3Cscript%3E&b=1+2%0d%0a");
    let page = Browser::default().post(&server, "/continue?q=%3C", &form).expect(200);
    assert!(page.body.contains("name=\"a\" value=\"&quot;&gt;&lt;script&gt;\""), "{}", page.body);
    assert!(page.body.contains("value=\"1 2&#13;&#10;\""), "{}", page.body);
    assert!(page.body.contains("/continue/here?q=%3C\""), "{}", page.body);
    assert!(page.body.contains("<button>"), "{}", page.body);
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    let script = browser.get(&server, "/continue/send.js").expect(200);
    assert!(script.body.contains("submit()"));
    assert_eq!(server.flow(&started)["outcome"], "redirect");
    returned(&browser.post(&server, "/continue/here?q=%3C", &form), &started);
}

#[test]
fn a_look_at_the_head_begins_nothing() {
    let (_cli, server) = serving(json!([redirect()]), json!([]));
    let (started, path) = server.begin("reset", &event());
    let (other, browser, state) = sent_away(&server);
    let cookie = format!("cookie: {}\r\n", browser.cookie.as_ref().expect("a cookie"));
    server.send(&request("HEAD", &path, &cookie, b"")).expect(405);
    let back = format!("/continue?state={state}");
    server.send(&request("HEAD", &back, &cookie, b"")).expect(405);
    assert_eq!(server.flow(&started)["outcome"], "browser");
    assert_eq!(server.flow(&other)["outcome"], "redirect");
}

#[test]
fn the_address_is_the_peers_unless_a_proxy_is_trusted() {
    for (arguments, expected) in
        [(vec!["flow.toml"], "127.0.0.1"), (vec!["flow.toml", "--trust-proxy"], "203.0.113.9")]
    {
        let cli = Cli::new();
        let read = json!([{ "text_at": "/request/ip" }, redirect()]);
        cli.write("flow.toml", flow_file("reset", &read, &json!([])));
        let server = Serving::with(&cli, &arguments, |_| {});
        let (started, path) = server.begin("reset", &event());
        let mut browser = Browser::default();
        browser.get(&server, &path).expect(303);
        let cookie = browser.cookie.expect("a cookie");
        let headers = format!("cookie: {cookie}\r\nx-forwarded-for: 198.51.100.1, 203.0.113.9\r\n");
        server.send(&request("GET", &path, &headers, b"")).expect(303);
        let view = server.flow(&started);
        assert!(view["runs"][0]["logs"].to_string().contains(expected), "{view:#}");
    }
}
