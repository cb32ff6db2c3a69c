//! Timers: which one is next, and waiting for it. What they call is kept by
//! `js/timers.js`.

use std::cell::RefCell;
use std::collections::BTreeSet;

use rquickjs::{Ctx, Function, Object, Result};

use crate::{LOADING, host};

/// No timer waits longer than what a 32-bit number of milliseconds can say, as
/// in Node.
const LONGEST_MILLIS: f64 = 2_147_483_647.0;

thread_local! {
    /// When and which, in the order they are due.
    static TIMERS: RefCell<BTreeSet<(u64, u32)>> = const { RefCell::new(BTreeSet::new()) };
}

pub(super) fn add<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    native.set("startTimer", Function::new(ctx.clone(), start)?)?;
    native.set("stopTimer", Function::new(ctx.clone(), stop)?)
}

/// False while a file is loaded: a snapshot cannot wait.
fn start(id: u32, millis: f64) -> bool {
    if LOADING.get() {
        return false;
    }
    // Immediates are due at once, and say so; no timer is.
    let given = millis == 0.0 || (1.0..=LONGEST_MILLIS).contains(&millis);
    let millis = if given { millis } else { 1.0 };
    let due = host::monotonic_nanos().saturating_add((millis * 1e6) as u64);
    TIMERS.with_borrow_mut(|timers| timers.insert((due, id)));
    true
}

fn stop(id: u32) {
    TIMERS.with_borrow_mut(|timers| timers.retain(|(_, other)| *other != id));
}

/// When the next timer is due.
pub(super) fn next_due() -> Option<u64> {
    TIMERS.with_borrow(|timers| timers.first().map(|(due, _)| *due))
}

/// The next timer, if it is due.
pub(super) fn take_due() -> Option<u32> {
    if next_due()? > host::monotonic_nanos() {
        return None;
    }
    TIMERS.with_borrow_mut(BTreeSet::pop_first).map(|(_, id)| id)
}
