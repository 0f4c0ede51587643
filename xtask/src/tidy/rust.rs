//! Rules for Rust source: a head that says what the file is for, nothing too long, nothing that pretends.

use crate::problem::Problem;
use crate::tidy::mask::mask;
use crate::tree::name_of;

const FILE_LIMIT: usize = 400;
const FUNCTION_LIMIT: usize = 60;

/// Code that stands for code not written, or not run.
const PRETENDS: [(&str, &str); 4] = [
    ("todo!", "write the code, or leave the item out"),
    ("unimplemented!", "write the code, or leave the item out"),
    ("dbg!", "take it away"),
    ("#[ignore", "make the test run, or delete it"),
];

/// Whether these rules are for the file.
pub(super) fn is_checked(path: &str) -> bool {
    let ours = ["crates/", "tests/", "xtask/"];
    path.ends_with(".rs") && ours.iter().any(|folder| path.starts_with(folder))
}

pub(super) fn check(path: &str, text: &str) -> Vec<Problem> {
    let masked = mask(text);
    let mut problems = Vec::new();
    if !text.starts_with("//!") {
        let what = "does not open with `//!`; say in one sentence what the file decides and what it does not";
        problems.push(Problem::new(path, 1, what));
    }
    if name_of(path) == "mod.rs" {
        let what = "a `mod.rs`; name it after its module and put it beside the folder";
        problems.push(Problem::new(path, 1, what));
    }
    problems.extend(pretences(path, &masked));
    problems.extend(silent_allowances(path, &masked));
    if !is_test_file(path) {
        problems.extend(too_long(path, &masked));
    }
    problems
}

fn is_test_file(path: &str) -> bool {
    name_of(path) == "tests.rs"
        || path
            .split('/')
            .any(|part| part == "tests" || part == "benches")
}

fn pretences(path: &str, masked: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (number, line) in (1..).zip(masked.lines()) {
        for (word, remedy) in PRETENDS {
            if starts_of(line, word).next().is_some() {
                problems.push(Problem::new(path, number, format!("`{word}`; {remedy}")));
            }
        }
    }
    problems
}

/// Allowances of lints that do not say why.
fn silent_allowances(path: &str, masked: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for start in ["#[allow(", "#[expect(", "#![allow(", "#![expect("] {
        for (at, _) in masked.match_indices(start) {
            let attribute = masked.get(at..).unwrap_or_default();
            let attribute = attribute.split(']').next().unwrap_or_default();
            if !attribute.contains("reason =") {
                let what = "a lint is silenced without a word; add `reason = \"..\"`";
                problems.push(Problem::new(path, line_of(masked, at), what));
            }
        }
    }
    problems
}

fn too_long(path: &str, masked: &str) -> Vec<Problem> {
    let product = without_tests(masked);
    let mut problems = Vec::new();
    let lines = product.lines().count();
    if lines > FILE_LIMIT {
        let what = format!(
            "{lines} lines before the tests, at most {FILE_LIMIT}; split it along its meaning"
        );
        problems.push(Problem::new(path, FILE_LIMIT + 1, what));
    }
    for function in functions(product) {
        if function.lines > FUNCTION_LIMIT {
            let what = format!(
                "`{}` has {} lines, at most {FUNCTION_LIMIT}; take a part out under its own name",
                function.name, function.lines
            );
            problems.push(Problem::new(path, function.line, what));
        }
    }
    problems
}

/// The source up to its test module.
///
/// A test module in a file of its own (`mod tests;`) or a single item for tests does not end the product's code.
fn without_tests(masked: &str) -> &str {
    let mut at = 0;
    let mut marked = None;
    for line in masked.split_inclusive('\n') {
        let words = line.trim_end();
        if words == "#[cfg(test)]" {
            marked = Some(at);
        } else if let Some(start) = marked
            && !words.starts_with("#[")
        {
            if words.starts_with("mod ") && words.ends_with('{') {
                return masked.get(..start).unwrap_or(masked);
            }
            marked = None;
        }
        at += line.len();
    }
    masked
}

/// A function with a body: its name, first line and number of lines from `fn` to the closing brace.
#[derive(Debug, PartialEq, Eq)]
struct Function<'s> {
    name: &'s str,
    line: usize,
    lines: usize,
}

fn functions(masked: &str) -> Vec<Function<'_>> {
    let mut functions = Vec::new();
    for at in starts_of(masked, "fn ") {
        let after = masked.get(at + 3..).unwrap_or_default();
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let name = after.split(|c| !is_name(c)).next().unwrap_or_default();
        let Some(body) = body_start(after).filter(|_| !name.is_empty()) else {
            continue;
        };
        let inside = after.get(body..).unwrap_or_default();
        let end = at + 3 + body + block_length(inside);
        let line = line_of(masked, at);
        let lines = line_of(masked, end) - line + 1;
        functions.push(Function { name, line, lines });
    }
    functions
}

/// Where the body's brace stands; `None` for a signature that ends in `;`.
fn body_start(signature: &str) -> Option<usize> {
    let mut depth = 0_i32;
    for (at, c) in signature.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth == 0 => return Some(at),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// Length from an opening brace up to the one that closes it.
fn block_length(block: &str) -> usize {
    let mut depth = 0_i32;
    for (at, c) in block.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return at;
        }
    }
    block.len()
}

/// Where `word` stands and is not the end of a longer word.
fn starts_of<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    text.match_indices(word).map(|(at, _)| at).filter(|&at| {
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '#')
    })
}

fn line_of(text: &str, at: usize) -> usize {
    let head = text.get(..at).unwrap_or(text);
    head.matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        check(path, text).iter().map(Problem::to_string).collect()
    }

    fn one(text: &str) -> String {
        let found = found("crates/a/src/a.rs", &format!("//! A.\n{text}"));
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].clone()
    }

    fn none(text: &str) {
        let found = found("crates/a/src/a.rs", &format!("//! A.\n{text}"));
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn a_file_opens_with_its_purpose() {
        let found = found("crates/a/src/a.rs", "use a;\n");
        assert!(found[0].starts_with("crates/a/src/a.rs:1: does not open"));
    }

    #[test]
    fn mod_rs_is_refused() {
        assert!(found("crates/a/src/b/mod.rs", "//! B.\n")[0].contains("mod.rs"));
    }

    #[test]
    fn pretences_are_seen_in_code_only() {
        assert!(one("fn a() {\n    todo!()\n}").contains(":3: `todo!`"));
        assert!(one("#[ignore]\nfn a() {}").contains(":2: `#[ignore`"));
        none("// todo!\nconst A: &str = \"dbg!\";");
        none("my_todo!();");
    }

    #[test]
    fn allowances_say_why() {
        assert!(one("#[allow(dead_code)]\nfn a() {}").contains(":2: a lint"));
        assert!(one("#![expect(\n    dead_code,\n)]").contains("reason"));
        none("#[expect(dead_code, reason = \"why\")]\nfn a() {}");
        none("#[allow(\n    dead_code,\n    reason = \"why\"\n)]\nfn a() {}");
    }

    #[test]
    fn a_file_is_measured_up_to_its_tests() {
        let long = "const A: u8 = 0;\n".repeat(FILE_LIMIT);
        assert!(one(&long).contains(":401: 401 lines before the tests"));
        none(&format!("#[cfg(test)]\nmod tests {{\n{long}}}\n"));
        assert!(one(&format!("#[cfg(test)]\nmod tests;\n{long}")).contains("403 lines"));
        assert!(found("crates/a/tests/b.rs", &format!("//! B.\n{long}")).is_empty());
        assert!(found("crates/a/src/b/tests.rs", &format!("//! B.\n{long}")).is_empty());
    }

    #[test]
    fn a_function_is_measured_from_signature_to_brace() {
        let body = |lines: usize| "    a();\n".repeat(lines);
        none(&format!("fn a() {{\n{}}}\n", body(FUNCTION_LIMIT - 2)));
        let long = format!("fn a() {{\n{}}}\n", body(FUNCTION_LIMIT - 1));
        assert!(one(&long).contains(":2: `a` has 61 lines"));
        none(&format!("#[cfg(test)]\nmod tests {{\n{long}}}\n"));
    }

    #[test]
    fn functions_are_told_from_what_looks_alike() {
        let source = "\
trait A {
    fn declared(&self) -> [u8; 4];
    fn given(&self, f: fn(u8) -> u8) -> [u8; 4] {
        [f(b'{'); 4]
    }
}
type B = fn (u8);
fn generic<T>(t: T) -> impl Fn() -> u8
where
    T: Into<u8>,
{
    let brace = \"}\";
    || 1
}
";
        let masked = mask(source);
        let functions = functions(&masked);
        let told: Vec<_> = functions
            .iter()
            .map(|f| (f.name, f.line, f.lines))
            .collect();
        assert_eq!(told, [("given", 3, 3), ("generic", 8, 7)]);
    }
}
