//! The kit for Go, as it is in `guest-sdk/go`: a module that an action imports.

use std::path::Path;

/// Writes the kit into a folder.
pub(super) fn write(folder: &Path) -> std::io::Result<()> {
    for (name, text) in FILES {
        let file = folder.join(name);
        std::fs::create_dir_all(file.parent().unwrap_or(folder))?;
        std::fs::write(file, text)?;
    }
    Ok(())
}

macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../../../kits/go/", $name)))),*]
    };
}

pub(in crate::cli) const FILES: &[(&str, &str)] = files! {
    "action.go"
    "api.go"
    "cache.go"
    "errors.go"
    "event.go"
    "export_other.go"
    "export_wasip1.go"
    "factor.go"
    "flowhosttest/cache.go"
    "flowhosttest/command.go"
    "flowhosttest/double.go"
    "flowhosttest/event.json"
    "flowhosttest/fill.go"
    "flowhosttest/run.go"
    "go.mod"
    "host_wasip1.go"
    "internal/bindings/export_flowhost_post_challenge_on_continue/handler.go"
    "internal/bindings/export_flowhost_post_challenge_on_execute/handler.go"
    "internal/bindings/flowhost_post_challenge_access/empty.s"
    "internal/bindings/flowhost_post_challenge_access/wit_bindings.go"
    "internal/bindings/flowhost_post_challenge_authentication/empty.s"
    "internal/bindings/flowhost_post_challenge_authentication/wit_bindings.go"
    "internal/bindings/flowhost_post_challenge_cache/empty.s"
    "internal/bindings/flowhost_post_challenge_cache/wit_bindings.go"
    "internal/bindings/flowhost_post_challenge_event/empty.s"
    "internal/bindings/flowhost_post_challenge_event/wit_bindings.go"
    "internal/bindings/flowhost_post_challenge_log/empty.s"
    "internal/bindings/flowhost_post_challenge_log/wit_bindings.go"
    "internal/bindings/flowhost_post_challenge_on_continue/empty.s"
    "internal/bindings/flowhost_post_challenge_on_continue/wit_bindings.go"
    "internal/bindings/flowhost_post_challenge_on_execute/empty.s"
    "internal/bindings/flowhost_post_challenge_on_execute/wit_bindings.go"
    "internal/bindings/flowhost_post_challenge_prompt/empty.s"
    "internal/bindings/flowhost_post_challenge_prompt/wit_bindings.go"
    "internal/bindings/flowhost_post_challenge_redirect/empty.s"
    "internal/bindings/flowhost_post_challenge_redirect/wit_bindings.go"
    "internal/bindings/flowhost_post_challenge_transaction/empty.s"
    "internal/bindings/flowhost_post_challenge_transaction/wit_bindings.go"
    "internal/bindings/flowhost_post_challenge_types/empty.s"
    "internal/bindings/flowhost_post_challenge_types/wit_bindings.go"
    "internal/bindings/wit_exports/wit_exports.go"
    "internal/wit/runtime/allocate.go"
    "internal/wit/runtime/realloc_wasip1.go"
    "internal/wit/types/types.go"
    "log.go"
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::FILES;

    fn find(folder: &Path, root: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).expect("the kit is there") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(root).expect("inside").display().to_string();
            if path.is_dir() && name != "conformance" {
                find(&path, root, found);
            } else if !path.is_dir() && !name.ends_with("_test.go") && name != "README.md" {
                found.insert(name);
            }
        }
    }

    #[test]
    fn every_file_of_the_kit_is_in_the_program() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("kits/go");
        let mut found = BTreeSet::new();
        find(&root, &root, &mut found);
        let listed = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(found, listed);
    }
}
