//! Holds the house rules that no lint knows, over every file of the project.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::problem::Problem;
use crate::tree::files;

mod links;
mod notes;
mod rust;
mod words;

/// Every place that breaks a rule, in the order of the files.
pub(crate) fn check(root: &Path) -> Result<Vec<Problem>> {
    let files = files(root)?;
    let mut problems = Vec::new();
    for path in &files {
        let bytes = fs::read(root.join(path))?;
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        problems.extend(words::check(path, &text));
        if rust::is_checked(path) {
            problems.extend(rust::check(path, &text));
        }
        if path.ends_with(".md") {
            let exists = |target: &str| root.join(target).exists();
            problems.extend(links::check(path, &text, exists));
        }
    }
    let note = |folder: &str| fs::read_to_string(root.join(folder).join(notes::NOTE)).ok();
    problems.extend(notes::check(&files, note));
    problems.sort();
    Ok(problems)
}
