//! Decides how a command that installs something is run, and how long it may take.

use std::process::Command;
use std::time::Duration;

use crate::process::run_within;

/// Some forty small packages.
pub(super) const INSTALL_LIMIT: Duration = Duration::from_secs(300);

/// Why a command failed, with its own words left to standard error.
pub(super) fn failure(command: &mut Command, limit: Duration) -> Option<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let first: Vec<_> = command
        .get_args()
        .take(3)
        .map(|a| a.to_string_lossy())
        .collect();
    let called = format!("{name} {}", first.join(" "));
    match run_within(command, limit) {
        Ok(status) if status.success() => None,
        Ok(status) => Some(format!("`{called}` failed: {status}")),
        Err(error) => Some(format!("{error:#}")),
    }
}
