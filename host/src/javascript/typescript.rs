//! TypeScript: types become white space, so that every line and column stays
//! where it was. What types alone cannot express (enums, namespaces, parameter
//! properties) is refused, as `node --experimental-strip-types` does.

use std::sync::{Arc, Mutex, PoisonError};

use swc_common::errors::{DiagnosticBuilder, Emitter, Handler};
use swc_common::sync::Lrc;
use swc_common::{BytePos, SourceMap};
use swc_ts_fast_strip::{ErrorCode, Options, TsError, operate};

use crate::error::{Code, Error, Problem, Result};

/// The parser descends into what is nested, however deep: some kilobytes of
/// stack for each level, and a level may be one character.
const STACK: usize = 1 << 30;

/// What is longer would have to be parsed with more stack than there is. Files
/// of this size are made by bundlers, and those make JavaScript.
const MAX_BYTES: usize = 256 << 10;

/// How deep brackets may nest: what the parser takes for them grows with the
/// square.
const MAX_NESTING: usize = 1_000;

/// JavaScript without types.
pub(super) fn strip(text: &str) -> Result<String> {
    if text.len() > MAX_BYTES {
        let size = text.len();
        let message = format!("the file has {size} bytes; {MAX_BYTES} of TypeScript are allowed");
        return Err(
            Error::new(Code::SourceInvalid, message).with_hint("compile it to JavaScript first")
        );
    }
    if let Some(offset) = too_deep(text) {
        let message = format!("brackets nest more than {MAX_NESTING} deep");
        let problem = Problem::at_offset(text, offset, message);
        return Err(Error::new(Code::SourceInvalid, "the file is TypeScript that is too deep")
            .with_problems(vec![problem]));
    }
    let owned = text.to_owned();
    let stripped = std::thread::Builder::new()
        .name("flowhost-typescript".to_owned())
        .stack_size(STACK)
        .spawn(move || strip_here(&owned))
        .map_err(|error| Error::new(Code::Internal, format!("no thread: {error}")))?
        .join();
    stripped.unwrap_or_else(|_| {
        Err(Error::new(Code::SourceInvalid, "the file is TypeScript that cannot be parsed"))
    })
}

/// Where brackets nest too deep. Those in texts and comments count as well:
/// nobody has so many of them.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    text.bytes().position(|byte| {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > MAX_NESTING
    })
}

fn strip_here(text: &str) -> Result<String> {
    let found = Found::default();
    let handler = Handler::with_emitter(false, false, Box::new(found.clone()));
    let map: Lrc<SourceMap> = Lrc::default();
    match operate(&map, &handler, text.to_owned(), Options::default()) {
        Ok(output) => Ok(output.code),
        Err(error) => Err(refused(&error, &found, text)),
    }
}

fn refused(error: &TsError, found: &Found, text: &str) -> Error {
    let problems = found.take(text);
    match error.code {
        ErrorCode::UnsupportedSyntax => Error::new(
            Code::SourceInvalid,
            "the file uses TypeScript that is more than types",
        )
        .with_hint("types are taken out, nothing is translated; compile the file to JavaScript first: npx esbuild action.ts --format=cjs --outfile=action.js"),
        ErrorCode::InvalidSyntax => Error::new(Code::SourceInvalid, "the file is no TypeScript"),
        _ => Error::new(Code::SourceInvalid, error.message.clone()),
    }
    .with_problems(problems)
}

/// What the parser complains of: byte offsets and messages.
#[derive(Clone, Default)]
struct Found(Arc<Mutex<Vec<(usize, String)>>>);

impl Found {
    fn take(&self, text: &str) -> Vec<Problem> {
        let found = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        found.into_iter().map(|(offset, what)| Problem::at_offset(text, offset, what)).collect()
    }
}

impl Emitter for Found {
    fn emit(&mut self, diagnostic: &mut DiagnosticBuilder<'_>) {
        // The first and only file begins at 1.
        let position = diagnostic.span.primary_span().map_or(BytePos(1), |span| span.lo);
        let offset = position.0.saturating_sub(1) as usize;
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        found.push((offset, diagnostic.message()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_become_white_space() {
        let text =
            "const a: number = 1;\nexport const f = async (e: Event): Promise<void> => {};\n";
        let stripped = strip(text).expect("TypeScript");
        assert_eq!(stripped.len(), text.len());
        assert!(stripped.starts_with("const a         = 1;\n"), "{stripped}");
    }

    #[test]
    fn what_is_more_than_types_is_refused_at_its_place() {
        let error = strip("const a = 1;\n enum B { C }").expect_err("an enum");
        assert_eq!((error.problems()[0].line, error.problems()[0].column), (Some(2), Some(2)));
        let error = strip("const = ;").expect_err("no TypeScript");
        assert_eq!(error.problems()[0].column, Some(7));
    }

    #[test]
    fn deep_nesting_does_not_end_the_process() {
        for part in ["(", "[", "!", "{a:", "a?", "<", "a+", "if(a)", "x=>", "`${", "a|"] {
            _ = strip(&part.repeat(MAX_BYTES / part.len()));
        }
    }
}
