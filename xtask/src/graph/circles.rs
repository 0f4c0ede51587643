//! Finds circles among the imports of files, and judges which of them are known.

use std::collections::{BTreeMap, BTreeSet};

use super::imports::Imports;
use super::walls::{Known, TABLE, line_of};
use crate::problem::Problem;

/// Files that all import each other, directly or by way of others.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Circle {
    files: BTreeSet<String>,
    /// A short way round, as `file:line -> file:line -> .. -> file`.
    way: String,
    /// Where it begins.
    at: (String, usize),
}

/// The circles of one target.
pub(super) fn find(imports: &Imports) -> Vec<Circle> {
    let ways: BTreeMap<&str, _> = imports
        .keys()
        .map(|from| (from.as_str(), ways(imports, from)))
        .collect();
    let reaches = |from: &str, to: &str| ways.get(from).is_some_and(|ways| ways.contains_key(to));
    let mut circles: Vec<Circle> = Vec::new();
    for (from, round) in &ways {
        let Some(round) = round.get(from) else {
            continue;
        };
        if circles.iter().any(|circle| circle.files.contains(*from)) {
            continue;
        }
        let files = ways
            .keys()
            .filter(|file| reaches(from, file) && reaches(file, from));
        let told: Vec<String> = round
            .iter()
            .map(|(file, line)| format!("{file}:{line}"))
            .collect();
        circles.push(Circle {
            files: files.map(|file| (*file).to_owned()).collect(),
            way: format!("{} -> {from}", told.join(" -> ")),
            at: (
                (*from).to_owned(),
                round.first().map_or(1, |(_, line)| *line),
            ),
        });
    }
    circles
}

/// The shortest way from a file to each that it reaches, itself included where a circle leads back: the files that
/// import, each with its line.
fn ways<'i>(imports: &'i Imports, from: &'i str) -> BTreeMap<&'i str, Vec<(&'i str, usize)>> {
    let mut ways = BTreeMap::new();
    let mut open = vec![(from, Vec::new())];
    while !open.is_empty() {
        let mut next = Vec::new();
        for (file, way) in open {
            for (to, line) in imports.get(file).into_iter().flatten() {
                if !ways.contains_key(to.as_str()) {
                    let longer = [way.as_slice(), &[(file, *line)]].concat();
                    ways.insert(to.as_str(), longer.clone());
                    next.push((to.as_str(), longer));
                }
            }
        }
        open = next;
    }
    ways
}

/// Circles that are not known, and files of known ones that are in none any more.
pub(super) fn judge(found: Vec<Circle>, known: &[Known]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let lies_in =
        |circle: &Circle, known: &Known| circle.files.iter().all(|file| known.files.contains(file));
    for circle in &found {
        if !known.iter().any(|known| lies_in(circle, known)) {
            let files: Vec<&str> = circle.files.iter().map(String::as_str).collect();
            let what = format!(
                "{}: imports go round in {} files ({}); let data flow down: part of a struct is data in its own file, the sequence stands in one",
                circle.way,
                files.len(),
                files.join(", ")
            );
            problems.push(Problem::new(&circle.at.0, circle.at.1, what));
        }
    }
    for known in known {
        let has = |circle: &Circle, file| lies_in(circle, known) && circle.files.contains(file);
        for file in &known.files {
            if !found.iter().any(|circle| has(circle, file)) {
                let what = format!(
                    "`{file}` is in no such circle any more ({}); take it out of the list",
                    known.why
                );
                problems.push(Problem::new(TABLE, line_of(file), what));
            }
        }
        if known.files.is_empty() {
            problems.push(Problem::new(TABLE, 1, "a circle of no files; delete it"));
        }
    }
    problems.sort();
    problems.dedup();
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Imports given as `from to`, all in line 7.
    fn circles(edges: &[&str]) -> Vec<Circle> {
        let mut imports = Imports::new();
        for edge in edges {
            let (from, to) = edge.split_once(' ').unwrap();
            imports
                .entry(from.to_owned())
                .or_default()
                .insert(to.to_owned(), 7);
        }
        find(&imports)
    }

    fn judged(edges: &[&str], known: &[&[&str]]) -> Vec<String> {
        let known: Vec<Known> = known
            .iter()
            .map(|files| Known {
                files: files.iter().map(|&file| file.to_owned()).collect(),
                why: "for now".to_owned(),
            })
            .collect();
        judge(circles(edges), &known)
            .iter()
            .map(Problem::to_string)
            .collect()
    }

    #[test]
    fn a_circle_is_told_with_a_short_way_round() {
        let found = circles(&["a b", "b c", "c d", "d b", "c b", "e f", "f e"]);
        let told: Vec<(usize, &str)> = found
            .iter()
            .map(|circle| (circle.files.len(), circle.way.as_str()))
            .collect();
        assert_eq!(told, [(3, "b:7 -> c:7 -> b"), (2, "e:7 -> f:7 -> e")]);
        assert_eq!(circles(&["a b", "b c", "a c"]), []);
    }

    #[test]
    fn a_new_circle_is_a_problem_and_a_known_one_is_none() {
        let new = judged(&["a b", "b a"], &[]);
        assert_eq!(new.len(), 1);
        assert!(new[0].starts_with("a:7: a:7 -> b:7 -> a: imports go round in 2 files (a, b);"));
        assert_eq!(judged(&["a b", "b a"], &[&["a", "b"]]), [""; 0]);
        assert_eq!(
            judged(&["a b", "b a", "b c", "c b"], &[&["a", "b"]]).len(),
            3
        );
    }

    #[test]
    fn what_is_no_circle_any_more_leaves_the_list() {
        let stale = judged(&["a b", "b a"], &[&["a", "b", "c"]]);
        assert_eq!(
            stale,
            [
                "xtask/walls.toml:1: `c` is in no such circle any more (for now); take it out of the list"
            ]
        );
        assert_eq!(judged(&["a b"], &[&["a", "b"]]).len(), 2);
        assert_eq!(judged(&[], &[&[]]).len(), 1);
    }
}
