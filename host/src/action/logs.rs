//! [`Logs`]: what one run logs, whichever way: the `log` interface, standard
//! output, standard error. Keeps so much and counts the rest; secrets are
//! taken out before a line is kept.

use std::sync::Arc;

use crate::limits::Limits;
use crate::outcome::{LogLevel, LogLine};
use crate::secret::Redactor;

/// The log of one run.
#[derive(Debug)]
pub(crate) struct Logs {
    lines: Vec<LogLine>,
    bytes: u64,
    dropped: u64,
    max_bytes: u64,
    max_lines: u64,
    redactor: Arc<Redactor>,
    /// Unfinished lines of standard output and standard error.
    partial: [Vec<u8>; 2],
}

/// Where a text stream of the guest goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    Out,
    Err,
}

impl Logs {
    pub(crate) fn new(limits: &Limits, redactor: Arc<Redactor>) -> Self {
        Logs {
            lines: Vec::new(),
            bytes: 0,
            dropped: 0,
            max_bytes: limits.log_bytes,
            max_lines: limits.log_lines,
            redactor,
            partial: [Vec::new(), Vec::new()],
        }
    }

    /// Keeps a message, or counts it. Once one was dropped all later ones are,
    /// so that what is kept is a prefix without gaps.
    pub(crate) fn push(&mut self, level: LogLevel, message: String) {
        let bytes = self.bytes + message.len() as u64;
        let full = self.lines.len() as u64 >= self.max_lines || bytes > self.max_bytes;
        if full || self.dropped > 0 {
            self.dropped += 1;
            return;
        }
        self.bytes = bytes;
        self.lines.push(LogLine { level, message: self.redactor.redact(message) });
    }

    /// Takes bytes of a text stream; every line becomes a message.
    pub(crate) fn write(&mut self, stream: Stream, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let partial = &mut self.partial[stream as usize];
            let room = usize::try_from(self.max_bytes).unwrap_or(usize::MAX);
            partial.extend(&part[..part.len().min(room.saturating_sub(partial.len()) + 1)]);
            if part.ends_with(b"\n") {
                self.flush(stream);
            }
        }
    }

    fn flush(&mut self, stream: Stream) {
        let line = std::mem::take(&mut self.partial[stream as usize]);
        if line.is_empty() {
            return;
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\r', '\n']);
        if !text.is_empty() {
            let level = match stream {
                Stream::Out => LogLevel::Info,
                Stream::Err => LogLevel::Error,
            };
            self.push(level, text.to_owned());
        }
    }

    /// All that was kept, and a last line that counts the rest.
    pub(crate) fn finish(mut self) -> Vec<LogLine> {
        self.flush(Stream::Out);
        self.flush(Stream::Err);
        if self.dropped > 0 {
            let message = match self.dropped {
                1 => "1 more message was not kept".to_owned(),
                count => format!("{count} more messages were not kept"),
            };
            self.lines.push(LogLine { level: LogLevel::Warn, message });
        }
        self.lines
    }
}
