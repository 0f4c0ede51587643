//! A terminal of its own, for what the program does only where a person looks.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::cli::Cli;

const LIMIT: Duration = Duration::from_secs(20);

/// A terminal, and what a shell does in it.
#[derive(Debug)]
pub struct Terminal {
    keys: File,
    seen: Receiver<u8>,
    so_far: String,
    shell: std::process::Child,
}

impl Terminal {
    /// Starts a shell in a new one, in the program's environment.
    #[must_use]
    pub fn start(cli: &Cli, shell: &[&str], script: &str) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let name = name.to_str().unwrap().to_owned();
        let theirs = File::options().read(true).write(true).open(name).unwrap();
        let end = || Stdio::from(OwnedFd::from(theirs.try_clone().unwrap()));
        let mut command = cli.around(Path::new("setsid"));
        let child = command
            .env("PATH", std::env::var_os("PATH").unwrap())
            .args(["--ctty", "--wait"])
            .args(shell)
            .args(["-c", script])
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn();
        let (seen, heard) = mpsc::channel();
        let mut screen = File::from(ours.as_fd().try_clone_to_owned().unwrap());
        thread::spawn(move || {
            let mut byte = [0];
            // The end of the last program at the terminal is an error here.
            while screen.read(&mut byte).is_ok_and(|read| read == 1) && seen.send(byte[0]).is_ok() {
            }
        });
        Self {
            keys: File::from(ours),
            seen: heard,
            so_far: String::new(),
            shell: child.unwrap(),
        }
    }

    /// Reads until the screen shows this, behind what was waited for before.
    #[expect(
        clippy::panic,
        reason = "what was seen is needed to see what went wrong"
    )]
    pub fn wait_for(&mut self, text: &str) -> String {
        let mut shown = String::new();
        while !shown.contains(text) {
            let byte = self.seen.recv_timeout(LIMIT);
            let byte = byte.unwrap_or_else(|_| panic!("{text}: {}{shown}", self.so_far));
            shown.push(char::from(byte));
        }
        self.so_far.push_str(&shown);
        shown
    }

    /// Presses these keys.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(self.shell.kill());
        drop(self.shell.wait());
    }
}
