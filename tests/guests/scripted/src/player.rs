//! Performs the steps of a script, one after another.
//!
//! It keeps what lasts from step to step and decides what becomes of a result;
//! what a step does is in the module of its kind.

use flowhost_action::{Api, ApiError, Error, Event};
use serde_json::Value;

use crate::mischief::Mischief;
use crate::step::{self, Control, Step};
use crate::variables::Variables;

/// What becomes of the result of a call.
#[derive(Clone, Copy)]
enum Report {
    /// It is logged.
    Log,
    /// It is logged, but a refusal ends the handler.
    Must,
    /// It is forgotten.
    Quiet,
}

pub(crate) struct Player<'a> {
    event: &'a Event,
    api: &'a Api,
    variables: Variables,
    mischief: Mischief,
}

impl<'a> Player<'a> {
    pub(crate) fn new(event: &'a Event, api: &'a Api) -> Self {
        Self { event, api, variables: Variables::default(), mischief: Mischief::default() }
    }

    pub(crate) fn play(&mut self, steps: Vec<Value>) -> Result<(), Error> {
        steps.into_iter().try_for_each(|step| self.perform(step, Report::Log))
    }

    fn perform(&mut self, step: Value, report: Report) -> Result<(), Error> {
        let name = step::name_of(&step);
        let (name, result) = match Step::read(self.variables.fill_in(step))? {
            Step::Control(control) => return self.control(control, report),
            Step::Call(call) => (name, call.perform(self.api, &mut self.variables)),
            Step::Read(read) => {
                let (name, value) = read.perform(self.event, &name);
                (name, Ok(Some(value)))
            }
            Step::Act(act) => (name, Ok(self.mischief.perform(act))),
        };
        self.report(&name, result, report)
    }

    fn control(&mut self, control: Control, report: Report) -> Result<(), Error> {
        match control {
            Control::Must(step) => self.perform(step, Report::Must),
            Control::Quiet(step) => self.perform(step, Report::Quiet),
            Control::Log { level, message } => {
                self.api.log().write(level.into(), message);
                Ok(())
            }
            Control::Repeat { times, steps } => (0..times).try_for_each(|_| {
                steps.iter().try_for_each(|step| self.perform(step.clone(), report))
            }),
            Control::Fail { name, message, stack } => {
                let error = Error::new(name, message);
                Err(stack.into_iter().fold(error, Error::with_stack))
            }
        }
    }

    fn report(
        &self,
        name: &str,
        result: Result<Option<String>, ApiError>,
        report: Report,
    ) -> Result<(), Error> {
        let text = match (result, report) {
            (Err(refusal), Report::Must) => return Err(refusal.into()),
            (_, Report::Quiet) => return Ok(()),
            (Ok(value), _) => value.unwrap_or_else(|| "ok".to_owned()),
            (Err(refusal), _) => format!("error {refusal}"),
        };
        self.api.log().info(format!("{name}: {text}"));
        Ok(())
    }
}
