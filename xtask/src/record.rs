//! Records what servers answer, for the tests of the core: starts them, asks a fixed set, keeps each answer.
//!
//! It is run by hand, when a server of another version is wanted or the emulator answers something
//! else. Two recordings are equal, byte for byte, so that CI can compare the emulator's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::metadata;
use crate::problem::Problem;
use crate::record::script::{Recorded, play};
use crate::record::servers::{SERVERS, Server};
use crate::say::say;

mod browser;
mod samples;
mod script;
mod servers;
mod stable;
mod wire;

pub(crate) use servers::{Running, Start, oidc_provider_with};

const ANSWER: &str = ".answer.http";

/// Records the named servers, or all; one that cannot run here is skipped, and said so.
pub(crate) fn run(root: &Path, words: &[&str]) -> Result<bool> {
    let chosen = choose(words)?;
    let target = metadata::target(root)?;
    for server in chosen {
        match (server.start)(root, &target).with_context(|| server.folder)? {
            Start::Running(running) => {
                let recorded = play(server, running.address).with_context(|| server.folder)?;
                drop(running);
                keep(root, server, &recorded)?;
                say(&format!("{}: {} answers", server.folder, recorded.len()));
            }
            Start::Unavailable(why) => say(&format!("{}: skipped, {why}", server.folder)),
        }
    }
    Ok(true)
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

/// The answers that the emulator gives now and that are not those that were kept.
pub(crate) fn compare_emulator(root: &Path) -> Result<Vec<Problem>> {
    let target = metadata::target(root)?;
    let mut problems = Vec::new();
    for server in choose(&["emulator"])? {
        let Start::Running(running) = (server.start)(root, &target)? else {
            bail!("the emulator does not start");
        };
        let now = files(root, server, &play(server, running.address)?)?;
        let folder = root.join("fixtures").join(server.folder);
        for name in now.keys().chain(&kept(&folder)?).collect::<BTreeSet<_>>() {
            let kept = fs::read_to_string(folder.join(name)).ok();
            if kept.as_ref() != now.get(name) {
                let path = format!("fixtures/{}/{name}", server.folder);
                let what = "the emulator answers something else; run `cargo xtask record emulator`";
                problems.push(Problem::new(&path, 1, what));
            }
        }
    }
    Ok(problems)
}

/// Writes the answers and their note, in place of all that an earlier recording left.
fn keep(root: &Path, server: &Server, recorded: &[Recorded]) -> Result<()> {
    let folder = root.join("fixtures").join(server.folder);
    fs::create_dir_all(&folder)?;
    for name in kept(&folder)? {
        fs::remove_file(folder.join(name))?;
    }
    for (name, text) in files(root, server, recorded)? {
        fs::write(folder.join(name), text)?;
    }
    Ok(())
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

/// What a recording comes to: the text of each file by its name.
fn files(root: &Path, server: &Server, recorded: &[Recorded]) -> Result<BTreeMap<String, String>> {
    let (file, before) = server.version;
    let text = fs::read_to_string(root.join(file)).with_context(|| format!("read {file}"))?;
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
         The requests are those of `xtask/src/record/script.rs`, sent over plain HTTP/1.1 on loopback, a connection each.\n\n\
         Replaced, by something of the same length, so that two recordings are equal: access tokens, refresh tokens and codes by \
         invented ones that say what they are (a character outside their alphabet stays where it was), the `Date` line, the \
         numbers behind `exp` and `iat`, and the port, which is 54321 here. Nothing else was touched.\n\n\
         | file | asked |\n| --- | --- |\n",
        folder = server.folder,
        name = server.name,
        product = match server.name {
            "emulator" => "twoba-emulator",
            _ => server.folder,
        },
        start = match server.name {
            "django" => "Started by [serve.py](../../tests/servers/django/README.md).",
            "oidc" => "Started by [serve.mjs](../../tests/servers/oidc-provider/README.md).",
            _ =>
                "It is this project's own [emulator](../../docs/emulator.md): these answers prove nothing about others.",
        },
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
