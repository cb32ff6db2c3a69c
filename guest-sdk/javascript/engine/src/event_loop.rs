//! The event loop: jobs, then whatever the host has ready first, until a
//! promise is settled. Nothing is left running behind a handler.

use std::cell::RefCell;

use rquickjs::function::{Rest, This};
use rquickjs::promise::PromiseState;
use rquickjs::{Ctx, Function, Persistent, Promise, Value};

use crate::thrown::Thrown;
use crate::{ENGINE, Engine, platform};

thread_local! {
    /// Rejections that nothing handles yet, with the promises they are of.
    static REJECTIONS: RefCell<Vec<Rejection>> = const { RefCell::new(Vec::new()) };
}

struct Rejection {
    promise: Persistent<Value<'static>>,
    reason: Persistent<Value<'static>>,
}

/// Runs the handler called `name`; one that the file does not export does
/// nothing.
///
/// # Errors
/// What the handler threw, or a promise nobody handled was rejected with.
pub fn run(name: &str) -> Result<(), Thrown> {
    ENGINE.with_borrow(|engine| {
        let engine = engine.as_ref().ok_or_else(|| Thrown::new("Error", "no file is loaded"))?;
        engine.context.with(|ctx| call(&ctx, engine, name))
    })
}

fn call(ctx: &Ctx<'_>, engine: &Engine, name: &str) -> Result<(), Thrown> {
    let caught = |_| Thrown::caught(ctx);
    let exports = engine.action.exports(ctx)?;
    let handler: Value<'_> = exports.get(name).map_err(caught)?;
    let Some(handler) = handler.as_function() else {
        return match engine.handlers.contains(&name) {
            // A file may export what it likes, but not once so and once so: an
            // action that has an objection must not be without one by chance.
            true => Err(Thrown::new("InvalidHandler", format!("`{name}` is no function any more"))),
            false => Ok(()),
        };
    };
    let arguments = engine.arguments.clone().restore(ctx).map_err(caught)?;
    let arguments: Vec<Value<'_>> = arguments.call(()).map_err(caught)?;
    let call = (This(exports), Rest(arguments.clone()));
    let answer: Value<'_> = handler.call(call).map_err(caught)?;
    // The instance ends with the run: taking apart what it made is no use.
    std::mem::forget(arguments);
    match promised(ctx, answer).map_err(caught)? {
        Some(promise) => {
            settle(ctx, &promise)?;
            std::mem::forget(promise);
        }
        // It may have begun what goes on behind it.
        None => while ctx.execute_pending_job() {},
    }
    if let Some(reason) = unhandled(ctx) {
        return Err(reason);
    }
    // What the view has to say against an end that looks good.
    let at_end: Option<Function<'_>> = platform::member(ctx, "atEnd").map_err(caught)?;
    at_end.map_or(Ok(()), |at_end| at_end.call(()).map_err(caught))
}

/// The promise a handler answered with, if any: a handler need not be async.
fn promised<'js>(ctx: &Ctx<'js>, answer: Value<'js>) -> rquickjs::Result<Option<Promise<'js>>> {
    if let Some(promise) = answer.as_promise() {
        return Ok(Some(promise.clone()));
    }
    if !answer.is_object() {
        return Ok(None);
    }
    // It may have a `then` of its own.
    let promise = platform::member::<Function<'js>>(ctx, "promised")?;
    promise.call((answer,)).map(Some)
}

/// Goes on until `promise` is settled.
pub(crate) fn settle<'js>(ctx: &Ctx<'js>, promise: &Promise<'js>) -> Result<(), Thrown> {
    loop {
        while ctx.execute_pending_job() {}
        match promise.state() {
            PromiseState::Resolved => return Ok(()),
            PromiseState::Rejected => {
                return match promise.result::<Value<'js>>() {
                    Some(Err(_)) => Err(Thrown::caught(ctx)),
                    _ => Err(Thrown::new("Error", "the handler was rejected")),
                };
            }
            PromiseState::Pending => {}
        }
        if !platform::wait(ctx)? {
            return Err(Thrown::new(
                "Error",
                "the handler's promise can never settle: it awaits something that nothing is left to bring about",
            ));
        }
    }
}

/// Keeps account of rejections; QuickJS calls it for each that has no handler,
/// and again when it gets one.
pub(crate) fn track<'js>(ctx: &Ctx<'js>, promise: Value<'js>, reason: Value<'js>, handled: bool) {
    REJECTIONS.with_borrow_mut(|rejections| {
        if !handled {
            let promise = Persistent::save(ctx, promise);
            rejections.push(Rejection { promise, reason: Persistent::save(ctx, reason) });
            return;
        }
        let other = |rejection: &Rejection| {
            rejection.promise.clone().restore(ctx).is_ok_and(|known| known != promise)
        };
        rejections.retain(other);
    });
}

/// The first rejection that nothing handled.
pub(crate) fn unhandled(ctx: &Ctx<'_>) -> Option<Thrown> {
    let rejections = REJECTIONS.take();
    let reason = rejections.into_iter().next()?.reason.restore(ctx).ok()?;
    Some(Thrown::of(ctx, reason))
}
