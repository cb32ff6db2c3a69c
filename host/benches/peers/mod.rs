//! What flowhost is compared with: programs that measure a batch of calls for each line
//! they are sent, so that all take turns on one machine.
#![allow(dead_code, reason = "not every benchmark uses all of it")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::measure::Samples;

/// A program that waits for its turn.
pub(crate) struct Peer {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    pub(crate) samples: Samples,
}

impl Peer {
    /// None when it cannot run: it says why itself.
    pub(crate) fn start(name: &'static str, command: &mut Command) -> Option<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
        let (to, from) = (child.stdin.take()?, BufReader::new(child.stdout.take()?));
        let mut peer = Peer { child, to, from, samples: Samples::new(name) };
        (!peer.batch(1)?.is_empty()).then_some(peer)
    }

    /// Runs an action's file in Node.js, in one of the ways of `node.js`.
    pub(crate) fn node(name: &'static str, way: &str, folder: &Path) -> Option<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/node.js");
        let mut node = Command::new("node");
        if way.starts_with("isolate") {
            // It says that it needs that.
            node.arg("--no-node-snapshot");
        }
        Peer::start(name, node.args([script, way]).arg(folder))
    }

    pub(crate) fn measure(&mut self, count: usize) {
        let micros = self.batch(count).unwrap_or_default();
        self.samples.micros.extend(micros);
    }

    fn batch(&mut self, count: usize) -> Option<Vec<f64>> {
        writeln!(self.to, "{count}").ok()?;
        let mut line = String::new();
        self.from.read_line(&mut line).ok()?;
        serde_json::from_str(&line).ok()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
