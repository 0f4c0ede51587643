//! Where a client's secret is, and how it is fetched from there.

use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::process::{ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use super::environment::{secret_variable, without_secrets};
use super::found::Found;
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

/// Where a secret is: never in the configuration file itself.
#[derive(Debug, Clone)]
pub(crate) enum SecretSource {
    /// In an environment variable.
    Env(String),
    /// In a file of its own.
    File(PathBuf),
    /// In what a command prints.
    Command(Vec<String>),
}

/// The secret, without the line's end behind it.
pub(super) fn fetched(source: &Found<SecretSource>) -> Result<String, Failure> {
    let text = match &source.value {
        SecretSource::Env(name) => secret_variable(name)?.ok_or_else(|| {
            source
                .refused(format!("the variable {name} is not set"))
                .advise(format!("set {name} to the secret"))
        })?,
        SecretSource::File(path) => fs::read_to_string(path).map_err(|error| {
            source
                .refused(format!("{}: {error}", path.display()))
                .advise("write the secret into that file, alone")
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

/// What a command prints, or why that is nothing.
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
