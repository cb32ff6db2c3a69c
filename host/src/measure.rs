//! For this crate's benchmarks alone: what they compare flowhost with must have the
//! same settings.

/// The wasmtime engine that flowhost would have for so many runs.
pub fn wasmtime(runs: usize) -> wasmtime::Result<wasmtime::Engine> {
    crate::action::engine_for_running(runs)
}
