//! The timeline of a world in words, kept only when somebody wants to read it. What is told
//! here decides nothing.

use std::fmt::{Arguments, Write};

/// What has happened, one line each.
#[derive(Debug, Default)]
pub(crate) struct Script {
    told: bool,
    text: String,
}

impl Script {
    pub(crate) fn new(told: bool) -> Self {
        Self {
            told,
            text: String::new(),
        }
    }

    /// Adds a line, if anybody listens.
    pub(crate) fn tell(&mut self, now: u64, who: Arguments<'_>, what: impl FnOnce() -> String) {
        if !self.told {
            return;
        }
        let (seconds, millis) = (now / 1000, now % 1000);
        // Writing to a string does not fail.
        let who = who.to_string();
        let _written = writeln!(self.text, "{seconds:>7}.{millis:03}  {who:<17} {}", what());
    }

    pub(crate) fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }
}
