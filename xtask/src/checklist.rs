//! Holds the tests to the checklist: each row that the specifications ask has a test that shows it, or a reason.
//!
//! The rows and the reasons stand in the document itself; the tests say themselves what they show.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::checklist::scan::{Shown, scan};
use crate::problem::Problem;
use crate::tree::files;

mod scan;

/// Where the rows are written down.
const PAGE: &str = "docs/checklist.md";

/// How many there are, so that none is lost without a word.
const ROWS: usize = 80;

/// Where tests are looked for.
const PLACES: [&str; 2] = ["crates/", "tests/"];

/// How strongly a row is asked for. A derived row is what a server may do, so that a client has to survive it.
const LEVELS: [&str; 4] = ["must", "should", "must, should", "derived"];

/// Words before the reason why no test shows a row, or why its tests show a part.
const NONE: &str = "**none:** ";
const OPEN: &str = "**open:** ";

/// One thing that is asked of a client.
#[derive(Debug, Clone, Copy)]
struct Row<'p> {
    line: usize,
    id: &'p str,
    level: &'p str,
    source: &'p str,
    asks: &'p str,
    /// What its last column says.
    shown: &'p str,
}

impl Row<'_> {
    /// Why no test shows it, or not all of it.
    fn reasons(&self) -> impl Iterator<Item = &str> {
        let is_reason = |part: &&str| part.starts_with(NONE) || part.starts_with(OPEN);
        self.shown.split("<br>").filter(is_reason)
    }

    /// It as it should stand there, with these tests.
    fn written(&self, shown: &[Shown]) -> String {
        let tests = shown
            .iter()
            .filter(|test| test.rows.iter().any(|id| id == self.id));
        let tests = tests.map(|test| format!("[{}: {}](../{0})", test.path, test.test));
        let shown: Vec<String> = tests.chain(self.reasons().map(str::to_owned)).collect();
        let Self {
            id,
            level,
            source,
            asks,
            ..
        } = self;
        format!(
            "| {id} | {level} | {source} | {asks} | {} |",
            shown.join("<br>")
        )
    }
}

/// Every row without a test or reason, and every test without a row; a document out of date.
pub(crate) fn check(root: &Path) -> Result<Vec<Problem>> {
    let page = page(root)?;
    let (shown, mut problems) = shown(root)?;
    let rows = rows(&page);
    problems.extend(judge(&rows, &shown, ROWS));
    for row in rows {
        if page.lines().nth(row.line - 1) != Some(&row.written(&shown)) {
            let what = "is not what the tests say; run `cargo xtask checklist`";
            problems.push(Problem::new(PAGE, row.line, what));
        }
    }
    problems.sort();
    Ok(problems)
}

/// Writes into the document which tests show what, and says what is wrong then.
pub(crate) fn write(root: &Path) -> Result<Vec<Problem>> {
    let (page, (shown, _)) = (page(root)?, shown(root)?);
    let mut rows = rows(&page).into_iter().peekable();
    let mut written = String::new();
    for (number, line) in (1..).zip(page.lines()) {
        match rows.next_if(|row| row.line == number) {
            Some(row) => written.push_str(&row.written(&shown)),
            None => written.push_str(line),
        }
        written.push('\n');
    }
    fs::write(root.join(PAGE), written).with_context(|| format!("write {PAGE}"))?;
    check(root)
}

fn page(root: &Path) -> Result<String> {
    fs::read_to_string(root.join(PAGE)).with_context(|| format!("read {PAGE}"))
}

/// What the tests show, and comments that stand above no test.
fn shown(root: &Path) -> Result<(Vec<Shown>, Vec<Problem>)> {
    let (mut shown, mut problems) = (Vec::new(), Vec::new());
    for path in files(root)? {
        let is_ours = PLACES.iter().any(|place| path.starts_with(place));
        if !is_ours || !path.ends_with(".rs") {
            continue;
        }
        let text = fs::read_to_string(root.join(&path)).with_context(|| format!("read {path}"))?;
        let (more, faults) = scan(&path, &text);
        shown.extend(more);
        problems.extend(faults);
    }
    Ok((shown, problems))
}

/// The rows of the tables with five columns, but for the heads.
fn rows(page: &str) -> Vec<Row<'_>> {
    (1..)
        .zip(page.lines())
        .filter_map(|(line, text)| row(line, text))
        .collect()
}

fn row(line: usize, text: &str) -> Option<Row<'_>> {
    let cells = text.strip_prefix('|')?.strip_suffix('|')?;
    let cells: Vec<&str> = cells.split('|').map(str::trim).collect();
    match *cells.as_slice() {
        ["row" | "---", ..] => None,
        [id, level, source, asks, shown] => Some(Row {
            line,
            id,
            level,
            source,
            asks,
            shown,
        }),
        _ => None,
    }
}

fn judge(rows: &[Row<'_>], shown: &[Shown], count: usize) -> Vec<Problem> {
    let mut problems = Vec::new();
    if rows.len() != count {
        let what = format!("has {} rows, and not {count}", rows.len());
        problems.push(Problem::new(PAGE, 1, what));
    }
    for test in shown {
        for (at, id) in test.rows.iter().enumerate() {
            let what = if !rows.iter().any(|row| row.id == id) {
                format!("`{id}` is no row of the checklist")
            } else if test.rows.iter().take(at).any(|before| before == id) {
                format!("`{id}` stands here twice")
            } else {
                continue;
            };
            problems.push(Problem::new(&test.path, test.line, what));
        }
    }
    for (at, row) in rows.iter().enumerate() {
        let has_test = shown
            .iter()
            .any(|test| test.rows.iter().any(|id| id == row.id));
        let reasons: Vec<&str> = row.reasons().collect();
        let what = match (has_test, reasons.as_slice()) {
            _ if rows.iter().take(at).any(|before| before.id == row.id) => "stands here twice",
            _ if !LEVELS.contains(&row.level) => "has a level that is none",
            (true, []) => continue,
            (_, [_, _, ..]) => "has two reasons; make one of them",
            (true, [reason]) if reason.starts_with(OPEN) => continue,
            (false, [reason]) if reason.starts_with(NONE) => continue,
            (true, [_]) => "has a test, and a reason for having none; delete the reason",
            (false, [_]) => "has a reason for what its test leaves open, and no test; add one",
            (false, []) => "has no test that shows it, and no reason; add one of them",
        };
        problems.push(Problem::new(PAGE, row.line, format!("`{}` {what}", row.id)));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(rows: &[&str]) -> Shown {
        Shown {
            path: "a.rs".to_owned(),
            line: 7,
            test: "a".to_owned(),
            rows: rows.iter().map(|&row| row.to_owned()).collect(),
        }
    }

    /// A document in which these rows have these last columns.
    fn page(columns: &[(&str, &str)]) -> String {
        let head =
            "# A\n\n| row | level | source | asks | shown by |\n| --- | --- | --- | --- | --- |\n";
        let row = |(id, shown): &(&str, &str)| format!("| {id} | must | RFC | asks | {shown} |\n");
        head.to_owned() + &columns.iter().map(row).collect::<String>()
    }

    #[track_caller]
    fn check(columns: &[(&str, &str)], shown: &[Shown], expected: &[&str]) {
        let page = page(columns);
        let found = judge(&rows(&page), shown, columns.len());
        let found: Vec<String> = found.iter().map(Problem::to_string).collect();
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.contains(expected), "{found}");
        }
    }

    #[test]
    fn each_row_has_a_test_or_a_reason() {
        let (a1, both) = ([test(&["A1"])], [test(&["A1", "A2"])]);
        check(&[("A1", ""), ("A2", "")], &both, &[]);
        check(
            &[("A1", ""), ("A2", "")],
            &a1,
            &["docs/checklist.md:6: `A2` has no test"],
        );
        check(&[("A1", ""), ("A2", "**none:** no")], &a1, &[]);
    }

    #[test]
    fn a_reason_fits_what_is_shown() {
        let a1 = [test(&["A1"])];
        check(
            &[("A1", "**none:** no")],
            &a1,
            &["`A1` has a test, and a reason"],
        );
        check(
            &[("A1", "[a.rs: a](../a.rs)<br>**open:** a part")],
            &a1,
            &[],
        );
        check(&[("A1", "**open:** a part")], &[], &["and no test"]);
        check(
            &[("A1", "**open:** a<br>**open:** b")],
            &a1,
            &["two reasons"],
        );
    }

    #[test]
    fn rows_that_are_not_there_are_seen() {
        check(
            &[("A1", "")],
            &[test(&["A1", "B1"])],
            &["a.rs:7: `B1` is no row of the checklist"],
        );
        check(
            &[("A1", "")],
            &[test(&["A1", "A1"])],
            &["a.rs:7: `A1` stands here twice"],
        );
        check(
            &[("A1", ""), ("A1", "")],
            &[test(&["A1"])],
            &["`A1` stands here twice"],
        );
        let found = judge(&[], &[], 1);
        assert!(found[0].to_string().ends_with("has 0 rows, and not 1"));
    }

    #[test]
    fn a_row_names_its_tests_and_keeps_its_reason() {
        let page = page(&[("A1", "[b.rs: b](../b.rs)<br>**open:** a part")]);
        let written = "| A1 | must | RFC | asks | [a.rs: a](../a.rs)<br>**open:** a part |";
        assert_eq!(rows(&page)[0].written(&[test(&["A1"])]), written);
    }
}
