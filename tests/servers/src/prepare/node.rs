//! Decides how a folder of Node packages is made from a lock file.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::command::{INSTALL_LIMIT, failure, program, works};
use super::debian;

/// Older ones lack what the packages ask for: `crypto` and `fetch` without an import.
const NEW_ENOUGH: &str = "process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)";

/// Makes the folder with its `node_modules`; the reason where it cannot be made.
///
/// # Errors
///
/// What names the packages cannot be copied from `source`.
pub(super) fn make(folder: &Path, source: &Path) -> Result<Option<String>> {
    if !is_there() {
        debian::packages(&["nodejs", "npm"]);
    }
    if !is_there() {
        let why = "no node from version 20 on with npm (Debian 13: apt-get install nodejs npm)";
        return Ok(Some(why.to_owned()));
    }
    fs::create_dir_all(folder)?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(source.join(name), folder.join(name)).with_context(|| format!("copy {name}"))?;
    }
    let mut npm = program(Some(folder), "npm");
    npm.args(["ci", "--ignore-scripts", "--loglevel=error"]);
    npm.args(["--no-audit", "--no-fund"]);
    Ok(failure(&mut npm, INSTALL_LIMIT))
}

/// The folder itself: Node looks for packages beside the script that it runs.
pub(super) fn runner(folder: &Path) -> Option<PathBuf> {
    works(program(None, "node").args(["--eval", NEW_ENOUGH])).then(|| folder.to_path_buf())
}

fn is_there() -> bool {
    works(program(None, "node").args(["--eval", NEW_ENOUGH]))
        && works(program(None, "npm").arg("--version"))
}
