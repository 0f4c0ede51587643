//! Links between files of the project lead somewhere. Links to the web and headings are not looked at.

use crate::problem::Problem;
use crate::tree::resolve;

/// `exists` answers for a path below the workspace.
pub(super) fn check(path: &str, text: &str, exists: impl Fn(&str) -> bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut fenced = false;
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let line = without_code(line);
        for target in targets(&line) {
            let file = target.split('#').next().unwrap_or_default();
            if file.is_empty() || is_elsewhere(file) {
                continue;
            }
            if !resolve(path, file).is_some_and(|file| exists(&file)) {
                let what = format!("links to `{target}`, which is not there; correct the link");
                problems.push(Problem::new(path, number, what));
            }
        }
    }
    problems
}

/// A web address, a mail address, or an item that rustdoc resolves.
fn is_elsewhere(target: &str) -> bool {
    target.contains("://") || target.starts_with("mailto:") || target.contains("::")
}

/// The line with its `code spans` blanked.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// What `[text](target "title")` and `[label]: target` point at.
fn targets(line: &str) -> Vec<&str> {
    let mut targets = Vec::new();
    let mut rest = line;
    while let Some((_, after)) = rest.split_once("](") {
        let Some((inside, after)) = after.split_once(')') else {
            break;
        };
        targets.extend(inside.split_whitespace().next());
        rest = after;
    }
    let definition = line
        .strip_prefix('[')
        .and_then(|after| after.split_once("]: "));
    if let Some((_, target)) = definition {
        targets.extend(target.split_whitespace().next());
    }
    targets
        .iter()
        .map(|target| target.trim_matches(['<', '>']))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> usize {
        check("docs/a.md", text, |path| path == "docs/b.md").len()
    }

    #[test]
    fn links_that_lead_somewhere_pass() {
        assert_eq!(found("[b](b.md), [b](b.md#part \"title\"), [b](<b.md>)"), 0);
        assert_eq!(found("[b]: ../docs/b.md"), 0);
    }

    #[test]
    fn links_that_lead_nowhere_are_seen() {
        assert_eq!(found("[b](b.md) and [c](c.md)"), 1);
        assert_eq!(found("[c]: c.md"), 1);
        assert_eq!(found("[out](../../b.md)"), 1);
    }

    #[test]
    fn what_is_not_a_file_passes() {
        assert_eq!(found("[w](https://example.com/x) [m](mailto:a@b.c)"), 0);
        assert_eq!(found("[here](#part) [item](crate::Session)"), 0);
        assert_eq!(found("`[c](c.md)`\n```text\n[c](c.md)\n```"), 0);
    }
}
