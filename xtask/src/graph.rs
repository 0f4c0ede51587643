//! Holds the walls: which crate may know which, how much the core may weigh, and that the files of a crate import
//! each other in one direction. The walls are data in `xtask/walls.toml`.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::metadata;
use crate::problem::Problem;

mod circles;
mod crates;
mod imports;
mod modules;
mod walls;

/// Every edge that goes through a wall, and every circle that is not known.
pub(crate) fn check(root: &Path) -> Result<Vec<Problem>> {
    let walls = walls::read()?;
    let metadata = metadata::read(root, true)?;
    let faults = crates::judge(&metadata, &walls);
    let mut problems: Vec<Problem> = faults.iter().map(|fault| located(root, fault)).collect();
    let mut found = Vec::new();
    for package in metadata.workspace_packages() {
        for target in &package.targets {
            let source = target
                .src_path
                .strip_prefix(root)
                .unwrap_or(&target.src_path);
            let tree = modules::read(source.as_str(), &|path| {
                fs::read_to_string(root.join(path)).ok()
            })?;
            found.extend(circles::find(&imports::of(&tree)));
        }
    }
    problems.extend(circles::judge(found, &walls.circles));
    Ok(problems)
}

/// Finds the line of the manifest that makes the edge; line 1 where it cannot be found.
fn located(root: &Path, fault: &crates::Fault) -> Problem {
    let manifest = Path::new(&fault.manifest);
    let text = fs::read_to_string(manifest).unwrap_or_default();
    let line = text
        .lines()
        .position(|line| line.trim_start().starts_with(&fault.word));
    let shown = manifest.strip_prefix(root).unwrap_or(manifest);
    let shown = shown.to_string_lossy().replace('\\', "/");
    Problem::new(&shown, line.map_or(1, |at| at + 1), &fault.what)
}
