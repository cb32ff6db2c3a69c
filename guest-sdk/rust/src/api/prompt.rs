//! `api.prompt()`: forms for the user.

use crate::{ApiError, Json, host};

/// Forms for the user. The answers come to `on_continue`, in
/// [`Event::prompt`](crate::Event::prompt).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Prompt;

impl Prompt {
    /// Show a form. Only one, and no redirect beside it, in one run. A plain
    /// id will do for a form without fields and variables.
    ///
    /// ```
    /// # use flowhost_action::{Api, ApiError, Form};
    /// # use serde_json::json;
    /// # fn example(api: &Api) -> Result<(), ApiError> {
    /// let form = Form::new("policies").fields(json!({"agreed": false})).vars(json!({"year": 2026}));
    /// api.prompt().render(form)
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `InvalidPrompt`: an id of over 48 characters, over 24 fields or
    /// variables, a field whose name does not match
    /// `^[a-zA-Z_][a-zA-Z0-9_]{0,49}$`, or over 24 KiB in all.
    pub fn render(&self, form: impl Into<Form>) -> Result<(), ApiError> {
        let Form { id, fields, vars } = form.into();
        let (fields, vars) = (fields.as_ref().map(Json::as_str), vars.as_ref().map(Json::as_str));
        Ok(host::prompt::render(&id, fields, vars)?)
    }
}

/// A form and what it is filled with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    id: String,
    fields: Option<Json>,
    vars: Option<Json>,
}

impl Form {
    /// The form called `id`.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), fields: None, vars: None }
    }

    /// What its fields hold at first, a JSON object.
    #[must_use]
    pub fn fields(mut self, fields: impl Into<Json>) -> Self {
        self.fields = Some(fields.into());
        self
    }

    /// What its texts may refer to, a JSON object.
    #[must_use]
    pub fn vars(mut self, vars: impl Into<Json>) -> Self {
        self.vars = Some(vars.into());
        self
    }
}

impl From<&str> for Form {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}
