//! Two machines with one database: what one has suspended the other resumes,
//! though it has never seen the action, and exactly one of them does.

use flowhost::store::PostgresStore;
use flowhost::{Engine, FlowSpec, KeyRing, Outcome, Resume};
use flowhost_tests::{Postgres, Scenario, engine_builder, shared_postgres, wait_for};
use serde_json::json;

/// Engines that share a database and keys, and nothing else.
fn machines(server: &Postgres) -> (String, [Engine; 2]) {
    let database = server.database();
    let keys = KeyRing::generate().expect("keys");
    let machine = || {
        let store = PostgresStore::new(&server.url(&database)).expect("a store");
        engine_builder().store(store).keys(keys.clone()).build().expect("an engine")
    };
    let both = [machine(), machine()];
    (database, both)
}

/// A flow of one action that redirects and goes on, small enough to be
/// compiled by each machine.
fn redirecting(engine: &Engine) -> Scenario {
    let component = wat::parse_str(include_str!("../../../host/examples/embed/redirect.wat"));
    Scenario::new().component("one", &component.expect("a component"), json!({})).on(engine)
}

#[test]
fn a_flow_is_resumed_on_a_machine_that_never_saw_its_action() {
    let Some(server) = shared_postgres() else { return };
    let (database, [one, other]) = machines(server);
    let scenario = redirecting(&one);
    let name = scenario.flow_spec().name;
    let step = scenario.start();
    drop(one);
    other.provide_secrets(&FlowSpec::new(name)).expect("secrets");
    let report = wait_for(other.resume(&step.state(), Resume::get([("a", "b")]))).expect("resumed");
    assert_eq!(report.outcome, Outcome::Completed);
    let ends = server.ask(&database, "SELECT count(*) FROM flowhost.ending");
    assert_eq!(ends.as_deref(), Some("1"));
}

/// Somebody who owns the database cannot put another action into a flow.
#[test]
fn a_component_that_was_exchanged_in_the_database_is_not_run() {
    let Some(server) = shared_postgres() else { return };
    let (database, [one, other]) = machines(server);
    let scenario = redirecting(&one);
    let name = scenario.flow_spec().name;
    let step = scenario.start();
    server.execute(&database, "UPDATE flowhost.component SET bytes = '\\x0061736d'");
    other.provide_secrets(&FlowSpec::new(name)).expect("secrets");
    let report = wait_for(other.resume(&step.state(), Resume::get([("a", "b")])));
    let code = match report {
        Ok(report) => match report.outcome {
            Outcome::Failed(failure) => failure.code.as_str(),
            other => panic!("{other:?}"),
        },
        Err(error) => error.code().as_str(),
    };
    assert_eq!(code, "action_version_gone");
}
