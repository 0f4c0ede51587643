//! A setting with its origin, which is shown to the person who has to correct it.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::failure::Failure;

/// The origin of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Flag(&'static str),
    Variable(&'static str),
    Line(Line),
    /// The default.
    Default,
}

/// A line of the configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(super) file: Arc<Path>,
    pub(super) number: usize,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} line {}", self.file.display(), self.number)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Variable(name) => f.write_str(name),
            Self::Line(line) => line.fmt(f),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A setting, by its name in the configuration file.
#[derive(Debug, Clone)]
pub(crate) struct Found<T> {
    pub(crate) name: &'static str,
    pub(crate) value: T,
    pub(crate) origin: Origin,
}

impl<T> Found<T> {
    /// The setting's name at its origin, with the origin.
    pub(crate) fn told(&self) -> String {
        match &self.origin {
            Origin::Line(line) => format!("{line}: {}", self.name),
            origin @ (Origin::Flag(_) | Origin::Variable(_)) => origin.to_string(),
            Origin::Default => self.name.to_owned(),
        }
    }

    /// A failure for an unusable setting. `why` may repeat of its value only what is no secret.
    pub(crate) fn refused(&self, why: impl fmt::Display) -> Failure {
        Failure::configuration(format!("{}: {why}", self.told()))
    }

    /// The same setting with a converted value.
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Found<U> {
        Found {
            name: self.name,
            value: change(self.value),
            origin: self.origin,
        }
    }
}
