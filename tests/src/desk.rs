//! Decides what a person at a keyboard has before them: an emulator, a home, the program set up for both.

use std::time::Duration;

use tempfile::TempDir;
use twoba_emulator::Emulator;
use twoba_testkit::Running;

use crate::cli::{Cli, Said};
use crate::{CLIENT, PASSWORD, SECRET, USER};

/// How long the program may take to print the next line.
const LINE_LIMIT: Duration = Duration::from_secs(20);

/// An emulator, a home, and the program set up for both.
#[derive(Debug)]
pub struct Desk {
    /// The server.
    pub emulator: Emulator,
    /// Where the program keeps what it keeps.
    pub home: TempDir,
}

impl Desk {
    /// A new one.
    #[must_use]
    pub fn new() -> Self {
        Self {
            emulator: Emulator::builder().start().unwrap(),
            home: tempfile::tempdir().unwrap(),
        }
    }

    /// The documented environment, some of it changed; an empty value takes a setting away.
    #[must_use]
    pub fn cli(&self, changes: &[(&str, &str)]) -> Cli {
        let url = self.emulator.url();
        let store = self.home.path().join("store").display().to_string();
        let defaults = [
            ("TWOBA_TOKEN_URL", format!("{url}/OAuth/Token")),
            ("TWOBA_AUTHORIZE_URL", format!("{url}/OAuth/Authorize")),
            ("TWOBA_REVOKE_URL", format!("{url}/connect/revocation")),
            ("TWOBA_SERVICE_URL", format!("{url}/1/json")),
            ("TWOBA_CLIENT_ID", CLIENT.to_owned()),
            ("TWOBA_CLIENT_SECRET", SECRET.to_owned()),
            ("TWOBA_USERNAME", USER.to_owned()),
            ("TWOBA_PASSWORD", PASSWORD.to_owned()),
            ("TWOBA_STORE", store),
        ];
        let kept = defaults
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        let settings: Vec<_> = kept.chain(changes.iter().copied()).collect();
        Cli::new(self.home.path(), &settings)
    }

    /// Runs the program to its end in the documented environment.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Said {
        self.cli(&[]).run(arguments)
    }
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}

/// A `twoba login` that waits for the browser to come back.
#[derive(Debug)]
pub struct Login {
    cli: Cli,
    running: Running,
    url: String,
}

impl Login {
    /// Starts it with these arguments besides, and reads the address of the login page.
    #[must_use]
    pub fn start(cli: Cli, arguments: &[&str]) -> Self {
        let mut running = cli.start(&[&["login"], arguments].concat());
        let mut line = || running.stderr_line(LINE_LIMIT).unwrap();
        assert_eq!(line().as_deref(), Some("Log in at:"));
        let url = line().expect("an address");
        Self { cli, running, url }
    }

    /// The login page, with the request for a code.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where the browser is to come back to.
    #[must_use]
    pub fn redirect_uri(&self) -> String {
        let encoded = self.parameter("redirect_uri");
        encoded.replace("%3A", ":").replace("%2F", "/")
    }

    /// What ties the answer to this login.
    #[must_use]
    pub fn state(&self) -> &str {
        self.parameter("state")
    }

    /// Waits for the program's end.
    #[must_use]
    pub fn finish(self) -> Said {
        self.cli.finish(self.running)
    }

    fn parameter(&self, name: &str) -> &str {
        let (_, query) = self.url.split_once('?').unwrap();
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).unwrap().1
    }
}
