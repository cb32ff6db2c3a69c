//! Bytes as text and back, in the encodings of `Buffer` and of `TextDecoder`;
//! `js/buffer*.js` and `js/encoding.js` call it.
//!
//! Everything is as forgiving as Node is: what is no hex digit ends hex, what
//! is no base64 is skipped.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use rquickjs::{Ctx, Exception, Function, IntoJs, Object, Result, TypedArray, Value};

use super::text::{Bytes, Text, Units, uint8_array};

const FORGIVING: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, FORGIVING);
const BASE64URL: GeneralPurpose =
    GeneralPurpose::new(&alphabet::URL_SAFE, FORGIVING.with_encode_padding(false));

pub(super) fn add<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    native.set("encode", Function::new(ctx.clone(), encode)?)?;
    native.set("encodeInto", Function::new(ctx.clone(), encode_into)?)?;
    native.set("decode", Function::new(ctx.clone(), decode)?)?;
    native.set("byteLength", Function::new(ctx.clone(), byte_length)?)?;
    native.set("decodeStream", Function::new(ctx.clone(), decode_stream)?)?;
    native.set("isUtf8", Function::new(ctx.clone(), is_utf8)?)?;
    native.set("indexOf", Function::new(ctx.clone(), index_of)?)?;
    native.set("compare", Function::new(ctx.clone(), compare)?)
}

/// A string as bytes.
fn encode<'js>(ctx: Ctx<'js>, text: Value<'js>, encoding: String) -> Result<TypedArray<'js, u8>> {
    let bytes = match encoding.as_str() {
        "utf8" => text.get::<Text>()?.0.into_bytes(),
        "utf16le" => text.get::<Units>()?.0.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        "latin1" | "ascii" => text.get::<Units>()?.0.iter().map(|unit| *unit as u8).collect(),
        "hex" => from_hex(&text.get::<Units>()?.0),
        "base64" | "base64url" => from_base64(&text.get::<Units>()?.0),
        _ => return Err(Exception::throw_type(&ctx, &format!("Unknown encoding: {encoding}"))),
    };
    uint8_array(&ctx, bytes)
}

/// Writes as much of a string as UTF-8 as fits without cutting a character in
/// two: how many code units it read, and how many bytes it wrote.
fn encode_into(text: Text, mut bytes: Bytes<'_>) -> Vec<usize> {
    let (mut read, mut written) = (0, 0);
    for char in text.0.chars() {
        if written + char.len_utf8() > bytes.len() {
            break;
        }
        read += char.len_utf16();
        written += char.len_utf8();
    }
    bytes.as_mut()[..written].copy_from_slice(&text.0.as_bytes()[..written]);
    vec![read, written]
}

/// Bytes as a string.
fn decode<'js>(ctx: Ctx<'js>, bytes: Bytes<'js>, encoding: String) -> Result<Value<'js>> {
    let text = match encoding.as_str() {
        "utf8" => String::from_utf8_lossy(&bytes).into_owned(),
        "utf16le" => return units(&bytes).into_js(&ctx),
        "latin1" => bytes.iter().map(|byte| char::from(*byte)).collect(),
        "ascii" => bytes.iter().map(|byte| char::from(byte & 0x7f)).collect(),
        "hex" => to_hex(&bytes),
        "base64" => BASE64.encode(&*bytes),
        "base64url" => BASE64URL.encode(&*bytes),
        _ => return Err(Exception::throw_type(&ctx, &format!("Unknown encoding: {encoding}"))),
    };
    Text(text).into_js(&ctx)
}

/// How many bytes a string is as UTF-8.
fn byte_length(text: Text) -> usize {
    text.0.len()
}

fn is_utf8(bytes: Bytes<'_>) -> bool {
    std::str::from_utf8(&bytes).is_ok()
}

/// Code units of little-endian UTF-16; half of one at the end is dropped.
fn units(bytes: &[u8]) -> Units {
    let unit = |pair: &[u8]| u16::from_le_bytes([pair[0], pair[1]]);
    Units(bytes.chunks_exact(2).map(unit).collect())
}

fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn from_hex(text: &[u16]) -> Vec<u8> {
    let digit = |unit: u16| char::from_u32(unit.into())?.to_digit(16);
    let byte = |pair: &[u16]| Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8);
    text.chunks_exact(2).map_while(byte).collect()
}

/// Both alphabets, even mixed; everything behind a `=` is left out.
fn from_base64(text: &[u16]) -> Vec<u8> {
    let mut digits: Vec<u8> = text
        .iter()
        .take_while(|unit| **unit != u16::from(b'='))
        .filter_map(|unit| match u8::try_from(*unit).ok()? {
            b'-' => Some(b'+'),
            b'_' => Some(b'/'),
            byte if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/') => Some(byte),
            _ => None,
        })
        .collect();
    if digits.len() % 4 == 1 {
        digits.pop();
    }
    BASE64.decode(digits).unwrap_or_default()
}

/// The step of a `TextDecoder`: the text, and the bytes at the end that are
/// the beginning of something, kept for the next step. Null where something
/// is wrong and `fatal` says that nothing may be.
fn decode_stream<'js>(
    ctx: Ctx<'js>,
    encoding: String,
    bytes: Bytes<'js>,
    fatal: bool,
    last: bool,
) -> Result<Option<Vec<Value<'js>>>> {
    let step = match encoding.as_str() {
        "utf-8" => utf8_step(&bytes, fatal, last),
        "utf-16le" => utf16_step(&bytes, fatal, last, u16::from_le_bytes),
        "utf-16be" => utf16_step(&bytes, fatal, last, u16::from_be_bytes),
        _ => Some((bytes.iter().map(|byte| windows_1252(*byte)).collect(), 0)),
    };
    let Some((text, kept)) = step else { return Ok(None) };
    let kept = bytes[bytes.len() - kept..].to_vec();
    Ok(Some(vec![Text(text).into_js(&ctx)?, uint8_array(&ctx, kept)?.into_value()]))
}

/// The text and how many bytes at the end were not looked at.
type Step = Option<(String, usize)>;

fn utf8_step(bytes: &[u8], fatal: bool, last: bool) -> Step {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        let error = match std::str::from_utf8(rest) {
            Ok(valid) => {
                text.push_str(valid);
                return Some((text, 0));
            }
            Err(error) => error,
        };
        let (valid, wrong) = rest.split_at(error.valid_up_to());
        text.push_str(&String::from_utf8_lossy(valid));
        let wrong_length = match error.error_len() {
            Some(length) => length,
            None if !last => return Some((text, wrong.len())),
            None => wrong.len(),
        };
        if fatal {
            return None;
        }
        text.push(char::REPLACEMENT_CHARACTER);
        rest = &wrong[wrong_length..];
    }
}

fn utf16_step(bytes: &[u8], fatal: bool, last: bool, unit: fn([u8; 2]) -> u16) -> Step {
    let mut units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    let mut kept = bytes.len() % 2;
    let opens = units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit));
    if !last && opens {
        units.pop();
        kept += 2;
    }
    let cut = last && kept > 0;
    if fatal && (cut || char::decode_utf16(units.iter().copied()).any(|char| char.is_err())) {
        return None;
    }
    // Half a character after half a pair is one mistake, not two.
    if cut && opens {
        units.pop();
    }
    let mut text = String::from_utf16_lossy(&units);
    if cut {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    Some((text, if last { 0 } else { kept }))
}

/// What the web means by latin1.
fn windows_1252(byte: u8) -> char {
    const FROM_80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => FROM_80[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// Where `needle` is in `bytes`, or -1: the first place at or after `from`, or
/// the last one at or before it. With a `step` of two only even places count,
/// for UTF-16.
fn index_of(bytes: Bytes<'_>, needle: Bytes<'_>, from: f64, forward: bool, step: usize) -> i64 {
    let Some(last) = bytes.len().checked_sub(needle.len()) else { return -1 };
    let step = step.max(1);
    let from = from.max(0.0) as usize;
    let found = |at: &usize| at.is_multiple_of(step) && bytes[*at..].starts_with(&needle);
    let at = match forward {
        true => (from..=last).find(found),
        false => (0..=from.min(last)).rev().find(found),
    };
    at.map_or(-1, |at| at as i64)
}

/// -1, 0 or 1.
fn compare(one: Bytes<'_>, other: Bytes<'_>) -> i32 {
    one.cmp(&other) as i32
}
