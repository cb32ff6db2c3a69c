//! Evaluating a file: as CommonJS, the way Auth0 does, or as an ES module.

use std::ffi::CString;

use rquickjs::{Ctx, Function, Module, Object, Persistent, Value, qjs};

use crate::thrown::Thrown;
use crate::{STALE, platform};

/// A file that was evaluated.
pub(crate) enum Action {
    /// The function around the file, and what the file exported.
    CommonJs {
        file: Persistent<Function<'static>>,
        exports: Persistent<Object<'static>>,
    },
    Module {
        namespace: Persistent<Object<'static>>,
    },
}

/// What is around a CommonJS file, on lines of its own: the file's own lines
/// and columns stay as they are.
const HEAD: &str = "\n(function (exports, require, module, __filename, __dirname) {\n";
const FOOT: &str = "\n})";

impl Action {
    /// Evaluates `source`; what throws at its top fails.
    pub(crate) fn evaluate(ctx: &Ctx<'_>, name: &str, source: &str) -> Result<Self, Thrown> {
        let source = without_marks(source);
        if name.ends_with(".mjs") || name.ends_with(".mts") {
            return module(ctx, name, &source);
        }
        let file = match wrap(ctx, name, &source).map_err(|_| Thrown::caught(ctx)) {
            Ok(file) => file,
            Err(error) if error.name == "SyntaxError" && means_module(&source) => {
                return module(ctx, name, &source);
            }
            Err(error) => return Err(error),
        };
        let exports = call(ctx, file.clone())?;
        Ok(Action::CommonJs {
            file: Persistent::save(ctx, file),
            exports: Persistent::save(ctx, exports),
        })
    }

    /// What the file exports: evaluated anew where its top asked for the date
    /// or for randomness, both of which the snapshot froze.
    pub(crate) fn exports<'js>(&self, ctx: &Ctx<'js>) -> Result<Object<'js>, Thrown> {
        let restore = |object: &Persistent<Object<'static>>| {
            object.clone().restore(ctx).map_err(|_| Thrown::caught(ctx))
        };
        match self {
            Action::CommonJs { file, .. } if STALE.get() => {
                let file = file.clone().restore(ctx).map_err(|_| Thrown::caught(ctx))?;
                call(ctx, file)
            }
            Action::CommonJs { exports, .. } => restore(exports),
            Action::Module { namespace } => restore(namespace),
        }
    }
}

/// Without a byte order mark, and with a `#!` line as the comment it is.
fn without_marks(source: &str) -> String {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    match source.strip_prefix("#!") {
        Some(rest) => format!("//{rest}"),
        None => source.to_owned(),
    }
}

/// Whether a file that is no CommonJS means to be an ES module: what is wrong
/// with it shall be said in the terms of what it is.
fn means_module(source: &str) -> bool {
    let first = |line: &str| {
        let word = line.trim_start().split(|c: char| !c.is_ascii_alphanumeric()).next();
        matches!(word, Some("import" | "export"))
    };
    source.lines().any(first)
}

/// The function around a CommonJS file.
fn wrap<'js>(ctx: &Ctx<'js>, name: &str, source: &str) -> rquickjs::Result<Function<'js>> {
    let text = CString::new(format!("{HEAD}{source}{FOOT}"))?;
    let filename = CString::new(name)?;
    let mut options = qjs::JSEvalOptions {
        version: qjs::JS_EVAL_OPTIONS_VERSION as _,
        eval_flags: qjs::JS_EVAL_TYPE_GLOBAL as _,
        filename: filename.as_ptr(),
        // So that the file begins on line 1; QuickJS takes 0 for 1.
        line_num: -1,
    };
    // SAFETY: the context is alive, the texts outlive the call, and the value
    // belongs to whoever asked.
    let value = unsafe {
        let (context, length) = (ctx.as_raw().as_ptr(), text.as_bytes().len());
        let value = qjs::JS_Eval2(context, text.as_ptr(), length as _, &raw mut options);
        if qjs::JS_IsException(value) {
            return Err(rquickjs::Error::Exception);
        }
        Value::from_raw(ctx.clone(), value)
    };
    value.get()
}

/// Runs the file: what `module.exports` is afterwards.
fn call<'js>(ctx: &Ctx<'js>, file: Function<'js>) -> Result<Object<'js>, Thrown> {
    let run = || -> rquickjs::Result<Value<'js>> {
        let module = Object::new(ctx.clone())?;
        module.set("exports", Object::new(ctx.clone())?)?;
        let exports: Object<'js> = module.get("exports")?;
        let require: Function<'js> = platform::member(ctx, "require")?;
        file.call::<_, ()>((exports, require, module.clone(), "/action.js", "/"))?;
        module.get("exports")
    };
    let exports = run().map_err(|_| Thrown::caught(ctx))?;
    exports.into_object().ok_or_else(|| Thrown::new("TypeError", "`module.exports` is no object"))
}

fn module(ctx: &Ctx<'_>, name: &str, source: &str) -> Result<Action, Thrown> {
    let caught = |_| Thrown::caught(ctx);
    let declared = Module::declare(ctx.clone(), name, source).map_err(caught)?;
    let (module, evaluated) = declared.eval().map_err(caught)?;
    crate::event_loop::settle(ctx, &evaluated)?;
    if STALE.get() {
        return Err(Thrown::new(
            "Error",
            "the top of an ES module is evaluated when it is built and must not ask for the date or for randomness; ask in a handler, or write the file as CommonJS",
        ));
    }
    let namespace = module.namespace().map_err(caught)?;
    Ok(Action::Module { namespace: Persistent::save(ctx, namespace) })
}
