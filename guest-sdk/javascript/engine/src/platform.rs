//! The platform: what files expect of Node. Scripts in `js/` are evaluated in
//! the order of [`SCRIPTS`], each a function of `native`, the functions of
//! Rust, and `platform`, what scripts have for each other.

mod bytes;
mod clock;
mod crypto;
mod http;
pub(crate) mod modules;
mod random;
mod timers;

use rquickjs::context::EvalOptions;
use rquickjs::{Ctx, FromJs, Function, Object, Result, Value};

use crate::thrown::Thrown;

const SCRIPTS: &[(&str, &str)] = &[
    ("errors", include_str!("../js/errors.js")),
    ("console", include_str!("../js/console.js")),
    ("timers", include_str!("../js/timers.js")),
    ("modules", include_str!("../js/modules.js")),
    ("bytes", include_str!("../js/bytes.js")),
    ("keys", include_str!("../js/keys.js")),
    ("algorithms", include_str!("../js/algorithms.js")),
    ("ciphers", include_str!("../js/ciphers.js")),
    ("subtle", include_str!("../js/subtle.js")),
    ("hashes", include_str!("../js/hashes.js")),
    ("key_objects", include_str!("../js/key_objects.js")),
    ("crypto", include_str!("../js/crypto.js")),
    ("events", include_str!("../js/events.js")),
    ("headers", include_str!("../js/headers.js")),
    ("messages", include_str!("../js/messages.js")),
    ("fetch", include_str!("../js/fetch.js")),
];

/// Where scripts keep what they have for each other and for Rust; not a name
/// that files see.
const PLATFORM: &str = "\u{0}platform";

/// Scripts of the engine are called so in stacks, and left out of them.
const PREFIX: &str = "flowhost:";

/// Evaluates the platform's scripts.
pub(crate) fn install(ctx: &Ctx<'_>) -> Result<()> {
    let native = Object::new(ctx.clone())?;
    clock::add(ctx, &native)?;
    random::add(ctx, &native)?;
    timers::add(ctx, &native)?;
    crypto::add(ctx, &native)?;
    http::add(ctx, &native)?;
    let platform = Object::new(ctx.clone())?;
    ctx.globals().prop(PLATFORM, platform.clone())?;
    for (name, text) in SCRIPTS {
        script(ctx, name, text)?.call::<_, ()>((native.clone(), platform.clone()))?;
    }
    Ok(())
}

/// A script of the engine or of a trigger: a function.
pub(crate) fn script<'js>(ctx: &Ctx<'js>, name: &str, text: &str) -> Result<Function<'js>> {
    let mut options = EvalOptions::default();
    options.filename = Some(format!("{PREFIX}{name}"));
    ctx.eval_with_options(text, options)
}

/// What scripts have for each other.
pub(crate) fn object<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    ctx.globals().get(PLATFORM)
}

/// A member of it.
pub(crate) fn member<'js, T: FromJs<'js>>(ctx: &Ctx<'js>, name: &str) -> Result<T> {
    object(ctx)?.get(name)
}

/// Waits for the host and calls who waits for what is ready; false when
/// nobody waits for anything.
pub(crate) fn wait(ctx: &Ctx<'_>) -> std::result::Result<bool, Thrown> {
    let caught = |_| Thrown::caught(ctx);
    loop {
        if let Some((id, event)) = http::take_news() {
            return http::tell(ctx, id, event).map(|()| true).map_err(caught);
        }
        if let Some(timer) = timers::take_due() {
            let fire: Function<'_> = member(ctx, "fireTimer").map_err(caught)?;
            return fire.call::<_, Value<'_>>((timer,)).map(|_| true).map_err(caught);
        }
        let due = timers::next_due();
        if due.is_none() && !http::is_waiting() {
            return Ok(false);
        }
        http::wait(due);
    }
}
