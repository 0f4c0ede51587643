//! Holds the tests to the checklist: each row that the specifications ask has a test that shows it, or a reason.
//!
//! The rows and the reasons are data; the tests say themselves what they show.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::checklist::exceptions::{EXCEPTIONS, Exception, Extent};
use crate::checklist::rows::{GROUPS, Row};
use crate::checklist::scan::{Shown, scan};
use crate::problem::Problem;
use crate::tree::files;

mod exceptions;
mod page;
mod rows;
mod scan;

/// Where the document stands.
const PAGE: &str = "docs/checklist.md";
const REASONS: &str = "xtask/src/checklist/exceptions.rs";

/// Where tests are looked for.
const PLACES: [&str; 2] = ["crates/", "tests/"];

/// Every row without a test or reason, and every test or reason without a row; a document out of date.
pub(crate) fn check(root: &Path) -> Result<Vec<Problem>> {
    let (shown, mut problems) = read(root)?;
    let written = fs::read_to_string(root.join(PAGE)).unwrap_or_default();
    if let Some(line) = first_difference(&written, &page::write(&shown)) {
        let what = "is not what the tests say; run `cargo xtask checklist`";
        problems.push(Problem::new(PAGE, line, what));
    }
    Ok(problems)
}

/// Writes the document, and says what `check` would of rows, tests and reasons.
pub(crate) fn write(root: &Path) -> Result<Vec<Problem>> {
    let (shown, problems) = read(root)?;
    fs::write(root.join(PAGE), page::write(&shown)).with_context(|| format!("write {PAGE}"))?;
    Ok(problems)
}

fn read(root: &Path) -> Result<(Vec<Shown>, Vec<Problem>)> {
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
    let rows: Vec<&Row> = GROUPS.iter().flat_map(|group| group.rows).collect();
    problems.extend(judge(&rows, &shown, EXCEPTIONS));
    problems.sort();
    Ok((shown, problems))
}

fn judge(rows: &[&Row], shown: &[Shown], exceptions: &[Exception]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let is_row = |id: &str| rows.iter().any(|row| row.id == id);
    for test in shown {
        for (at, id) in test.rows.iter().enumerate() {
            let what = if !is_row(id) {
                format!("`{id}` is no row of the checklist")
            } else if test.rows.iter().take(at).any(|before| before == id) {
                format!("`{id}` stands here twice")
            } else {
                continue;
            };
            problems.push(Problem::new(&test.path, test.line, what));
        }
    }
    for row in rows {
        let has_test = shown
            .iter()
            .any(|test| test.rows.iter().any(|id| id == row.id));
        let reasons: Vec<&Exception> = exceptions.iter().filter(|one| one.row == row.id).collect();
        let what = match (has_test, reasons.as_slice()) {
            (true, []) => continue,
            (_, [_, _, ..]) => "has two reasons; make one of them",
            (true, [reason]) if reason.extent == Extent::Part => continue,
            (false, [reason]) if reason.extent == Extent::Whole => continue,
            (true, [_]) => "has a test, and a reason for having none; delete the reason",
            (false, [_]) => "has a reason for what its test leaves open, and no test; add one",
            (false, []) => "has no test that shows it, and no reason; add one of them",
        };
        problems.push(Problem::new(REASONS, 1, format!("`{}` {what}", row.id)));
    }
    for reason in exceptions.iter().filter(|reason| !is_row(reason.row)) {
        let what = format!("`{}` is no row of the checklist", reason.row);
        problems.push(Problem::new(REASONS, 1, what));
    }
    problems
}

/// The first line, counted from 1, in which two texts differ.
fn first_difference(one: &str, other: &str) -> Option<usize> {
    if one == other {
        return None;
    }
    let same = one.lines().zip(other.lines()).take_while(|(a, b)| a == b);
    Some(same.count() + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::checklist::rows::Level;

    const ROWS: [Row; 2] = [asking("A1"), asking("A2")];

    const fn asking(id: &'static str) -> Row {
        Row {
            id,
            level: Level::Must,
            source: "RFC",
            asks: "something",
        }
    }

    fn test(rows: &[&str]) -> Shown {
        Shown {
            path: "a.rs".to_owned(),
            line: 7,
            test: "a".to_owned(),
            rows: rows.iter().map(|&row| row.to_owned()).collect(),
        }
    }

    fn reason(row: &'static str, extent: Extent) -> Exception {
        Exception {
            row,
            extent,
            reason: "none",
        }
    }

    fn found(shown: &[Shown], exceptions: &[Exception]) -> Vec<String> {
        let rows: Vec<&Row> = ROWS.iter().collect();
        let problems = judge(&rows, shown, exceptions);
        problems.iter().map(Problem::to_string).collect()
    }

    #[test]
    fn each_row_has_a_test_or_a_reason() {
        let both = [test(&["A1", "A2"])];
        assert_eq!(found(&both, &[]), Vec::<String>::new());
        let one = [test(&["A1"])];
        assert!(found(&one, &[])[0].contains("`A2` has no test"));
        let none = reason("A2", Extent::Whole);
        assert_eq!(found(&one, &[none]), Vec::<String>::new());
    }

    #[test]
    fn a_reason_fits_what_is_shown() {
        let both = [test(&["A1", "A2"])];
        let whole = found(&both, &[reason("A2", Extent::Whole)]);
        assert!(whole[0].contains("`A2` has a test, and a reason"));
        let part = found(&both, &[reason("A2", Extent::Part)]);
        assert_eq!(part, Vec::<String>::new());
        let part = found(&[test(&["A1"])], &[reason("A2", Extent::Part)]);
        assert!(part[0].contains("and no test"));
        let twice = [reason("A2", Extent::Part), reason("A2", Extent::Part)];
        assert!(found(&both, &twice)[0].contains("two reasons"));
    }

    #[test]
    fn rows_that_are_not_there_are_seen() {
        let unknown = found(&[test(&["A1", "A2", "B1"])], &[]);
        assert_eq!(unknown, ["a.rs:7: `B1` is no row of the checklist"]);
        let twice = found(&[test(&["A1", "A2", "A1"])], &[]);
        assert_eq!(twice, ["a.rs:7: `A1` stands here twice"]);
        let both = [test(&["A1", "A2"])];
        let unknown = found(&both, &[reason("B1", Extent::Whole)]);
        assert!(unknown[0].ends_with("`B1` is no row of the checklist"));
    }

    #[test]
    fn there_are_eighty_rows_and_none_twice() {
        let rows: Vec<&Row> = GROUPS.iter().flat_map(|group| group.rows).collect();
        let ids: BTreeSet<&str> = rows.iter().map(|row| row.id).collect();
        assert_eq!((rows.len(), ids.len()), (80, 80));
        for row in rows {
            assert!(!row.asks.contains(['|', '\n']) && !row.source.contains('|'));
        }
    }

    #[test]
    fn a_difference_is_found_at_its_line() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
    }
}
