//! Cryptography against the vectors of the standards that define it.

use super::{load, logged, thrown};

/// What every test's file begins with.
pub(crate) const PRELUDE: &str = r#"
const crypto_ = require("crypto");
const { subtle } = crypto;
const un = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (bytes) => Array.from(new Uint8Array(bytes.buffer ?? bytes), (b) => b.toString(16).padStart(2, "0")).join("");
const A64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const ub = (text) => un(hexOf64(text));
const hexOf64 = (text) => {
  const bits = [...text].map((c) => A64.indexOf(c).toString(2).padStart(6, "0")).join("");
  return (bits.match(/.{8}/g) ?? []).map((b) => parseInt(b, 2).toString(16).padStart(2, "0")).join("");
};
const ascii = (text) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const failed = (promise) => promise.then(() => "fine", (e) => `${e.name}: ${e.message}`);
const name = (promise) => promise.then(() => "fine", (e) => e.name);
"#;

/// What the expressions are, after the prelude and `more`.
pub(crate) fn answers(more: &str, expressions: &[&str]) -> Vec<String> {
    let lines: String = expressions.iter().map(|e| format!("api.log(String({e}));\n")).collect();
    logged(&format!("{PRELUDE}{more}\nexports.onExecute = async (event, api) => {{\n{lines}}};"))
}

/// Pairs of an expression and what it must be.
fn check(more: &str, cases: &[(&str, &str)]) {
    let expressions: Vec<&str> = cases.iter().map(|(expression, _)| *expression).collect();
    for ((expression, expected), got) in cases.iter().zip(answers(more, &expressions)) {
        assert_eq!(got, *expected, "{expression}");
    }
}

const ABC448: &str = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

#[test]
fn hashes_are_those_of_fips_180() {
    let abc = [
        ("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("sha224", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
        ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "sha384",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        ),
        (
            "sha512",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ),
        ("md5", "900150983cd24fb0d6963f7d28e17f72"),
    ];
    for (hash, expected) in abc {
        let node = format!("crypto_.createHash('{hash}').update('a').update('bc').digest('hex')");
        check("", &[(&node, expected)]);
        if hash != "md5" && hash != "sha224" {
            let web = format!(
                "hex(await subtle.digest('{}', ascii('abc')))",
                hash.replace("sha", "sha-")
            );
            check("", &[(&web, expected)]);
        }
    }
    let long = format!("crypto_.createHash('sha256').update('{ABC448}').digest('hex')");
    check(
        "",
        &[
            (&long, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
            (
                "hex(await subtle.digest({ name: 'SHA-256' }, new ArrayBuffer(0)))",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                "crypto_.createHash('sha1').update('a'.repeat(1000000)).digest('hex')",
                "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
            ),
        ],
    );
}

#[test]
fn hmacs_are_those_of_rfc_4231() {
    // Key, data, the MACs of SHA-256, SHA-384 and SHA-512.
    let cases = [
        ("0b".repeat(20), "4869205468657265".to_owned(), [
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
        ]),
        ("4a656665".to_owned(), "7768617420646f2079612077616e7420666f72206e6f7468696e673f".to_owned(), [
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
        ]),
        ("aa".repeat(20), "dd".repeat(50), [
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27",
            "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb",
        ]),
        ("aa".repeat(131), "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374".to_owned(), [
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
            "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
        ]),
    ];
    for (key, data, macs) in cases {
        for (bits, mac) in [256, 384, 512].into_iter().zip(macs) {
            let node = format!(
                "crypto_.createHmac('sha{bits}', un('{key}')).update(un('{data}')).digest('hex')"
            );
            let import = format!(
                "await subtle.importKey('raw', un('{key}'), {{ name: 'hmac', hash: 'sha-{bits}' }}, false, ['sign', 'verify'])"
            );
            let sign = format!("hex(await subtle.sign('HMAC', {import}, un('{data}')))");
            let verify =
                format!("await subtle.verify('HMAC', {import}, un('{mac}'), un('{data}'))");
            let short =
                format!("await subtle.verify('HMAC', {import}, un('{}'), un('{data}'))", &mac[2..]);
            check("", &[(&node, mac), (&sign, mac), (&verify, "true"), (&short, "false")]);
        }
    }
}

#[test]
fn keys_are_derived_as_in_rfc_5869_6070_and_7914() {
    let hkdf = |hash: &str, ikm: &str, salt: &str, info: &str, length: usize| {
        format!(
            "hex(await subtle.deriveBits({{ name: 'HKDF', hash: '{hash}', salt: un('{salt}'), info: un('{info}') }},
            await subtle.importKey('raw', un('{ikm}'), 'HKDF', false, ['deriveBits']), {}))",
            length * 8
        )
    };
    let range = |from: u8, to: u8| (from..=to).map(|b| format!("{b:02x}")).collect::<String>();
    check(
        "",
        &[
            (
                &hkdf("SHA-256", &"0b".repeat(22), &range(0, 12), "f0f1f2f3f4f5f6f7f8f9", 42),
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
            ),
            (
                &hkdf("SHA-256", &range(0, 0x4f), &range(0x60, 0xaf), &range(0xb0, 0xff), 82),
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
            ),
            (
                &hkdf("SHA-256", &"0b".repeat(22), "", "", 42),
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
            ),
            (
                &hkdf("SHA-1", &"0b".repeat(11), &range(0, 12), "f0f1f2f3f4f5f6f7f8f9", 42),
                "085a01ea1b10f36933068b56efa5ad81a4f14b822f5b091568a9cdd4f155fda2c22e422478d305f3f896",
            ),
            (
                &hkdf("SHA-1", &"0c".repeat(22), "", "", 42),
                "2c91117204d745f3500d636a62f64f0ab3bae548aa53d423b0d1f27ebba6f5e5673a081d70cce7acfc48",
            ),
            (
                "hex(crypto_.hkdfSync('sha256', un('0b'.repeat(22)), '', '', 42))",
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
            ),
            (
                "hex(crypto_.pbkdf2Sync('password', 'salt', 1, 20, 'sha1'))",
                "0c60c80f961f0e71f3a9b524af6012062fe037a6",
            ),
            (
                "hex(crypto_.pbkdf2Sync('password', 'salt', 2, 20, 'sha1'))",
                "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957",
            ),
            (
                "hex(crypto_.pbkdf2Sync('password', 'salt', 4096, 20, 'sha1'))",
                "4b007901b765489abead49d926f721d065a429c1",
            ),
            (
                "hex(crypto_.pbkdf2Sync('passwordPASSWORDpassword', 'saltSALTsaltSALTsaltSALTsaltSALTsalt', 4096, 25, 'sha1'))",
                "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038",
            ),
            (
                "hex(crypto_.pbkdf2Sync('pass\\0word', 'sa\\0lt', 4096, 16, 'sha1'))",
                "56fa6aa75548099dcc37d7f03425e0c3",
            ),
            (
                "hex(crypto_.pbkdf2Sync('passwd', 'salt', 1, 64, 'sha256'))",
                "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783",
            ),
        ],
    );
}

const RFC7515_N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
const RFC7515_RS256: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
const RFC7515_ES256: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const RFC7515_HS256: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const RFC7520_N: &str = "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw";
const RFC7520_PAYLOAD: &str = "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4";
const RFC7520_RS256: &str = "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg";
const RFC7520_PS384: &str = "cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw";

#[test]
fn signatures_of_rfc_7515_and_7520_are_verified() {
    let more = format!(
        r#"
        const verifyJws = async (jws, jwk, algorithm, tamper = 0) => {{
            const [head, payload, signature] = jws.split(".");
            const key = await subtle.importKey("jwk", jwk, algorithm, false, ["verify"]);
            const bytes = ub(signature);
            bytes[3] ^= tamper;
            return subtle.verify(algorithm, key, bytes, ascii(`${{head}}.${{payload}}`));
        }};
        const rs = {{ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }};
        const ps = {{ name: "rsa-pss", hash: "SHA-384", saltLength: 48 }};
        const es = {{ name: "ECDSA", hash: "SHA-256", namedCurve: "P-256" }};
        const a2 = {{ kty: "RSA", e: "AQAB", n: "{RFC7515_N}" }};
        const a3 = {{ kty: "EC", crv: "P-256", x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" }};
        const a3d = {{ ...a3, d: "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI" }};
        const a1 = {{ kty: "oct", k: "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow" }};
        const cookbook = {{ kty: "RSA", e: "AQAB", n: "{RFC7520_N}" }};
        const of = (alg) => ({{ RS256: "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9", PS384: "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9" }})[alg];
    "#
    );
    let call = |jws: &str, rest: &str| format!("await verifyJws('{jws}', {rest})");
    let of = |alg: &str, signature: &str, rest: &str| {
        format!("await verifyJws(of('{alg}') + '.{RFC7520_PAYLOAD}.{signature}', {rest})")
    };
    check(
        &more,
        &[
            (&call(RFC7515_RS256, "a2, rs"), "true"),
            (&call(RFC7515_RS256, "a2, rs, 1"), "false"),
            (&call(RFC7515_ES256, "a3, es"), "true"),
            (&call(RFC7515_ES256, "a3, es, 128"), "false"),
            (&call(RFC7515_HS256, "a1, { name: 'HMAC', hash: 'SHA-256' }"), "true"),
            (&of("RS256", RFC7520_RS256, "cookbook, rs"), "true"),
            (&of("RS256", RFC7520_RS256, "cookbook, rs, 4"), "false"),
            (&of("PS384", RFC7520_PS384, "cookbook, ps"), "true"),
            (&of("PS384", RFC7520_PS384, "cookbook, { ...ps, saltLength: 32 }"), "false"),
            (&of("PS384", RFC7520_PS384, "cookbook, ps, 4"), "false"),
            // What is signed here is verified here.
            (
                "await (async () => {
            const key = await subtle.importKey('jwk', a3d, es, false, ['sign']);
            const signature = await subtle.sign(es, key, ascii('text'));
            const verify = await subtle.importKey('jwk', a3, es, false, ['verify']);
            return [signature.byteLength, await subtle.verify(es, verify, signature, ascii('text')),
                await subtle.verify(es, verify, signature, ascii('other'))];
        })()",
                "64,true,false",
            ),
        ],
    );
}

#[test]
fn ecdsa_signs_as_in_rfc_6979() {
    let more = r#"
        const key = crypto_.createPrivateKey({ format: "der", type: "sec1", key: un("30310201010420c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721a00a06082a8648ce3d030107") });
    "#;
    check(
        more,
        &[(
            "hex(crypto_.sign('sha256', ascii('sample'), { key, dsaEncoding: 'ieee-p1363' }))",
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
        )],
    );
}

#[test]
fn keys_are_refused_for_what_they_are_not() {
    let more = format!(
        r#"
        const rsa = {{ kty: "RSA", e: "AQAB", n: "{RFC7515_N}" }};
        const rs = {{ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }};
        const hs = {{ name: "HMAC", hash: "SHA-256" }};
        const im = (...a) => name(subtle.importKey(...a));
        const key = (usages, extractable = false) => subtle.importKey("raw", un("0011"), hs, extractable, usages);
    "#
    );
    check(
        &more,
        &[
            ("await im('jwk', rsa, rs, false, ['sign'])", "SyntaxError"),
            ("await im('jwk', rsa, rs, false, [])", "fine"),
            ("await im('jwk', { ...rsa, e: 'AA' }, rs, false, ['verify'])", "DataError"),
            ("await im('jwk', { ...rsa, n: 'AQAB' }, rs, false, ['verify'])", "DataError"),
            ("await im('jwk', { ...rsa, n: undefined }, rs, false, ['verify'])", "DataError"),
            ("await im('jwk', { ...rsa, kty: 'EC' }, rs, false, ['verify'])", "DataError"),
            ("await im('jwk', { ...rsa, alg: 'RS512' }, rs, false, ['verify'])", "DataError"),
            ("await im('jwk', { ...rsa, use: 'enc' }, rs, false, ['verify'])", "DataError"),
            ("await im('jwk', { ...rsa, key_ops: ['sign'] }, rs, false, ['verify'])", "DataError"),
            ("await im('jwk', { ...rsa, ext: false }, rs, true, ['verify'])", "DataError"),
            ("await im('spki', un('3000'), rs, true, ['verify'])", "DataError"),
            ("await im('raw', un('00'), hs, true, [])", "SyntaxError"),
            ("await im('raw', un(''), hs, true, ['sign'])", "DataError"),
            (
                "await im('raw', un('00'), { name: 'HMAC', hash: 'MD5' }, true, ['sign'])",
                "NotSupportedError",
            ),
            ("await im('raw', un('00'), 'Ed25519', true, ['verify'])", "NotSupportedError"),
            ("await im('raw', un('00'), hs, true, ['hum'])", "TypeError"),
            ("await im('raw', 'text', hs, true, ['sign'])", "TypeError"),
            ("await im('raw', un('00'), 'PBKDF2', true, ['deriveBits'])", "SyntaxError"),
            (
                "await im('raw', un('04'.repeat(65)), { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify'])",
                "DataError",
            ),
            (
                "await im('raw', un('00'), { name: 'ECDSA', namedCurve: 'P-521' }, true, ['verify'])",
                "NotSupportedError",
            ),
            (
                "await name(subtle.sign('HMAC', await key(['verify']), un('')))",
                "InvalidAccessError",
            ),
            ("await name(subtle.sign('ECDSA', await key(['sign']), un('')))", "InvalidAccessError"),
            ("await name(subtle.sign('HMAC', {}, un('')))", "TypeError"),
            ("await name(subtle.exportKey('raw', await key(['sign'])))", "InvalidAccessError"),
            ("hex(await subtle.exportKey('raw', await key(['sign'], true)))", "0011"),
            (
                "JSON.stringify(await subtle.exportKey('jwk', await key(['sign'], true)))",
                r#"{"key_ops":["sign"],"ext":true,"kty":"oct","k":"ABE","alg":"HS256"}"#,
            ),
            (
                "await failed(subtle.wrapKey())",
                "NotSupportedError: crypto.subtle.wrapKey does not exist here; what exists is listed in guest-sdk/javascript/README.md#what-exists",
            ),
            (
                "await name(subtle.encrypt({ name: 'RSA-OAEP' }, await key(['sign']), un('')))",
                "NotSupportedError",
            ),
            ("await name(subtle.digest('MD5', un('')))", "NotSupportedError"),
            ("await name(subtle.digest('SHA-256', 'text'))", "TypeError"),
        ],
    );
}

#[test]
fn keys_hide_what_they_are_made_of() {
    check("", &[
        ("await (async () => {
            const key = await subtle.generateKey({ name: 'HMAC', hash: 'SHA-512' }, false, ['sign']);
            key.algorithm.name = 'ECDSA'; key.usages.push('verify');
            const own = [...Object.getOwnPropertyNames(key), ...Object.getOwnPropertySymbols(key)];
            return [key.type, key.extractable, key.algorithm.length, own.length, JSON.stringify(key),
                await name(subtle.sign('HMAC', key, un(''))), await name(subtle.verify('HMAC', key, un(''), un(''))),
                Object.prototype.toString.call(key), key instanceof CryptoKey].join();
        })()", "secret,false,1024,0,{},fine,InvalidAccessError,[object CryptoKey],true"),
        ("['keys', 'algorithms', 'hashes', 'keyObjects'].some((name) => name in globalThis['\\0platform'])", "false"),
        ("(() => { try { new CryptoKey(); } catch (e) { return e.message; } })()", "Illegal constructor"),
        ("await (async () => {
            const pair = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, false, ['sign', 'verify']);
            const how = { name: 'ECDSA', hash: 'SHA-1' };
            const signature = await subtle.sign(how, pair.privateKey, ascii('x'));
            const raw = await subtle.exportKey('raw', pair.publicKey);
            const again = await subtle.importKey('raw', raw, { name: 'ECDSA', namedCurve: 'P-384' }, true, ['verify']);
            return [signature.byteLength, raw.byteLength, await subtle.verify(how, again, signature, ascii('x')),
                await name(subtle.exportKey('pkcs8', pair.privateKey))].join();
        })()", "96,97,true,InvalidAccessError"),
        ("await (async () => {
            const base = await subtle.importKey('raw', ascii('password'), 'PBKDF2', false, ['deriveKey']);
            const how = { name: 'PBKDF2', hash: 'SHA-256', salt: ascii('salt'), iterations: 2 };
            const key = await subtle.deriveKey(how, base, { name: 'HMAC', hash: 'SHA-256', length: 256 }, true, ['sign']);
            return hex(await subtle.exportKey('raw', key));
        })()", "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43"),
    ]);
}

#[test]
fn randomness_comes_from_the_host_and_within_a_quota() {
    check(
        "",
        &[
            (
                "(() => { const a = new Uint32Array(4); return [crypto.getRandomValues(a) === a, a.some((x) => x > 255)].join(); })()",
                "true,true",
            ),
            (
                "(() => { try { crypto.getRandomValues(new Uint8Array(65537)); } catch (e) { return e.name; } })()",
                "QuotaExceededError",
            ),
            (
                "(() => { try { crypto.getRandomValues(new Float64Array(1)); } catch (e) { return e.name; } })()",
                "TypeMismatchError",
            ),
            (
                "/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())",
                "true",
            ),
            ("crypto.randomUUID() !== crypto_.randomUUID()", "true"),
            (
                "Array.from({ length: 99 }, () => crypto_.randomInt(3, 6)).every((n) => n >= 3 && n < 6)",
                "true",
            ),
            ("crypto_.randomBytes(70000).length", "70000"),
        ],
    );
    // What is drawn while the file is loaded is drawn anew.
    let source = "const id = crypto.randomUUID(); exports.onExecute = (event, api) => api.log(id);";
    assert_ne!(logged(source), ["00000000-0000-4000-8000-000000000000"]);
    load(
        "const { privateKey } = {}; require('crypto').randomInt(5); exports.onExecute = () => {};",
    )
    .expect("loads");
}

#[test]
fn what_does_not_exist_says_so() {
    let error =
        thrown("exports.onExecute = () => require('node:crypto').createCipheriv('aes-256-cbc');");
    assert_eq!(
        error.message,
        "crypto.createCipheriv does not exist here; what exists is listed in guest-sdk/javascript/README.md#what-exists"
    );
}
