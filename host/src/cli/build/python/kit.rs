//! The kit for Python, as it is in `guest-sdk/python`: a package that an action imports.

use std::path::Path;

/// What the package is called.
pub(in crate::cli) const PACKAGE: &str = "flowhost_action";

macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../../../kits/python/", $name)))),*]
    };
}

pub(in crate::cli) const FILES: &[(&str, &str)] = files! {
    "__init__.py" "_alone.py" "_double.py" "api.py" "component.py" "errors.py" "event.py" "factor.py"
    "host.py" "json_text.py" "py.typed" "records.py" "secret.py" "testing.py"
};

/// Writes the package into a folder of packages.
pub(super) fn write(folder: &Path) -> std::io::Result<()> {
    let package = folder.join(PACKAGE);
    std::fs::create_dir_all(&package)?;
    FILES.iter().try_for_each(|(name, text)| std::fs::write(package.join(name), text))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::FILES;

    #[test]
    fn every_file_of_the_kit_is_in_the_program() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("kits/python");
        let entries = std::fs::read_dir(folder).expect("the kit is there");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        let names = names.map(|name| name.to_string_lossy().into_owned());
        let found: BTreeSet<String> = names.filter(|name| !name.starts_with("__py")).collect();
        let listed = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(found, listed);
    }
}
