//! Decides as whom servers run that refuse to run as root.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

/// Who runs a server: this user, or another one where this is root.
#[derive(Debug, Clone, Copy)]
pub(super) struct User {
    other: Option<(u32, u32)>,
}

impl User {
    /// The first user of these who is here, where this program runs as root.
    pub(super) fn find() -> Result<Self> {
        if id(&["-u"]) != Some(0) {
            return Ok(Self { other: None });
        }
        let names = ["postgres", "nobody"];
        let found = names
            .iter()
            .find_map(|name| Some((id(&["-u", name])?, id(&["-g", name])?)));
        let other = Some(found.context("no user to run a server as")?);
        Ok(Self { other })
    }

    /// A command that this user runs.
    pub(super) fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some((user, group)) = self.other {
            command.uid(user).gid(group);
        }
        command
    }

    /// Gives a file or folder to this user.
    pub(super) fn own(self, path: &Path) -> Result<()> {
        if let Some((user, group)) = self.other {
            chown(path, Some(user), Some(group)).context("give a file to the server's user")?;
        }
        Ok(())
    }
}

fn id(words: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(words).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.trim().parse().ok()
}

/// A port of this machine that nobody uses now.
pub(super) fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").context("find a port")?;
    Ok(listener.local_addr()?.port())
}
