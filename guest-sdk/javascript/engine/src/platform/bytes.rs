//! [`Bytes`]: bytes on their way between JavaScript and Rust. Scripts give a
//! `Uint8Array` and get one; nothing is shared, so that a script which goes on
//! writing into an array changes nothing that Rust has.

use rquickjs::{Ctx, FromJs, IntoJs, Result, TypedArray, Value};

pub(super) struct Bytes(pub(super) Vec<u8>);

impl<'js> FromJs<'js> for Bytes {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        let array = TypedArray::<u8>::from_js(ctx, value)?;
        // SAFETY: they are copied before any JavaScript can run again.
        let bytes = unsafe { array.as_bytes() };
        Ok(Bytes(bytes.unwrap_or_default().to_vec()))
    }
}

impl<'js> IntoJs<'js> for Bytes {
    fn into_js(self, ctx: &Ctx<'js>) -> Result<Value<'js>> {
        TypedArray::new(ctx.clone(), self.0)?.into_js(ctx)
    }
}
