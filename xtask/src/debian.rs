//! Decides when packages of the distribution may be installed: as root on Debian, as in a fresh container.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::process::{program, run_within};
use crate::say::say;

/// Packages may have to come from a slow mirror, and a browser is large.
const LIMIT: Duration = Duration::from_secs(600);

/// Installs packages where that is our right, and elsewhere does nothing.
///
/// Whether they are there then, the caller has to see for itself.
pub(crate) fn packages(root: &Path, names: &[&str]) {
    let is_root = program(root, "id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    if !is_root || !Path::new("/etc/debian_version").exists() {
        return;
    }
    let install = ["install", "--quiet", "--yes", "--no-install-recommends"];
    for words in [&["update", "--quiet"][..], &[&install, names].concat()] {
        let called = format!("apt-get {}", words.join(" "));
        say(&called);
        let mut apt = program(root, "apt-get");
        apt.args(words).env("DEBIAN_FRONTEND", "noninteractive");
        match run_within(apt.stdout(Stdio::null()), LIMIT) {
            Ok(status) if status.success() => {}
            Ok(status) => say(&format!("`{called}` failed: {status}")),
            Err(error) => say(&format!("{error:#}")),
        }
    }
}
