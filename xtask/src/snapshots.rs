//! Snapshots are all reviewed and all in use. Whether they hold is decided by the tests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::problem::Problem;
use crate::tree::files;

/// What insta leaves behind for a review.
const PENDING: [&str; 2] = [".snap.new", ".pending-snap"];

/// `used` lists, a line each, the snapshots that a complete and passed test run looked at.
pub(crate) fn check(root: &Path, used: Option<&str>) -> Result<Vec<Problem>> {
    let files = files(root)?;
    let mut problems = pending(&files);
    if let Some(used) = used {
        let used: BTreeSet<PathBuf> = used.lines().map(|line| real(Path::new(line))).collect();
        let is_used = |path: &str| used.contains(&real(&root.join(path)));
        problems.extend(left_over(&files, is_used));
    }
    Ok(problems)
}

/// The path without links and `..`, as far as it exists.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

fn pending(files: &[String]) -> Vec<Problem> {
    files
        .iter()
        .filter(|path| PENDING.iter().any(|end| path.ends_with(end)))
        .map(|path| {
            let what = "waits for review; accept it with `cargo insta review`, or delete it";
            Problem::new(path, 1, what)
        })
        .collect()
}

fn left_over(files: &[String], is_used: impl Fn(&str) -> bool) -> Vec<Problem> {
    files
        .iter()
        .filter(|path| path.ends_with(".snap") && !is_used(path))
        .map(|path| Problem::new(path, 1, "no test looks at this snapshot; delete it"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(problems: &[Problem]) -> Vec<String> {
        problems.iter().map(Problem::to_string).collect()
    }

    #[test]
    fn pending_snapshots_are_seen() {
        let files = ["a.snap", "b.snap.new", "c.rs.pending-snap"].map(str::to_owned);
        let found = paths(&pending(&files));
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("b.snap.new:1: waits"));
    }

    #[test]
    fn snapshots_that_no_test_looks_at_are_seen() {
        let files = ["a.snap", "b.snap", "b.rs"].map(str::to_owned);
        let found = paths(&left_over(&files, |path| path == "a.snap"));
        assert_eq!(
            found,
            ["b.snap:1: no test looks at this snapshot; delete it"]
        );
    }
}
