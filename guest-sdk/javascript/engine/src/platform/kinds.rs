//! What kind of object a value is, whatever its prototype says: `js/kinds.js`
//! learns the numbers of QuickJS's classes from samples.

use rquickjs::promise::PromiseState;
use rquickjs::{Array, Ctx, Function, Object, Result, Value, qjs};

pub(super) fn add<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    native.set("classOf", Function::new(ctx.clone(), class_of)?)?;
    native.set("promiseState", Function::new(ctx.clone(), promise_state)?)
}

/// The number of an object's class; 0 for what is no object.
fn class_of(value: Value<'_>) -> u32 {
    // SAFETY: only looks at the value.
    unsafe { qjs::JS_GetClassID(value.as_raw()) as u32 }
}

/// `[state]` or `[state, result]` of a promise.
fn promise_state<'js>(ctx: Ctx<'js>, value: Value<'js>) -> Result<Array<'js>> {
    let answer = Array::new(ctx.clone())?;
    let Some(promise) = value.as_promise() else { return Ok(answer) };
    let state = match promise.state() {
        PromiseState::Pending => "pending",
        PromiseState::Resolved => "fulfilled",
        PromiseState::Rejected => "rejected",
    };
    answer.set(0, state)?;
    if let Some(result) = promise.result::<Value<'js>>() {
        let result = result.unwrap_or_else(|_| ctx.catch());
        answer.set(1, result)?;
    }
    Ok(answer)
}
