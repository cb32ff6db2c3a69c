//! Suites that others wrote, and programs of others to compare with. Nothing of
//! them is in this repository: `tests/borrowed/Cargo.toml` names the versions,
//! and cargo fetches them.

mod codes;
mod loading;
mod scripts;
mod tokens;
mod urls;
