//! `cargo xtask diagram`: draws the states of one generation of a grant, from the table of the transitions in words.
//! Tests of the core hold the words equal to the table, and the table to what sessions do.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::generated;
use crate::problem::Problem;

/// The table of the transitions in words.
const SOURCE: &str = "crates/twoba-core/src/session/transition/edges.txt";

/// Where the picture stands, for Mermaid.
const PAGE: &str = "docs/session-states.md";
const PART: &str = "states";

/// A way from one state to another, and the reasons to take it.
#[derive(Debug, PartialEq, Eq)]
struct Way<'s> {
    from: &'s str,
    to: &'s str,
    reasons: Vec<&'s str>,
}

/// Draws the picture anew.
pub(crate) fn write(root: &Path) -> Result<()> {
    generated::write(root, PAGE, PART, &drawn(&source(root)?)?)
}

/// Finds a picture that no longer shows what the source says.
pub(crate) fn check(root: &Path) -> Result<Vec<Problem>> {
    generated::check(root, PAGE, PART, &drawn(&source(root)?)?, "diagram")
}

fn source(root: &Path) -> Result<String> {
    fs::read_to_string(root.join(SOURCE)).with_context(|| format!("read {SOURCE}"))
}

/// The ways by their numbers, and a list that says when each is taken.
fn drawn(source: &str) -> Result<String> {
    let (mut picture, mut list) = ("```mermaid\nstateDiagram-v2\n".to_owned(), String::new());
    for (number, way) in (1..).zip(ways(source)?) {
        let Way { from, to, reasons } = way;
        let word = |state: &str| match state {
            "any" => "[*]".to_owned(),
            state => state.replace(' ', "_"),
        };
        picture.push_str(&format!("    {} --> {}: {number}\n", word(from), word(to)));
        list.push_str(&format!(
            "{number}. {from} → {to}: {}\n",
            reasons.join("; ")
        ));
    }
    Ok(format!("{picture}```\n\n{list}"))
}

/// The lines `FROM -> TO: why`, in their order; the same way with another reason is one way.
fn ways(source: &str) -> Result<Vec<Way<'_>>> {
    let mut ways: Vec<Way<'_>> = Vec::new();
    for line in source.lines() {
        let split = line.split_once(" -> ").and_then(|(from, rest)| {
            let (to, why) = rest.split_once(": ")?;
            Some((from, to, why))
        });
        let Some((from, to, why)) = split else {
            bail!("{SOURCE}: `{line}` is no `FROM -> TO: why`");
        };
        match ways.iter_mut().find(|way| way.from == from && way.to == to) {
            Some(way) => way.reasons.push(why),
            None => ways.push(Way {
                from,
                to,
                reasons: vec![why],
            }),
        }
    }
    if ways.is_empty() {
        bail!("{SOURCE} has no notes `// edge: FROM -> TO: why`");
    }
    Ok(ways)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_same_way_are_one_way() {
        let source = "any -> Not sent: a\nB -> C: b\nany -> Not sent: c: d\n";
        let picture =
            "```mermaid\nstateDiagram-v2\n    [*] --> Not_sent: 1\n    B --> C: 2\n```\n\n";
        let list = "1. any → Not sent: a; c: d\n2. B → C: b\n";
        assert_eq!(drawn(source).unwrap(), format!("{picture}{list}"));
    }

    #[test]
    fn lines_that_are_none_are_an_error() {
        assert!(drawn("Idle -> Intent\n").is_err());
        assert!(drawn("").is_err());
    }
}
