//! `prompt`: forms the user answers. The bounds are those of the contract.

use serde_json::{Map, Value};
use wasmtime::Result;

use super::{gate, secret_in};
use crate::action::state::RunState;
use crate::action::v1::prompt::Host;
use crate::action::v1::types::ApiError;
use crate::effects::Command;
use crate::error::Code;

const MAX_ID: usize = 48;
const MAX_KEYS: usize = 24;
const MAX_FIELD_NAME: usize = 50;

impl Host for RunState {
    fn render(
        &mut self,
        id: String,
        fields: Option<String>,
        vars: Option<String>,
    ) -> Result<Result<(), ApiError>> {
        let bytes = fields.iter().chain(&vars).map(String::len).sum::<usize>();
        self.enter(id.len() + bytes)?;
        let command = check(&id, bytes, self.own.limits.prompt).and_then(|()| {
            let fields = fields.map(|text| object("fields", &text)).transpose()?;
            let vars = vars.map(|text| object("vars", &text)).transpose()?;
            if let Some(name) = fields.iter().flat_map(Map::keys).find(|name| !is_field_name(name))
            {
                return Err(invalid(format!("`{name}` is no name for a field")));
            }
            let (fields, vars) = (fields.map(Value::Object), vars.map(Value::Object));
            let in_parts = || fields.iter().chain(&vars).find_map(|part| secret_in(self, part));
            if let Some(name) = self.own.redactor.find(&id).or_else(in_parts) {
                return Err(invalid(format!("the prompt contains the value of secret `{name}`")));
            }
            Ok(Command::Render { id, fields, vars })
        });
        let recorded = command.and_then(|command| self.command(command));
        Ok(gate(self, "prompt.render", recorded))
    }
}

fn invalid(message: String) -> (Code, String) {
    (Code::InvalidPrompt, message)
}

fn check(id: &str, bytes: usize, limit: u64) -> Result<(), (Code, String)> {
    let length = id.chars().count();
    if length == 0 || length > MAX_ID {
        return Err(invalid(format!("the id has {length} characters; 1 to {MAX_ID} are allowed")));
    }
    if bytes as u64 > limit {
        return Err(invalid(format!("fields and vars have {bytes} bytes; {limit} are allowed")));
    }
    Ok(())
}

fn object(what: &str, text: &str) -> Result<Map<String, Value>, (Code, String)> {
    let object: Map<String, Value> = serde_json::from_str(text)
        .map_err(|error| invalid(format!("`{what}` is no JSON object: {error}")))?;
    if object.len() > MAX_KEYS {
        let count = object.len();
        return Err(invalid(format!("`{what}` has {count} keys; {MAX_KEYS} are allowed")));
    }
    Ok(object)
}

/// `^[a-zA-Z_][a-zA-Z0-9_]{0,49}$`
fn is_field_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let starts = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.len() <= MAX_FIELD_NAME && name.starts_with(starts) && name.chars().all(fits)
}
