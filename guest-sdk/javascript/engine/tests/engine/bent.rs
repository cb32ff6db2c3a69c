//! Keys and signatures that are bent: whatever they are, an error is all that
//! comes of them.

use super::crypto::answers;
use super::node::KEYS;

/// Keys in all forms, and ways to bend them and to use what comes of it.
const BENDING: &str = r#"
const rsa = c.createPrivateKey(RSA), ec = c.createPrivateKey(EC);
const ders = [
    [c.createPublicKey(RSA).export({ type: "spki", format: "der" }), "spki"],
    [c.createPublicKey(EC).export({ type: "spki", format: "der" }), "spki"],
    [rsa.export({ type: "pkcs8", format: "der" }), "pkcs8"],
    [rsa.export({ type: "pkcs1", format: "der" }), "pkcs1"],
    [ec.export({ type: "pkcs8", format: "der" }), "pkcs8"],
    [ec.export({ type: "sec1", format: "der" }), "sec1"],
];
const use = (der, type) => {
    let key;
    try { key = (type === "spki" ? c.createPublicKey : c.createPrivateKey)({ key: der, format: "der", type }); }
    catch (e) { return e.code; }
    const signature = key.type === "private" ? c.sign("sha256", der, key) : un("07".repeat(256));
    return c.verify("sha256", der, key, signature);
};
const bend = (step) => {
    let count = 0;
    for (const [der, type] of ders) {
        for (let at = 0; at < der.length; at += at < 40 ? 1 : step) {
            const bent = Uint8Array.from(der);
            bent[at] ^= [1, 0x80, 0xff][at % 3];
            use(bent, type);
            use(der.slice(0, at), type);
            count++;
        }
    }
    return count > 300;
};
const certificate = Uint8Array.from(atob(CERT.replace(/-----.*?-----|\n/g, "")), (x) => x.charCodeAt(0));
const bendCertificate = () => {
    for (let at = 0; at < certificate.length; at++) {
        for (const bent of [certificate.slice(0, at), certificate.with(at, 0xff), certificate.with(at, 0x83)]) {
            try { c.createPublicKey(`-----BEGIN CERTIFICATE-----\n${btoa(String.fromCharCode(...bent))}\n-----END CERTIFICATE-----`); }
            catch (e) { if (e.code !== "ERR_OSSL_UNSUPPORTED") throw e; }
        }
    }
    return "fine";
};
const big = (text) => BigInt("0x" + hexOf64(text));
const text = (number) => {
    const digits = number.toString(16);
    const bytes = un(digits.length % 2 ? "0" + digits : digits);
    return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};
const jwk = rsa.export({ format: "jwk" });
const [n, p, q, d] = [jwk.n, jwk.p, jwk.q, jwk.d].map(big);
const made = (change) => {
    try {
        const key = c.createPrivateKey({ key: { ...jwk, ...change }, format: "jwk" });
        return c.verify("sha256", un("00"), key, c.sign("sha256", un("00"), key));
    } catch (e) { return e.code; }
};
"#;

#[test]
fn bent_keys_are_errors() {
    let keys = KEYS.replace("const un =", "const unhex =");
    let more = format!("{keys}{BENDING}");
    let none = "ERR_CRYPTO_INVALID_JWK";
    let got = answers(
        &more,
        &[
            "bend(13)",
            "bendCertificate()",
            "made({})",
            "made({ p: jwk.q, q: jwk.p })",
            "made({ n: text(p * p), q: jwk.p })",
            "made({ p: text(1n), q: jwk.n })",
            "made({ p: text(0n), q: jwk.n })",
            "made({ n: text(n - 1n), p: text(2n), q: text((n - 1n) / 2n) })",
            "made({ n: text(n << 8n) })",
            "made({ n: text(n << 70000n) })",
            "made({ d: text(0n) })",
            "made({ d: text(d + (p - 1n) * (q - 1n)) })",
            "made({ e: text(1n) })",
            "made({ e: text(0n) })",
            "made({ e: text(n) })",
            "made({ d: text(n << 64n) })",
            "made({ n: '', e: '', d: '', p: '', q: '' })",
        ],
    );
    assert_eq!(got[..4], ["true", "fine", "true", "true"]);
    for (at, answer) in got[4..].iter().enumerate() {
        assert!(answer == none || (at == 7 && answer == "true"), "{at}: {answer}");
    }
}

#[test]
fn lengths_are_bounded() {
    let got = answers(
        "const attempt = (call) => { try { return call().length; } catch (e) { return e.code ?? e.name; } };",
        &[
            "attempt(() => crypto_.randomBytes(2 ** 31 - 1))",
            "attempt(() => crypto_.randomBytes(2 ** 40))",
            "attempt(() => crypto_.pbkdf2Sync('a', 'b', 1, 2 ** 31 - 1, 'sha1'))",
            "attempt(() => crypto_.hkdfSync('sha256', 'a', 'b', '', 255 * 32 + 1))",
            "attempt(() => crypto_.randomFillSync(new Uint8Array(4), 5))",
            "attempt(() => crypto_.randomFillSync(new Uint8Array(4), 1, 9))",
            "attempt(() => crypto_.randomFillSync(new Uint8Array(4), 'x'))",
            "await subtle.importKey('raw', ascii('k'), 'HKDF', false, ['deriveBits']).then((k) => name(subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: un(''), info: un('') }, k, 2 ** 32)))",
            "await subtle.importKey('raw', ascii('k'), 'PBKDF2', false, ['deriveBits']).then((k) => name(subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: un(''), iterations: 0 }, k, 8)))",
            "await name(subtle.generateKey({ name: 'HMAC', hash: 'SHA-256', length: 2 ** 33 }, false, ['sign']))",
        ],
    );
    assert_eq!(
        got,
        [
            "ERR_OUT_OF_RANGE",
            "ERR_OUT_OF_RANGE",
            "ERR_OUT_OF_RANGE",
            "ERR_OUT_OF_RANGE",
            "ERR_OUT_OF_RANGE",
            "ERR_OUT_OF_RANGE",
            "ERR_INVALID_ARG_TYPE",
            "OperationError",
            "OperationError",
            "OperationError",
        ]
    );
}
