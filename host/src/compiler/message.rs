//! What goes between a program and its compiler. There: a [`Request`] behind its
//! length, then the component. Back: one answer with a MAC, so that nothing which
//! was cut short, or comes from elsewhere, is taken for code.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use crate::action::sealed;
use crate::error::{Code, Error, Result};
use crate::secret::Secret;

/// A request has some hundred bytes.
const MAX_REQUEST: u32 = 64 * 1024;

/// How refusals begin. Whatever else is wrong in the compiler is so with the component.
const REFUSALS: [(u8, Code); 3] = [
    (INVALID, Code::ComponentInvalid),
    (b't', Code::ComponentTooComplex),
    (b'm', Code::CompileMemoryExceeded),
];
const INVALID: u8 = b'i';

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
    /// Memory, and the machine code, in bytes.
    pub(super) memory: u64,
    pub(super) code: u64,
    /// Where compiled functions are kept, and under which key.
    pub(super) kept: Option<(PathBuf, String)>,
}

impl Drop for Request {
    fn drop(&mut self) {
        self.key.zeroize();
        if let Some((_, key)) = &mut self.kept {
            key.zeroize();
        }
    }
}

/// What a compiler answers.
pub(super) enum Answer {
    Code(Vec<u8>),
    /// Why there is none.
    Refused(Error),
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
            code: bounds.code,
            kept: kept.map(|(folder, key)| (folder, key.expose().to_owned())),
        })
    }

    pub(super) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        // Keys are in it: it is wiped, and never moves before that.
        let mut text = Zeroizing::new(Vec::with_capacity(MAX_REQUEST as usize));
        serde_json::to_writer(&mut *text, self)?;
        to.write_all(&(text.len() as u32).to_le_bytes())?;
        to.write_all(&text)
    }

    pub(super) fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length).min(MAX_REQUEST);
        let mut text = Zeroizing::new(vec![0; length as usize]);
        from.read_exact(&mut text)?;
        Ok(serde_json::from_slice(&text)?)
    }

    /// An answer, ready to be sent.
    pub(super) fn seal(&self, answer: &Answer) -> Option<Vec<u8>> {
        let (kind, bytes) = match answer {
            Answer::Code(code) => (b'c', code.as_slice()),
            Answer::OtherEngine => (b'e', &[][..]),
            Answer::Refused(error) => {
                let kind = REFUSALS.iter().find(|(_, code)| *code == error.code());
                (kind.map_or(INVALID, |(kind, _)| *kind), error.message().as_bytes())
            }
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
            b'e' => Some(Answer::OtherEngine),
            _ => {
                let (_, code) = REFUSALS.iter().find(|(known, _)| *known == kind)?;
                Some(Answer::Refused(Error::new(*code, String::from_utf8_lossy(&bytes))))
            }
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
    fn a_refusal_arrives_as_it_was_sent() {
        let bounds = Bounds { millis: 1, memory: 1, code: 1 };
        let request = Request::new("x".to_owned(), bounds, None).expect("a request");
        for code in [Code::ComponentInvalid, Code::ComponentTooComplex, Code::CompileMemoryExceeded]
        {
            let sent = request.seal(&Answer::Refused(Error::new(code, "why"))).expect("sealed");
            let Some(Answer::Refused(error)) = request.open(sent) else { panic!("{code}") };
            assert_eq!((error.code(), error.message()), (code, "why"));
        }
    }

    #[test]
    fn an_answer_is_for_its_request_alone_and_whole() {
        let bounds = Bounds { millis: 1, memory: 1, code: 1 };
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
