//! [`Proxy`]: the way to a server, as bad as a test wants it to be.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// What a client sends.
    ToServer,
    /// What it is answered.
    ToClient,
}

/// What goes wrong, once, with whatever connection comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// All connections are cut, and that many new ones.
    Refuse(u32),
    /// A connection is cut after so many more bytes.
    Cut(Way, usize),
    /// Bytes wait for so many milliseconds.
    Delay(Way, u64),
    /// A connection stays, and nothing goes through any more.
    Silence(Way),
    /// The server is done, and has committed; the connection is cut before
    /// the client hears of it.
    Unheard,
}

#[derive(Debug, Default)]
struct State {
    trouble: Option<Trouble>,
    connections: Vec<TcpStream>,
}

/// A way to a server that listens on this machine.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    ended: Arc<AtomicBool>,
}

impl Proxy {
    /// A way to the server at this port.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(Mutex::new(State::default()));
        let ended = Arc::new(AtomicBool::new(false));
        let (theirs, end) = (Arc::clone(&state), Arc::clone(&ended));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if end.load(Ordering::Relaxed) {
                    return;
                }
                // A server that is away, or a client: both are closed.
                _ = open(client, port, &theirs);
            }
        });
        Proxy { address, state, ended }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// What goes wrong next.
    pub fn arm(&self, trouble: Trouble) {
        let mut state = self.state.lock().expect("a lock");
        state.trouble = Some(trouble);
        if matches!(trouble, Trouble::Refuse(_)) {
            cut_all(&mut state);
        }
    }

    /// Whether it has gone wrong; nothing goes wrong afterwards.
    pub fn disarm(&self) -> bool {
        self.state.lock().expect("a lock").trouble.take().is_none()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        cut_all(&mut self.state.lock().expect("a lock"));
        // Wakes up who accepts.
        _ = TcpStream::connect(self.address);
    }
}

fn cut_all(state: &mut State) {
    for stream in state.connections.drain(..) {
        _ = stream.shutdown(Shutdown::Both);
    }
}

fn open(client: TcpStream, port: u16, state: &Arc<Mutex<State>>) -> std::io::Result<()> {
    let mut now = state.lock().expect("a lock");
    if let Some(Trouble::Refuse(left)) = now.trouble {
        now.trouble = (left > 1).then_some(Trouble::Refuse(left - 1));
        return Ok(());
    }
    let server = TcpStream::connect(("127.0.0.1", port))?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    now.connections.extend([client.try_clone()?, server.try_clone()?]);
    let ways = [
        (Way::ToServer, client.try_clone()?, server.try_clone()?),
        (Way::ToClient, server, client),
    ];
    for (way, from, to) in ways {
        let state = Arc::clone(state);
        thread::spawn(move || {
            _ = pump(way, &from, &to, &state);
            _ = from.shutdown(Shutdown::Both);
            _ = to.shutdown(Shutdown::Both);
        });
    }
    Ok(())
}

/// What becomes of some bytes.
enum Fate {
    Through,
    Late(u64),
    CutAfter(usize),
    Lost,
}

fn pump(
    way: Way,
    mut from: &TcpStream,
    mut to: &TcpStream,
    state: &Mutex<State>,
) -> std::io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    let mut lost = false;
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        let bytes = &buffer[..count];
        match fate(way, bytes, &mut state.lock().expect("a lock").trouble) {
            Fate::Late(millis) => thread::sleep(Duration::from_millis(millis)),
            Fate::CutAfter(count) => return to.write_all(&bytes[..count]),
            Fate::Lost => lost = true,
            Fate::Through => {}
        }
        if !lost {
            to.write_all(bytes)?;
        }
    }
}

fn fate(way: Way, bytes: &[u8], trouble: &mut Option<Trouble>) -> Fate {
    match *trouble {
        Some(Trouble::Cut(its, left)) if its == way => {
            if left > bytes.len() {
                *trouble = Some(Trouble::Cut(its, left - bytes.len()));
                return Fate::Through;
            }
            *trouble = None;
            Fate::CutAfter(left)
        }
        Some(Trouble::Delay(its, millis)) if its == way => {
            *trouble = None;
            Fate::Late(millis)
        }
        Some(Trouble::Silence(its)) if its == way => {
            *trouble = None;
            Fate::Lost
        }
        Some(Trouble::Unheard) if way == Way::ToClient && wrote(bytes) => {
            *trouble = None;
            Fate::CutAfter(0)
        }
        _ => Fate::Through,
    }
}

/// Whether a server says that it has written, and is ready for more: it has
/// committed.
fn wrote(bytes: &[u8]) -> bool {
    let says = |tag: &[u8]| bytes.windows(tag.len()).any(|window| window == tag);
    bytes.ends_with(b"Z\0\0\0\x05I") && (says(b"INSERT 0 1\0") || says(b"SELECT 1\0"))
}
