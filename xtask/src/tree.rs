//! Lists the files of the project, as far as they are written by people.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Folders that hold what tools made.
const MADE_BY_TOOLS: [&str; 4] = [".git", "target", "node_modules", "__pycache__"];

/// Every file below `root`, as sorted paths relative to it, with `/` between the names.
pub(crate) fn files(root: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let full = root.join(&folder);
        let entries = fs::read_dir(&full).with_context(|| format!("list {}", full.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() {
                name.clone()
            } else {
                format!("{folder}/{name}")
            };
            let kind = entry.file_type()?;
            if kind.is_file() {
                files.push(path);
            } else if kind.is_dir() && !MADE_BY_TOOLS.contains(&name.as_str()) {
                folders.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The folder of a path, empty for one at the top.
pub(crate) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last name of a path.
pub(crate) fn name_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// Joins a relative path to the folder of `from`; `None` where it leaves the project.
pub(crate) fn resolve(from: &str, target: &str) -> Option<String> {
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
