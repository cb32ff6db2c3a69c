//! [`Folder`]: files by name in a folder that is this user's alone, bounded in
//! size, and used by several processes at once. A file is there whole or not at
//! all. What could be somebody else's is not read: neither a link, nor a file or
//! a folder that others own or can write to.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Files get a new date at most this often.
const FRESH: Duration = Duration::from_secs(60 * 60);

/// A half-written file as old as this belongs to a process that died.
const ABANDONED: Duration = FRESH;

/// How much longer than others an entry is kept that serves many components.
const LONGER: Duration = Duration::from_secs(7 * 24 * 60 * 60);

const PARTIAL: &str = "partial";

#[derive(Debug, Clone)]
pub(super) struct Folder {
    path: PathBuf,
    max_bytes: u64,
}

impl Folder {
    pub(super) fn new(path: PathBuf, max_bytes: u64) -> Self {
        Folder { path, max_bytes }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A file as a whole; none when it is not there, or may not be trusted to
    /// be ours.
    pub(super) fn read(&self, name: &str) -> Option<Vec<u8>> {
        self.check().ok()?;
        let file = no_links(OpenOptions::new().read(true)).open(self.path.join(name)).ok()?;
        let metadata = file.metadata().ok()?;
        if !metadata.is_file() || !is_private(&metadata) || metadata.len() > self.max_bytes {
            return None;
        }
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).ok()?);
        // It may grow meanwhile.
        (&file).take(self.max_bytes).read_to_end(&mut bytes).ok()?;
        touch(&file, &metadata);
        Some(bytes)
    }

    /// Keeps a file, unless it is larger than all may be together.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() as u64 > self.max_bytes {
            return Ok(());
        }
        self.make()?;
        let random = crate::suspension::random_id().map_err(io::Error::other)?;
        let partial = self.path.join(format!("{name}.{random}.{PARTIAL}"));
        let whole = create(&partial)
            .and_then(|mut file| file.write_all(bytes))
            .and_then(|()| fs::rename(&partial, self.path.join(name)));
        whole.inspect_err(|_| _ = fs::remove_file(&partial))?;
        self.evict(name);
        Ok(())
    }

    fn make(&self) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.path)?;
        self.check()
    }

    fn check(&self) -> io::Result<()> {
        let metadata = fs::symlink_metadata(&self.path)?;
        match metadata.is_dir() && is_private(&metadata) {
            true => Ok(()),
            false => Err(io::Error::other(
                "the folder is a link, or somebody else's, or others can write to it",
            )),
        }
    }

    /// Removes what was not used for longest until the rest fits, but not what was
    /// just `written`. Others may do the same at the same time.
    fn evict(&self, written: &str) {
        let entries = fs::read_dir(&self.path).into_iter().flatten().filter_map(|entry| {
            let entry = entry.ok()?;
            let metadata = entry.metadata().ok()?;
            let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            // What serves many components is worth more than one of them.
            let serves_many = !entry.file_name().to_string_lossy().starts_with("component-");
            let worth = used + if serves_many { LONGER } else { Duration::ZERO };
            Some((worth, used, metadata.len(), entry.path()))
        });
        let mut entries: Vec<_> = entries.collect();
        let mut bytes: u64 = entries.iter().map(|(_, _, length, _)| length).sum();
        entries.sort();
        for (_, used, length, path) in entries {
            let partial = path.extension().is_some_and(|extension| extension == PARTIAL);
            let abandoned = partial && age(used) > ABANDONED;
            let spared = partial || path.file_name().is_some_and(|name| name == written);
            if (bytes > self.max_bytes && !spared) || abandoned {
                _ = fs::remove_file(path);
                bytes -= length;
            }
        }
    }
}

/// Says that the file was used.
fn touch(file: &File, metadata: &Metadata) {
    if metadata.modified().is_ok_and(|used| age(used) > FRESH) {
        // One that may only be read stays as old as it is.
        _ = file.set_modified(now());
    }
}

fn age(then: SystemTime) -> Duration {
    now().duration_since(then).unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "the age of a file is no date of a flow")]
fn now() -> SystemTime {
    SystemTime::now()
}

/// A new file: one that was there, or a link, is none of ours.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Opens what is there, and not what it leads to; and does not wait for a pipe
/// that nobody writes to.
#[cfg(unix)]
fn no_links(options: &mut OpenOptions) -> &mut OpenOptions {
    use rustix::fs::OFlags;
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, flags.bits() as i32)
}

#[cfg(not(unix))]
fn no_links(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Whether this user owns it and nobody else can write to it.
#[cfg(unix)]
fn is_private(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    metadata.uid() == rustix::process::geteuid().as_raw() && metadata.mode() & 0o022 == 0
}

#[cfg(not(unix))]
fn is_private(_: &Metadata) -> bool {
    true
}
