//! [`Source`]: the text of a file, as it was read.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::error::{Code, Error, Problem, Result};

/// What is larger is no action that anybody wrote: a bundle that went wrong.
/// Loading takes some twenty times as much memory.
const MAX_BYTES: u64 = 2 << 20;

/// File names by which JavaScript and TypeScript go.
const EXTENSIONS: &[&str] = &["js", "mjs", "cjs", "ts", "mts", "cts"];

/// Whether a file is called like one in JavaScript or TypeScript, which
/// [`Engine::build_javascript`](crate::Engine::build_javascript) builds.
pub fn is_javascript(path: &Path) -> bool {
    extension(path).is_some_and(|extension| EXTENSIONS.contains(&extension))
}

fn extension(path: &Path) -> Option<&str> {
    path.extension()?.to_str()
}

pub(super) struct Source {
    /// The file's name, by which stacks call it.
    pub(super) name: String,
    pub(super) text: String,
}

impl Source {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let unreadable = |error: std::io::Error| {
            Error::new(Code::FileUnreadable, format!("the source cannot be read: {error}"))
                .in_file(path)
        };
        let file = File::open(path).map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable)?.len();
        if size > MAX_BYTES {
            return Err(too_large(size).in_file(path));
        }
        // Not every file knows its size.
        let mut bytes = Vec::new();
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(too_large(bytes.len() as u64).in_file(path));
        }
        let name = path.file_name().map_or("action.js".into(), |name| name.to_string_lossy());
        Source::new(&name, bytes).map_err(|error| error.in_file(path))
    }

    fn new(name: &str, bytes: Vec<u8>) -> Result<Self> {
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes());
            let problem = Problem::at_offset(&text, valid, "these bytes are not UTF-8");
            Error::new(Code::SourceInvalid, "the file is not UTF-8 text")
                .with_problems(vec![problem])
        })?;
        if let Some(offset) = text.find('\0') {
            let problem = Problem::at_offset(&text, offset, "a NUL character");
            return Err(
                Error::new(Code::SourceInvalid, "the file is no text").with_problems(vec![problem])
            );
        }
        Ok(Source { name: name.to_owned(), text })
    }

    pub(super) fn is_typescript(&self) -> bool {
        let extension = extension(Path::new(&self.name));
        extension.is_some_and(|extension| extension.ends_with("ts"))
    }

    /// The first place in this file that a stack names.
    pub(super) fn place_of(&self, stack: &str) -> Option<(usize, usize)> {
        let (_, after) = stack.split_once(&format!("{}:", self.name))?;
        let mut numbers = after.split(|c: char| !c.is_ascii_digit());
        let line = numbers.next()?.parse().ok()?;
        let column = numbers.next()?.parse().ok()?;
        Some((line, column))
    }
}

fn too_large(size: u64) -> Error {
    let message = format!("the file has {size} bytes; {MAX_BYTES} are allowed");
    Error::new(Code::SourceInvalid, message)
        .with_hint("bundle with minification, and leave out what the action does not use")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_refused_at_its_place() {
        let refused = |bytes: &[u8]| {
            let error = Source::new("a.js", bytes.to_vec()).err().expect("refused");
            (error.problems()[0].line, error.problems()[0].column)
        };
        assert_eq!(refused(b"a;\nb\xff"), (Some(2), Some(2)));
        assert_eq!(refused(b"a\0"), (Some(1), Some(2)));
    }

    #[test]
    fn a_stack_gives_the_first_place_in_the_file() {
        let source = Source::new("a.js", Vec::new()).expect("text");
        let stack = "Error: x\n    at f (flowhost:b:1:1)\n    at g (a.js:12:34)\n    at a.js:5:6";
        assert_eq!(source.place_of(stack), Some((12, 34)));
        assert_eq!(source.place_of("Error: x"), None);
        assert_eq!(source.place_of("a.js:x"), None);
    }
}
