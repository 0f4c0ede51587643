//! Starts other programs: without standard input, in the workspace.

use std::path::Path;
use std::process::{Command, Stdio};

/// What a developer may have exported that would let a stale expectation pass or be rewritten.
const REWRITES_EXPECTATIONS: [&str; 4] = ["TRYBUILD", "TRYCMD", "SNAPSHOTS", "INSTA_FORCE_PASS"];

/// Whether this run judges a change, so that nothing may be left out and nothing updated on the way.
pub(crate) fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

/// A command that runs in the workspace and gets no standard input.
pub(crate) fn program(root: &Path, name: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root).stdin(Stdio::null());
    command
}

/// Cargo, as if called by hand.
///
/// The variables that `cargo run` set for this program are taken away: build scripts that watch
/// them (ring's does) would otherwise run again after each change from one way of calling to the other.
pub(crate) fn cargo(root: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = program(root, cargo);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name.as_ref());
        }
    }
    for name in REWRITES_EXPECTATIONS {
        command.env_remove(name);
    }
    command
}

/// The same with these words, and with Cargo.lock left alone in CI.
pub(crate) fn cargo_locked(root: &Path, words: &[&str]) -> Command {
    let mut command = cargo(root);
    command.args(words);
    if in_ci() {
        command.arg("--locked");
    }
    command
}

/// Whether a command can be started and succeeds, with nothing shown.
pub(crate) fn works(command: &mut Command) -> bool {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}
