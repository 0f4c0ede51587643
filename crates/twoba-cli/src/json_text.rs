//! Lays out JSON anew without reading it. Each number and each text stays as it was written.

/// Valid JSON on one line, or indented by two blanks for a person.
pub(crate) fn laid_out(json: &str, indented: bool) -> String {
    let mut out = Layout {
        text: String::with_capacity(json.len()),
        indented,
        depth: 0,
    };
    let mut rest = json.chars().peekable();
    while let Some(mark) = rest.next() {
        match mark {
            '"' => {
                out.text.push(mark);
                let mut escaped = false;
                for part in rest.by_ref() {
                    out.text.push(part);
                    if part == '"' && !escaped {
                        break;
                    }
                    escaped = part == '\\' && !escaped;
                }
            }
            '{' | '[' => {
                out.text.push(mark);
                while rest.next_if(|next| next.is_ascii_whitespace()).is_some() {}
                if let Some(end) = rest.next_if(|next| matches!(next, '}' | ']')) {
                    out.text.push(end);
                } else {
                    out.depth += 1;
                    out.line();
                }
            }
            '}' | ']' => {
                out.depth = out.depth.saturating_sub(1);
                out.line();
                out.text.push(mark);
            }
            ',' => {
                out.text.push(mark);
                out.line();
            }
            ':' => {
                out.text.push(mark);
                if indented {
                    out.text.push(' ');
                }
            }
            blank if blank.is_ascii_whitespace() => {}
            part => out.text.push(part),
        }
    }
    out.text
}

struct Layout {
    text: String,
    indented: bool,
    depth: usize,
}

impl Layout {
    fn line(&mut self) {
        if self.indented {
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n("  ", self.depth));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_was_read_is_laid_out_as_the_library_would() {
        for value in [
            json!({"a": [1, 2, {"b": "c, \"d\": \\"}], "e": {}, "f": [], "g": "[{:,"}),
            json!([[], [[]], {"": null}]),
            json!("text"),
            json!(7),
        ] {
            for given in [value.to_string(), format!("{value:#}")] {
                assert_eq!(laid_out(&given, false), value.to_string());
                assert_eq!(laid_out(&given, true), format!("{value:#}"));
            }
        }
    }

    #[test]
    fn numbers_keep_their_digits() {
        let json = r#"{"a":0.10,"b":12345678901234567890123,"c":1E+2,"d":1e400,"e":-0.0}"#;
        assert_eq!(laid_out(json, false), json);
        let indented = laid_out(json, true);
        assert_eq!(laid_out(&indented, false), json);
        assert!(serde_json::from_str::<Value>(r#"{"a":1e400}"#).is_err());
    }
}
