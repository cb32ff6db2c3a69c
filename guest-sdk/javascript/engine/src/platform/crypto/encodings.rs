//! Bytes as text and back: UTF-8, hexadecimal, Base64 in both alphabets.

use rquickjs::{Ctx, Function, Object, Result};

use super::super::bytes::Bytes;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(super) fn add<'js>(ctx: &Ctx<'js>, crypto: &Object<'js>) -> Result<()> {
    crypto.set("encode", Function::new(ctx.clone(), encode)?)?;
    crypto.set("decode", Function::new(ctx.clone(), decode)?)
}

/// Bytes as text; what is no UTF-8 becomes U+FFFD.
fn encode(encoding: String, bytes: Bytes) -> Option<String> {
    match encoding.as_str() {
        "utf8" => Some(String::from_utf8_lossy(&bytes.0).into_owned()),
        "hex" => Some(bytes.0.iter().map(|byte| format!("{byte:02x}")).collect()),
        "base64" => Some(base64(&bytes.0, true)),
        "base64url" => Some(base64(&bytes.0, false).replace('+', "-").replace('/', "_")),
        _ => None,
    }
}

/// Text as bytes, as far as it can be read: Node reads so.
fn decode(encoding: String, text: String) -> Option<Bytes> {
    match encoding.as_str() {
        "utf8" => Some(Bytes(text.into_bytes())),
        "hex" => {
            let pairs = text
                .as_bytes()
                .chunks_exact(2)
                .map_while(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
            Some(Bytes(pairs.collect()))
        }
        "base64" | "base64url" => Some(Bytes(from_base64(text.as_bytes()))),
        _ => None,
    }
}

fn base64(bytes: &[u8], pad: bool) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let part = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = (part(0) << 16) | (part(1) << 8) | part(2);
        for at in 0..4 {
            if at <= chunk.len() {
                let digit = (bits >> (18 - 6 * at)) & 63;
                text.push(char::from(ALPHABET[digit as usize]));
            } else if pad {
                text.push('=');
            }
        }
    }
    text
}

/// Either alphabet, with or without padding, whatever else is between left out.
fn from_base64(text: &[u8]) -> Vec<u8> {
    let (mut bytes, mut bits, mut count) = (Vec::with_capacity(text.len() / 4 * 3), 0u32, 0);
    for character in text {
        let digit = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => continue,
        };
        bits = (bits << 6) | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}
