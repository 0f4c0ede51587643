//! How far a batch is, for a person at a terminal.

use indicatif::{ProgressBar, ProgressStyle};

use super::ledger::Reached;

/// A bar on stderr, or nothing.
pub(super) struct Progress(Option<ProgressBar>);

impl Progress {
    pub(super) fn begin(is_shown: bool, begun: u64, total: Option<u64>) -> Self {
        if !is_shown {
            return Self(None);
        }
        let bar = match total {
            Some(total) => ProgressBar::new(total),
            None => ProgressBar::no_length(),
        };
        let template = match total {
            Some(_) => "{bar:30} {pos} of {len} rows, {msg}, {eta} left",
            None => "{pos} rows, {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_position(begun);
        bar.reset_eta();
        bar.set_message("0 failed");
        Self(Some(bar))
    }

    pub(super) fn reached(&self, reached: Reached) {
        if let Some(bar) = &self.0 {
            bar.set_message(format!("{} failed", reached.failed));
            bar.set_position(reached.rows);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
