//! Decides when packages of the distribution may be installed: as root on Debian, as in a fresh container.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use super::command::{failure, program, say};

/// Packages may have to come from a slow mirror, and a browser is large.
const LIMIT: Duration = Duration::from_secs(600);

/// Installs packages where that is our right, and elsewhere does nothing.
///
/// Whether they are there then, the caller has to see for itself.
pub(super) fn packages(names: &[&str]) {
    let mut id = program(None, "id");
    let id = id.arg("-u").stdout(Stdio::piped()).output();
    let is_root = id.is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    if !is_root || !Path::new("/etc/debian_version").exists() {
        return;
    }
    let install = ["install", "--quiet", "--yes", "--no-install-recommends"];
    for words in [&["update", "--quiet"][..], &[&install, names].concat()] {
        say(&format!("apt-get {}", words.join(" ")));
        let mut apt = program(None, "apt-get");
        apt.args(words).env("DEBIAN_FRONTEND", "noninteractive");
        if let Some(why) = failure(&mut apt, LIMIT) {
            say(&why);
        }
    }
}
