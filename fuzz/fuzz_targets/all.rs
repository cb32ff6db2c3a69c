//! The fuzz targets in one program: `FLOWHOST_FUZZ` names the one to run.
//! libFuzzer, which has the `main`, calls it with bytes again and again; a
//! panic, of whatever thread, is a finding. See `fuzz/README.md`.
//!
//! Without the flags of `fuzz/instrument` there is no libFuzzer, and nothing to
//! run.

#![cfg_attr(any(fuzzing, clippy), no_main)]

#[cfg(not(any(fuzzing, clippy)))]
fn main() {
    eprintln!("this was not built for fuzzing: cargo xtask fuzz");
    std::process::exit(2);
}

#[cfg(any(fuzzing, clippy))]
mod event;
#[cfg(any(fuzzing, clippy))]
mod flow_file;
#[cfg(any(fuzzing, clippy))]
mod http;
#[cfg(any(fuzzing, clippy))]
mod load;
#[cfg(any(fuzzing, clippy))]
mod redirect_url;
#[cfg(any(fuzzing, clippy))]
mod resume;
#[cfg(any(fuzzing, clippy))]
mod suspension;
#[cfg(any(fuzzing, clippy))]
mod token;

#[cfg(any(fuzzing, clippy))]
mod entry {
    //! How libFuzzer gets in.

    use std::sync::OnceLock;

    use super::{event, flow_file, load, redirect_url, resume, suspension, token};

    /// Called with each input.
    #[expect(unsafe_code, reason = "libFuzzer is C++ and asks for this function")]
    #[unsafe(export_name = "LLVMFuzzerTestOneInput")]
    extern "C" fn test_one_input(data: *const u8, size: usize) -> i32 {
        static TARGET: OnceLock<fn(&[u8])> = OnceLock::new();
        let input = match data.is_null() {
            true => &[],
            // SAFETY: libFuzzer passes `size` bytes that live until this
            // function returns, and nobody writes to them.
            false => unsafe { std::slice::from_raw_parts(data, size) },
        };
        TARGET.get_or_init(target)(input);
        0
    }

    fn target() -> fn(&[u8]) {
        // libFuzzer keeps the input when the process aborts; unwinding into C++
        // or out of a thread would lose it.
        let shown = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            shown(panic);
            std::process::abort();
        }));
        let name = std::env::var("FLOWHOST_FUZZ").unwrap_or_default();
        match name.as_str() {
            "load" => load::fuzz,
            "event" => event::fuzz,
            "redirect_url" => redirect_url::fuzz,
            "token" => token::fuzz,
            "suspension" => suspension::fuzz,
            "flow_file" => flow_file::fuzz,
            "resume" => resume::fuzz,
            other => {
                eprintln!("FLOWHOST_FUZZ names no target: `{other}`");
                std::process::exit(2);
            }
        }
    }
}
