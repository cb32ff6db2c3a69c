//! URL and its older relations, beyond what is compared with Node.

use super::{assert_logs, logged_in, thrown_in};

#[test]
fn an_invalid_url_says_so_as_node_does() {
    let error = thrown_in("new URL('nothing');");
    assert_eq!((error.name.as_str(), error.message.as_str()), ("TypeError", "Invalid URL"));
    assert_logs(&[(
        "(() => { try { new URL('x', 'y') } catch (e) { return [e.code, e.input, e.base].join() } })()",
        "ERR_INVALID_URL,x,y",
    )]);
}

#[test]
fn urls_can_be_parsed_without_throwing() {
    assert_logs(&[
        ("URL.parse('https://a.example/x').href", "https://a.example/x"),
        ("URL.parse('x')", "null"),
    ]);
}

#[test]
fn urls_are_logged_as_their_text() {
    assert_logs(&[
        ("new URL('https://a.example/x')", "https://a.example/x"),
        ("{ u: new URL('https://a.example/x') }", "{\n  \"u\": \"https://a.example/x\"\n}"),
    ]);
}

#[test]
fn search_parameters_stay_linked_to_their_url() {
    let lines = logged_in(
        "const u = new URL('https://a.example/?a=1');
        u.searchParams.set('a', 'x y'); console.log(u.search);
        u.search = '?b=2'; console.log([...u.searchParams].join());
        u.searchParams.delete('b'); console.log(u.href);
        u.href = 'https://b.example/?c=3'; console.log(u.searchParams.get('c'));",
    );
    assert_eq!(lines, ["?a=x+y", "b,2", "https://a.example/", "3"]);
}

#[test]
fn a_url_is_still_one_when_the_file_is_in_a_snapshot() {
    let lines = super::logged(
        "const base = new URL('https://a.example/p?x=1');
        exports.onExecute = () => { base.searchParams.append('y', 2); console.log(base.href); };",
    );
    assert_eq!(lines, ["info: https://a.example/p?x=1&y=2"]);
}
