//! What the program does when it is told to end (Ctrl-C, SIGTERM, SIGHUP). While a refresh is out it
//! ends only when that is stored: its answer is nowhere else. At a prompt it ends at once and leaves
//! the terminal as it found it.

#[cfg(unix)]
mod watch;

#[cfg(unix)]
pub(crate) use watch::{Prompting, obey, watch};

/// Where there are no such signals, the system ends the program.
#[cfg(not(unix))]
mod none {
    use twoba_blocking::Sessions;

    pub(crate) fn watch(_: &Sessions, _: bool) {}

    pub(crate) fn obey() {}

    /// A prompt that hides what is typed.
    pub(crate) struct Prompting;

    impl Prompting {
        pub(crate) fn begin() -> Self {
            Self
        }
    }
}

#[cfg(not(unix))]
pub(crate) use none::{Prompting, obey, watch};
