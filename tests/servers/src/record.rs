//! Records what servers answer, for the tests of the core: starts them, asks a fixed set, keeps each answer.
//!
//! It is run by hand, when a server of another version is wanted or the emulator answers something
//! else. Two recordings are equal, byte for byte, so that CI can compare the emulator's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use twoba_testkit::fixture;

use crate::prepare::{Prepared, prepare};
use script::{Recorded, play};
use servers::{SERVERS, Server};

mod browser;
mod samples;
mod script;
mod servers;
mod stable;
mod wire;

const ANSWER: &str = ".answer.http";

/// Texts of files by their names.
type Files = BTreeMap<String, String>;

/// Records the named servers, or all, below `fixtures/`; says of each what came of it.
///
/// One that cannot run here is skipped.
///
/// # Errors
///
/// - a name that is no server's
/// - a server that does not start, or answers what cannot be a fixture
pub fn record(names: &[&str]) -> Result<Vec<String>> {
    let mut said = Vec::new();
    for server in choose(names)? {
        let files = match recorded(server).with_context(|| server.folder)? {
            Ok(files) => files,
            Err(why) => {
                said.push(format!("{}: skipped, {why}", server.folder));
                continue;
            }
        };
        let folder = folder(server);
        fs::create_dir_all(&folder)?;
        for name in kept(&folder)? {
            fs::remove_file(folder.join(name))?;
        }
        for (name, text) in &files {
            fs::write(folder.join(name), text)?;
        }
        said.push(format!("{}: {} answers", server.folder, files.len() - 1));
    }
    Ok(said)
}

/// The files of the emulator's recording that would be others now, below the workspace.
///
/// # Errors
///
/// - the emulator does not start, or answers what cannot be a fixture
pub fn differences() -> Result<Vec<String>> {
    let mut differences = Vec::new();
    for server in choose(&["emulator"])? {
        let now = recorded(server)?.map_err(anyhow::Error::msg)?;
        let folder = folder(server);
        for name in now.keys().chain(&kept(&folder)?).collect::<BTreeSet<_>>() {
            let kept = fs::read_to_string(folder.join(name)).ok();
            if kept.as_ref() != now.get(name) {
                differences.push(format!("fixtures/{}/{name}", server.folder));
            }
        }
    }
    Ok(differences)
}

fn choose(words: &[&str]) -> Result<Vec<&'static Server>> {
    for word in words {
        if !SERVERS.iter().any(|server| server.name == *word) {
            let names: Vec<&str> = SERVERS.iter().map(|server| server.name).collect();
            bail!(
                "`{word}` is no server to record; there are {}",
                names.join(", ")
            );
        }
    }
    let is_chosen = |server: &&Server| words.is_empty() || words.contains(&server.name);
    Ok(SERVERS.iter().filter(is_chosen).collect())
}

fn folder(server: &Server) -> PathBuf {
    fixture::workspace().join("fixtures").join(server.folder)
}

/// What a server answers now: the text of each file by its name. Why not, where it cannot run.
fn recorded(server: &'static Server) -> Result<Result<Files, String>> {
    let needed = match server.needs.then(|| prepare(server.name)).transpose()? {
        None => PathBuf::new(),
        Some(Prepared::Ready(places)) => places
            .into_iter()
            .map(|(_, place)| place)
            .next()
            .unwrap_or_default(),
        Some(Prepared::Missing(why)) => return Ok(Err(why)),
    };
    let serving = (server.start)(&needed)?;
    let recorded = play(server, serving.address)?;
    drop(serving);
    files(server, &recorded).map(Ok)
}

/// The names of the answers that were kept.
fn kept(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(ANSWER) {
            names.push(name);
        }
    }
    Ok(names)
}

/// What a recording comes to, the note included.
fn files(server: &Server, recorded: &[Recorded]) -> Result<Files> {
    let (file, before) = server.version;
    let text = fs::read_to_string(fixture::workspace().join(file));
    let text = text.with_context(|| format!("read {file}"))?;
    let version = version(&text, before).with_context(|| format!("no version in {file}"))?;
    let note = ("NOTE.md".to_owned(), note(server, version, recorded));
    let answers = recorded
        .iter()
        .map(|one| (format!("{}{ANSWER}", one.name), one.message.clone()));
    Ok(answers.chain([note]).collect())
}

/// What follows `before`, up to the end of the version.
fn version<'t>(text: &'t str, before: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '.')
        .next()
}

fn note(server: &Server, version: &str, recorded: &[Recorded]) -> String {
    let mut note = format!(
        "# {folder}\n\n\
         Answers of {product} {version}, as they came on the wire, recorded by `cargo xtask record {name}`. {start} \
         The requests are those of `tests/servers/src/record/script.rs`, sent over plain HTTP/1.1 on loopback, a connection each.\n\n\
         Replaced, by something of the same length, so that two recordings are equal: access tokens, refresh tokens and codes by \
         invented ones that say what they are (a character outside their alphabet stays where it was), the `Date` line, the \
         numbers behind `exp` and `iat`, and the port, which is 54321 here. Nothing else was touched.\n\n\
         | file | asked |\n| --- | --- |\n",
        folder = server.folder,
        name = server.name,
        product = server.product,
        start = server.origin,
    );
    for one in recorded {
        // A String takes whatever is written to it.
        writeln!(note, "| `{}{ANSWER}` | {} |", one.name, one.asked).unwrap_or_default();
    }
    note
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_chosen_by_name() {
        let names = |words: &[&str]| -> Vec<&str> {
            choose(words).unwrap().iter().map(|s| s.name).collect()
        };
        assert_eq!(names(&[]), ["django", "oidc", "emulator"]);
        assert_eq!(names(&["oidc"]), ["oidc"]);
        assert!(choose(&["oidc", "nobody"]).is_err());
    }

    #[test]
    fn a_version_is_found_in_its_file() {
        assert_eq!(version("a==1.2.3\nb==4", "a=="), Some("1.2.3"));
        assert_eq!(version("\"a\": \"9.13.3\"\n", "\"a\": \""), Some("9.13.3"));
        assert_eq!(version("a", "b"), None);
    }

    #[test]
    fn a_note_names_each_file() {
        let recorded = [Recorded {
            name: "password-success",
            asked: "the password grant",
            message: String::new(),
        }];
        let note = note(&SERVERS[0], "3.4.1", &recorded);
        assert!(
            note.starts_with("# django-oauth-toolkit\n\nAnswers of django-oauth-toolkit 3.4.1,")
        );
        assert!(note.ends_with("| `password-success.answer.http` | the password grant |\n"));
    }
}
