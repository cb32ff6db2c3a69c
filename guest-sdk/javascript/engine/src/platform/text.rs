//! Text and bytes on their way between JavaScript and Rust. A string of
//! JavaScript may hold lone surrogates, which UTF-8 cannot say: they become
//! U+FFFD, as everywhere on the web, instead of an error.

use std::marker::PhantomData;
use std::ops::Deref;

use rquickjs::{Ctx, Error, FromJs, IntoJs, Result, String as JsString, TypedArray, Value, qjs};

/// A string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text(pub(super) String);

impl<'js> FromJs<'js> for Text {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        if let Some(Ok(text)) = value.as_string().map(JsString::to_string) {
            return Ok(Text(text));
        }
        let Units(units) = Units::from_js(ctx, value)?;
        Ok(Text(String::from_utf16_lossy(&units)))
    }
}

impl<'js> IntoJs<'js> for Text {
    fn into_js(self, ctx: &Ctx<'js>) -> Result<Value<'js>> {
        JsString::from_str(ctx.clone(), &self.0).map(JsString::into_value)
    }
}

/// A string as what JavaScript counts: UTF-16 code units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Units(pub(super) Vec<u16>);

impl<'js> FromJs<'js> for Units {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        if !value.is_string() {
            return Err(Error::new_from_js(value.type_name(), "string"));
        }
        let mut length = 0;
        // SAFETY: the value is a string that outlives the call, and what is
        // returned is as long as it says and is freed here.
        unsafe {
            let context = ctx.as_raw().as_ptr();
            let text = qjs::JS_ToCStringLenUTF16(context, &raw mut length, value.as_raw());
            if text.is_null() {
                return Err(Error::Exception);
            }
            let units = std::slice::from_raw_parts(text, length as usize).to_vec();
            qjs::JS_FreeCStringUTF16(context, text);
            Ok(Units(units))
        }
    }
}

impl<'js> IntoJs<'js> for Units {
    fn into_js(self, ctx: &Ctx<'js>) -> Result<Value<'js>> {
        // QuickJS keeps what is UTF-16 twice as wide as what need not be.
        if self.0.iter().all(|unit| *unit < 0x80) {
            let ascii: String = self.0.iter().map(|unit| *unit as u8 as char).collect();
            return Text(ascii).into_js(ctx);
        }
        // SAFETY: the units outlive the call, which copies them; the value
        // belongs to whoever asked.
        unsafe {
            let context = ctx.as_raw().as_ptr();
            let value = qjs::JS_NewStringUTF16(context, self.0.as_ptr(), self.0.len() as _);
            if qjs::JS_IsException(value) {
                return Err(Error::Exception);
            }
            Ok(Value::from_raw(ctx.clone(), value))
        }
    }
}

/// The bytes of a `Uint8Array` while a function of Rust looks at them: it must
/// not call JavaScript, which could move them.
pub(super) struct Bytes<'js> {
    start: *mut u8,
    length: usize,
    /// Keeps them alive.
    _owner: Value<'js>,
    _engine: PhantomData<*mut u8>,
}

impl<'js> FromJs<'js> for Bytes<'js> {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        let mut length = 0;
        // SAFETY: QuickJS checks what the value is.
        let start = unsafe {
            qjs::JS_GetUint8Array(ctx.as_raw().as_ptr(), &raw mut length, value.as_raw())
        };
        if start.is_null() {
            // An empty one may have no bytes to point at.
            return match ctx.catch() {
                thrown if thrown.is_undefined() || thrown.is_null() => {
                    Ok(Bytes { start, length: 0, _owner: value, _engine: PhantomData })
                }
                thrown => Err(ctx.throw(thrown)),
            };
        }
        Ok(Bytes { start, length: length as usize, _owner: value, _engine: PhantomData })
    }
}

impl Bytes<'_> {
    /// The bytes, to write into.
    pub(super) fn as_mut(&mut self) -> &mut [u8] {
        if self.start.is_null() {
            return &mut [];
        }
        // SAFETY: alive and of that length as long as no JavaScript runs.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.length) }
    }
}

impl Deref for Bytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        if self.start.is_null() {
            return &[];
        }
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }
}

/// Bytes for JavaScript: a new `Uint8Array`.
pub(super) fn uint8_array<'js>(ctx: &Ctx<'js>, bytes: Vec<u8>) -> Result<TypedArray<'js, u8>> {
    TypedArray::new(ctx.clone(), bytes)
}
