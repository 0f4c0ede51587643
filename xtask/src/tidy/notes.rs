//! Every folder of fixtures says where its facts come from, file by file.

use std::collections::BTreeMap;

use crate::problem::Problem;
use crate::tree::{folder_of, name_of, resolve};

pub(super) const NOTE: &str = "NOTE.md";

/// `note` reads the note of a folder, `None` where there is none.
pub(super) fn check(files: &[String], note: impl Fn(&str) -> Option<String>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (folder, names) in folders(files) {
        let place = format!("{folder}/{NOTE}");
        let Some(text) = note(&folder) else {
            let what = "missing; write where the facts of this folder's files come from";
            problems.push(Problem::new(&place, 1, what));
            continue;
        };
        for name in names {
            if !words(&text).any(|(_, word)| word == name) {
                let what = format!("does not name `{name}`; say where its facts come from");
                problems.push(Problem::new(&place, 1, what));
            }
        }
        for (line, word) in words(&text).filter(|(_, word)| word.ends_with(".http")) {
            let known = resolve(&place, word).is_some_and(|path| files.contains(&path));
            if !known {
                let what = format!("names `{word}`, which is not there; correct or delete it");
                problems.push(Problem::new(&place, line, what));
            }
        }
    }
    problems
}

/// The folders that owe a note, with the files it has to name.
fn folders(files: &[String]) -> BTreeMap<String, Vec<&str>> {
    let mut folders: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for path in files {
        let Some(inside) = path.strip_prefix("fixtures/") else {
            continue;
        };
        let Some((origin, _)) = inside.split_once('/') else {
            continue;
        };
        folders.entry(format!("fixtures/{origin}")).or_default();
        let names = folders.entry(folder_of(path).to_owned()).or_default();
        if name_of(path) != NOTE {
            names.push(name_of(path));
        }
    }
    folders
}

/// The words of a note that could be file names, each with its line.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let between = |c: char| c.is_whitespace() || "`|,;:()[]*\"'".contains(c);
    (1..).zip(text.lines()).flat_map(move |(number, line)| {
        line.split(between)
            .map(move |word| (number, word.trim_end_matches('.')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[&str], note: Option<&str>) -> Vec<String> {
        let files: Vec<String> = files.iter().map(|path| (*path).to_owned()).collect();
        check(&files, |_| note.map(str::to_owned))
            .iter()
            .map(Problem::to_string)
            .collect()
    }

    #[test]
    fn a_folder_without_a_note_is_seen() {
        let found = found(&["fixtures/a/b/x.answer.http"], None);
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("fixtures/a/NOTE.md:1: missing"));
        assert!(found[1].starts_with("fixtures/a/b/NOTE.md:1: missing"));
    }

    #[test]
    fn a_file_that_the_note_leaves_out_is_seen() {
        let note = Some("| `other-x.answer.http` | somewhere |");
        let files = ["fixtures/a/x.answer.http", "fixtures/a/other-x.answer.http"];
        assert_eq!(
            found(&files, note),
            ["fixtures/a/NOTE.md:1: does not name `x.answer.http`; say where its facts come from"]
        );
    }

    #[test]
    fn a_note_on_a_file_that_is_gone_is_seen() {
        let found = found(
            &["fixtures/a/x.http"],
            Some("x.http, and\nformerly `y.http`."),
        );
        assert_eq!(
            found,
            ["fixtures/a/NOTE.md:2: names `y.http`, which is not there; correct or delete it"]
        );
    }

    #[test]
    fn a_complete_note_passes() {
        let files = ["fixtures/a/NOTE.md", "fixtures/a/x.http"];
        assert_eq!(found(&files, Some("`x.http`: own")), Vec::<String>::new());
    }
}
