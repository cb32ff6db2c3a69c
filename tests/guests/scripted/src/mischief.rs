//! What an action should not do but may try: burn, hang, crash, look around.
//!
//! Each act must really happen, however clever the optimiser, since a test
//! relies on the host to end it.

use std::hint::black_box;
use std::io::Read as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;

use crate::step::True;

const MIB: usize = 1 << 20;
const PAGE: usize = 64 << 10;

/// Survives a run only if the host keeps an instance, which it must not.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// Written `{"spin": true}`.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Act {
    /// An endless loop.
    Spin(True),
    SleepMs(u64),
    /// Allocate, write to every page, keep.
    GrowMemory {
        mib: usize,
    },
    /// Allocate, and never stop.
    GrowForEver(True),
    /// Ask for this much at once.
    Reserve {
        mib: usize,
    },
    /// A stack overflow.
    Recurse(True),
    /// The same with all of it in linear memory.
    RecurseWithArrays(True),
    /// An endless loop where nobody looks for one.
    SpinInDrop(True),
    /// A panic during a panic.
    PanicTwice(True),
    /// An index behind the end.
    Index(usize),
    /// The `unreachable` instruction.
    Trap(True),
    Panic(String),
    /// `std::process::exit`
    Exit(i32),
    /// To standard output.
    Print(String),
    /// To standard error.
    Eprint(String),
    /// How many variables and arguments there are, and bytes to read.
    LookAround(True),
    /// Count in a static variable.
    CountStatic(True),
    /// Milliseconds since the Unix epoch.
    Now(True),
    /// 16 random bytes.
    Random(True),
}

/// Memory that was grown, kept until the run ends.
#[derive(Default)]
pub(crate) struct Mischief {
    kept: Vec<Vec<u8>>,
}

impl Mischief {
    /// The value it came by, if any.
    pub(crate) fn perform(&mut self, act: Act) -> Option<String> {
        match act {
            Act::Spin(_) => spin(),
            Act::SleepMs(millis) => std::thread::sleep(Duration::from_millis(millis)),
            Act::GrowMemory { mib } => self.grow(mib),
            Act::GrowForEver(_) => self.grow_for_ever(),
            Act::Reserve { mib } => drop(black_box(vec![1_u8; mib * MIB])),
            Act::RecurseWithArrays(_) => {
                _ = black_box(recurse_with_arrays(black_box([1; PAGE]), black_box(u64::MAX)));
            }
            Act::SpinInDrop(_) => drop(Spins),
            Act::PanicTwice(_) => {
                let _panics = Panics;
                panic!("once");
            }
            Act::Index(index) => return Some(self.kept[black_box(index)].len().to_string()),
            Act::LookAround(_) => return Some(look_around()),
            Act::Recurse(_) => drop(black_box(recurse(0, black_box(u64::MAX)))),
            Act::Trap(_) => std::process::abort(),
            Act::Panic(message) => panic!("{message}"),
            Act::Exit(code) => std::process::exit(code),
            Act::Print(text) => println!("{text}"),
            Act::Eprint(text) => eprintln!("{text}"),
            Act::CountStatic(_) => return Some(count().to_string()),
            Act::Now(_) => return Some(now_millis().to_string()),
            Act::Random(_) => return Some(random()),
        }
        None
    }

    fn grow(&mut self, mib: usize) {
        let mut block = vec![0; mib * MIB];
        block.iter_mut().step_by(PAGE).for_each(|byte| *byte = 1);
        self.kept.push(black_box(block));
    }

    fn grow_for_ever(&mut self) -> ! {
        loop {
            self.grow(1);
        }
    }
}

struct Spins;

impl Drop for Spins {
    fn drop(&mut self) {
        spin();
    }
}

struct Panics;

impl Drop for Panics {
    fn drop(&mut self) {
        panic!("twice");
    }
}

/// Variables of the environment, arguments, and bytes of standard input.
fn look_around() -> String {
    let (variables, arguments) = (std::env::vars_os().count(), std::env::args_os().count());
    let mut bytes = Vec::new();
    let read = std::io::stdin().read_to_end(&mut bytes).map_or(bytes.len(), |read| read);
    format!("{variables} {arguments} {read}")
}

fn spin() -> ! {
    loop {
        black_box(());
    }
}

/// Deep enough for any stack. Nothing lives in linear memory, or Rust's own
/// stack there would be full before the one of WebAssembly; and the sum is no
/// sum of a series, or the optimiser would make it a loop.
#[inline(never)]
fn recurse(depth: u64, bottom: u64) -> u64 {
    if depth == bottom { 0 } else { (recurse(depth + 1, bottom) ^ depth).wrapping_mul(3) }
}

/// Each call has an array of its own, on Rust's stack.
#[inline(never)]
fn recurse_with_arrays(array: [u8; PAGE], depth: u64) -> u8 {
    if depth == 0 {
        return array[0];
    }
    let mut next = array;
    next[usize::from(array[0])] = array[1].wrapping_add(1);
    recurse_with_arrays(black_box(next), depth - 1).wrapping_add(array[2])
}

fn count() -> u32 {
    COUNT.fetch_add(1, Ordering::Relaxed) + 1
}

#[expect(clippy::disallowed_methods, reason = "a guest's clock is what is tested here")]
fn now_millis() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()
}

#[expect(clippy::disallowed_methods, reason = "a guest's randomness is what is tested here")]
fn random() -> String {
    let mut bytes = [0; 16];
    match getrandom::fill(&mut bytes) {
        Ok(()) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Err(error) => format!("error {error}"),
    }
}
