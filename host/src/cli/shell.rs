//! Words as a shell takes them: commands that are shown are there to be copied.

/// The word as it is if it means itself, else in quotes.
pub(super) fn word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./+,:@%=".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_take_apart_is_quoted() {
        assert_eq!(word("../my-action_2"), "../my-action_2");
        assert_eq!(word("my dir/x"), "'my dir/x'");
        assert_eq!(word("it's"), r"'it'\''s'");
        assert_eq!(word("~"), "'~'");
        assert_eq!(word(""), "''");
    }
}
