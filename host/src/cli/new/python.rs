//! Python: a file, its tests, and the kit beside them, which editors and tests find
//! there and which the build then uses as well.

use flowhost::Result;

use super::{Kit, files};
use crate::cli::build::python::kit;

/// The folder of the kit.
pub(super) const PACKAGE: &str = kit::PACKAGE;

pub(super) const KIT: Kit = Kit {
    name: "python",
    source: "action.py",
    needs: "componentize-py: pip install componentize-py==0.25.1",
    test: "python3 -m unittest",
    more: "\nThe kit is in `flowhost_action`, in the version of the flowhost that made this folder.\n",
    shared: &[],
    mfa: files!("python/mfa": "action.py", "test_action.py"),
    redirect: files!("python/redirect": "action.py", "test_action.py"),
    deny: files!("python/deny": "action.py", "test_action.py"),
    form: files!("python/form": "action.py", "test_action.py"),
    made: package,
};

fn package() -> Result<Vec<(String, String)>> {
    let files = kit::FILES.iter();
    Ok(files.map(|(name, text)| (format!("{PACKAGE}/{name}"), (*text).to_owned())).collect())
}
