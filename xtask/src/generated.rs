//! Parts of documents that chores write, between `<!-- begin: NAME -->` and `<!-- end: NAME -->`. The rest is written
//! by people.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::problem::Problem;

/// Writes a part of a document anew.
pub(crate) fn write(root: &Path, page: &str, part: &str, text: &str) -> Result<()> {
    let written = replaced(&read(root, page)?, page, part, text)?;
    fs::write(root.join(page), written).with_context(|| format!("write {page}"))
}

/// Finds a part that says something else; `chore` writes it.
pub(crate) fn check(
    root: &Path,
    page: &str,
    part: &str,
    text: &str,
    chore: &str,
) -> Result<Vec<Problem>> {
    let kept = read(root, page)?;
    let written = replaced(&kept, page, part, text)?;
    let same = kept
        .lines()
        .zip(written.lines())
        .take_while(|(kept, line)| kept == line);
    let line = same.count() + 1;
    let what = format!("out of date; run `cargo xtask {chore}`");
    let problem = (kept != written).then(|| Problem::new(page, line, what));
    Ok(problem.into_iter().collect())
}

fn read(root: &Path, page: &str) -> Result<String> {
    fs::read_to_string(root.join(page)).with_context(|| format!("read {page}"))
}

/// The document with this part replaced.
fn replaced(page: &str, name: &str, part: &str, text: &str) -> Result<String> {
    let (begin, end) = (
        format!("<!-- begin: {part} -->\n"),
        format!("<!-- end: {part} -->\n"),
    );
    let split = page.split_once(&begin).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(&end)?;
        Some((before, after))
    });
    let (before, after) = split.with_context(|| format!("{name} has no part `{part}`"))?;
    Ok(format!("{before}{begin}\n{}\n\n{end}{after}", text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_replaced_and_the_rest_stays() {
        let page = "# A\n<!-- begin: b -->\nold\n<!-- end: b -->\nrest\n";
        let written = replaced(page, "a.md", "b", "\nnew\n").unwrap();
        assert_eq!(
            written,
            "# A\n<!-- begin: b -->\n\nnew\n\n<!-- end: b -->\nrest\n"
        );
        assert_eq!(replaced(&written, "a.md", "b", "new").unwrap(), written);
        assert!(replaced(page, "a.md", "c", "new").is_err());
    }
}
