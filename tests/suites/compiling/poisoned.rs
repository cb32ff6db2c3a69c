//! A cache of compiled code that somebody has been at: what is in it is native
//! code, and none of it may run that is not as it was written.

use std::fs;
use std::path::{Path, PathBuf};

use flowhost::{Engine, Secret};
use flowhost_tests::{Random, engine_builder, long, seed};

use super::bombs::action;
use super::load;

fn engine(folder: &Path, key: &str) -> Engine {
    engine_builder().code_cache(folder.to_owned(), Secret::new(key)).build().expect("an engine")
}

fn component(inside: &str) -> Vec<u8> {
    wat::parse_str(format!("(component {})", action(inside))).expect("text")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("it").path());
    let mut entries: Vec<_> = entries
        .filter(|path| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("component-"))
        })
        .collect();
    entries.sort();
    entries
}

/// Loads a component, with nothing in memory: from the cache if it can be.
fn fresh(folder: &Path, bytes: &[u8]) {
    load(&engine(folder, "key"), bytes.to_vec(), |_| {}).expect("it is compiled anew");
}

/// Does one thing to an entry that makes it another one.
fn corrupt(random: &mut Random, whole: &[u8], other: &[u8]) -> (&'static str, Vec<u8>) {
    let mut bytes = whole.to_vec();
    let at = random.below(bytes.len() as u64) as usize;
    match random.below(7) {
        0 | 1 => {
            bytes[at] ^= 1 << random.below(8);
            ("a bit", bytes)
        }
        2 => {
            bytes.truncate(at);
            ("cut short", bytes)
        }
        3 => {
            bytes.push(random.below(256) as u8);
            ("a byte more", bytes)
        }
        4 => ("another component's", other.to_vec()),
        5 => {
            let end = (at + 4096).min(bytes.len());
            bytes[at..end].fill(0);
            ("a page of nothing", bytes)
        }
        _ => {
            // The code of one under the MAC of the other.
            let mac = bytes.len() - 32;
            let taken = other.len().saturating_sub(32);
            ("another's code", [&other[..taken], &bytes[mac..]].concat())
        }
    }
}

#[test]
fn an_entry_that_was_changed_is_compiled_anew() {
    let mut random = Random::new(seed("an_entry_that_was_changed"));
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("code");
    let [one, two] = ["(func)", "(func) (func)"].map(component);
    fresh(&place, &one);
    let file = entries(&place).remove(0);
    fresh(&place, &two);
    let beside = entries(&place).into_iter().find(|path| *path != file).expect("another");
    let (whole, other) = (fs::read(&file).expect("it"), fs::read(beside).expect("it"));
    let times = if long() { 100_000 } else { 1_000 };
    let mut changed = 0;
    for _ in 0..times {
        let (what, bytes) = corrupt(&mut random, &whole, &other);
        if bytes == whole {
            continue;
        }
        changed += 1;
        fs::write(&file, &bytes).expect("written");
        fresh(&place, &one);
        // Compiling is the same each time: what is there again was compiled now.
        assert!(fs::read(&file).expect("it") == whole, "{what}: it was taken as it was");
    }
    println!("{changed} changed entries: all were compiled anew");
    assert!(changed > times * 9 / 10);
}

#[test]
fn what_is_whole_is_used_by_engines_with_its_key_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("code");
    let bytes = component("");
    fresh(&place, &bytes);
    let file = entries(&place).remove(0);
    let date = |path: &Path| fs::metadata(path).expect("it").modified().expect("a date");
    let first = (fs::read(&file).expect("it"), date(&file));
    fresh(&place, &bytes);
    assert_eq!((fs::read(&file).expect("it"), date(&file)), first, "it was written again");
    load(&engine(&place, "another key"), bytes, |_| {}).expect("compiled anew");
    assert_ne!(fs::read(&file).expect("it"), first.0, "it was taken without its key");
}

#[test]
fn many_may_use_it_while_it_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("code");
    let bytes: Vec<_> = (0..4).map(|n| component(&"(func)".repeat(n))).collect();
    let rounds = if long() { 200 } else { 10 };
    std::thread::scope(|scope| {
        for number in 0..4 {
            let (place, bytes) = (&place, &bytes);
            scope.spawn(move || {
                for round in 0..rounds {
                    let mine = &bytes[(round + number) % bytes.len()];
                    let key = if round % 5 == 4 { "another key" } else { "key" };
                    load(&engine(place, key), mine.clone(), |_| {}).expect("a flow");
                }
            });
        }
    });
    let left = fs::read_dir(&place).expect("a folder").map(|e| e.expect("it").file_name());
    let half: Vec<_> = left.filter(|n| n.to_string_lossy().ends_with(".partial")).collect();
    assert!(half.is_empty(), "{half:?}");
}

#[test]
fn a_component_of_bytes_is_known_by_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("code");
    for inside in ["(func)", "(func) (func)", "(func)"] {
        fresh(&place, &component(inside));
    }
    assert_eq!(entries(&place).len(), 2);
}
