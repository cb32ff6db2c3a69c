//! Go: a module, and the kit beside it, which its go.mod names. A copy of the kit is
//! part of the command, so that action and flowhost are of one version and nothing is
//! downloaded.

use flowhost::Result;

use super::{Kit, files, rust};
use crate::cli::build::go::kit;

pub(super) const KIT: Kit = Kit {
    name: "go",
    source: ".",
    needs: "Go 1.24 or newer",
    test: "go test .",
    more: "\nThe kit is in `flowhost-action`, in the version of the flowhost that made this folder.\n",
    shared: &[("go.mod", include_str!("templates/go/go.mod.txt"))],
    mfa: files!("go/mfa": "action.go", "action_test.go"),
    redirect: files!("go/redirect": "action.go", "action_test.go"),
    deny: files!("go/deny": "action.go", "action_test.go"),
    form: files!("go/form": "action.go", "action_test.go"),
    made: module,
};

fn module() -> Result<Vec<(String, String)>> {
    let files = kit::FILES.iter();
    Ok(files.map(|(name, text)| (format!("{}/{name}", rust::SDK), (*text).to_owned())).collect())
}
