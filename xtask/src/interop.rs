//! Prepares what a server written by others needs to run on this machine: a Python environment of its own.
//!
//! Starting the server, and judging it, is the tests' part.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::debian;
use crate::process::{program, run_within, works};
use crate::say::say;

const REQUIREMENTS: &str = "tests/servers/django/requirements.txt";

/// The environment takes some seconds, unless a disk is very slow.
const ENVIRONMENT_LIMIT: Duration = Duration::from_secs(120);
/// Some twenty small wheels.
const INSTALL_LIMIT: Duration = Duration::from_secs(300);

/// Whether the server can run here.
#[derive(Debug)]
pub(crate) enum Server {
    /// With this Python.
    Ready(PathBuf),
    /// It cannot, for this reason.
    Unavailable(String),
}

/// Makes the environment below `folder`, or finds it made by an earlier run with the same requirements.
///
/// # Errors
///
/// The requirements cannot be read, or `folder` cannot be written.
pub(crate) fn prepare(root: &Path, folder: &Path) -> Result<Server> {
    let requirements = root.join(REQUIREMENTS);
    let text = fs::read(&requirements).with_context(|| format!("read {REQUIREMENTS}"))?;
    let lock = File::create(folder.join("lock"))?;
    lock.lock().context("wait for another run's preparation")?;

    let environment = folder.join(format!("django-{:016x}", fingerprint(&text)));
    let stamp = environment.join("complete");
    let python = python_in(&environment);
    if stamp.exists() && works(program(root, &python).arg("--version")) {
        say("the environment is there from an earlier run");
        return Ok(Server::Ready(python));
    }
    if environment.exists() {
        fs::remove_dir_all(&environment).context("remove a half-made environment")?;
    }
    if let Some(why) = make(root, &environment, &requirements) {
        return Ok(Server::Unavailable(why));
    }
    File::create(stamp)?;
    Ok(Server::Ready(python))
}

/// Makes the environment; the reason where it cannot be made.
fn make(root: &Path, environment: &Path, requirements: &Path) -> Option<String> {
    let Some(base) = base_python(root) else {
        return Some(
            "no python3 with the modules venv and ensurepip (Debian: apt-get install python3-venv)"
                .to_owned(),
        );
    };
    say("making a Python environment");
    let mut venv = program(root, base);
    venv.args(["-m", "venv"]).arg(environment);
    if let Some(why) = failure(&mut venv, ENVIRONMENT_LIMIT) {
        return Some(why);
    }
    say("installing the requirements");
    let mut pip = program(root, python_in(environment));
    pip.args(["-m", "pip", "install", "--quiet", "--no-input"]);
    pip.args(["--disable-pip-version-check", "--only-binary", ":all:"]);
    pip.arg("--requirement").arg(requirements);
    failure(&mut pip, INSTALL_LIMIT)
}

/// A Python that can make environments, installed from the distribution where that is our right.
fn base_python(root: &Path) -> Option<&'static str> {
    let find = || {
        ["python3", "python"]
            .into_iter()
            .find(|name| works(program(root, name).args(["-c", "import ensurepip, venv"])))
    };
    find().or_else(|| {
        debian::packages(root, &["python3-venv"]);
        find()
    })
}

/// Why a command failed, with its own words left to standard error.
fn failure(command: &mut Command, limit: Duration) -> Option<String> {
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

fn python_in(environment: &Path) -> PathBuf {
    if cfg!(windows) {
        environment.join("Scripts").join("python.exe")
    } else {
        environment.join("bin").join("python")
    }
}

/// FNV-1a: short, and the same with every compiler, so that an environment is found again.
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_the_published_ones() {
        assert_eq!(fingerprint(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fingerprint(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fingerprint(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
