//! Decides how a Python environment is made from a list of requirements.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::command::{INSTALL_LIMIT, failure, program, works};
use super::debian;

/// The environment takes some seconds, unless a disk is very slow.
const ENVIRONMENT_LIMIT: Duration = Duration::from_secs(120);

/// Makes the environment; the reason where it cannot be made.
pub(super) fn make(folder: &Path, requirements: &Path) -> Option<String> {
    let Some(base) = base() else {
        return Some(
            "no python3 with the modules venv and ensurepip (Debian: apt-get install python3-venv)"
                .to_owned(),
        );
    };
    let mut venv = program(None, base);
    venv.args(["-m", "venv"]).arg(folder);
    if let Some(why) = failure(&mut venv, ENVIRONMENT_LIMIT) {
        return Some(why);
    }
    let mut pip = program(None, python_in(folder));
    pip.args(["-m", "pip", "install", "--quiet", "--no-input"]);
    pip.args(["--disable-pip-version-check", "--only-binary", ":all:"]);
    pip.arg("--requirement").arg(requirements);
    failure(&mut pip, INSTALL_LIMIT)
}

/// The environment's Python, unless the one that it was made from has gone.
pub(super) fn runner(folder: &Path) -> Option<PathBuf> {
    let python = python_in(folder);
    works(program(None, &python).arg("--version")).then_some(python)
}

/// A Python that can make environments, installed from the distribution where that is our right.
fn base() -> Option<&'static str> {
    let find = || {
        ["python3", "python"]
            .into_iter()
            .find(|name| works(program(None, name).args(["-c", "import ensurepip, venv"])))
    };
    find().or_else(|| {
        debian::packages(&["python3-venv"]);
        find()
    })
}

fn python_in(environment: &Path) -> PathBuf {
    if cfg!(windows) {
        environment.join("Scripts").join("python.exe")
    } else {
        environment.join("bin").join("python")
    }
}
