//! Loading a file, when it is built: the functions that the builder calls in
//! an instance of the runtime before it takes the snapshot.

use rquickjs::{Context, Function, Persistent, Runtime, Value};

use crate::evaluate::Action;
use crate::reach::Reach;
use crate::thrown::Thrown;
use crate::{ENGINE, Engine, GC_THRESHOLD, LOADING, STACK, STALE, Trigger, event_loop, platform};

/// Loads a file: `name` as stacks shall call it.
///
/// # Errors
/// What is wrong with the file, or what it threw.
pub fn load(trigger: &Trigger, name: &str, source: &str) -> Result<Loaded, Thrown> {
    let before = LOADING.replace(true);
    let loaded = evaluate(trigger, name, source);
    LOADING.set(before);
    loaded
}

/// What is known of a file once it was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The handlers it exports.
    pub handlers: Vec<&'static str>,
    /// The interfaces it cannot reach.
    pub beyond: Vec<&'static str>,
}

fn evaluate(trigger: &Trigger, name: &str, source: &str) -> Result<Loaded, Thrown> {
    let broken = |error: rquickjs::Error| Thrown::new("Error", error.to_string());
    #[cfg(target_family = "wasm")]
    let runtime = Runtime::new_with_alloc(crate::allocator::C).map_err(broken)?;
    #[cfg(not(target_family = "wasm"))]
    let runtime = Runtime::new().map_err(broken)?;
    // Never freed: an instance has one, and ends with it.
    std::mem::forget(runtime.clone());
    runtime.set_max_stack_size(STACK);
    runtime.set_gc_threshold(GC_THRESHOLD);
    runtime.set_host_promise_rejection_tracker(Some(Box::new(|ctx, promise, reason, handled| {
        event_loop::track(&ctx, promise, reason, handled);
    })));
    let reach = Reach::of(source);
    platform::modules::serve(&runtime);
    let context = Context::full(&runtime).map_err(broken)?;
    let (action, arguments, handlers) = context.with(|ctx| {
        let view = || -> rquickjs::Result<Function<'_>> {
            platform::install(&ctx, &reach)?;
            let host = (trigger.host)(&ctx)?;
            platform::script(&ctx, "view", trigger.view)?.call((host, platform::object(&ctx)?))
        };
        let arguments = view().map_err(|_| Thrown::caught(&ctx))?;
        // The platform's own scripts ask for nothing that must be fresh, but
        // QuickJS does when it starts.
        STALE.set(false);
        let action = Action::evaluate(&ctx, name, source)?;
        while ctx.execute_pending_job() {}
        if let Some(reason) = event_loop::unhandled(&ctx) {
            return Err(reason);
        }
        let handlers = handlers(&ctx, &action, trigger)?;
        Ok::<_, Thrown>((action, Persistent::save(&ctx, arguments), handlers))
    })?;
    runtime.run_gc();
    let names = handlers.clone();
    ENGINE.set(Some(Engine { context, action, handlers: names, arguments }));
    let ends = trigger.handlers.last().is_some_and(|last| handlers.contains(last));
    let parts = if ends { &[][..] } else { trigger.parts };
    Ok(Loaded { handlers, beyond: reach.beyond(parts) })
}

/// The handlers that the file exports.
fn handlers(
    ctx: &rquickjs::Ctx<'_>,
    action: &Action,
    trigger: &Trigger,
) -> Result<Vec<&'static str>, Thrown> {
    let stale = STALE.replace(false);
    let exports = action.exports(ctx)?;
    STALE.set(stale);
    let mut handlers = Vec::new();
    for name in trigger.handlers {
        let value: Value<'_> = exports.get(*name).map_err(|_| Thrown::caught(ctx))?;
        if is_generator(ctx, &value) {
            let message = format!("`{name}` is a generator function, of which nothing would run");
            return Err(Thrown::new("InvalidHandler", message));
        }
        if value.is_function() {
            handlers.push(*name);
        } else if !value.is_undefined() {
            let message = format!("`{name}` is exported, but is no function");
            return Err(Thrown::new("InvalidHandler", message));
        }
    }
    match handlers.is_empty() {
        true => Err(Thrown::new("InvalidHandler", trigger.no_handler)),
        false => Ok(handlers),
    }
}

fn is_generator<'js>(ctx: &rquickjs::Ctx<'js>, value: &Value<'js>) -> bool {
    let asked = platform::member::<Function<'js>>(ctx, "isGenerator")
        .and_then(|is_generator| is_generator.call::<_, bool>((value.clone(),)));
    asked.unwrap_or(true)
}

/// Whether a file is being loaded: there is no host to ask or to tell.
pub fn is_loading() -> bool {
    LOADING.get()
}

/// The functions for the builder: `flowhost-alloc`, `flowhost-load`,
/// `flowhost-answer`, `flowhost-spent`.
#[macro_export]
macro_rules! export_loader {
    ($trigger:expr) => {
        /// Room for `length` bytes: the file's name, a NUL, and its text.
        #[unsafe(export_name = "flowhost-alloc")]
        extern "C" fn flowhost_alloc(length: usize) -> *mut u8 {
            $crate::loader::alloc(length)
        }

        /// Loads what was written there: whether that went well.
        #[unsafe(export_name = "flowhost-load")]
        extern "C" fn flowhost_load() -> u32 {
            $crate::loader::load_written(&$trigger)
        }

        /// Where the answer is: the address in the upper half, the length in
        /// the lower one.
        #[unsafe(export_name = "flowhost-answer")]
        extern "C" fn flowhost_answer() -> u64 {
            $crate::loader::answer()
        }

        /// Where a text is that was needed for loading only: the next one each
        /// time, as above, and 0 behind the last.
        #[unsafe(export_name = "flowhost-spent")]
        extern "C" fn flowhost_spent() -> u64 {
            $crate::loader::spent(&$trigger)
        }
    };
}

thread_local! {
    static SPENT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    static TEXT: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) };
}

#[doc(hidden)]
pub fn alloc(length: usize) -> *mut u8 {
    TEXT.with_borrow_mut(|text| {
        *text = vec![0; length];
        text.as_mut_ptr()
    })
}

#[doc(hidden)]
pub fn load_written(trigger: &Trigger) -> u32 {
    LOADING.set(true);
    let written = TEXT.take();
    let loaded = match std::str::from_utf8(&written).ok().and_then(|text| text.split_once('\0')) {
        Some((name, source)) => load(trigger, name, source),
        None => Err(Thrown::new("Error", "what was written is no file")),
    };
    let (answer, fine) = match loaded {
        Ok(loaded) => (format!("{}\0{}", loaded.handlers.join(","), loaded.beyond.join(",")), 1),
        Err(Thrown { name, message, stack }) => {
            ([name, message, stack.unwrap_or_default()].join("\0"), 0)
        }
    };
    drop(written);
    LOADING.set(false);
    TEXT.set(answer.into_bytes());
    fine
}

#[doc(hidden)]
pub fn answer() -> u64 {
    TEXT.with_borrow(|text| place(text))
}

#[doc(hidden)]
pub fn spent(trigger: &Trigger) -> u64 {
    #[cfg(target_family = "wasm")]
    crate::allocator::wipe_stack();
    let mut texts = platform::texts().chain([trigger.view]);
    texts.nth(SPENT.replace(SPENT.get() + 1)).map_or(0, |text| place(text.as_bytes()))
}

fn place(bytes: &[u8]) -> u64 {
    ((bytes.as_ptr() as u64) << 32) | bytes.len() as u64
}
