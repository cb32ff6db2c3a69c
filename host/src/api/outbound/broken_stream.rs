//! Why a body ended early, told to the action. `wasmtime-wasi-http` keeps a
//! reason of its own type in the stream's error, where its `http-error-code`
//! does not look; and the debug text of an error may hold a backtrace of the
//! host. Both functions are replaced by ones that say what happened.

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi_http::Error;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, IoError};

use crate::action::state::RunState;
use crate::api::wasi::VERSION;

type Call<'a> = StoreContextMut<'a, RunState>;

/// Replaces both, once the originals are linked.
pub(super) fn link(linker: &mut Linker<RunState>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let code = |mut call: Call<'_>, (error,): (Resource<IoError>,)| {
        let state = call.data_mut();
        state.enter_wasi();
        Ok((code_of(state.table.get(&error)?),))
    };
    linker.instance(&format!("wasi:http/types@{VERSION}"))?.func_wrap("http-error-code", code)?;
    let text = |mut call: Call<'_>, (error,): (Resource<IoError>,)| {
        let state = call.data_mut();
        state.enter_wasi();
        let error = state.table.get(&error)?;
        Ok((match code_of(error) {
            Some(ErrorCode::InternalError(Some(text))) => text,
            _ => error.to_string(),
        },))
    };
    linker
        .instance(&format!("wasi:io/error@{VERSION}"))?
        .func_wrap("[method]error.to-debug-string", text)?;
    linker.allow_shadowing(false);
    Ok(())
}

fn code_of(error: &IoError) -> Option<ErrorCode> {
    match error.downcast_ref::<Error>() {
        Some(Error::InternalError(text)) => Some(ErrorCode::InternalError(text.clone())),
        _ => error.downcast_ref::<ErrorCode>().cloned(),
    }
}
