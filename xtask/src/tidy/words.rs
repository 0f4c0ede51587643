//! Rules for every text file: no white space at the end of a line, no path of somebody's machine.

use crate::problem::Problem;

/// Top folders under which people keep their own things.
const OF_A_MACHINE: [&str; 2] = ["root", "home"];

/// Files whose every byte is meant: recorded messages and expected output.
const AS_RECORDED: [&str; 5] = [".http", ".snap", ".stderr", ".stdout", ".lock"];

/// Inputs of the fuzz targets are bytes, though some read as text.
const FUZZ_INPUTS: &str = "tests/fuzz/corpus/";

pub(super) fn check(path: &str, text: &str) -> Vec<Problem> {
    let recorded =
        AS_RECORDED.iter().any(|end| path.ends_with(end)) || path.starts_with(FUZZ_INPUTS);
    let mut problems = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if !recorded && line.trim_end() != line {
            let what = "white space at the end of the line; take it away";
            problems.push(Problem::new(path, number, what));
        }
        if let Some(folder) = machine_folder(line) {
            let what = format!(
                "names a path of one machine (/{folder}/..); use a relative one, or `~` in an example"
            );
            problems.push(Problem::new(path, number, what));
        }
    }
    problems
}

fn machine_folder(line: &str) -> Option<&'static str> {
    OF_A_MACHINE.into_iter().find(|folder| {
        let word = format!("/{folder}/");
        line.match_indices(&word).any(|(at, _)| {
            let before = line.get(..at).and_then(|head| head.chars().next_back());
            before.is_none_or(|c| !c.is_alphanumeric() && !"._-~}/".contains(c))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_at_the_end_is_seen() {
        let found = check("a.md", "one\ntwo \n\tthree\n");
        assert_eq!(found.len(), 1);
        assert!(found[0].to_string().starts_with("a.md:2: white space"));
    }

    #[test]
    fn recorded_files_keep_theirs() {
        assert!(check("tests/fuzz/corpus/x/y", "a \n").is_empty());
        assert!(check("fixtures/x/a.answer.http", "HTTP/1.1 200 \r\n").is_empty());
    }

    #[test]
    fn paths_of_a_machine_are_seen() {
        for folder in OF_A_MACHINE {
            let found = check("a.rs", &format!("let path = \"/{folder}/me\";"));
            assert_eq!(found.len(), 1, "{folder}");
        }
    }

    #[test]
    fn paths_inside_other_paths_are_not() {
        for folder in OF_A_MACHINE {
            let text = format!("https://example.com/{folder}/a and docs/{folder}/b");
            assert!(check("a.rs", &text).is_empty());
        }
    }
}
