//! Asks cargo about the workspace, and judges nothing.

use std::path::{Path, PathBuf};

use anyhow::Result;
use cargo_metadata::{Metadata, MetadataCommand};

use crate::process::in_ci;

/// What cargo says; `complete` includes what the dependencies resolve to.
pub(crate) fn read(root: &Path, complete: bool) -> Result<Metadata> {
    let mut command = MetadataCommand::new();
    command.current_dir(root);
    if !complete {
        command.no_deps();
    }
    if in_ci() {
        command.other_options(["--locked".to_owned()]);
    }
    Ok(command.exec()?)
}

/// The folder that cargo builds into.
pub(crate) fn target(root: &Path) -> Result<PathBuf> {
    Ok(read(root, false)?.target_directory.into())
}

/// The names of the workspace's packages, sorted.
pub(crate) fn members(root: &Path) -> Result<Vec<String>> {
    let metadata = read(root, false)?;
    let packages = metadata.workspace_packages().into_iter();
    let mut names: Vec<String> = packages.map(|package| package.name.to_string()).collect();
    names.sort();
    Ok(names)
}
