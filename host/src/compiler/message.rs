//! What goes between a program and its compiler. There: a [`Request`] behind its
//! length, then the component. Back: one answer with a MAC, so that nothing which
//! was cut short, or comes from elsewhere, is taken for code.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::action::sealed;
use crate::error::Result;
use crate::secret::Secret;

/// A request has some hundred bytes.
const MAX_REQUEST: u32 = 64 * 1024;

/// What is to be compiled, for whom, and at what cost.
#[derive(Serialize, Deserialize)]
pub(crate) struct Request {
    /// The name that the answer is authenticated under: the component and the
    /// engine it is for.
    pub(crate) name: String,
    /// The key of the answer.
    key: String,
    /// Processor time, in seconds.
    pub(super) cpu_seconds: u64,
    /// Memory, in bytes.
    pub(super) memory: u64,
    /// Where compiled functions are kept, and under which key.
    pub(super) kept: Option<(PathBuf, String)>,
}

/// What a compiler answers.
pub(super) enum Answer {
    Code(Vec<u8>),
    /// The component is not valid.
    Invalid(String),
    /// The compiler's own settings are not those of the engine.
    OtherEngine,
}

impl Request {
    pub(crate) fn new(
        name: String,
        bounds: super::Bounds,
        kept: Option<(PathBuf, &Secret)>,
    ) -> Result<Self> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from) as u64;
        Ok(Request {
            name,
            key: Secret::random()?.expose().to_owned(),
            // All processors may be at work until the time is over.
            cpu_seconds: (bounds.millis.div_ceil(1000)).saturating_mul(processors),
            memory: bounds.memory,
            kept: kept.map(|(folder, key)| (folder, key.expose().to_owned())),
        })
    }

    pub(super) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let text = serde_json::to_vec(self)?;
        to.write_all(&(text.len() as u32).to_le_bytes())?;
        to.write_all(&text)
    }

    pub(super) fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length).min(MAX_REQUEST);
        let mut text = vec![0; length as usize];
        from.read_exact(&mut text)?;
        Ok(serde_json::from_slice(&text)?)
    }

    /// An answer, ready to be sent.
    pub(super) fn seal(&self, answer: &Answer) -> Option<Vec<u8>> {
        let (kind, bytes) = match answer {
            Answer::Code(code) => (b'c', code.as_slice()),
            Answer::Invalid(why) => (b'i', why.as_bytes()),
            Answer::OtherEngine => (b'e', &[][..]),
        };
        let mut message = Vec::with_capacity(bytes.len() + 64);
        message.push(kind);
        message.extend_from_slice(bytes);
        sealed::seal(&self.secret(), &self.name, &mut message)?;
        Some(message)
    }

    /// The answer in `message`; none when it is none, or not whole.
    pub(super) fn open(&self, message: Vec<u8>) -> Option<Answer> {
        let mut bytes = sealed::open(&self.secret(), &self.name, message)?;
        let kind = *bytes.first()?;
        bytes.drain(..1);
        match kind {
            b'c' => Some(Answer::Code(bytes)),
            b'i' => Some(Answer::Invalid(String::from_utf8_lossy(&bytes).into_owned())),
            b'e' => Some(Answer::OtherEngine),
            _ => None,
        }
    }

    fn secret(&self) -> Secret {
        Secret::new(self.key.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compiler::Bounds;

    #[test]
    fn an_answer_is_for_its_request_alone_and_whole() {
        let bounds = Bounds { millis: 1, memory: 1 };
        let request = || Request::new("component-x".to_owned(), bounds, None).expect("a request");
        let (mine, other) = (request(), request());
        let sent = mine.seal(&Answer::Code(vec![1, 2, 3])).expect("sealed");
        assert!(matches!(mine.open(sent.clone()), Some(Answer::Code(code)) if code == [1, 2, 3]));
        assert!(other.open(sent.clone()).is_none(), "of another request");
        for length in 0..sent.len() {
            assert!(mine.open(sent[..length].to_vec()).is_none(), "cut at {length}");
        }
        for bit in 0..sent.len() * 8 {
            let mut bent = sent.clone();
            bent[bit / 8] ^= 1 << (bit % 8);
            assert!(mine.open(bent).is_none(), "bit {bit}");
        }
    }
}
