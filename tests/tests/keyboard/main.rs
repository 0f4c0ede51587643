//! What a person at the keyboard meets: profiles, secrets that are fetched late, and what is said
//! when something goes wrong.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod answers;
mod catalog;
mod doctor;
mod lazy;
mod mistakes;
mod profiles;
mod services;
mod surprises;

use std::fs;
use std::path::PathBuf;

use twoba_tests::{CLIENT, Cli, Desk, PASSWORD, USER};

/// A desk whose settings stand in a configuration file.
struct Filed {
    desk: Desk,
}

impl Filed {
    /// With these lines in the file.
    fn new(text: &str) -> Self {
        let filed = Self { desk: Desk::new() };
        filed.write("config.toml", text);
        filed
    }

    /// With a profile of this name, and these further lines in it.
    fn with_profile(name: &str, more: &str) -> Self {
        let filed = Self::new("");
        filed.write("config.toml", &filed.profile(name, more));
        filed
    }

    /// The lines of a profile of the desk's emulator.
    fn profile(&self, name: &str, more: &str) -> String {
        let url = self.desk.emulator.url();
        format!(
            "[profile.{name}]\nprovider = \"2ba\"\nclient-id = \"{CLIENT}\"\n\
             token-endpoint = \"{url}/OAuth/Token\"\n\
             revocation-endpoint = \"{url}/connect/revocation\"\n\
             service-base = \"{url}/1/json\"\n{more}\n"
        )
    }

    fn path(&self, name: &str) -> PathBuf {
        self.desk.home.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// The program with the file, its person and these variables.
    fn cli(&self, more: &[(&str, &str)]) -> Cli {
        let config = self.path("config.toml").display().to_string();
        let store = self.path("store").display().to_string();
        let own = [
            ("TWOBA_CONFIG", config.as_str()),
            ("TWOBA_STORE", &store),
            ("TWOBA_USERNAME", USER),
            ("TWOBA_PASSWORD", PASSWORD),
        ];
        let kept = own
            .iter()
            .filter(|(name, _)| more.iter().all(|(changed, _)| changed != name));
        let settings: Vec<_> = kept.chain(more).copied().collect();
        Cli::new(self.desk.home.path(), &settings)
    }
}
