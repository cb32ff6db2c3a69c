//! What componentize-py said when it failed, without what is its own: the traceback
//! of the action, with the names of its files as they are outside.

use std::path::Path;
use std::process::Output;

/// Where componentize-py puts the first folder of the path, and the second: the
/// action's, and the one with the kit.
const ACTION: &str = "  File \"/0/";
const KIT: &str = "  File \"/1/";

/// The end of a traceback, where the tool's own begins.
const TOOLS_OWN: [&str; 2] = ["\nCaused by:", "\nStack backtrace:"];

pub(super) fn of_the_action(output: &Output, folder: &Path, temporary: &Path) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    // The first traceback is that of the tool, which is in Python as well.
    let own = said.rfind("Traceback (most recent call last):").unwrap_or(0);
    let own = &said[own..];
    let end = TOOLS_OWN.iter().filter_map(|mark| own.find(mark)).min().unwrap_or(own.len());
    let mut kept = String::new();
    let mut in_kit = false;
    for line in own[..end].trim_end().lines() {
        if line.starts_with("  File ") || !line.starts_with(' ') {
            in_kit = line.starts_with(KIT) || line.starts_with("  File \"<frozen");
        }
        if in_kit {
            continue;
        }
        match line.strip_prefix(ACTION) {
            Some(rest) => kept.push_str(&format!("  File \"{}/{rest}", folder.display())),
            None => kept.push_str(line),
        }
        kept.push('\n');
    }
    kept.replace(&temporary.display().to_string(), "")
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::{ExitStatus, Output};

    use super::*;

    #[test]
    fn what_is_left_is_the_authors_own_traceback() {
        let stderr = r#"Traceback (most recent call last):
  File "/venv/bin/componentize-py", line 8, in <module>
    sys.exit(script())
AssertionError: Traceback (most recent call last):
  File "/1/flowhost_entry.py", line 3, in <module>
    _handlers = export("action", True, __file__)
                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "<frozen importlib._bootstrap>", line 488, in _call_with_frames_removed
  File "/0/action.py", line 2
    def on_execute(event, api)
                              ^
SyntaxError: expected ':'


Caused by:
    SyntaxError: expected ':' (action.py, line 2)
"#;
        let output = Output {
            status: ExitStatus::from_raw(256),
            stdout: Vec::new(),
            stderr: stderr.as_bytes().to_vec(),
        };
        let said = of_the_action(&output, Path::new("/src/my action"), Path::new("/tmp/x"));
        let expected = r#"Traceback (most recent call last):
  File "/src/my action/action.py", line 2
    def on_execute(event, api)
                              ^
SyntaxError: expected ':'
"#;
        assert_eq!(said, expected);
    }

    #[test]
    fn without_a_traceback_it_is_what_was_said() {
        let output = Output {
            status: ExitStatus::from_raw(256),
            stdout: Vec::new(),
            stderr: b"error: no space left\n".to_vec(),
        };
        assert_eq!(
            of_the_action(&output, Path::new("/a"), Path::new("/t")),
            "error: no space left\n"
        );
    }
}
