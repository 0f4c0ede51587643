//! Tells what a benchmark was measured with.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::process::program;

/// The compiler and the processor.
pub(crate) fn told(root: &Path) -> Result<String> {
    let rustc = program(root, "rustc").arg("--version").output()?;
    let mut told = String::from_utf8_lossy(&rustc.stdout).trim().to_owned();
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let mut models = processor
        .lines()
        .filter_map(|line| line.strip_prefix("model name"));
    if let Some((_, model)) = models.next().and_then(|line| line.split_once(':')) {
        told.push_str(&format!(", {}", model.trim()));
    }
    Ok(told)
}
