//! The place of a client's secret, and how to fetch it.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use super::environment::{secret_variable, without_secrets};
use super::found::Found;
use crate::failure::Failure;

/// How long a command may take to print the secret. A person may have to unlock a vault.
const COMMAND_MAX: Duration = Duration::from_secs(60);
const COMMAND_PAUSE: Duration = Duration::from_millis(10);

/// How long to wait for the rest of its output after its end.
const COMMAND_LAST: Duration = Duration::from_secs(5);

/// Longest output that is read, in bytes.
const SECRET_MAX: u64 = 64 * 1024;

/// The mark that some editors write before a text.
pub(crate) const BYTE_ORDER_MARK: char = '\u{feff}';

/// The place of a secret. It is never the configuration file itself.
#[derive(Debug, Clone)]
pub(crate) enum SecretSource {
    /// In an environment variable.
    Env(String),
    /// In a file of its own.
    File(PathBuf),
    /// Under this account of the keychain.
    Keychain(String),
    /// In what a command prints.
    Command(Vec<String>),
}

/// Fetches the secret, without the end of its line.
pub(super) fn fetched(source: &Found<SecretSource>) -> Result<String, Failure> {
    let text = match &source.value {
        SecretSource::Env(name) => secret_variable(name)?.ok_or_else(|| {
            source
                .refused(format!("the variable {name} is not set"))
                .advise(format!("set {name} to the secret"))
        })?,
        SecretSource::File(path) => in_file(path, COMMAND_MAX).map_err(|why| {
            source
                .refused(format!("{}: {why}", path.display()))
                .advise("write the secret into that file, alone")
        })?,
        SecretSource::Keychain(account) => in_keychain(account).map_err(|why| {
            source.refused(why).advise(format!(
                "the keychain needs an entry with the service twoba and the account {account}; where \
                 there is no keychain, name the secret by file, env or command"
            ))
        })?,
        SecretSource::Command(words) => output_of(words).map_err(|why| {
            source.refused(why).advise(
                "run the command by hand; it has to print the secret, alone, and end with 0",
            )
        })?,
    };
    let text = text.trim_start_matches(BYTE_ORDER_MARK);
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Reads an entry of the keychain, or says why there is none.
#[cfg(feature = "keychain")]
fn in_keychain(account: &str) -> Result<String, String> {
    let secret = twoba_keychain::Keychain::of_this_user().secret(account);
    secret
        .map(|secret| secret.to_string())
        .map_err(|error| error.to_string())
}

#[cfg(not(feature = "keychain"))]
fn in_keychain(_account: &str) -> Result<String, String> {
    Err("this program was built without keychains".to_owned())
}

/// Reads a file, or says why it has nothing. It may be a pipe into which nobody writes.
fn in_file(path: &Path, limit: Duration) -> Result<String, String> {
    let (send, receive) = mpsc::channel();
    let path = path.to_owned();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = File::open(path).and_then(|file| file.take(SECRET_MAX).read_to_end(&mut bytes));
        // Nobody may wait any more.
        let _unheard: Result<(), _> = send.send(read.map(|_| bytes));
    });
    let read = receive.recv_timeout(limit);
    let read = read.map_err(|_| format!("there was nothing to read for {} s", limit.as_secs()))?;
    let bytes = read.map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())
}

/// Runs a command and returns its output, or says why there is none.
fn output_of(words: &[String]) -> Result<String, String> {
    let (program, arguments) = words.split_first().ok_or("the command is empty")?;
    let mut command = Command::new(program);
    without_secrets(&mut command);
    // What it has to say is for the person: a vault may ask for its own password.
    command.args(arguments).stdout(Stdio::piped());
    let child = command.spawn();
    let mut child = child.map_err(|error| format!("cannot run {program}: {error}"))?;
    let printed = child.stdout.take().map(read_beside);
    let begun = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if begun.elapsed() < COMMAND_MAX => thread::sleep(COMMAND_PAUSE),
            Ok(None) => {
                drop(child.kill());
                drop(child.wait());
                return Err(format!(
                    "{program} has printed nothing for {} seconds",
                    COMMAND_MAX.as_secs()
                ));
            }
            Err(error) => return Err(format!("cannot wait for {program}: {error}")),
        }
    };
    if !status.success() {
        return Err(format!("{program} ended with {status}"));
    }
    // What it has started may hold the other end open.
    let printed = printed.and_then(|printed| printed.recv_timeout(COMMAND_LAST).ok());
    let printed = printed.ok_or_else(|| format!("{program} cannot be read"))?;
    String::from_utf8(printed).map_err(|_| format!("{program} printed something that is no text"))
}

/// The output of a command, up to a size that no secret has.
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_that_nobody_writes_into_is_waited_for_no_longer_than_said() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let why = in_file(&pipe, Duration::from_millis(20)).unwrap_err();
        assert!(why.contains("nothing to read"), "{why}");
        // The reader that was given up is there still, and ends with this.
        std::fs::write(&pipe, "late").unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, b"caf\xe9").unwrap();
        assert!(in_file(&file, COMMAND_MAX).unwrap_err().contains("UTF-8"));
        std::fs::write(&file, "secret\n").unwrap();
        assert_eq!(in_file(&file, COMMAND_MAX).unwrap(), "secret\n");
    }
}
