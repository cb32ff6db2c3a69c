//! Version 1 of the contract: what `wasmtime` makes of the WIT package
//! `flowhost:post-challenge@1.0.0`. The functions behind it are in `api/`.

use wasmtime::component::HasSelf;

use super::state::RunState;

#[allow(unreachable_pub, reason = "generated")]
mod generated {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "imports",
        imports: { default: trappable },
    });
}

pub(crate) use generated::flowhost::post_challenge::{
    access, authentication, cache, event, log, prompt, redirect, transaction, types,
};

/// The package whose interfaces actions import and export.
pub(crate) const PACKAGE: &str = "flowhost:post-challenge";

/// The newest version of the package this host knows.
pub(crate) const VERSION: (u64, u64) = (1, 0);

/// The interfaces of the package that an action may import.
pub(crate) const IMPORTS: &[&str] = &[
    "types",
    "event",
    "access",
    "authentication",
    "cache",
    "prompt",
    "redirect",
    "transaction",
    "log",
];

/// Adds the functions of the package to a linker.
pub(crate) fn link(linker: &mut wasmtime::component::Linker<RunState>) -> wasmtime::Result<()> {
    generated::Imports::add_to_linker::<_, HasSelf<RunState>>(linker, |state| state)
}
