//! Rules for Rust source that no lint knows in every package: a head, no file too long, nothing that pretends.
//!
//! How long a function may be is clippy's affair.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::problem::Problem;
use crate::tree::name_of;

const FILE_LIMIT: usize = 400;

/// Macros that stand for code not written, or left from a search for a fault.
const PRETENDS: [(&str, &str); 3] = [
    ("todo", "write the code, or leave the item out"),
    ("unimplemented", "write the code, or leave the item out"),
    ("dbg", "take it away"),
];

/// Whether these rules are for the file.
pub(super) fn is_checked(path: &str) -> bool {
    let ours = ["crates/", "tests/", "xtask/"];
    path.ends_with(".rs") && ours.iter().any(|folder| path.starts_with(folder))
}

pub(super) fn check(path: &str, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut problem = |line, what: &str| problems.push(Problem::new(path, line, what));
    if !text.starts_with("//!") {
        let what = "does not open with `//!`; say in one sentence what the file decides and what it does not";
        problem(1, what);
    }
    if name_of(path) == "mod.rs" {
        let what = "a `mod.rs`; name it after its module and put it beside the folder";
        problem(1, what);
    }
    let lines = product_lines(text);
    if lines > FILE_LIMIT && !is_test_file(path) {
        let what = format!(
            "{lines} lines before the tests, at most {FILE_LIMIT}; split it along its meaning"
        );
        problem(FILE_LIMIT + 1, &what);
    }
    match text.parse() {
        Ok(tokens) => pretences(tokens, &mut problem),
        Err(error) => problem(error.span().start().line, &format!("is no Rust: {error}")),
    }
    problems
}

fn is_test_file(path: &str) -> bool {
    let is_for_tests = |part| part == "tests" || part == "benches";
    name_of(path) == "tests.rs" || path.split('/').any(is_for_tests)
}

/// How many lines stand before the module with the file's own tests.
fn product_lines(text: &str) -> usize {
    let lines = text.lines();
    lines.take_while(|line| *line != "mod tests {").count()
}

/// Finds macros and attributes that pretend, at any depth, but not in comments and strings.
fn pretences(tokens: TokenStream, problem: &mut impl FnMut(usize, &str)) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let line = token.span().start().line;
        match (token, tokens.get(at + 1), tokens.get(at + 2)) {
            (TokenTree::Ident(name), Some(TokenTree::Punct(mark)), Some(TokenTree::Group(_)))
                if mark.as_char() == '!' =>
            {
                if let Some((name, remedy)) = PRETENDS.iter().find(|(word, _)| name == word) {
                    problem(line, &format!("`{name}!`; {remedy}"));
                }
            }
            (TokenTree::Group(group), ..) => {
                if group.delimiter() == Delimiter::Bracket
                    && let Some(what) = attribute(group.stream())
                {
                    problem(line, what);
                }
                pretences(group.stream(), problem);
            }
            _ => {}
        }
    }
}

/// What is wrong with an attribute: a test that is left out, or a lint silenced without a word.
fn attribute(tokens: TokenStream) -> Option<&'static str> {
    let mut tokens = tokens.into_iter();
    let TokenTree::Ident(name) = tokens.next()? else {
        return None;
    };
    match (name.to_string().as_str(), tokens.next()) {
        ("ignore", _) => Some("`#[ignore]`; make the test run, or delete it"),
        ("allow" | "expect", Some(TokenTree::Group(lints))) => {
            let is_reason = |token| matches!(token, TokenTree::Ident(name) if name == "reason");
            let silent = !lints.stream().into_iter().any(is_reason);
            silent.then_some("a lint is silenced without a word; add `reason = \"..\"`")
        }
        _ => None,
    }
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
    fn a_file_opens_with_its_purpose_and_is_no_mod_rs() {
        let found = found("crates/a/src/mod.rs", "use a;\n");
        assert!(found[0].starts_with("crates/a/src/mod.rs:1: does not open"));
        assert!(found[1].contains("a `mod.rs`"));
    }

    #[test]
    fn pretences_are_seen_in_code_only() {
        assert!(one("fn a() {\n    todo!()\n}").contains(":3: `todo!`"));
        assert!(one("b! {\n    fn a() { dbg!(1) }\n}").contains(":3: `dbg!`"));
        assert!(one("#[ignore]\nfn a() {}").contains(":2: `#[ignore"));
        assert!(one("#[ignore = \"why\"]\nfn a() {}").contains(":2: `#[ignore"));
        none("// todo!()\nconst A: &str = \"dbg!()\";\nconst B: [u8; 1] = [ignored];");
        none("my_todo!();\nfn a() -> bool { todo != (1) }");
    }

    #[test]
    fn allowances_say_why() {
        assert!(one("#[allow(dead_code)]\nfn a() {}").contains(":2: a lint"));
        assert!(one("#![expect(\n    dead_code,\n)]").contains("reason"));
        none("#[allow(\n    dead_code,\n    reason = \"why\"\n)]\nfn a() { expect(1) }");
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
    fn what_is_no_rust_is_said() {
        assert!(one("fn a() {").contains("is no Rust"));
    }
}
