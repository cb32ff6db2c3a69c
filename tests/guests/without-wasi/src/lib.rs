//! An action that is built without WASI. It challenges, or does what its configuration
//! names under `do`.

use std::collections::HashMap;

use flowhost_action::{Action, Api, Error, Event, Factor};

struct WithoutWasi;

impl Action for WithoutWasi {
    fn on_execute(event: &Event, api: &Api) -> Result<(), Error> {
        match event.text_at("/configuration/do").as_deref() {
            Some("panic") => panic!("told to: {}", event.tenant().id),
            Some("count") => {
                // Its hashes begin with what the standard library can get.
                let mut letters = HashMap::new();
                event
                    .tenant()
                    .id
                    .chars()
                    .for_each(|letter| *letters.entry(letter).or_insert(0) += 1);
                api.access().deny(format!("{} letters", letters.len()))?;
            }
            _ => api.authentication().challenge_with(Factor::otp())?,
        }
        Ok(())
    }
}

flowhost_action::export!(WithoutWasi);
