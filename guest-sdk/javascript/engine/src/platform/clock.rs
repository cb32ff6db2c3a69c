//! Dates: QuickJS asks for them here, each time anew.

use rquickjs::{Ctx, Function, Object, Result};

use crate::{asked_while_loading, host};

/// `Date.now()`, `new Date()`: called by QuickJS's C code.
///
/// While a file is loaded the date is the Unix epoch: what is built does not
/// depend on when.
#[cfg(target_family = "wasm")]
#[unsafe(no_mangle)]
extern "C" fn __rquickjs_host_now_us() -> f64 {
    if asked_while_loading() { 0.0 } else { host::date_micros() }
}

pub(super) fn add<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    native.set("now", Function::new(ctx.clone(), now)?)
}

/// Milliseconds since some moment, with fractions.
fn now() -> f64 {
    if asked_while_loading() { 0.0 } else { host::monotonic_nanos() as f64 / 1e6 }
}
