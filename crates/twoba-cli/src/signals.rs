//! What the program does when it is told to end (Ctrl-C, SIGTERM, SIGHUP). While a refresh is out it
//! ends only when that is stored: its answer is nowhere else. At a prompt it ends at once and leaves
//! the terminal as it found it.

#[cfg(unix)]
mod watch;

#[cfg(unix)]
pub(crate) use watch::{Ending, Prompting, is_terminal_drawn_on, obey, watch};

/// Where there are no such signals, the system ends the program.
#[cfg(not(unix))]
mod none {
    use twoba_blocking::Sessions;

    pub(crate) fn watch(_: &Sessions, _: bool) {}

    pub(crate) fn obey() {}

    pub(crate) fn is_terminal_drawn_on() -> bool {
        false
    }

    /// Signals that end a program which has something to remove.
    pub(crate) struct Ending;

    impl Ending {
        pub(crate) fn begin() -> Self {
            Self
        }

        pub(crate) fn obey(&mut self, _: impl FnOnce()) {}
    }

    /// A prompt that hides what is typed.
    pub(crate) struct Prompting;

    impl Prompting {
        pub(crate) fn begin() -> Self {
            Self
        }
    }
}

#[cfg(not(unix))]
pub(crate) use none::{Ending, Prompting, is_terminal_drawn_on, obey, watch};
