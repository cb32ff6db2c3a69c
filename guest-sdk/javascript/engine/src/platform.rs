//! The platform: what files expect of Node. Scripts in `js/` are evaluated in
//! the order of [`GROUPS`], each a function of `native`, the functions of
//! Rust, and `platform`, what scripts have for each other.

mod bytes;
mod clock;
mod crypto;
mod encoding;
mod http;
mod kinds;
pub(crate) mod modules;
mod random;
mod text;
mod timers;
mod url;

use std::ffi::CString;

use rquickjs::{Ctx, Error, FromJs, Function, Object, Result, Value, qjs};

use crate::reach::Reach;
use crate::thrown::Thrown;

/// Scripts, and the words of which one must be in a file that they are for; for
/// all files where there are none.
struct Group {
    words: &'static [&'static [&'static str]],
    scripts: &'static [(&'static str, &'static str)],
}

/// Texts in all their forms: what the rest stands on.
const TEXT: &[&str] = &[
    "Buffer",
    "buffer",
    "URL",
    "url",
    "util",
    "querystring",
    "process",
    "Text",
    "atob",
    "btoa",
    "structuredClone",
    "Microtask",
    ".dir",
    ".table",
    "%o",
    "%O",
    "node:",
    "perf",
    "timers",
    "stream",
    "events",
];
const CRYPTO: &[&str] = &["crypto", "Crypto"];
const FETCH: &[&str] = &[
    "fetch",
    "Headers",
    "Request",
    "Response",
    "Abort",
    "FormData",
    "Event(",
    "new Event",
    "extends Event",
    "instanceof Event",
    "EventTarget",
];

const GROUPS: &[Group] = &[
    Group {
        words: &[],
        scripts: &[
            ("kinds", include_str!("../js/kinds.js")),
            ("errors", include_str!("../js/errors.js")),
            ("show", include_str!("../js/show.js")),
            ("console", include_str!("../js/console.js")),
            ("timers", include_str!("../js/timers.js")),
        ],
    },
    Group {
        words: &[TEXT, CRYPTO, FETCH],
        scripts: &[
            ("layout", include_str!("../js/layout.js")),
            ("inspect-items", include_str!("../js/inspect-items.js")),
            ("inspect", include_str!("../js/inspect.js")),
            ("encoding", include_str!("../js/encoding.js")),
            ("clone", include_str!("../js/clone.js")),
            ("buffer", include_str!("../js/buffer.js")),
            ("buffer-methods", include_str!("../js/buffer-methods.js")),
            ("buffer-numbers", include_str!("../js/buffer-numbers.js")),
            ("url-search-params", include_str!("../js/url-search-params.js")),
            ("url", include_str!("../js/url.js")),
            ("querystring", include_str!("../js/querystring.js")),
            ("url-legacy", include_str!("../js/url-legacy.js")),
            ("url-resolve", include_str!("../js/url-resolve.js")),
            ("equal", include_str!("../js/equal.js")),
            ("util", include_str!("../js/util.js")),
            ("process", include_str!("../js/process.js")),
            ("streams", include_str!("../js/streams.js")),
        ],
    },
    Group { words: &[], scripts: &[("modules", include_str!("../js/modules.js"))] },
    Group { words: &[TEXT, CRYPTO, FETCH], scripts: &[("bytes", include_str!("../js/bytes.js"))] },
    Group {
        words: &[CRYPTO],
        scripts: &[
            ("keys", include_str!("../js/keys.js")),
            ("algorithms", include_str!("../js/algorithms.js")),
            ("ciphers", include_str!("../js/ciphers.js")),
            ("subtle", include_str!("../js/subtle.js")),
            ("hashes", include_str!("../js/hashes.js")),
            ("key_objects", include_str!("../js/key_objects.js")),
            ("crypto", include_str!("../js/crypto.js")),
        ],
    },
    Group {
        words: &[FETCH],
        scripts: &[
            ("events", include_str!("../js/events.js")),
            ("headers", include_str!("../js/headers.js")),
            ("messages", include_str!("../js/messages.js")),
            ("fetch", include_str!("../js/fetch.js")),
        ],
    },
];

/// Where scripts keep what they have for each other and for Rust; not a name
/// that files see.
const PLATFORM: &str = "\u{0}platform";

/// Scripts of the engine are called so in stacks, and left out of them.
const PREFIX: &str = "flowhost:";

/// Evaluates the platform's scripts, as far as the file can reach them.
pub(crate) fn install(ctx: &Ctx<'_>, file: &Reach<'_>) -> Result<()> {
    let native = Object::new(ctx.clone())?;
    clock::add(ctx, &native)?;
    encoding::add(ctx, &native)?;
    kinds::add(ctx, &native)?;
    random::add(ctx, &native)?;
    timers::add(ctx, &native)?;
    url::add(ctx, &native)?;
    crypto::add(ctx, &native)?;
    http::add(ctx, &native)?;
    http::leave_out(!file.fetches());
    let platform = Object::new(ctx.clone())?;
    ctx.globals().prop(PLATFORM, platform.clone())?;
    let reached = |group: &&Group| {
        group.words.is_empty() || group.words.iter().any(|words| file.reaches(words))
    };
    for (name, text) in GROUPS.iter().filter(reached).flat_map(|group| group.scripts) {
        script(ctx, name, text)?.call::<_, ()>((native.clone(), platform.clone()))?;
    }
    Ok(())
}

/// The texts of the scripts: nothing reads them once they were evaluated.
pub(crate) fn texts() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().flat_map(|group| group.scripts).map(|(_, text)| *text)
}

/// A script of the engine or of a trigger: a function.
///
/// Functions of QuickJS keep their text, each with all that are in it. Nobody
/// reads that of the platform, so it goes through bytecode that leaves it out:
/// every snapshot is smaller for it.
pub(crate) fn script<'js>(ctx: &Ctx<'js>, name: &str, text: &str) -> Result<Function<'js>> {
    let name = CString::new(format!("{PREFIX}{name}"))?;
    let source = CString::new(text)?;
    let context = ctx.as_raw().as_ptr();
    let compile = (qjs::JS_EVAL_TYPE_GLOBAL | qjs::JS_EVAL_FLAG_COMPILE_ONLY) as _;
    let write = (qjs::JS_WRITE_OBJ_BYTECODE | qjs::JS_WRITE_OBJ_STRIP_SOURCE) as _;
    let read = qjs::JS_READ_OBJ_BYTECODE as _;
    // SAFETY: the context is alive and the texts outlive the calls; whatever is
    // returned is checked, and is freed or handed on once.
    unsafe {
        let length = source.as_bytes().len() as _;
        let compiled = qjs::JS_Eval(context, source.as_ptr(), length, name.as_ptr(), compile);
        if qjs::JS_IsException(compiled) {
            return Err(Error::Exception);
        }
        let mut length = 0;
        let bytes = qjs::JS_WriteObject(context, &raw mut length, compiled, write);
        qjs::JS_FreeValue(context, compiled);
        if bytes.is_null() {
            return Err(Error::Exception);
        }
        let read = qjs::JS_ReadObject(context, bytes, length, read);
        qjs::js_free(context, bytes.cast());
        if qjs::JS_IsException(read) {
            return Err(Error::Exception);
        }
        let value = qjs::JS_EvalFunction(context, read);
        if qjs::JS_IsException(value) {
            return Err(Error::Exception);
        }
        Value::from_raw(ctx.clone(), value).get()
    }
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
    // A timer that is always due must not keep requests waiting.
    if http::is_waiting() {
        http::wait(Some(0));
    }
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

#[cfg(test)]
mod tests {
    use rquickjs::{Context, Runtime};

    /// Every action's snapshot holds the platform.
    #[test]
    fn the_platform_takes_little_memory() {
        let runtime = Runtime::new().expect("a runtime");
        let context = Context::full(&runtime).expect("a context");
        let used = || {
            runtime.run_gc();
            runtime.memory_usage().memory_used_size
        };
        let before = used();
        context.with(|ctx| super::install(&ctx, &super::Reach::of("eval")).expect("the platform"));
        let bytes = used() - before;
        println!("the platform takes {bytes} bytes");
        assert!(bytes < 600 * 1024, "{bytes}");
        std::mem::forget(context);
    }
}
