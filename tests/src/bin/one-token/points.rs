//! Decides what happens at a kill point: a line on stdout, and then nothing, until a line on stdin.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use twoba_tests::{KILL_POINT, KillPoint};

/// Where this process is to stop, if it is.
pub(crate) struct Points {
    chosen: Option<KillPoint>,
    /// Where a write is cut that is only half done, in thousandths of it.
    cut: usize,
    /// Whether this process was there, and went on.
    is_past: AtomicBool,
}

impl Points {
    /// As the environment says: `POINT`, or `POINT:THOUSANDTHS`.
    pub(crate) fn from_environment() -> Self {
        let text = std::env::var(KILL_POINT).unwrap_or_default();
        let (point, cut) = text.split_once(':').unwrap_or((&text, "500"));
        Self {
            chosen: (!point.is_empty()).then(|| point.parse().unwrap()),
            cut: cut.parse().unwrap(),
            is_past: AtomicBool::new(false),
        }
    }

    pub(crate) fn chosen(&self) -> Option<KillPoint> {
        self.chosen
    }

    pub(crate) fn is(&self, point: KillPoint) -> bool {
        self.chosen == Some(point)
    }

    /// Where to cut what is `length` long: from its very beginning to its end.
    pub(crate) fn cut(&self, length: usize) -> usize {
        length * self.cut / 1000
    }

    /// Waits to be killed, or to be told to go on, if this is the point.
    pub(crate) fn reach(&self, point: KillPoint) {
        self.reach_with(point, "");
    }

    /// The same, and says more of it.
    pub(crate) fn reach_with(&self, point: KillPoint, more: &str) {
        if !self.is(point) || self.is_past.swap(true, Ordering::SeqCst) {
            return;
        }
        say(format!("at {point} {more}").trim_end());
        // Without a line, the test itself has ended and left this process behind.
        if io::stdin().read_line(&mut String::new()).unwrap() == 0 {
            std::process::exit(3);
        }
    }
}

/// Prints a line at once.
pub(crate) fn say(line: &str) {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}
