//! Finds in Rust source which rows a test says it shows. Whether it does, a reader judges.
//!
//! A test says so by a comment directly above its attributes: `// shows: AZ1 AZ2`.

use crate::problem::Problem;

const MARK: &str = "// shows:";

/// The macro of the adapters' tests: each function that it names becomes a test for each adapter and store.
const SCENARIOS: &str = "scenarios! {";

/// What makes a function a test.
const TEST_ATTRIBUTES: [&str; 2] = ["#[test]", "#[tokio::test"];

/// A test and the rows that it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) path: String,
    /// Where the comment stands, counted from 1.
    pub(super) line: usize,
    pub(super) test: String,
    pub(super) rows: Vec<String>,
}

/// Every test of the file that says what it shows, and every comment that stands above no test.
pub(super) fn scan(path: &str, text: &str) -> (Vec<Shown>, Vec<Problem>) {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let scenarios = scenarios(&lines);
    let (mut shown, mut problems) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(&lines) {
        let Some(rows) = line.strip_prefix(MARK) else {
            continue;
        };
        let rows: Vec<String> = rows.split_whitespace().map(str::to_owned).collect();
        let below = lines.get(number..).unwrap_or_default();
        match function(below) {
            _ if rows.is_empty() => {
                problems.push(Problem::new(path, number, "names no row; name some"));
            }
            Some((test, has_attribute)) if has_attribute || scenarios.contains(&test) => {
                shown.push(Shown {
                    path: path.to_owned(),
                    line: number,
                    test: test.to_owned(),
                    rows,
                });
            }
            Some(_) | None => {
                let what = "stands above no test; put it directly above a test's attributes";
                problems.push(Problem::new(path, number, what));
            }
        }
    }
    (shown, problems)
}

/// The name of the function that begins within the paragraph, and whether an attribute makes it a test.
fn function<'l>(below: &[&'l str]) -> Option<(&'l str, bool)> {
    let mut is_test = false;
    for line in below.iter().take_while(|line| !line.is_empty()) {
        is_test |= TEST_ATTRIBUTES.iter().any(|start| line.starts_with(start));
        let code = line.strip_prefix("async ").unwrap_or(line);
        if let Some(rest) = code.strip_prefix("fn ") {
            let is_name = |c: char| c.is_alphanumeric() || c == '_';
            return Some((rest.split(|c| !is_name(c)).next()?, is_test));
        }
        // A block ends here: what follows belongs to something else.
        if *line == "}" {
            return None;
        }
    }
    None
}

/// The names in the blocks of the macro.
fn scenarios<'l>(lines: &[&'l str]) -> Vec<&'l str> {
    let mut names = Vec::new();
    let mut inside = false;
    for line in lines {
        match *line {
            SCENARIOS => inside = true,
            "}" => inside = false,
            name if inside => names.push(name.trim_end_matches(',')),
            _ => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, String, Vec<String>)> {
        let (shown, problems) = scan("a.rs", text);
        assert_eq!(problems, []);
        let told = shown.into_iter().map(|one| (one.line, one.test, one.rows));
        told.collect()
    }

    fn one(line: usize, test: &str, rows: &[&str]) -> (usize, String, Vec<String>) {
        let rows = rows.iter().map(|&row| row.to_owned()).collect();
        (line, test.to_owned(), rows)
    }

    #[track_caller]
    fn problem(text: &str) -> String {
        let (shown, problems) = scan("a.rs", text);
        assert_eq!(shown, []);
        assert_eq!(problems.len(), 1, "{problems:?}");
        problems[0].to_string()
    }

    #[test]
    fn a_test_says_what_it_shows() {
        let text = "// shows: AZ1 AZ2\n#[test]\nfn a() {}\n\n#[test]\nfn b() {}\n";
        assert_eq!(found(text), [one(1, "a", &["AZ1", "AZ2"])]);
    }

    #[test]
    fn what_stands_between_does_not_matter() {
        for between in [
            "#[test]\n#[cfg(unix)]",
            "/// A doc.\n// shows nothing\n#[test]",
            "#[tokio::test(flavor = \"current_thread\")]\nasync",
        ] {
            let joint = if between.ends_with("async") {
                " "
            } else {
                "\n"
            };
            let text = format!("    // shows: TK1\n    {between}{joint}fn a_b1() {{}}\n");
            assert_eq!(found(&text), [one(1, "a_b1", &["TK1"])], "{text}");
        }
    }

    #[test]
    fn a_property_is_a_test() {
        let text = "proptest! {\n    // shows: TK2\n    #[test]\n    fn a(b: u8) {}\n}\n";
        assert_eq!(found(text), [one(2, "a", &["TK2"])]);
    }

    #[test]
    fn a_scenario_is_a_test() {
        let text = "scenarios! {\n    a,\n    b,\n}\n\n// shows: US7\nfn b(world: &World) {}\n";
        assert_eq!(found(text), [one(6, "b", &["US7"])]);
        let text = text.replace("    b,\n", "");
        assert!(problem(&text).starts_with("a.rs:5: stands above no test"));
    }

    #[test]
    fn a_comment_above_anything_else_is_seen() {
        for below in [
            "fn helper() {}",
            "\n#[test]\nfn far() {}",
            "}\n#[test]\nfn other() {}",
            "const A: u8 = 0;",
            "",
        ] {
            let problem = problem(&format!("// shows: AZ1\n{below}"));
            assert!(problem.starts_with("a.rs:1: stands above no test"));
        }
        assert!(problem("// shows:\n#[test]\nfn a() {}").contains("names no row"));
    }
}
