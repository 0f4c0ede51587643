//! Changes the default profile in the text of the configuration file. Everything else stays as it
//! is, comments included.

use toml::de::DeTable;

use super::file::DEFAULT_PROFILE;

/// The text with this default profile; `None` if that would break it.
pub(super) fn with_default(text: &str, name: &str) -> Option<String> {
    let written = serde_json::to_string(name).ok()?;
    let root = DeTable::parse(text).ok()?;
    let found = root.get_ref().get(DEFAULT_PROFILE);
    let mut changed = text.to_owned();
    match found {
        Some(value) => changed.replace_range(value.span(), &written),
        None => {
            // Before any table: behind one it would belong to that.
            let mark = if text.starts_with('\u{feff}') {
                '\u{feff}'.len_utf8()
            } else {
                0
            };
            let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
            changed.insert_str(mark, &format!("{DEFAULT_PROFILE} = {written}{end}"));
        }
    }
    let root = DeTable::parse(&changed).ok()?;
    let now = root.get_ref().get(DEFAULT_PROFILE)?;
    (now.get_ref().as_str() == Some(name)).then_some(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_else_stays_as_it_is() {
        let change = |text| with_default(text, "b").unwrap();
        assert_eq!(
            change("# ours\ndefault-profile='a' # for now\n[profile.a]\n"),
            "# ours\ndefault-profile=\"b\" # for now\n[profile.a]\n"
        );
        assert_eq!(
            change("# ours\r\n[profile.a]\r\n"),
            "default-profile = \"b\"\r\n# ours\r\n[profile.a]\r\n"
        );
        assert_eq!(with_default("x = ", "b"), None);
        let odd = with_default("", "a \"b\" \u{1}").unwrap();
        assert_eq!(odd, "default-profile = \"a \\\"b\\\" \\u0001\"\n");
    }
}
