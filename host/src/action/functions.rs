//! [`Functions`]: compiled functions by what they were compiled from. All
//! actions in JavaScript have the same engine inside and differ in data only:
//! with this it is compiled once. Kept in two files of the [`CodeCache`]: what comes
//! of components of others cannot push out what comes of our own modules.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use wasmtime::CacheStore;

use super::cache::CodeCache;

/// What is kept on disk at most, in bytes: a few versions of the runtime.
const MAX_BYTES: usize = 64 << 20;

/// What is new is written down once it is more than this part of what is known.
const WORTH_IT: usize = 16;

/// Where what is new is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Ours,
    Others,
}

#[derive(Debug)]
pub(super) struct Functions {
    cache: CodeCache,
    whose: Whose,
    /// What the entries' names end in; depends on the engine, which is made with this.
    fingerprint: OnceLock<String>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    loaded: bool,
    /// Bytes of functions that are not in the file yet.
    new: usize,
    /// Bytes of all.
    bytes: usize,
    functions: HashMap<Vec<u8>, Vec<u8>>,
    /// Those of the other file, which are read only.
    fixed: HashMap<Vec<u8>, Vec<u8>>,
    /// The keys that were asked for.
    used: HashSet<Vec<u8>>,
}

impl Functions {
    pub(super) fn new(cache: CodeCache, whose: Whose) -> Self {
        Functions { cache, whose, fingerprint: OnceLock::new(), known: Mutex::default() }
    }

    /// Tells the fingerprint of the engine that uses this.
    pub(super) fn serve(&self, fingerprint: &str) {
        _ = self.fingerprint.set(fingerprint.to_owned());
    }

    /// Writes down what is new, when it is worth it: the file is written as a
    /// whole.
    pub(super) fn save(&self) {
        let mut known = self.known();
        if known.new <= known.bytes / WORTH_IT {
            return;
        }
        known.new = 0;
        if known.bytes > MAX_BYTES {
            // What this process did not ask for is of other versions.
            let used = std::mem::take(&mut known.used);
            let kept = |(key, function): (&Vec<u8>, &Vec<u8>)| match used.contains(key) {
                true => key.len() + function.len(),
                false => 0,
            };
            // One component alone does not push out those of all others.
            if known.functions.iter().map(kept).sum::<usize>() > MAX_BYTES / 2 {
                return;
            }
            known.functions.retain(|key, _| used.contains(key));
        }
        if let Some(name) = self.name(self.whose) {
            self.cache.write(&name, pack(&known.functions));
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.loaded {
            known.loaded = true;
            (known.bytes, known.functions) = self.read(self.whose);
            if self.whose == Whose::Others {
                known.fixed = self.read(Whose::Ours).1;
            }
        }
        known
    }

    /// What is in a file, and its size.
    fn read(&self, whose: Whose) -> (usize, HashMap<Vec<u8>, Vec<u8>>) {
        let packed = self.name(whose).and_then(|name| self.cache.read(&name));
        let packed = packed.unwrap_or_default();
        (packed.len(), unpack(&packed).unwrap_or_default())
    }

    fn name(&self, whose: Whose) -> Option<String> {
        let kind = match whose {
            Whose::Ours => "functions",
            Whose::Others => "functions-of-others",
        };
        self.fingerprint.get().map(|fingerprint| format!("{kind}-{fingerprint}"))
    }
}

impl CacheStore for Functions {
    fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
        let mut known = self.known();
        let function = known.fixed.get(key).or_else(|| known.functions.get(key));
        let function = function.map(|function| Cow::Owned(function.clone()));
        if !known.used.contains(key) {
            known.used.insert(key.to_vec());
        }
        function
    }

    fn insert(&self, key: &[u8], value: Vec<u8>) -> bool {
        let mut known = self.known();
        // A process that lives long starts anew.
        if known.bytes > 2 * MAX_BYTES {
            known.functions.clear();
            known.used.clear();
            (known.new, known.bytes) = (0, 0);
        }
        known.new += value.len();
        known.bytes += value.len();
        known.functions.insert(key.to_vec(), value);
        true
    }
}

/// Keys and functions in turn, each behind its length.
fn pack(functions: &HashMap<Vec<u8>, Vec<u8>>) -> Vec<u8> {
    let mut packed = Vec::new();
    for (key, function) in functions {
        if packed.len() + key.len() + function.len() > MAX_BYTES {
            break;
        }
        for part in [key, function] {
            packed.extend((part.len() as u32).to_le_bytes());
            packed.extend(part);
        }
    }
    packed
}

fn unpack(mut packed: &[u8]) -> Option<HashMap<Vec<u8>, Vec<u8>>> {
    let mut part = || -> Option<Option<Vec<u8>>> {
        let Some((length, rest)) = packed.split_first_chunk::<4>() else { return Some(None) };
        let (part, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        packed = rest;
        Some(Some(part.to_vec()))
    };
    let mut functions = HashMap::new();
    while let Some(key) = part()? {
        functions.insert(key, part()??);
    }
    Some(functions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked() {
        let functions: HashMap<_, _> =
            [(vec![1, 2], vec![3]), (vec![], vec![4, 5])].into_iter().collect();
        assert_eq!(unpack(&pack(&functions)), Some(functions.clone()));
        assert_eq!(unpack(&[]), Some(HashMap::new()));
        assert_eq!(unpack(&[9, 0, 0, 0, 1]), None);
    }
}
