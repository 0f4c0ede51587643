//! Reads the walls from `walls.toml`: who may know whom, and which circles of files are known.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;

/// Where the walls are written down, below the workspace.
pub(super) const TABLE: &str = "xtask/walls.toml";

/// All of the table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Walls {
    pub(super) core: Core,
    pub(super) crates: BTreeMap<String, Wall>,
    #[serde(default, rename = "circle")]
    pub(super) circles: Vec<Known>,
}

/// What holds for the core and all that it needs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Core {
    /// How many crates they may be.
    pub(super) limit: usize,
    /// What must not be among them, and why: a name, or the start of one before `*`.
    pub(super) never: BTreeMap<String, String>,
}

/// What one crate may know.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wall {
    /// Our crates that it may ship with.
    pub(super) ours: Vec<String>,
    /// Crates of others that it may ship with.
    pub(super) foreign: Vec<String>,
    /// What an edge to another of our crates would break.
    pub(super) why: String,
}

/// A circle of files that may be there for the moment.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Known {
    pub(super) files: Vec<String>,
    /// What keeps it from being untied.
    pub(super) why: String,
}

const TEXT: &str = include_str!("../../walls.toml");

/// The table as it was when this program was built.
pub(super) fn read() -> Result<Walls> {
    toml::from_str(TEXT).with_context(|| format!("read {TABLE}"))
}

/// The line that names a file among the circles; line 1 where none does.
pub(super) fn line_of(file: &str) -> usize {
    let named = format!("\"{file}\"");
    let line = TEXT.lines().position(|line| line.contains(&named));
    line.map_or(1, |at| at + 1)
}
