//! What a check reports: where something is wrong and what to do about it.

use std::fmt;

use crate::say::say;

/// Something that a check found, at a line of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    path: String,
    line: usize,
    what: String,
}

impl Problem {
    /// A problem at `line`, counted from 1, of the file at `path` below the workspace.
    pub(crate) fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            what: what.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// Prints the problems of a check; true where there are none.
pub(crate) fn report(check: &str, problems: &[Problem]) -> bool {
    for problem in problems {
        say(&problem.to_string());
    }
    match problems.len() {
        0 => say(&format!("{check}: in order")),
        1 => say(&format!("{check}: 1 problem")),
        many => say(&format!("{check}: {many} problems")),
    }
    problems.is_empty()
}
