//! Holds the house rules that no lint knows, over every file of the project.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::problem::Problem;
use crate::tree::{files, folder_of};

mod links;
mod mask;
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

/// Joins a relative path to the folder of `from`; `None` where it leaves the project.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = match target.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => folder_of(from).split('/').collect(),
    };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.retain(|part| !part.is_empty());
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    parts.retain(|part| !part.is_empty());
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_resolve_from_the_folder_of_the_file() {
        let at = |from, target| resolve(from, target);
        assert_eq!(at("docs/a.md", "b.md").as_deref(), Some("docs/b.md"));
        assert_eq!(at("docs/a.md", "../b.md").as_deref(), Some("b.md"));
        assert_eq!(at("docs/a.md", "/b.md").as_deref(), Some("b.md"));
        assert_eq!(at("a.md", "./docs/b.md").as_deref(), Some("docs/b.md"));
        assert_eq!(at("a.md", "../b.md"), None);
    }
}
