//! Decides what happens at a kill point: a line on stdout, and then nothing for ever.

use std::io::{self, Read, Write};

use twoba_tests::{KILL_POINT, KillPoint};

/// Where this process is to stop, if it is.
pub(crate) struct Points {
    chosen: Option<KillPoint>,
    /// Where a write is cut that is only half done, in thousandths of it.
    cut: usize,
}

impl Points {
    /// As the environment says: `POINT`, or `POINT:THOUSANDTHS`.
    pub(crate) fn from_environment() -> Self {
        let text = std::env::var(KILL_POINT).unwrap_or_default();
        let (point, cut) = text.split_once(':').unwrap_or((&text, "500"));
        Self {
            chosen: (!point.is_empty()).then(|| point.parse().unwrap()),
            cut: cut.parse().unwrap(),
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

    /// Waits to be killed, if this is the point.
    pub(crate) fn reach(&self, point: KillPoint) {
        self.reach_with(point, "");
    }

    /// The same, and says more of it.
    pub(crate) fn reach_with(&self, point: KillPoint, more: &str) {
        if !self.is(point) {
            return;
        }
        say(format!("at {point} {more}").trim_end());
        // Comes to an end only when the test itself has ended and left this process behind.
        let mut nothing = Vec::new();
        io::stdin().read_to_end(&mut nothing).unwrap();
        std::process::exit(3);
    }
}

/// Prints a line at once.
pub(crate) fn say(line: &str) {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}
