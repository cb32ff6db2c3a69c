//! `fetch` against a server on this machine.

use std::sync::atomic::Ordering;
use std::time::Instant;

use super::server::Server;
use super::{load, logged, thrown};

/// What the expressions are, with `O` for the server's origin.
fn answers(server: &Server, expressions: &[&str]) -> Vec<String> {
    let lines: String = expressions.iter().map(|e| format!("api.log(String({e}));\n")).collect();
    logged(&format!(
        r#"
        const O = "{}";
        const name = (promise) => promise.then(() => "fine", (e) => `${{e.name}}: ${{e.message}}`);
        const json = async (...a) => (await fetch(...a)).json();
        const thrown = (call) => {{ try {{ call(); return "fine"; }} catch (e) {{ return `${{e.name}}: ${{e.message}}`; }} }};
        exports.onExecute = async (event, api) => {{
            {lines}
        }};"#,
        server.origin
    ))
}

fn check(server: &Server, cases: &[(&str, &str)]) {
    let expressions: Vec<&str> = cases.iter().map(|(expression, _)| *expression).collect();
    for ((expression, expected), got) in cases.iter().zip(answers(server, &expressions)) {
        assert_eq!(got, expected.replace("{O}", &server.origin), "{expression}");
    }
}

#[test]
fn a_response_has_a_head() {
    check(
        &Server::start(),
        &[
            (
                "await fetch(O + '/echo?a=b#frag').then((r) => [r.ok, r.status, r.statusText, r.url, r.redirected, r.type])",
                "true,200,OK,{O}/echo?a=b,false,basic",
            ),
            (
                "await fetch(O + '/status/503').then(async (r) => [r.ok, r.status, r.statusText, await r.text()])",
                "false,503,Service Unavailable,text",
            ),
            ("await fetch(O + '/echo').then((r) => r.headers.get('X-ONE'))", "1, 2"),
            (
                "await fetch(O + '/echo').then((r) => [...r.headers.keys()])",
                "content-length,content-type,x-one",
            ),
            (
                "await fetch(O + '/echo').then((r) => name((async () => r.headers.set('a', 'b'))()))",
                "TypeError: immutable",
            ),
            (
                "await fetch(O + '/cookies').then((r) => r.headers.getSetCookie().join('|'))",
                "a=1; Path=/|b=2, c",
            ),
            (
                "await fetch(O + '/cookies').then((r) => [...r.headers].filter(([n]) => n === 'set-cookie').length)",
                "2",
            ),
            ("await fetch(O + '/cookies').then((r) => r.headers.get('x-latin'))", "\u{c3}\u{a9}"),
        ],
    );
}

#[test]
fn a_body_is_read_once() {
    check(
        &Server::start(),
        &[
            ("await fetch(O + '/chunked').then((r) => r.text())", "hello!"),
            (
                "await fetch(O + '/bom').then(async (r) => JSON.stringify(await r.json()))",
                "{\"café\":\"\u{fffd}\"}",
            ),
            (
                "await fetch(O + '/big?1000000').then(async (r) => (await r.text()).length)",
                "1000000",
            ),
            (
                "await fetch(O + '/big?3').then(async (r) => { const b = await r.arrayBuffer(); return [b instanceof ArrayBuffer, b.byteLength]; })",
                "true,3",
            ),
            ("await fetch(O + '/big?3').then(async (r) => [...await r.bytes()])", "120,120,120"),
            (
                "await fetch(O + '/big?3').then(async (r) => [r.bodyUsed, await r.text(), r.bodyUsed, await name(r.text())])",
                "false,xxx,true,TypeError: Body is unusable: Body has already been read",
            ),
            (
                "await fetch(O + '/big?3').then(async (r) => { const c = r.clone(); return [await r.text(), await c.text(), await name((async () => r.clone())())]; })",
                "xxx,xxx,TypeError: Response.clone: Body has already been consumed.",
            ),
            (
                "await fetch(O + '/big?3').then((r) => name((async () => r.body)()))",
                "TypeError: a body as a stream (`.body`); text(), json(), arrayBuffer() and bytes() do, and it does not exist here; what exists is listed in guest-sdk/javascript/README.md#what-exists",
            ),
            (
                "await fetch(O + '/status/204').then(async (r) => [r.body, await r.text(), r.bodyUsed])",
                ",,false",
            ),
            (
                "await fetch(O + '/echo', { method: 'HEAD' }).then(async (r) => [r.status, r.body, await r.text()])",
                "200,,",
            ),
            (
                "await fetch(O + '/status/200').then((r) => r.json()).catch((e) => e.name)",
                "SyntaxError",
            ),
            ("await fetch({ toString: () => O + '/big?1' }).then((r) => r.text())", "x"),
        ],
    );
}

/// A SOAP call, as an action makes one.
const SOAP: &str = r#"await (async () => {
        const envelope = '<?xml version="1.0"?><soap:Envelope><soap:Body>ä</soap:Body></soap:Envelope>';
        const r = await json(O + '/echo', { method: 'post', body: envelope,
            headers: { 'Content-Type': 'text/xml; charset=utf-8', SOAPAction: '"urn:check"' } });
        return [r.method, r.body === envelope, r.headers['content-type'], r.headers.soapaction, r.headers['content-length']];
    })()"#;

#[test]
fn a_request_is_sent_as_it_is_made() {
    check(
        &Server::start(),
        &[
            ("(await json(O + '/echo')).method", "GET"),
            ("JSON.stringify((await json(O + '/echo')).headers['accept'])", "\"*/*\""),
            ("(await json(O + '/echo', { method: 'patch' })).method", "patch"),
            ("(await json(O + '/echo', { method: 'delete' })).method", "DELETE"),
            ("(await json(O + '/echo?x=1&y=%20ü')).query", "x=1&y=%20%C3%BC"),
            (
                "await json(O + '/echo', { method: 'POST', body: 'ä' }).then((r) => [r.body, r.headers['content-type'], r.headers['content-length']])",
                "ä,text/plain;charset=UTF-8,2",
            ),
            (
                "await json(O + '/echo', { method: 'POST' }).then((r) => [r.body, r.headers['content-type'], r.headers['content-length']])",
                ",,0",
            ),
            (
                "await json(O + '/echo', { method: 'POST', body: new Uint8Array([0, 104, 105]).subarray(1) }).then((r) => [r.body, r.headers['content-type']])",
                "hi,",
            ),
            (
                "await json(O + '/echo', { method: 'PUT', body: new Uint8Array([104, 105]).buffer }).then((r) => r.body)",
                "hi",
            ),
            (
                "await json(O + '/echo', { method: 'POST', body: { toString: () => 'object' } }).then((r) => r.body)",
                "object",
            ),
            (
                "await json(O + '/echo', { method: 'POST', body: JSON.stringify({ a: 1 }), headers: new Headers([['content-type', 'application/json']]) }).then((r) => [r.body, r.headers['content-type']])",
                "{\"a\":1},application/json",
            ),
            (
                "await json(O + '/echo', { headers: { 'X-A': ' b ', Authorization: 'Basic eA==' } }).then((r) => [r.headers['x-a'], r.headers.authorization])",
                "b,Basic eA==",
            ),
            (
                "await json(O + '/echo', { headers: { Connection: 'keep-alive', 'Content-Length': '99', 'accept-encoding': 'gzip' } }).then((r) => [r.headers.connection, r.headers['content-length'], r.headers['accept-encoding']])",
                "close,,identity",
            ),
            (
                "await name(fetch(O, { headers: { Host: 'other' } }))",
                "TypeError: fetch failed: the header \"host\" cannot be set: the host sets it",
            ),
            (
                "await json(new Request(O + '/echo', { method: 'POST', body: 'x' }), { headers: { a: 'b' } }).then((r) => [r.method, r.body, r.headers.a])",
                "POST,x,b",
            ),
            (
                "await (async () => { const r = new Request(O + '/echo', { method: 'POST', body: 'x' }); const c = r.clone(); await fetch(r); return [r.bodyUsed, c.bodyUsed, await c.text(), await name(fetch(r))]; })()",
                "true,false,x,TypeError: Cannot construct a Request with a Request object that has already been used.",
            ),
            (
                "await (async () => { const form = new FormData(); form.append('a', 'b\\nc'); form.append('d\"', 'e'); const r = await json(O + '/echo', { method: 'POST', body: form }); const boundary = r.headers['content-type'].split('boundary=')[1]; return r.body.replaceAll(boundary, 'B').replaceAll('\\r\\n', '|'); })()",
                "--B|Content-Disposition: form-data; name=\"a\"||b|c|--B|Content-Disposition: form-data; name=\"d%22\"||e|--B--|",
            ),
            (SOAP, "POST,true,text/xml; charset=utf-8,\"urn:check\",77"),
            (
                "await (async () => { globalThis.URLSearchParams ??= class { constructor(o) { this.o = o } toString() { return Object.entries(this.o).map((e) => e.map(encodeURIComponent).join('=')).join('&') } }; const r = await json(O + '/echo', { method: 'POST', body: new URLSearchParams({ grant_type: 'authorization_code', code: 'a&b' }) }); return [r.body, r.headers['content-type']]; })()",
                "grant_type=authorization_code&code=a%26b,application/x-www-form-urlencoded;charset=UTF-8",
            ),
        ],
    );
}

#[test]
fn what_is_no_request_is_refused_before_it_is_sent() {
    let server = Server::start();
    check(
        &server,
        &[
            ("await name(fetch('/path'))", "TypeError: Failed to parse URL from /path"),
            (
                "await name(fetch('http://user:pw@localhost/'))",
                "TypeError: Request cannot be constructed from a URL that includes credentials: http://user:pw@localhost/",
            ),
            (
                "await name(fetch('ftp://localhost/'))",
                "TypeError: fetch failed: ftp: is not supported, only http: and https:",
            ),
            (
                "await name(fetch(O, { method: 'TRACE' }))",
                "TypeError: 'TRACE' is not a valid HTTP method.",
            ),
            (
                "await name(fetch(O, { method: 'connect' }))",
                "TypeError: 'connect' is not a valid HTTP method.",
            ),
            (
                "await name(fetch(O, { method: 'A B' }))",
                "TypeError: 'A B' is not a valid HTTP method.",
            ),
            (
                "await name(fetch(O, { body: 'x' }))",
                "TypeError: Request with GET/HEAD method cannot have body.",
            ),
            (
                "await name(fetch(O, { headers: { 'a b': 'c' } }))",
                "TypeError: Headers.append: a b is an invalid header name.",
            ),
            (
                "await name(fetch(O, { headers: { a: 'b\\r\\nc: d' } }))",
                "TypeError: Headers.append: \"b\\r\\nc: d\" is an invalid header value.",
            ),
            (
                "await name(fetch(O, { headers: { a: '€' } }))",
                "TypeError: Cannot convert argument to a ByteString because the character at index 0 has a value of 8364 which is greater than 255.",
            ),
            (
                "await name(fetch(O, { redirect: 'maybe' }))",
                "TypeError: Request constructor: maybe is not an accepted type. Expected one of follow, error, manual.",
            ),
            (
                "await name(fetch(O, { signal: {} }))",
                "TypeError: Request constructor: Expected signal to be an instance of AbortSignal.",
            ),
            (
                "await name(fetch())",
                "TypeError: Request constructor: 1 argument required, but only 0 present.",
            ),
            (
                "await name(fetch(O, { method: 'POST', body: { getReader() {} } }))",
                "TypeError: a body that is a stream does not exist here; what exists is listed in guest-sdk/javascript/README.md#what-exists",
            ),
            (
                "await name(fetch(O, { signal: AbortSignal.abort() }))",
                "AbortError: This operation was aborted",
            ),
        ],
    );
    assert_eq!(server.requests.load(Ordering::SeqCst), 0);
}

#[test]
fn redirects_are_requests_of_their_own() {
    let (server, other) = (Server::start(), Server::start());
    let secrets = format!(
        "await json(O + '/to/307?{}/echo', {{ method: 'POST', body: 'b', headers: {{ Authorization: 'a', Cookie: 'c', 'X-Own': 'x' }} }}).then((r) => [r.method, r.body, r.headers.authorization, r.headers.cookie, r.headers['x-own']])",
        other.origin
    );
    check(
        &server,
        &[
            (
                "await fetch(O + '/count?19').then((r) => [r.status, r.redirected, r.url])",
                "200,true,{O}/echo",
            ),
            (
                "await name(fetch(O + '/count?20'))",
                "TypeError: fetch failed: redirect count exceeded",
            ),
            (
                "await fetch(O + '/count?1', { redirect: 'manual' }).then(async (r) => [r.status, r.redirected, r.headers.get('location')])",
                "302,false,/count?0",
            ),
            (
                "await name(fetch(O + '/count?1', { redirect: 'error' }))",
                "TypeError: fetch failed: unexpected redirect to /count?0",
            ),
            (
                "await json(O + '/to/301?/echo', { method: 'POST', body: 'b' }).then((r) => [r.method, r.body, r.headers['content-type']])",
                "GET,,",
            ),
            (
                "await json(O + '/to/302?/echo', { method: 'PUT', body: 'b' }).then((r) => [r.method, r.body])",
                "PUT,b",
            ),
            (
                "await json(O + '/to/303?/echo', { method: 'PUT', body: 'b' }).then((r) => [r.method, r.body])",
                "GET,",
            ),
            (
                "await json(O + '/to/308?/echo', { method: 'POST', body: 'b' }).then((r) => [r.method, r.body, r.headers['content-type']])",
                "POST,b,text/plain;charset=UTF-8",
            ),
            (
                "await json(O + '/to/302?/echo', { headers: { Authorization: 'a' } }).then((r) => r.headers.authorization)",
                "a",
            ),
            (&secrets, "POST,b,,,x"),
            (
                "await name(fetch(O + '/to/302?http://[/'))",
                "TypeError: fetch failed: invalid redirect to http://[/",
            ),
            (
                "await name(fetch(O + '/to/302?file:///etc/passwd'))",
                "TypeError: fetch failed: file: is not supported, only http: and https:",
            ),
            (
                "await name(fetch(O + '/to/302?https://a:b@localhost/'))",
                "TypeError: fetch failed: a redirect to another origin with credentials in its URL",
            ),
            (
                "await name(fetch(O + '/to/302?https://localhost/'))",
                "TypeError: fetch failed: OutboundRefused: this host speaks no TLS",
            ),
        ],
    );
}

#[test]
fn what_fails_says_why() {
    check(
        &Server::start(),
        &[
            (
                "await fetch('https://localhost/').catch((e) => [e.name, e.message, e.cause.message, e.cause.code])",
                "TypeError,fetch failed: OutboundRefused: this host speaks no TLS,OutboundRefused: this host speaks no TLS,OutboundRefused",
            ),
            (
                "await fetch('http://127.0.0.1:1/').catch((e) => [e.name, e.cause.code])",
                "TypeError,OutboundFailed",
            ),
            (
                "await fetch(O + '/broken').catch((e) => [e.message, e.cause.code])",
                "fetch failed: HttpProtocolError,HttpProtocolError",
            ),
            (
                "await fetch(O + '/half').then(async (r) => [r.status, await name(r.text())])",
                "200,TypeError: fetch failed: HttpResponseIncomplete",
            ),
            (
                "await fetch(O + '/big?1100000').then((r) => name(r.text()))",
                "TypeError: fetch failed: OutboundFailed: the response is larger than 1 MiB",
            ),
            (
                "await fetch(O + '/gzip').then(async (r) => [r.status, await name(r.text())])",
                "200,TypeError: fetch failed: the response is compressed (content-encoding: gzip)",
            ),
        ],
    );
    let error =
        thrown("exports.onExecute = async () => {\n  await fetch('https://localhost/');\n};");
    assert_eq!(error.message, "fetch failed: OutboundRefused: this host speaks no TLS");
    let stack = error.stack.expect("a stack");
    assert!(stack.contains("action.js:2:"), "{stack}");
    // A body that nobody reads fails nothing.
    let server = Server::start();
    answers(
        &server,
        &["(await fetch(O + '/half')).status", "await new Promise((d) => setTimeout(d, 50))"],
    );
}

#[test]
fn requests_are_under_way_together_and_with_timers() {
    let server = Server::start();
    check(
        &server,
        &[
            // Each is answered only when all three have come.
            (
                "await Promise.all([1, 2, 3].map(() => fetch(O + '/together').then((r) => r.text())))",
                "together,together,together",
            ),
            (
                "await (async () => { const order = []; setTimeout(() => order.push('timer'), 400); await Promise.all([fetch(O + '/slow?900').then(() => order.push('slow')), fetch(O + '/slow?1').then(() => order.push('fast'))]); return order; })()",
                "fast,timer,slow",
            ),
            (
                "await Promise.race([fetch(O + '/slow?2000'), new Promise((done) => setTimeout(done, 10, 'timer'))])",
                "timer",
            ),
            (
                "await Promise.any([fetch('http://127.0.0.1:1/'), fetch(O + '/big?2')]).then((r) => r.text())",
                "xx",
            ),
            (
                "await Promise.allSettled([fetch('https://x/'), fetch(O + '/big?2')]).then((all) => all.map((one) => one.status))",
                "rejected,fulfilled",
            ),
        ],
    );
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test measures")]
fn signals_abort_requests_and_bodies() {
    let started = Instant::now();
    check(
        &Server::start(),
        &[
            (
                "await name(fetch(O + '/slow?5000', { signal: AbortSignal.timeout(20) }))",
                "TimeoutError: The operation was aborted due to timeout",
            ),
            (
                "await (async () => { const c = new AbortController(); setTimeout(() => c.abort(), 10); return name(fetch(O + '/slow?5000', { signal: c.signal })); })()",
                "AbortError: This operation was aborted",
            ),
            (
                "await (async () => { const c = new AbortController(); setTimeout(() => c.abort('mine'), 10); return fetch(O + '/slow?5000', { signal: c.signal }).catch((e) => e); })()",
                "mine",
            ),
            (
                "await (async () => { const r = await fetch(O + '/half?5000', { signal: AbortSignal.timeout(500) }); return [r.status, await name(r.text())]; })()",
                "200,TimeoutError: The operation was aborted due to timeout",
            ),
            (
                "await (async () => { const c = new AbortController(); const s = AbortSignal.any([c.signal, AbortSignal.timeout(5000)]); setTimeout(() => c.abort(), 5); return [await name(fetch(O + '/slow?5000', { signal: s })), s.aborted]; })()",
                "AbortError: This operation was aborted,true",
            ),
            (
                "await (async () => { const c = new AbortController(); const text = await fetch(O + '/big?2', { signal: c.signal }).then((r) => r.text()); c.abort(); return text; })()",
                "xx",
            ),
            (
                "await name(fetch(new Request(O, { signal: AbortSignal.abort(new RangeError('r')) })))",
                "RangeError: r",
            ),
            (
                "(() => { const seen = []; const c = new AbortController(); c.signal.onabort = (e) => seen.push(e.type); c.signal.addEventListener('abort', () => seen.push('listener'), { once: true }); c.abort(); c.abort(); return [seen, c.signal.reason.name, c.signal.reason.code]; })()",
                "abort,listener,AbortError,20",
            ),
            (
                "thrown(() => AbortSignal.abort().throwIfAborted())",
                "AbortError: This operation was aborted",
            ),
            ("thrown(() => new AbortSignal())", "TypeError: Illegal constructor"),
            ("AbortSignal.any([AbortSignal.abort(1), AbortSignal.abort(2)]).reason", "1"),
            ("thrown(() => AbortSignal.timeout(-1)).split(':')[0]", "RangeError"),
        ],
    );
    assert!(started.elapsed().as_secs() < 10, "nothing waits for what was aborted");
}

#[test]
fn nothing_is_fetched_while_the_file_is_loaded() {
    let source = "exports.why = fetch('http://localhost/').catch((e) => e.message);
        exports.onExecute = async (event, api) => api.log(await exports.why);";
    assert_eq!(
        logged(source),
        ["fetch is not available while the file is loaded, only in a handler"]
    );
    let error = load("AbortSignal.timeout(5); exports.onExecute = () => {};").expect_err("no host");
    assert_eq!(
        error.message,
        "AbortSignal.timeout is not available while the file is loaded, only in a handler"
    );
}

#[test]
fn headers_and_messages_are_made_without_a_request() {
    check(
        &Server::start(),
        &[
            ("new Headers({ b: '1', A: '2' }).get('a')", "2"),
            ("[...new Headers([['b', '1'], ['A', '2'], ['b', '3']])].join('|')", "a,2|b,1, 3"),
            (
                "(() => { const h = new Headers(); h.append('set-cookie', 'a'); h.append('set-cookie', 'b'); h.delete('none'); return [h.get('set-cookie'), h.getSetCookie().length, h.has('Set-Cookie')]; })()",
                "a, b,2,true",
            ),
            ("new Headers().get('a')", "null"),
            (
                "thrown(() => new Headers([['a']]))",
                "TypeError: Headers constructor: expected name/value pair to be length 2, found 1.",
            ),
            (
                "thrown(() => new Headers({ 'ü': '1' }))",
                "TypeError: Headers.append: ü is an invalid header name.",
            ),
            (
                "await (async () => { const r = Response.json({ a: 1 }, { status: 201 }); return [r.status, r.headers.get('content-type'), await r.text()]; })()",
                "201,application/json,{\"a\":1}",
            ),
            ("await new Response('x').arrayBuffer().then((b) => b.byteLength)", "1"),
            (
                "thrown(() => new Response(null, { status: 99 }))",
                "RangeError: init[\"status\"] must be in the range of 200 to 599, inclusive.",
            ),
            (
                "thrown(() => new Response('x', { status: 204 }))",
                "TypeError: Response constructor: Invalid response status code 204",
            ),
            ("Response.redirect('http://a/', 303).headers.get('location')", "http://a/"),
            ("[Response.error().status, Response.error().type]", "0,error"),
            (
                "(() => { const r = new Request('http://a/b#c', { method: 'post' }); return [r.url, r.method, r.redirect, r.signal.aborted]; })()",
                "http://a/b#c,POST,follow,false",
            ),
            (
                "Object.prototype.toString.call(new Headers()) + Object.prototype.toString.call(new Response())",
                "[object Headers][object Response]",
            ),
        ],
    );
}
