//! The one place where the chores write to the terminal.

use std::io::Write;

/// Writes one line to standard output, ahead of whatever a child process writes next.
///
/// A reader that went away (`cargo xtask tidy | head`) is no reason to fail.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}
