//! [`ignored`]: how a test tells that it is not run.

/// Says that a test is not run because something is missing, and how to have
/// it. Where everything was installed (`FLOWHOST_NOTHING_IGNORED=1`) that is a
/// failure: what is printed by a test that passes is seen by nobody.
#[track_caller]
pub fn ignored(why: &str) {
    println!("ignored: {why}");
    let none = std::env::var("FLOWHOST_NOTHING_IGNORED").is_ok_and(|value| value == "1");
    assert!(!none, "nothing may be ignored here: {why}");
}
