//! Decides how a command that looks or installs is run: without input, within a time, and with nothing to standard
//! output, which is for what this program says.

use std::env;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Some forty small packages.
pub(super) const INSTALL_LIMIT: Duration = Duration::from_secs(300);

/// How often a program with a time limit is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// A command that gets no input, in this folder or where this program runs.
pub(super) fn program(folder: Option<&Path>, name: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(name);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    command
}

/// Whether a command can be started and succeeds, with nothing shown.
pub(super) fn works(command: &mut Command) -> bool {
    let status = command.stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

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
        Ok(true) => None,
        Ok(false) => Some(format!("`{called}` failed")),
        Err(error) => Some(format!("`{called}`: {error:#}")),
    }
}

/// Runs a command to its end, or kills it when the time is over; whether it succeeded.
fn run_within(command: &mut Command, limit: Duration) -> Result<bool> {
    let mut child = command.spawn().context("start it")?;
    let end = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if Instant::now() >= end {
            child.kill()?;
            child.wait()?;
            bail!("it did not end within {} s", limit.as_secs());
        }
        sleep(LOOK);
    }
}

/// Tells who waits what is done.
pub(super) fn say(line: &str) {
    // Nobody can be told if this fails.
    writeln!(io::stderr(), "{line}").unwrap_or_default();
}

/// The path of a program on the `PATH`.
pub(super) fn found(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(format!("{name}{}", env::consts::EXE_SUFFIX)))
        .find(|file| file.is_file())
}
