//! Randomness: `Math.random` from a generator that each run seeds from the
//! host, everything cryptographic from the host itself.

use std::cell::RefCell;

use fastrand::Rng;
use rquickjs::{Ctx, Function, Object, Result, TypedArray};

use crate::{asked_while_loading, host};

thread_local! {
    static LOADING_RNG: RefCell<Rng> = const { RefCell::new(Rng::with_seed(0)) };
    static RNG: RefCell<Option<Rng>> = const { RefCell::new(None) };
}

pub(super) fn add<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    let math: Object<'js> = ctx.globals().get("Math")?;
    math.set("random", Function::new(ctx.clone(), random)?.with_name("random")?)?;
    native.set("randomBytes", Function::new(ctx.clone(), bytes)?)
}

/// `Math.random()`.
fn random() -> f64 {
    if asked_while_loading() {
        // The same in each build, and forgotten behind it.
        return LOADING_RNG.with_borrow_mut(Rng::f64);
    }
    RNG.with_borrow_mut(|rng| rng.get_or_insert_with(|| Rng::with_seed(host::random_u64())).f64())
}

/// Secure randomness. Zeros while a file is loaded, which is evaluated anew
/// in each run for having asked.
fn bytes(ctx: Ctx<'_>, length: usize) -> Result<TypedArray<'_, u8>> {
    let bytes = if asked_while_loading() { vec![0; length] } else { host::random_bytes(length) };
    TypedArray::new(ctx, bytes)
}
