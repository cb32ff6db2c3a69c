//! What is read back, and what is not.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::folder::Folder;
use super::*;

fn cache(folder: &Path, key: &str) -> CodeCache {
    CodeCache::new(folder.to_owned(), Secret::new(key))
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn an_entry_is_read_back_under_its_name_and_key_alone() {
    let folder = folder();
    let mine = cache(folder.path(), "key");
    mine.write("a", b"code".to_vec());
    mine.write("b", b"other".to_vec());
    assert_eq!(mine.read("a").as_deref(), Some(&b"code"[..]));
    assert_eq!(mine.read("c"), None);
    assert_eq!(cache(folder.path(), "another").read("a"), None);
    fs::copy(folder.path().join("b"), folder.path().join("a")).expect("a swap");
    assert_eq!(mine.read("a"), None);
}

#[test]
fn a_damaged_entry_is_no_entry() {
    let folder = folder();
    let file = folder.path().join("a");
    let mine = cache(folder.path(), "key");
    mine.write("a", b"code".to_vec());
    let whole = fs::read(&file).expect("the entry");
    for bit in 0..whole.len() * 8 {
        let mut damaged = whole.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        fs::write(&file, &damaged).expect("written");
        assert_eq!(mine.read("a"), None, "bit {bit}");
    }
    for length in 0..whole.len() {
        fs::write(&file, &whole[..length]).expect("written");
        assert_eq!(mine.read("a"), None, "length {length}");
    }
    fs::write(&file, &whole).expect("written");
    assert_eq!(mine.read("a").as_deref(), Some(&b"code"[..]), "as it was");
}

#[test]
fn what_is_not_used_for_longest_is_removed() {
    let place = folder();
    let folder = Folder::new(place.path().to_owned(), 250);
    let old = |name: &str, hours: u64| {
        let file = File::options().write(true).open(place.path().join(name)).expect("an entry");
        #[expect(clippy::disallowed_methods, reason = "the age of a file")]
        let then = SystemTime::now() - Duration::from_secs(hours * 3600);
        file.set_modified(then).expect("a date");
    };
    let there = |name: &str| place.path().join(name).exists();
    for (name, hours) in [("component-a", 5), ("component-b", 4), ("functions", 9)] {
        folder.write(name, &[7; 80]).expect("written");
        old(name, hours);
    }
    fs::write(place.path().join("component-c.x.partial"), [7; 20]).expect("written");
    old("component-c.x.partial", 2);
    assert_eq!(folder.read("component-a").map(|bytes| bytes.len()), Some(80), "used now");
    folder.write("component-d", &[7; 80]).expect("written");
    assert!(!there("component-b"), "not used for longest");
    assert!(!there("component-c.x.partial"), "left by a process that died");
    for name in ["component-a", "component-d", "functions"] {
        assert!(there(name), "{name}");
    }
    // But what serves many is not kept for ever.
    old("functions", 9 * 24);
    folder.write("component-e", &[7; 80]).expect("written");
    assert!(!there("functions"), "of an older version");
    for name in ["component-a", "component-d", "component-e"] {
        assert!(there(name), "{name}");
    }
}

#[test]
fn what_was_just_written_is_not_removed_whatever_its_date() {
    let place = folder();
    let folder = Folder::new(place.path().to_owned(), 100);
    for name in ["functions", "module", "component"] {
        folder.write(name, &[7; 80]).expect("written");
        assert!(place.path().join(name).exists(), "{name}");
    }
    assert!(!place.path().join("module").exists());
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

    use super::*;

    #[test]
    fn only_the_owner_reads_and_writes() {
        let place = folder();
        let inner = place.path().join("code");
        cache(&inner, "key").write("a", b"code".to_vec());
        let mode = |path: &Path| fs::metadata(path).expect("it").permissions().mode() & 0o777;
        assert_eq!((mode(&inner), mode(&inner.join("a"))), (0o700, 0o600));
    }

    #[test]
    fn what_others_can_write_to_is_not_used() {
        let place = folder();
        let mine = cache(place.path(), "key");
        mine.write("a", b"code".to_vec());
        let chmod = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
        };
        chmod(&place.path().join("a"), 0o666);
        assert_eq!(mine.read("a"), None, "an entry");
        chmod(&place.path().join("a"), 0o600);
        assert!(mine.read("a").is_some());
        chmod(place.path(), 0o777);
        assert_eq!(mine.read("a"), None, "a folder");
        mine.write("b", b"code".to_vec());
        assert!(!place.path().join("b").exists());
    }

    #[test]
    fn what_somebody_else_owns_is_not_used() {
        let place = folder();
        let mine = cache(place.path(), "key");
        mine.write("a", b"code".to_vec());
        if chown(place.path().join("a"), Some(12_345), None).is_err() {
            println!("ignored: only root gives files away");
            return;
        }
        assert_eq!(mine.read("a"), None, "an entry");
        mine.write("a", b"code".to_vec());
        assert!(mine.read("a").is_some(), "it is replaced");
        chown(place.path(), Some(12_345), None).expect("given away");
        assert_eq!(mine.read("a"), None, "a folder");
    }

    #[test]
    fn a_link_is_not_followed() {
        let place = folder();
        let (real, link) = (place.path().join("real"), place.path().join("link"));
        let mine = cache(&real, "key");
        mine.write("a", b"code".to_vec());
        symlink(real.join("a"), real.join("b")).expect("a link");
        fs::rename(real.join("b"), real.join("a")).expect("renamed");
        assert_eq!(mine.read("a"), None, "an entry");
        symlink(&real, &link).expect("a link");
        cache(&link, "key").write("c", b"code".to_vec());
        assert!(!real.join("c").exists(), "a folder");
        mine.write("a", b"code".to_vec());
        assert!(mine.read("a").is_some(), "the link is replaced, not what it led to");
    }

    #[test]
    fn a_pipe_in_the_place_of_an_entry_is_not_waited_for() {
        let place = folder();
        let mine = cache(place.path(), "key");
        mine.write("a", b"code".to_vec());
        fs::remove_file(place.path().join("a")).expect("removed");
        let made = std::process::Command::new("mkfifo").arg(place.path().join("a")).status();
        assert!(made.expect("mkfifo").success());
        assert_eq!(mine.read("a"), None);
    }
}
