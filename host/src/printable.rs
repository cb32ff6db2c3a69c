//! Text of others on its way to a screen or a log: it must not move the cursor,
//! turn the direction of writing, or look like a record of its own. Reports keep
//! the text as it was; what misleads is spelled out where it is printed.

use std::fmt::Write as _;
use std::io;

/// Control characters, line and paragraph separators, and what turns the
/// direction of text.
pub(crate) fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
        )
}

/// On one line, whatever it holds.
pub(crate) fn line(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut safe, c| {
        match misleads(c) {
            true => _ = write!(safe, "\\u{{{:x}}}", u32::from(c)),
            false => safe.push(c),
        }
        safe
    })
}

/// On lines of its own: `margin` before the second and all further ones tells
/// that they belong to the first.
pub(crate) fn block(text: &str, margin: &str) -> String {
    let lines: Vec<String> = text.trim_end().lines().map(line).collect();
    lines.join(&format!("\n{margin}"))
}

/// What is ready to be printed: our own line breaks and `colours` stay.
pub(crate) fn screen(text: &str, colours: &[&str]) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c| misleads(c) && c != '\n' && c != '\t') {
        safe.push_str(&rest[..at]);
        rest = &rest[at..];
        match colours.iter().find(|colour| rest.starts_with(**colour)) {
            Some(colour) => {
                safe.push_str(colour);
                rest = &rest[colour.len()..];
            }
            None => {
                let end = rest.chars().next().map_or(rest.len(), char::len_utf8);
                safe.push_str(&line(&rest[..end]));
                rest = &rest[end..];
            }
        }
    }
    safe.push_str(rest);
    safe
}

/// JSON text, in which line breaks are only between values: what stands in a
/// string is escaped in the way of JSON.
pub(crate) fn json(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match misleads(c) && c != '\n' {
            true => _ = write!(safe, "\\u{:04x}", u32::from(c)),
            false => safe.push(c),
        }
    }
    safe
}

/// A log that takes one record with each write, and makes one line of it.
pub(crate) struct Records<W> {
    log: W,
    json: bool,
}

impl<W: io::Write> Records<W> {
    pub(crate) fn new(log: W, json: bool) -> Self {
        Records { log, json }
    }
}

impl<W: io::Write> io::Write for Records<W> {
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(record);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let mut safe = match self.json {
            // Nothing but what is in strings can be there to escape.
            true => json(text).replace('\n', "\\n"),
            false => line(text),
        };
        safe.push('\n');
        self.log.write_all(safe.as_bytes())?;
        Ok(record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.log.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// All there are, 1,000 at a time.
    fn every_character() -> Vec<String> {
        let all: Vec<char> = (0..=u32::from(char::MAX)).filter_map(char::from_u32).collect();
        all.chunks(1000).map(|chunk| chunk.iter().collect()).collect()
    }

    fn raw(text: &str) -> Vec<char> {
        text.chars().filter(|c| misleads(*c)).collect()
    }

    #[test]
    fn no_character_misleads_on_a_line_or_in_a_record() {
        for text in every_character() {
            assert!(raw(&line(&text)).is_empty(), "{text:?}");
            for json in [false, true] {
                let mut log = Vec::new();
                Records::new(&mut log, json).write_all(format!("{text}\n").as_bytes()).expect("ok");
                let written = String::from_utf8(log).expect("UTF-8");
                assert_eq!(raw(&written), vec!['\n'], "{text:?}");
                assert!(written.ends_with('\n'));
            }
            let value = serde_json::Value::from(text.as_str());
            let safe = json(&value.to_string());
            assert!(raw(&safe).is_empty(), "{text:?}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).expect("JSON"), value);
        }
    }

    #[test]
    fn what_misleads_is_spelled_out() {
        assert_eq!(line("a\x1b[2Jb\u{202e}c\nd"), "a\\u{1b}[2Jb\\u{202e}c\\u{a}d");
        assert_eq!(line("ü — 日本 🦀"), "ü — 日本 🦀");
    }

    #[test]
    fn further_lines_of_a_text_have_a_margin() {
        assert_eq!(
            block("one\n\x1btwo\r\n\nthree\n", "  │ "),
            "one\n  │ \\u{1b}two\n  │ \n  │ three"
        );
    }

    #[test]
    fn only_our_own_colours_reach_a_screen() {
        let screen = |text| screen(text, &["\x1b[31m", "\x1b[0m"]);
        assert_eq!(screen("\x1b[31mred\x1b[0m\n"), "\x1b[31mred\x1b[0m\n");
        assert_eq!(screen("\x1b[2J\x1b]0;x\x07"), "\\u{1b}[2J\\u{1b}]0;x\\u{7}");
        assert_eq!(screen("\u{9b}2J\u{200f}"), "\\u{9b}2J\\u{200f}");
    }
}
