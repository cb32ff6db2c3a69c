//! The keys that seal what is stored: where they are, and `flowhost keys`.

use std::path::{Path, PathBuf};

use flowhost::{Code, Error, KeyRing, Result, SCHEMA_VERSION, Secret};
use serde_json::json;

use super::args::{KeySource, Keys, KeysVerb};
use super::{Answer, key_file};

/// The ring that was named; none when none was.
pub(super) fn named(source: &KeySource) -> Result<Option<KeyRing>> {
    match (&source.file, &source.text) {
        (Some(file), _) => KeyRing::from_file(file).map(Some),
        (None, Some(text)) => KeyRing::parse(text.expose()).map(Some),
        (None, None) => Ok(None),
    }
}

/// The ring that was named, or else this user's own, made when there is none.
pub(super) fn named_or_own(source: &KeySource) -> Result<KeyRing> {
    if let Some(ring) = named(source)? {
        return Ok(ring);
    }
    let file = own_file()?;
    let make = || KeyRing::generate().map(|ring| ring.to_text()).map_err(std::io::Error::other);
    let text = key_file::read_or_make(&file, make).map_err(|error| unreadable(&file, &error))?;
    KeyRing::parse(text.expose()).map_err(|error| error.in_file(&file))
}

fn own_file() -> Result<PathBuf> {
    let folder = dirs::data_dir().ok_or_else(|| {
        Error::new(Code::KeysMissing, "there is no data folder for this user")
            .with_hint("name a key file: --keys FILE")
    })?;
    Ok(folder.join("flowhost").join("keys.txt"))
}

/// `flowhost keys`.
pub(super) fn keys(keys: &Keys) -> Result<Answer> {
    match &keys.verb {
        KeysVerb::New(new) => {
            let file = new.file.clone().map_or_else(own_file, Ok)?;
            let ring = KeyRing::generate()?;
            key_file::create(&file, &ring.to_text()).map_err(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => {
                    let message = "there is a file already, and flows may need its keys";
                    Error::new(Code::Usage, message)
                        .in_file(&file)
                        .with_hint("to add a key to it: flowhost keys rotate")
                }
                _ => unreadable(&file, &error),
            })?;
            Ok(answer(&file, &ring, "made"))
        }
        KeysVerb::Rotate(rotate) => {
            if rotate.file.is_none() && std::env::var_os("FLOWHOST_KEYS").is_some() {
                let message = "the keys in use are those in FLOWHOST_KEYS, and in no file";
                return Err(Error::new(Code::Usage, message)
                    .with_hint("write them into a file, then: flowhost keys rotate FILE"));
            }
            let file = rotate.file.clone().map_or_else(own_file, Ok)?;
            let mut ring = KeyRing::from_file(&file)?.rotate()?;
            if let Some(keep) = rotate.keep {
                ring = ring.retire(keep);
            }
            let text: Secret = ring.to_text();
            key_file::replace(&file, &text).map_err(|error| unreadable(&file, &error))?;
            Ok(answer(&file, &ring, "rotated"))
        }
    }
}

fn answer(file: &Path, ring: &KeyRing, done: &str) -> Answer {
    let epochs: Vec<u32> = ring.epochs().collect();
    let shown: Vec<String> = epochs.iter().map(u32::to_string).collect();
    let file = file.display().to_string();
    Answer {
        text: format!("{done} {file}\n  epochs  {}\n", shown.join(", ")),
        json: json!({ "schema_version": SCHEMA_VERSION, "file": file, "epochs": epochs }),
        exit: 0,
    }
}

fn unreadable(file: &Path, error: &std::io::Error) -> Error {
    Error::new(Code::FileUnreadable, format!("the key file: {error}")).in_file(file)
}
