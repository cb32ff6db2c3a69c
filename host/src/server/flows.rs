//! [`Flows`]: the flows that can be started, as their files say today. A file
//! that changed is loaded anew; one that is broken leaves the flow as it was.
//! Suspended flows do not come here: they go by what they were started with.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

use flowhost::{Code, Component, Engine, Error, Flow, FlowSpec, Result, SecretSource};
use url::Url;

/// After how many looks what failed is tried again: what is wrong may be
/// nothing that the file names.
const LOOKS_BETWEEN_TRIES: u32 = 5;

/// Reads a flow file and builds what it names; may take long.
pub(crate) type ReadFlow = dyn Fn(&Path) -> Result<FlowSpec> + Send + Sync;

/// A flow that can be started.
#[derive(Clone)]
pub(super) struct Served {
    pub(super) flow: Flow,
    /// Where the browser goes when flowhost has nothing to show.
    pub(super) return_url: Option<Url>,
    /// How large its events may be, in bytes.
    event_limit: u64,
}

/// The flows, by name.
pub(super) struct Flows {
    read: Arc<ReadFlow>,
    files: Mutex<Vec<File>>,
    served: RwLock<HashMap<String, Served>>,
}

/// A flow file, when it was last read.
#[derive(Clone)]
struct File {
    path: PathBuf,
    name: String,
    /// It, and what it names.
    parts: Vec<PathBuf>,
    stamp: Stamp,
    failure: Option<Failure>,
}

/// Why a file could not be read again.
#[derive(Clone)]
struct Failure {
    said: String,
    /// How often the file was looked at since.
    looks: u32,
}

/// Why a file is read again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    /// It changed, or somebody asks for it.
    New,
    /// It could not be read the last time.
    Failed,
}

/// Changes when a file does.
type Stamp = Vec<Option<(SystemTime, u64)>>;

impl Flows {
    /// Loads all files.
    pub(super) async fn load(
        engine: &Engine,
        read: Arc<ReadFlow>,
        files: &[PathBuf],
    ) -> Result<Flows> {
        let flows = Flows { read, files: Mutex::default(), served: RwLock::default() };
        for path in files {
            let (file, spec) = flows.read(path).await?;
            let name = file.name.clone();
            if flows.get(&name).is_some() {
                let message = format!("two flow files hold a flow called `{name}`");
                return Err(Error::new(Code::FlowInvalid, message).in_file(path));
            }
            let served = load(engine, spec).await?;
            flows.files().push(file);
            flows.put(None, name, served);
        }
        Ok(flows)
    }

    /// The flow with this name.
    pub(super) fn get(&self, name: &str) -> Option<Served> {
        self.served.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// The names of all, sorted.
    pub(super) fn names(&self) -> Vec<String> {
        let served = self.served.read().unwrap_or_else(PoisonError::into_inner);
        let mut names: Vec<String> = served.keys().cloned().collect();
        names.sort();
        names
    }

    /// How large the events of any of them may be, in bytes.
    pub(super) fn largest_event(&self) -> u64 {
        let served = self.served.read().unwrap_or_else(PoisonError::into_inner);
        served.values().map(|served| served.event_limit).max().unwrap_or(0)
    }

    /// Loads the files that changed since they were read, and now and then
    /// those that could not be read. Called by one task alone.
    pub(super) async fn reload_changed(&self, engine: &Engine) {
        let files = self.look();
        let changed = tokio::task::spawn_blocking(move || {
            let why = |(index, file): (usize, File)| {
                let tries = |failure: &Failure| failure.looks >= LOOKS_BETWEEN_TRIES;
                let why = match stamp(&file.parts) != file.stamp {
                    true => Some(Why::New),
                    false => file.failure.as_ref().is_some_and(tries).then_some(Why::Failed),
                };
                why.map(|why| (index, file, why))
            };
            files.into_iter().enumerate().filter_map(why).collect::<Vec<_>>()
        });
        for (index, file, why) in changed.await.unwrap_or_default() {
            self.reload(engine, index, file, why).await;
        }
    }

    /// Loads all files anew. Called by the same task.
    pub(super) async fn reload_all(&self, engine: &Engine) {
        let files = self.files().clone();
        for (index, file) in files.into_iter().enumerate() {
            self.reload(engine, index, file, Why::New).await;
        }
    }

    /// The files, each looked at once more.
    fn look(&self) -> Vec<File> {
        let mut files = self.files();
        for failure in files.iter_mut().filter_map(|file| file.failure.as_mut()) {
            failure.looks = failure.looks.saturating_add(1);
        }
        files.clone()
    }

    async fn reload(&self, engine: &Engine, index: usize, mut file: File, why: Why) {
        // Taken before reading: what changes meanwhile is seen next time.
        file.stamp = stamp(&file.parts);
        match self.read_again(engine, &file).await {
            Ok((new, served)) => {
                let (name, digest) = (new.name.clone(), served.flow.digest());
                self.put(Some(&file.name), name.clone(), served);
                file = new;
                tracing::info!(flow = name, %digest, "reloaded");
            }
            Err(error) => {
                let (code, said) = (error.code().as_str(), error.to_string());
                let known = file.failure.as_ref().is_some_and(|failure| failure.said == said);
                if why == Why::New || !known {
                    let path = file.path.display().to_string();
                    tracing::error!(
                        flow = file.name,
                        file = path,
                        code,
                        error = said,
                        "not reloaded"
                    );
                }
                file.failure = Some(Failure { said, looks: 0 });
            }
        }
        if let Some(kept) = self.files().get_mut(index) {
            *kept = file;
        }
    }

    async fn read_again(&self, engine: &Engine, old: &File) -> Result<(File, Served)> {
        let (new, spec) = self.read(&old.path).await?;
        // Before the engine loads it: from then on the flow of that name has
        // the secrets of this one.
        if new.name != old.name && self.get(&new.name).is_some() {
            let message = format!("another file holds a flow called `{}`", new.name);
            return Err(Error::new(Code::FlowInvalid, message));
        }
        Ok((new, load(engine, spec).await?))
    }

    async fn read(&self, path: &Path) -> Result<(File, FlowSpec)> {
        let (read, path) = (Arc::clone(&self.read), path.to_owned());
        let file = tokio::task::spawn_blocking(move || {
            // Before it is built: afterwards it no longer says from what.
            let written = FlowSpec::from_file(&path)?;
            let parts = parts(&path, &written);
            let stamp = stamp(&parts);
            let spec = read(&path)?;
            Ok((File { path, name: spec.name.clone(), parts, stamp, failure: None }, spec))
        });
        file.await
            .unwrap_or_else(|_| Err(Error::new(Code::Internal, "reading a flow file panicked")))
    }

    fn put(&self, old: Option<&str>, name: String, flow: Served) {
        let mut served = self.served.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(old) = old {
            served.remove(old);
        }
        served.insert(name, flow);
    }

    fn files(&self) -> std::sync::MutexGuard<'_, Vec<File>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn load(engine: &Engine, spec: FlowSpec) -> Result<Served> {
    let name = spec.name.clone();
    let return_url = spec.return_url.as_deref().and_then(|url| url.parse().ok());
    let event_limit = spec.limits.event;
    let flow = engine.load(spec).await?;
    if return_url.is_none() {
        let what = "has no return_url: outcomes other than redirects end on a plain page";
        tracing::info!(flow = name, "{what}");
    }
    Ok(Served { flow, return_url, event_limit })
}

/// The files that a flow is made of.
fn parts(path: &Path, spec: &FlowSpec) -> Vec<PathBuf> {
    let mut parts = vec![path.to_owned()];
    for action in &spec.actions {
        match &action.component {
            Component::File(file) | Component::Source(file) => parts.push(file.clone()),
            _ => {}
        }
        let secrets = action.secrets.values();
        parts.extend(secrets.filter_map(|secret| match secret {
            SecretSource::File(file) => Some(file.clone()),
            _ => None,
        }));
    }
    parts
}

fn stamp(parts: &[PathBuf]) -> Stamp {
    let of = |path: &PathBuf| {
        let file = std::fs::metadata(path).ok()?;
        Some((file.modified().ok()?, file.len()))
    };
    parts.iter().map(of).collect()
}
