//! [`Thrown`]: what JavaScript threw, as an action's author wants to read it.

use rquickjs::{Ctx, Function, Value};

use crate::platform;

/// What was thrown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thrown {
    /// The error's name, such as `TypeError`; `Uncaught` for what is no error.
    pub name: String,
    /// Its message.
    pub message: String,
    /// Name, message, and the frames that are the file's own.
    pub stack: Option<String>,
}

impl Thrown {
    /// An error of the engine itself.
    pub(crate) fn new(name: &str, message: impl Into<String>) -> Self {
        Thrown { name: name.to_owned(), message: message.into(), stack: None }
    }

    /// What the context has caught.
    pub(crate) fn caught(ctx: &Ctx<'_>) -> Self {
        Thrown::of(ctx, ctx.catch())
    }

    /// Anything that was thrown. The platform describes it; should the action
    /// have broken the platform, what Rust can see of it must do.
    pub(crate) fn of<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> Self {
        let described = platform::member::<Function<'js>>(ctx, "describe")
            .and_then(|describe| describe.call::<_, Vec<Option<String>>>((value.clone(),)));
        match described {
            Ok(parts) => {
                let mut parts = parts.into_iter().map(Option::unwrap_or_default);
                let mut part = || parts.next().unwrap_or_default();
                Thrown {
                    name: part(),
                    message: part(),
                    stack: Some(part()).filter(|s| !s.is_empty()),
                }
            }
            Err(_) => {
                _ = ctx.catch();
                let message = value.as_exception().and_then(|exception| exception.message());
                Thrown::new("Error", message.unwrap_or_else(|| "something was thrown".to_owned()))
            }
        }
    }
}
