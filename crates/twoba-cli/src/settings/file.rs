//! The configuration file: what stands in it, and how its secrets are fetched.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Deserializer, de};

use super::environment::{secret_variable, without_secrets};
use crate::failure::Failure;

/// How long a command may take to print the secret: a person may have to unlock a vault.
const COMMAND_MAX: Duration = Duration::from_secs(60);
const COMMAND_PAUSE: Duration = Duration::from_millis(10);

/// How long the rest of its output is waited for, behind its end.
const COMMAND_LAST: Duration = Duration::from_secs(1);

/// The most that is read of it, in bytes.
const SECRET_MAX: u64 = 64 * 1024;

/// What some editors write before a text.
pub(crate) const BYTE_ORDER_MARK: char = '\u{feff}';

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Config {
    default_profile: Option<String>,
    #[serde(default)]
    profile: BTreeMap<String, Profile>,
}

/// One profile of it.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Profile {
    pub(super) provider: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<SecretSource>,
    pub(super) authorization_endpoint: Option<String>,
    pub(super) token_endpoint: Option<String>,
    pub(super) revocation_endpoint: Option<String>,
    pub(super) service_base: Option<String>,
    pub(super) issuer: Option<String>,
    pub(super) client_authentication: Option<String>,
    pub(super) replay: Option<String>,
    #[serde(default)]
    pub(super) scopes: Vec<String>,
    pub(super) store: Option<PathBuf>,
    pub(super) grant: Option<String>,
    pub(super) private_key_file: Option<PathBuf>,
    pub(super) key_id: Option<String>,
    pub(super) ca_file: Option<PathBuf>,
}

/// Where a secret is: never in the file itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", remote = "Self")]
pub(super) enum SecretSource {
    /// In an environment variable.
    Env(String),
    /// In a file of its own.
    File(PathBuf),
    /// In what a command prints.
    Command(Vec<String>),
}

impl<'de> Deserialize<'de> for SecretSource {
    /// Reads the table that names a source. An error says nothing of what stands there
    /// instead: it may be the secret.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = toml::Value::deserialize(deserializer)?;
        Self::deserialize(value).map_err(|_| {
            de::Error::custom("client-secret is a table with one of env, file and command")
        })
    }
}

/// The file at `path`; one that is not there is empty.
pub(super) fn read(path: &Path) -> Result<Config, Failure> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Config::default()),
        Err(error) => {
            return Err(Failure::configuration(format!(
                "cannot read {}: {error}",
                path.display()
            )));
        }
    };
    let parsed = toml::from_str::<Config>(&text).map(|config| config.starting_at(path));
    parsed.map_err(|error| {
        // Only the message: the library's own picture shows the line, and it may hold a secret.
        let line = error
            .span()
            .and_then(|span| text.get(..span.start))
            .map_or(1, |before| before.matches('\n').count() + 1);
        Failure::configuration(format!(
            "{} line {line}: {}",
            path.display(),
            error.message().replace('\n', " ")
        ))
        .advise("a secret is written as client-secret = { env = \"NAME\" }")
    })
}

impl Config {
    /// The same with its paths as they are meant: those of the file start at the file.
    fn starting_at(mut self, file: &Path) -> Self {
        let folder = file.parent().unwrap_or(Path::new(""));
        for profile in self.profile.values_mut() {
            let secret = match &mut profile.client_secret {
                Some(SecretSource::File(path)) => Some(path),
                Some(SecretSource::Env(_) | SecretSource::Command(_)) | None => None,
            };
            let paths = [
                profile.store.as_mut(),
                profile.private_key_file.as_mut(),
                profile.ca_file.as_mut(),
                secret,
            ];
            for path in paths.into_iter().flatten() {
                *path = folder.join(with_home(path));
            }
        }
        self
    }

    /// Whether there is a profile of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.profile.contains_key(name)
    }

    /// The profile that is asked for, or the default one; without a file, an empty one.
    pub(super) fn profile(mut self, asked: Option<String>) -> Result<(String, Profile), Failure> {
        let named = asked.or(self.default_profile);
        if named.as_ref().is_some_and(String::is_empty) {
            return Err(Failure::configuration("the name of the profile is empty"));
        }
        let name = named.clone().unwrap_or_else(|| "default".to_owned());
        match (self.profile.remove(&name), named) {
            (Some(profile), _) => Ok((name, profile)),
            (None, Some(_)) if !self.profile.is_empty() => {
                let known: Vec<_> = self.profile.into_keys().collect();
                Err(
                    Failure::configuration(format!("there is no profile named {name}"))
                        .advise(format!("the file has: {}", known.join(", "))),
                )
            }
            (None, _) => Ok((name, Profile::default())),
        }
    }
}

/// A path that begins with `~/`, from the user's home folder on.
pub(crate) fn with_home(path: &Path) -> PathBuf {
    let Ok(rest) = path.strip_prefix("~") else {
        return path.to_owned();
    };
    etcetera::home_dir().map_or_else(|_| path.to_owned(), |home| home.join(rest))
}

impl SecretSource {
    /// The secret, without the line's end behind it.
    pub(super) fn read(&self) -> Result<String, Failure> {
        let text = match self {
            Self::Env(name) => secret_variable(name)?.ok_or_else(|| {
                Failure::configuration(format!("client-secret: {name} is not set"))
            })?,
            Self::File(path) => fs::read_to_string(path).map_err(|error| {
                Failure::configuration(format!("client-secret: {}: {error}", path.display()))
            })?,
            Self::Command(words) => output_of(words)?,
        };
        let text = text.trim_start_matches(BYTE_ORDER_MARK);
        Ok(text.trim_end_matches(['\r', '\n']).to_owned())
    }
}

fn output_of(words: &[String]) -> Result<String, Failure> {
    let failed = |what: String| Failure::configuration(format!("client-secret: {what}"));
    let (program, arguments) = words
        .split_first()
        .ok_or_else(|| failed("the command is empty".to_owned()))?;
    let mut command = Command::new(program);
    without_secrets(&mut command);
    // What it has to say is for the person: a vault may ask for its own password.
    command.args(arguments).stdout(Stdio::piped());
    let child = command.spawn();
    let mut child = child.map_err(|error| failed(format!("cannot run {program}: {error}")))?;
    let printed = child.stdout.take().map(read_beside);
    let begun = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if begun.elapsed() < COMMAND_MAX => thread::sleep(COMMAND_PAUSE),
            Ok(None) => {
                drop(child.kill());
                drop(child.wait());
                return Err(failed(format!(
                    "{program} has printed nothing for {} seconds",
                    COMMAND_MAX.as_secs()
                )));
            }
            Err(error) => return Err(failed(format!("cannot wait for {program}: {error}"))),
        }
    };
    if !status.success() {
        return Err(failed(format!("{program} ended with {status}")));
    }
    // What it has started may hold the other end open.
    let printed = printed.and_then(|printed| printed.recv_timeout(COMMAND_LAST).ok());
    let printed = printed.ok_or_else(|| failed(format!("{program} cannot be read")))?;
    String::from_utf8(printed)
        .map_err(|_| failed(format!("{program} printed something that is no text")))
}

/// What comes out of a command, up to a size that no secret has.
fn read_beside(stdout: ChildStdout) -> Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let mut printed = Vec::new();
        if stdout.take(SECRET_MAX).read_to_end(&mut printed).is_ok() {
            // Nobody may wait any more.
            let _unheard: Result<(), _> = send.send(printed);
        }
    });
    receive
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, Failure> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        read(file.path())
    }

    #[test]
    fn a_profile_is_found_by_name_or_default() {
        let text = "default-profile = \"p\"\n\
            [profile.p]\nprovider = \"2ba\"\nclient-id = \"x\"\n\
            client-secret = { command = [\"printf\", \"s\\n\"] }\n[profile.q]\n";
        let (name, profile) = parse(text).unwrap().profile(None).unwrap();
        assert_eq!(
            (name.as_str(), profile.client_id.as_deref()),
            ("p", Some("x"))
        );
        assert_eq!(profile.client_secret.unwrap().read().unwrap(), "s");
        let (name, _) = parse(text).unwrap().profile(Some("q".into())).unwrap();
        assert_eq!(name, "q");
        let missing = parse(text).unwrap().profile(Some("r".into())).unwrap_err();
        assert!(missing.advice().unwrap().contains("p, q"));
    }

    #[test]
    fn a_secret_written_into_the_file_is_refused_and_not_repeated() {
        let error = parse("[profile.p]\nclient-secret = \"canary\"\n").unwrap_err();
        assert!(error.message().contains("line 2"), "{}", error.message());
        assert!(!error.message().contains("canary"), "{}", error.message());
    }
}
