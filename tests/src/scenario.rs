//! [`Scenario`]: a flow of scripted actions, an event, and what comes of them.
//!
//! Scenarios share one engine, so that each component is compiled once; every
//! scenario has its own flow name and its own tenant, so that nothing else is
//! shared.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use flowhost::{
    ActionSpec, Compiler, Component, Engine, EngineBuilder, Error, Event, Flow, FlowSpec, Report,
    Resume, Secret,
};
use serde_json::{Map, Value, json};

use crate::{event, home, scripted};

/// The engine that scenarios share: suspended flows in memory, compiled code in
/// the target folder.
pub fn shared_engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let cache = home().join("engine");
        let builder = engine_builder().max_queue(10_000).code_cache(cache, Secret::new("tests"));
        builder.build().expect("an engine")
    })
}

/// An engine to be: it compiles what the tests bring along, which is trusted,
/// here.
pub fn engine_builder() -> EngineBuilder {
    Engine::builder().compiler(Compiler::in_process())
}

/// Runs a future to its end.
pub fn wait_for<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(future)
}

/// A flow and an event.
#[derive(Debug, Clone)]
#[must_use]
pub struct Scenario {
    engine: Engine,
    spec: FlowSpec,
    event: Value,
}

impl Default for Scenario {
    fn default() -> Self {
        Scenario::new()
    }
}

impl Scenario {
    /// No actions yet, the complete event.
    pub fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("scenario-{}", COUNT.fetch_add(1, Ordering::SeqCst));
        let mut event = event();
        event["tenant"]["id"] = json!(name);
        Scenario { engine: shared_engine().clone(), spec: FlowSpec::new(name), event }
    }

    /// One action that does `steps`.
    pub fn executing(steps: Value) -> Self {
        Scenario::new().action("one", steps)
    }

    /// On another engine.
    pub fn on(mut self, engine: &Engine) -> Self {
        self.engine = engine.clone();
        self
    }

    /// Adds an action whose execute handler does `steps`.
    pub fn action(self, name: &str, steps: Value) -> Self {
        self.action_with(name, steps, json!([]))
    }

    /// Adds an action with steps for both handlers.
    pub fn action_with(self, name: &str, execute: Value, continues: Value) -> Self {
        let script = json!({ "execute": execute, "continue": continues });
        let component = Component::Bytes(scripted().to_vec());
        self.spec(ActionSpec::new(name, component).configuration(object(script)))
    }

    /// Adds an action of another component.
    pub fn component(self, name: &str, bytes: &[u8], configuration: Value) -> Self {
        let spec = ActionSpec::new(name, Component::Bytes(bytes.to_vec()));
        self.spec(spec.configuration(object(configuration)))
    }

    fn spec(mut self, action: ActionSpec) -> Self {
        self.spec = self.spec.action(action);
        self
    }

    /// Changes the last action.
    pub fn last(mut self, change: impl FnOnce(&mut ActionSpec)) -> Self {
        change(self.spec.actions.last_mut().expect("an action"));
        self
    }

    /// Gives the last action a secret.
    pub fn secret(self, name: &str, value: &str) -> Self {
        self.last(|action| *action = action.clone().secret(name, Secret::new(value)))
    }

    /// Changes the flow.
    pub fn flow(mut self, change: impl FnOnce(&mut FlowSpec)) -> Self {
        change(&mut self.spec);
        self
    }

    /// Changes the event.
    pub fn event(mut self, change: impl FnOnce(&mut Value)) -> Self {
        change(&mut self.event);
        self
    }

    /// The event, as JSON text.
    pub fn event_json(&self) -> String {
        self.event.to_string()
    }

    /// The flow as written.
    pub fn flow_spec(&self) -> FlowSpec {
        self.spec.clone()
    }

    /// Loads the flow.
    pub fn load(&self) -> Result<Flow, Error> {
        wait_for(self.engine.load(self.spec.clone()))
    }

    /// Loads and starts the flow.
    pub fn try_start(&self) -> Result<Step, Error> {
        let event = Event::from_json(&self.event_json())?;
        let flow = self.load()?;
        let report = wait_for(self.engine.start(&flow, event))?;
        Ok(Step::new(&self.engine, report))
    }

    /// Loads and starts the flow, which must answer.
    pub fn start(&self) -> Step {
        self.try_start().unwrap_or_else(|error| panic!("start: [{}] {error}", error.code()))
    }

    /// The code of the error that starting the flow answers.
    pub fn refused(&self) -> &'static str {
        match self.try_start() {
            Ok(step) => panic!("started: {:#}", step.json),
            Err(error) => error.code().as_str(),
        }
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("no object: {other}"),
    }
}

/// How a flow stands after a start or a resume.
#[derive(Debug)]
pub struct Step {
    engine: Engine,
    /// The report.
    pub report: Report,
    /// Its JSON form.
    pub json: Value,
}

impl Step {
    /// A report of `engine`.
    pub fn new(engine: &Engine, report: Report) -> Self {
        let json = report.to_json();
        Step { engine: engine.clone(), report, json }
    }

    /// The outcome's name.
    pub fn outcome(&self) -> &'static str {
        self.report.outcome.name()
    }

    /// Asserts the outcome's name.
    #[track_caller]
    pub fn expect(self, outcome: &str) -> Self {
        assert_eq!(self.outcome(), outcome, "{:#}", self.json);
        self
    }

    /// Asserts that the flow failed with `code`.
    #[track_caller]
    pub fn expect_failure(self, class: &str, code: &str) -> Self {
        let step = self.expect("failed");
        assert_eq!(step.json["failed"]["code"], code, "{:#}", step.json);
        assert_eq!(step.json["failed"]["error_class"], class, "{:#}", step.json);
        step
    }

    /// The value at a JSON Pointer in the report.
    pub fn at(&self, pointer: &str) -> &Value {
        self.json.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// The state that resumes the flow.
    #[track_caller]
    pub fn state(&self) -> String {
        let state = self.report.outcome.state();
        state.unwrap_or_else(|| panic!("not suspended: {:#}", self.json)).to_owned()
    }

    /// The names of the actions that ran, with their handlers.
    pub fn ran(&self) -> Vec<String> {
        let run = |run: &flowhost::RunReport| format!("{} {}", run.action, run.handler.as_str());
        self.report.runs.iter().map(run).collect()
    }

    /// All that was logged, one line each.
    pub fn logs(&self) -> Vec<String> {
        let lines = self.report.runs.iter().flat_map(|run| &run.logs);
        lines.map(|line| line.message.clone()).collect()
    }

    /// The rest of the log line that begins with `prefix`.
    #[track_caller]
    pub fn logged(&self, prefix: &str) -> String {
        let logs = self.logs();
        let line = logs.iter().find_map(|line| line.strip_prefix(prefix));
        line.unwrap_or_else(|| panic!("no line `{prefix}…` in {logs:#?}")).to_owned()
    }

    /// Resumes, whatever comes of it.
    pub fn try_resume(&self, resume: Resume) -> Result<Step, Error> {
        let report = wait_for(self.engine.resume(&self.state(), resume))?;
        Ok(Step::new(&self.engine, report))
    }

    /// Resumes; must answer.
    #[track_caller]
    pub fn resume(&self, resume: Resume) -> Step {
        match self.try_resume(resume) {
            Ok(step) => step,
            Err(error) => panic!("resume: [{}] {error}", error.code()),
        }
    }

    /// The user comes back with a query.
    #[track_caller]
    pub fn returns(&self, query: &[(&str, &str)]) -> Step {
        self.resume(Resume::get(query.iter().copied()))
    }

    /// The user meets the challenge.
    #[track_caller]
    pub fn passes(&self, factor: &str) -> Step {
        self.resume(Resume::passed(flowhost::FactorType::from_name(factor).expect("a factor")))
    }

    /// The code of the error that resuming answers.
    #[track_caller]
    pub fn resume_refused(&self, resume: Resume) -> &'static str {
        match self.try_resume(resume) {
            Ok(step) => panic!("resumed: {:#}", step.json),
            Err(error) => error.code().as_str(),
        }
    }
}
