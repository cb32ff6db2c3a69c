//! Contract §4: wherever a run is stopped, whatever a store answers, however the
//! clock jumps and whoever kills a server, no flow is lost and none ends twice.
//! What a kill at each system call leaves behind is in `crash.rs`.

#[path = "survival/awaits.rs"]
mod awaits;
#[path = "survival/kills.rs"]
mod kills;
#[path = "survival/simulation.rs"]
mod simulation;
#[path = "survival/ways.rs"]
mod ways;
