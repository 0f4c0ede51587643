//! Handles the signals that end the program (Ctrl-C, SIGTERM, SIGHUP). During a refresh, the
//! program ends only after the result is stored, because there is no other copy of it. At a prompt
//! it ends at once, and restores the terminal.

#[cfg(unix)]
mod watch;

#[cfg(unix)]
pub(crate) use watch::{Ending, Prompting, Work, is_terminal_drawn_on, obey, watch};

/// For platforms without such signals. There the system ends the program.
#[cfg(not(unix))]
mod none {
    use twoba_blocking::Sessions;

    pub(crate) fn watch(_: &Sessions, _: bool) {}

    pub(crate) fn obey() {}

    pub(crate) fn is_terminal_drawn_on() -> bool {
        false
    }

    /// The signals that end a program which has something to remove.
    pub(crate) struct Ending;

    impl Ending {
        pub(crate) fn begin() -> Self {
            Self
        }

        pub(crate) fn obey(&mut self, _: impl FnOnce()) {}
    }

    /// Work that is brought to a good end before a signal is obeyed.
    pub(crate) struct Work;

    impl Work {
        pub(crate) fn begin() -> Self {
            Self
        }

        pub(crate) fn is_told_to_end(&self) -> bool {
            false
        }
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
pub(crate) use none::{Ending, Prompting, Work, is_terminal_drawn_on, obey, watch};
