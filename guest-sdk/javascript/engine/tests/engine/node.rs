//! `require('crypto')` and `crypto.subtle` against those of Node itself, where
//! Node is installed: the same expressions, and signatures both ways.

use std::process::Command;

use super::logged;

/// What Node prints; `None` where it is not installed.
fn node(script: &str) -> Option<String> {
    let Ok(output) = Command::new("node").arg("-e").arg(script).output() else {
        eprintln!("ignored: node is not installed");
        return None;
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    Some(String::from_utf8(output.stdout).expect("UTF-8"))
}

/// Keys that both have: made with OpenSSL for this file, and used nowhere.
pub(crate) const KEYS: &str = r#"
const c = require("crypto");
const CERT = `-----BEGIN CERTIFICATE-----
MIIDATCCAemgAwIBAgIUe9gsm54J/YtknddHLfHmKnpNA6UwDQYJKoZIhvcNAQEL
BQAwEDEOMAwGA1UEAwwFdGVzdHMwHhcNMjYxMTI1MjI0NjQ5WhcNMzYxMTIyMjI0
NjQ5WjAQMQ4wDAYDVQQDDAV0ZXN0czCCASIwDQYJKoZIhvcNAQEBBQADggEPADCC
AQoCggEBAMTPzNhe3Cc9T5ja++W8bAZJHn8SXFCqH32sd3ALQvn36lofVX61rs4a
u7IF/ogJCnR7rOBCh69fnzq6JQTKgMhXm1yqpFG/1S4iFW5ZF8aDTeabnm2yk+s4
sjfAgKijBneG0IPjQonphc02RGg87EpRhgNS2OWlWXijFIpz6L5kOF4HGYDbG1En
UH/RA9vDK4YD78/rNFJqUYYRF0V//OYHl4KFdoDTryXx3twTdcVrwegIXItRif3g
Gqvm1XA4+VLRVL+jaULatrYjMb6zyRmwH+FRKBs9LT27XTQbw4AJqXdA7EZB4J74
SwyGUqsDFryjo81CdVTcwGI2/gQz5LcCAwEAAaNTMFEwHQYDVR0OBBYEFJAufuR+
/+Bjm82pe3y6wyXBspS8MB8GA1UdIwQYMBaAFJAufuR+/+Bjm82pe3y6wyXBspS8
MA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADggEBAMOQgVW8Op6fCuoC
AouJasHy7tS5Uf/MIoJPW2Ulo8ulaHMxGPoheA02H6Ne+SZJMWQcqix8yJmjNXuy
VTdZtuPaGPCc8O0/DjKNGX0SzCreJ9H8VdK33odrFpQy8UWLId4/NMWgZY7eWFTi
bh70N7wNOhnkoi4J7TNEQceAE0u7TgXrjJef3fWQYgEE7clHNVYuIJcg2db02/BX
YkOhbXYKzXU5fPf4cN98b8umKWYHbKgF+IMxQUDHvUNVrhOdApxYHdYfz3uewsnP
GKxz0ljhhXbTrKDTexi1aqLjzBPTy1F20LVrhR4rHx9uLrfp/9cELLpteHxl6O2J
l68I18w=
-----END CERTIFICATE-----
`;
const RSA = `-----BEGIN PRIVATE KEY-----
MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQDEz8zYXtwnPU+Y
2vvlvGwGSR5/ElxQqh99rHdwC0L59+paH1V+ta7OGruyBf6ICQp0e6zgQoevX586
uiUEyoDIV5tcqqRRv9UuIhVuWRfGg03mm55tspPrOLI3wICoowZ3htCD40KJ6YXN
NkRoPOxKUYYDUtjlpVl4oxSKc+i+ZDheBxmA2xtRJ1B/0QPbwyuGA+/P6zRSalGG
ERdFf/zmB5eChXaA068l8d7cE3XFa8HoCFyLUYn94Bqr5tVwOPlS0VS/o2lC2ra2
IzG+s8kZsB/hUSgbPS09u100G8OACal3QOxGQeCe+EsMhlKrAxa8o6PNQnVU3MBi
Nv4EM+S3AgMBAAECggEAG5Bpms7Y++XqWqN7hBbPn6cTTli+n82JJjYcGY/PjD2H
Ok1ee/tAxZJDl2X02riUGPGj/1n8sY3YOdwNiI4+sHsUl0s5mE7LB0W0GrBU/siF
BeHls8IUVW1WCIOS1rYpFwnFSl4Z2Ow2gSHd6CYgMd3DwdNol+vV4WogW65qz79F
Upf85bH4MwV78KNaAJfHUfm1qx0i2VETX3ktuswzXsuzk77gjOckil0uyOdX4XNm
qsv7fLJlxUb4EWY190X4CtdsSV/nC/pjro+UOPLKBHiQIOCQwzR+aWK6G9D6076b
aaZT45qRdkMMerQc0Ok9NpCkQqZjRAqSH+KNdOAEgQKBgQDn6Xuosb2J77b8mFZD
oZtrtRmAvUE26MtjVT9RR1X26gDRqYQpOM0dWz09Oam01MXJvwW8FUmwxyoXaYBh
AwSSplTA1hA2rBXvhvnGvfcuaVOdacwJfjuwBoE2Toj2/InygXYPMaL567SFad4g
srQZA6pox9Yc7/KUswp5W57N8wKBgQDZQQDRtdwHDU97mUGhn424Z2w6k/+6JWIv
B9xDk4fJlR3pah4KKemF2YhYk6okD2wtKmyCxC8Mw9FO44uV9zXCSBhFDWGm4M50
0v6ACVFFstFyu8b4bY51sEdLFXWbcWK7V1MKBhYO1vzj5Pu7bJyK5Hf2NOAOntbP
UOJdoJ7LLQKBgD3u7qVIglO5/uZKUI9TM0x6Wss0v5vIY7itZXFxWZXNPFbBrJfN
oYl7eklFgvrV79RG/WMTVFCvf6As/qnpwmjfnra49C+FmX4UT9Qxmzd7zWa2gFTw
r0P9GLjGFHHRU4294SeBnAKeXeFbOoUE9G/RuMquw5GKyv/HKL7sJubdAoGASwPD
6aVWvOSerjnDzK/P+n1ThIJ3yWmBFmYravX06+jeNCtdBftk07/B8XvDQsJEgu/k
Gd7ttAWlLw0otHZwjI3iO22ca0eyYeo80C7nbh6JbYli8YK6ru5YH5fgTPUAt1k2
pf5l/WfEWFhHh3bAMsEintOxDbtQxrLSBqwgSF0CgYAZu8vrQOl6dr7j/xdSHHau
HC43Bc+YdGuoAcsvUGor2H96qJwm7evnJJW0artlblwQaWVpf7PL0Ip/y9IcglFg
iYOMDdhx3U72CUjKgOdC8QXHTLs0t4t853gGxoW2TmPaXuwCbUxgy3ohewKoDG09
o4vlVX8lpQNMbs8v2QqLMg==
-----END PRIVATE KEY-----
`;
const EC = `-----BEGIN EC PARAMETERS-----
BggqhkjOPQMBBw==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEILbLGWb1jODHvup5C2npw7lXnIbm1T/ca8a4+NznPKrWoAoGCCqGSM49
AwEHoUQDQgAExpcq+IQz6Dhj+wT7xt4CGRB+p3VlRIPpUN+Fr0+Uv/9NTa+oiaji
/0tQY1R0P4sMl/Jaz8XJE6VgEGUIEjIPRw==
-----END EC PRIVATE KEY-----
`;
const EC8 = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgtssZZvWM4Me+6nkL
aenDuVechubVP9xrxrj43Oc8qtahRANCAATGlyr4hDPoOGP7BPvG3gIZEH6ndWVE
g+lQ34WvT5S//01Nr6iJqOL/S1BjVHQ/iwyX8lrPxckTpWAQZQgSMg9H
-----END PRIVATE KEY-----
`;
const un = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const show = (value) => {
  if (value instanceof ArrayBuffer) value = new Uint8Array(value);
  if (value instanceof Uint8Array) return Array.from(value, (b) => b.toString(16).padStart(2, "0")).join("");
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "object" && value !== null) {
    return JSON.stringify(value, (key, inner) => (typeof inner === "bigint" ? `${inner}n` : inner));
  }
  return String(value);
};
const attempt = async (call) => {
  try { return show(await call()); } catch (e) { return `${e.name} ${e.code}`; }
};
"#;

const EXPRESSIONS: &[&str] = &[
    "c.createHash('sha256').update('a').update('b', 'utf8').digest('hex')",
    "c.createHash('SHA512').update('ü').digest('base64')",
    "c.createHash('sha1').update('ff00', 'hex').digest('base64url')",
    "c.createHash('md5').update('').digest('hex')",
    "c.createHash('nope')",
    "c.createHash('sha224').update('x').digest('hex')",
    "c.createHash('RSA-SHA256').update('x').digest('hex')",
    "c.createHash('sha384').update(new Uint8Array([1, 2, 3])).digest()",
    "c.createHash('sha384').update(new DataView(new ArrayBuffer(3), 1)).digest('hex')",
    "c.createHash('sha256').update(new Uint16Array([258, 3])).digest('hex')",
    "c.createHash('sha256').update('YWJj', 'base64').digest('hex')",
    "c.createHash('sha256').update('_-8', 'base64url').digest('hex')",
    "c.createHash('sha256').update('a\\ud800b').digest('hex')",
    "c.createHash('sha256').update('abc', 'hex').digest('hex')",
    "c.createHash('sha256').update('a!b c\\n=', 'base64').digest('hex')",
    "(() => { const h = c.createHash('sha256').update('a'); const d = h.copy().update('b').digest('hex'); return d + h.digest('hex'); })()",
    "(() => { const h = c.createHash('sha256'); h.digest(); h.update('x'); })()",
    "(() => { const h = c.createHash('sha256'); h.digest(); h.digest(); })()",
    "(() => { const h = c.createHash('sha256'); h.digest(); h.copy(); })()",
    "c.createHash('sha256').update(5)",
    "c.createHash('sha256').update(null)",
    "c.createHash('sha256').update()",
    "c.createHmac('sha256', 'key').update('data').digest('hex')",
    "c.createHmac('sha1', '').update('').digest('base64')",
    "c.createHmac('md5', un('00ff')).update('x').digest('hex')",
    "c.createHmac('sha512', 'k'.repeat(200)).update('x').digest('hex')",
    "c.createHmac('sha256', c.createSecretKey('key', 'utf8')).update('data').digest('hex')",
    "(() => { const h = c.createHmac('sha256', 'k'); h.digest(); return h.digest('hex'); })()",
    "(() => { const h = c.createHmac('sha256', 'k'); h.digest(); h.update('x'); })()",
    "c.createHmac('nope', 'k')",
    "c.createHmac('sha256', 5)",
    "c.createHmac('sha256', c.createPublicKey(CERT))",
    "c.pbkdf2Sync('p', 's', 3, 40, 'sha512')",
    "c.pbkdf2Sync(un('01'), un('02'), 1, 0, 'sha1')",
    "c.pbkdf2Sync('p', 's', 0, 40, 'sha512')",
    "c.pbkdf2Sync('p', 's', 1, -1, 'sha512')",
    "c.pbkdf2Sync('p', 's', 1, 1.5, 'sha512')",
    "c.pbkdf2Sync('p', 's', 1, 1, 'nope')",
    "c.pbkdf2Sync('p', 's', 1, 1)",
    "new Promise((done) => c.pbkdf2('p', 's', 3, 40, 'sha256', (e, key) => done(show(key) + e)))",
    "c.hkdfSync('sha256', 'key', 'salt', 'info', 64)",
    "c.hkdfSync('sha512', un('01'), new Uint8Array(0), '', 10)",
    "c.hkdfSync('nope', 'key', 'salt', 'info', 64)",
    "c.timingSafeEqual(un('0102'), un('0102'))",
    "c.timingSafeEqual(un('0102'), un('0103'))",
    "c.timingSafeEqual(un('0102'), un('01'))",
    "c.timingSafeEqual('a', 'a')",
    "c.timingSafeEqual(un('0102').buffer, new DataView(un('0102').buffer))",
    "c.randomBytes(12).length",
    "c.randomBytes(0).length",
    "c.randomBytes(-1)",
    "c.randomBytes('1')",
    "typeof c.randomInt(10)",
    "c.randomInt(5, 6)",
    "c.randomInt(5, 5)",
    "c.randomInt('a')",
    "c.randomUUID().length",
    "c.randomFillSync(new Uint8Array(4)).length",
    "c.createPublicKey(CERT).export({ type: 'spki', format: 'pem' })",
    "c.createPublicKey(CERT).export({ type: 'pkcs1', format: 'pem' })",
    "c.createPublicKey(CERT).export({ format: 'jwk' })",
    "c.createPublicKey(CERT).export({ type: 'sec1', format: 'pem' })",
    "c.createPublicKey(CERT).asymmetricKeyType",
    "c.createPublicKey(CERT).asymmetricKeyDetails",
    "c.createPublicKey(RSA).export({ type: 'spki', format: 'der' })",
    "c.createPublicKey(c.createPrivateKey(RSA)).type",
    "c.createPublicKey('nonsense')",
    "c.createPublicKey(5)",
    "c.createPrivateKey(CERT)",
    "c.createPrivateKey(RSA).export({ type: 'pkcs8', format: 'pem' })",
    "c.createPrivateKey(RSA).export({ type: 'pkcs1', format: 'pem' })",
    "c.createPrivateKey(RSA).export({ format: 'jwk' })",
    "c.createPrivateKey({ key: c.createPrivateKey(RSA).export({ type: 'pkcs1', format: 'der' }), format: 'der', type: 'pkcs1' }).export({ format: 'jwk' })",
    "c.createPrivateKey({ key: c.createPrivateKey(RSA).export({ format: 'jwk' }), format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' })",
    "c.createPrivateKey(EC).export({ format: 'jwk' })",
    "c.createPrivateKey(EC).export({ type: 'pkcs8', format: 'pem' })",
    "c.createPrivateKey(EC8).export({ type: 'sec1', format: 'pem' })",
    "c.createPrivateKey(EC8).asymmetricKeyDetails",
    "c.createPublicKey(EC8).export({ type: 'spki', format: 'pem' })",
    "c.createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }, format: 'jwk' })",
    "c.createPublicKey(EC).equals(c.createPublicKey(EC8))",
    "c.createSecretKey(un('0102')).export({ format: 'jwk' })",
    "c.createSecretKey(un('0102')).symmetricKeySize",
    "c.createSign('sha256').update('a').update('b').sign(RSA, 'base64')",
    "c.createSign('RSA-SHA1').update('a').sign({ key: RSA }, 'hex')",
    "c.sign('sha512', un('01'), RSA)",
    "c.sign(null, un('01'), RSA)",
    "c.createVerify('sha256').update('ab').verify(CERT, c.createSign('sha256').update('ab').sign(RSA))",
    "c.createVerify('sha256').update('ab').verify(RSA, c.createSign('sha256').update('ab').sign(RSA))",
    "c.createVerify('sha256').update('ab').verify(c.createPublicKey(RSA), c.createSign('sha256').update('ab').sign(RSA, 'base64url'), 'base64url')",
    "c.createVerify('sha256').update('ab').verify(RSA, 'AAAA', 'base64')",
    "c.createSign('nope')",
    "c.createSign('sha256').update('a').sign(CERT)",
    "c.createSign('sha256').update('a').sign('nonsense')",
    "c.verify('sha256', un('01'), EC, c.sign('sha256', un('01'), EC))",
    "c.verify('sha256', un('01'), { key: EC, dsaEncoding: 'ieee-p1363' }, c.sign('sha256', un('01'), { key: EC8, dsaEncoding: 'ieee-p1363' }))",
    "c.verify('sha256', un('01'), EC, c.sign('sha256', un('01'), { key: EC8, dsaEncoding: 'ieee-p1363' }))",
    "c.sign('sha256', un('01'), { key: EC8, dsaEncoding: 'ieee-p1363' }).length",
    "c.verify('sha256', un('01'), { key: RSA, padding: 6 }, c.sign('sha256', un('01'), { key: RSA, padding: 6, saltLength: 20 }))",
    "c.verify('sha256', un('01'), { key: RSA, padding: 6, saltLength: 32 }, c.sign('sha256', un('01'), { key: RSA, padding: 6, saltLength: 20 }))",
    "c.verify('sha256', un('01'), { key: RSA, padding: 6, saltLength: -1 }, c.sign('sha256', un('01'), { key: RSA, padding: 6, saltLength: -1 }))",
    "c.constants.RSA_PKCS1_PSS_PADDING",
    "c.webcrypto.subtle === c.subtle",
    "c.subtle.digest('sha-256', un('616263'))",
    "c.subtle.importKey('raw', un('00'), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']).then((k) => c.subtle.exportKey('jwk', k))",
    "c.subtle.importKey('raw', un('00'), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']).then((k) => c.subtle.sign('hmac', k, un('00')))",
    "c.subtle.importKey('spki', c.createPublicKey(RSA).export({ type: 'spki', format: 'der' }), { name: 'RSA-PSS', hash: 'SHA-1' }, true, ['verify']).then((k) => c.subtle.exportKey('jwk', k))",
    "c.subtle.importKey('pkcs8', c.createPrivateKey(EC).export({ type: 'pkcs8', format: 'der' }), { name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']).then((k) => c.subtle.exportKey('jwk', k))",
    "c.subtle.importKey('spki', c.createPublicKey(RSA).export({ type: 'spki', format: 'der' }), { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['verify']).then((k) => [k.type, k.extractable, k.algorithm.name, k.algorithm.modulusLength, [...k.algorithm.publicExponent], k.algorithm.hash, k.usages])",
    "c.KeyObject.from(await c.subtle.importKey('raw', un('00'), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign'])).export()",
    "c.subtle.importKey('raw', un('07'.repeat(16)), 'AES-GCM', false, ['encrypt']).then((k) => c.subtle.encrypt({ name: 'aes-gcm', iv: un('01'.repeat(12)) }, k, un('0102')))",
    "c.subtle.importKey('raw', un('07'.repeat(32)), 'AES-GCM', false, ['encrypt', 'decrypt']).then((k) => c.subtle.encrypt({ name: 'AES-GCM', iv: un('01'.repeat(12)), additionalData: un('03') }, k, un('05'.repeat(100))))",
    "c.subtle.importKey('raw', un('07'.repeat(32)), 'AES-GCM', true, ['decrypt']).then(async (k) => [await c.subtle.exportKey('jwk', k), k.algorithm])",
    "c.subtle.importKey('raw', un('07'.repeat(5)), 'AES-GCM', true, ['decrypt'])",
    "c.subtle.importKey('raw', un('07'.repeat(32)), 'AES-GCM', true, ['sign'])",
    "c.subtle.importKey('raw', un('07'.repeat(32)), 'AES-GCM', true, ['decrypt']).then((k) => c.subtle.decrypt({ name: 'AES-GCM', iv: un('01'.repeat(12)) }, k, un('00'.repeat(16))).catch((e) => e.name))",
    // Last: Node's OpenSSL remembers this as an error of what comes next.
    "c.createPublicKey(EC).equals(c.createPublicKey(RSA))",
];

const MESSAGES: &[&str] = &[
    "[...new Headers({ b: ' 1 ', A: '2' })]",
    "[...new Headers([['b', '1'], ['B', '2'], ['set-cookie', 'x'], ['Set-Cookie', 'y']])]",
    "new Headers(new Headers({ a: '1' })).get('A')",
    "new Headers({ a: undefined }).get('a')",
    "new Headers({ a: 5, b: null }).get('b')",
    "new Headers({ a: '' }).get('a')",
    "new Headers({ a: 'x\\ny' })",
    "new Headers({ 'a b': '1' })",
    "new Headers({ a: '\\u20ac' })",
    "new Headers('text')",
    "new Headers(null)",
    "new Headers([['a', 'b', 'c']])",
    "(() => { const h = new Headers(); h.append('a', '1'); h.append('A', '2'); h.set('b', 'x'); h.delete('B'); return [h.get('a'), h.has('b'), h.get('b')]; })()",
    "(() => { const seen = []; new Headers({ a: '1', b: '2' }).forEach((v, k) => seen.push(k + v)); return seen; })()",
    "[[...new Headers({ a: '1' }).keys()], [...new Headers({ a: '1' }).values()], [...new Headers({ a: '1' }).entries()]]",
    "(() => { const r = new Request('http://a.example/x?y#z', { method: 'post', body: 'b' }); return [r.url, r.method, r.headers.get('content-type'), r.redirect, r.bodyUsed, r.mode, r.credentials, r.cache, r.duplex]; })()",
    "new Request('http://a.example', { method: 'patch' }).method",
    "new Request('http://a.example', { method: 'pUt' }).method",
    "new Request('http://a.example', { method: 'CONNECT' })",
    "new Request('http://a.example', { method: 'TrAcE' })",
    "new Request('http://a.example', { method: '' })",
    "new Request('/relative')",
    "new Request('http://u:p@a.example')",
    "new Request('http://a.example', { body: 'x' })",
    "new Request('http://a.example', { method: 'HEAD', body: '' })",
    "new Request('http://a.example', { redirect: 'x' })",
    "new Request('http://a.example', { signal: 5 })",
    "new Request()",
    "new Request('HTTP://A.example:80/%7Eä').url",
    "await new Request('http://a.example', { method: 'POST', body: un('6869') }).text()",
    "new Request('http://a.example', { method: 'POST', body: un('6869') }).headers.get('content-type')",
    "await (async () => { const r = new Request('http://a.example', { method: 'POST', body: 'x' }); const q = new Request(r); return [r.bodyUsed, await q.text()]; })()",
    "await (async () => { const r = new Request('http://a.example', { method: 'POST', body: 'x', headers: { a: '1' } }); const q = new Request(r, { body: 'y', headers: { b: '2' } }); return [r.bodyUsed, await q.text(), q.headers.get('a'), q.headers.get('b')]; })()",
    "await (async () => { const r = new Request('http://a.example', { method: 'POST', body: 'x' }); await r.text(); return new Request(r); })()",
    "(() => { const r = new Response('x', { status: 201, statusText: 'S', headers: { a: '1' } }); return [r.status, r.ok, r.statusText, r.headers.get('a'), r.headers.get('content-type'), r.url, r.type, r.redirected]; })()",
    "new Response(null).body",
    "new Response('x', { status: 204 })",
    "new Response('x', { status: 600 })",
    "new Response(null, { status: 304 }).status",
    "await Response.json({ a: [1] }).text()",
    "Response.json({}, { status: 418, headers: { 'content-type': 'x/y' } }).headers.get('content-type')",
    "Response.json(undefined)",
    "[Response.error().type, Response.error().status]",
    "[...Response.redirect('http://b.example/', 307).headers]",
    "Response.redirect('http://b.example/', 200)",
    "await new Response('\\ufeffbom').text()",
    "await new Response(un('ff41')).text()",
    "await new Response('{').json().catch((e) => e.name)",
    "await (async () => { const r = new Response('x'); await r.text(); return r.text(); })()",
    "await (async () => { const r = new Response('x'); await r.text(); return r.clone(); })()",
    "await (async () => { const r = new Response('x'); return [await r.clone().text(), await r.text()]; })()",
    "await (async () => { const r = new Response(null); return [await r.text(), r.bodyUsed, await r.text()]; })()",
    "(() => { const c = new AbortController(); c.abort(); return [c.signal.aborted, c.signal.reason.name, c.signal.reason.message, c.signal.reason.code]; })()",
    "AbortSignal.abort('why').reason",
    "AbortSignal.any([]).aborted",
    "AbortSignal.any([new AbortController().signal, AbortSignal.abort(1)]).reason",
    "AbortSignal.any([5])",
    "AbortSignal.timeout(-1)",
    "AbortSignal.timeout('x')",
    "new AbortSignal()",
    "AbortSignal.abort().throwIfAborted()",
    "await fetch('http://a.example', { signal: AbortSignal.abort() })",
    "await fetch('http://a.example', { signal: AbortSignal.abort(new RangeError('r')) })",
    "await fetch('nonsense')",
    "await fetch('ftp://a.example/')",
    "await new Promise((done) => { const s = AbortSignal.timeout(1); s.addEventListener('abort', (e) => done([e.type, e.target === s, s.reason.name])); setTimeout(() => {}, 50); })",
    "(() => { const t = new EventTarget(), seen = []; const f = (e) => seen.push(e.type); t.addEventListener('x', f); t.addEventListener('x', f); t.addEventListener('x', { handleEvent: () => seen.push('o') }, { once: true }); t.dispatchEvent(new Event('x')); t.removeEventListener('x', f); t.dispatchEvent(new Event('x')); return seen; })()",
    "(() => { const t = new EventTarget(); t.addEventListener('x', (e) => e.preventDefault()); return [t.dispatchEvent(new Event('x')), t.dispatchEvent(new Event('x', { cancelable: true }))]; })()",
    "[new Headers(), new Request('http://a'), new Response(), new AbortController(), new AbortController().signal, new FormData()].map((o) => Object.prototype.toString.call(o))",
    "(() => { const f = new FormData(); f.append('a', 1); f.append('a', 'b'); f.set('c', null); return [f.get('a'), f.getAll('a'), f.has('c'), f.get('c'), f.get('d'), [...f.keys()]]; })()",
];

/// Those that are not the same in both, of all that were tried.
fn compare(expressions: &[&str]) {
    let calls: String =
        expressions.iter().map(|e| format!("log(await attempt(async () => {e}));\n")).collect();
    let body = format!("{KEYS}\nconst all = async (log) => {{\n{calls}}};\n");
    let out = "const lines = []; all((line) => lines.push(line)).then(() => console.log(JSON.stringify(lines)));";
    let Some(theirs) = node(&format!("{body}{out}")) else { return };
    let theirs: Vec<String> = serde_json::from_str(&theirs).expect("lines");
    let ours = logged(&format!("{body}exports.onExecute = (event, api) => all(api.log);"));
    assert_eq!(ours.len(), expressions.len());
    let differ: Vec<String> = expressions
        .iter()
        .zip(ours.iter().zip(&theirs))
        .filter(|(_, (ours, theirs))| ours != theirs)
        .map(|(expression, (ours, theirs))| {
            format!("{expression}\n  ours:   {ours}\n  theirs: {theirs}")
        })
        .collect();
    assert!(differ.is_empty(), "{} of {}:\n{}", differ.len(), expressions.len(), differ.join("\n"));
}

#[test]
fn the_same_expressions_give_the_same() {
    compare(EXPRESSIONS);
}

#[test]
fn messages_are_those_of_node() {
    compare(MESSAGES);
}

/// Signs some messages in all ways: [way, message, signature].
const SIGN: &str = r#"
const WAYS = [
  ...["sha1", "sha256", "sha384", "sha512"].flatMap((hash) => [
    { hash, key: "rsa" }, { hash, key: "rsa", padding: 6, saltLength: -1 }, { hash, key: "rsa", padding: 6, saltLength: 7 },
    { hash, key: "p256" }, { hash, key: "p256", dsaEncoding: "ieee-p1363" },
    { hash, key: "p384" }, { hash, key: "p384", dsaEncoding: "ieee-p1363" },
  ]),
];
const signAll = (keys) => WAYS.flatMap((way) => ["", "long".repeat(99)].map((message) => {
  const signature = c.sign(way.hash, un(c.createHash("md5").update(message).digest("hex")), { ...way, key: keys[way.key] });
  return [way, message, show(signature)];
}));
const verifyAll = (keys, signed) => signed.map(([way, message, signature]) => {
  const data = un(c.createHash("md5").update(message).digest("hex"));
  const verify = (data, bytes) => c.verify(way.hash, data, { ...way, key: keys[way.key] }, bytes);
  const bent = un(signature);
  bent[bent.length - 1] ^= 1;
  return [verify(data, un(signature)), verify(un("00"), un(signature)), verify(data, bent)].join();
});
"#;

#[test]
fn signatures_of_one_are_verified_by_the_other() {
    let generate = r#"
        const pem = ({ privateKey }) => privateKey.export({ type: "pkcs8", format: "pem" });
        const keys = {
            rsa: pem(c.generateKeyPairSync("rsa", { modulusLength: 2048 })),
            p256: pem(c.generateKeyPairSync("ec", { namedCurve: "P-256" })),
            p384: pem(c.generateKeyPairSync("ec", { namedCurve: "P-384" })),
        };
        console.log(JSON.stringify({ keys, signed: signAll(keys) }));"#;
    let Some(theirs) = node(&format!("{KEYS}{SIGN}{generate}")) else { return };
    let ours = logged(&format!(
        "{KEYS}{SIGN}const theirs = {theirs};
        exports.onExecute = (event, api) => {{
            verifyAll(theirs.keys, theirs.signed).forEach((line) => api.log(line));
            api.log(JSON.stringify(signAll(theirs.keys)));
        }};"
    ));
    let (signed, verified) = ours.split_last().expect("lines");
    assert_eq!(verified.len(), 56);
    assert!(verified.iter().all(|line| line == "true,false,false"), "{verified:?}");
    let verify =
        format!("{KEYS}{SIGN}console.log(verifyAll(({theirs}).keys, {signed}).join('\\n'));");
    let verified = node(&verify).expect("node");
    assert_eq!(verified.lines().count(), 56);
    assert!(verified.lines().all(|line| line == "true,false,false"), "{verified}");
}
