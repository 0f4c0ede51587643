//! Quotes texts for other programs.

/// A word as a shell reads it.
pub(crate) fn quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._+/=@:".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// A value in a file that `curl -K` reads.
pub(crate) fn curl_quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_shell_reads_back_what_was_quoted_and_runs_nothing_of_it() {
        for text in [
            "abc-._~+/=",
            "a b",
            "$(touch x)",
            "`id`",
            "it's",
            "\"quoted\" \\ back",
            "a;b&c|d>e*?[]{}!#",
            "",
            "~",
            "=x",
        ] {
            let script = format!("A={}; printf %s \"$A\"", quoted(text));
            let said = Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(said.stdout).unwrap(), text);
        }
        assert_eq!(quoted("eyJ.ey-J_=="), "eyJ.ey-J_==");
    }

    #[test]
    fn curl_reads_quotes_and_backslashes_as_themselves() {
        assert_eq!(curl_quoted(r#"a"b\c"#), r#""a\"b\\c""#);
    }
}
