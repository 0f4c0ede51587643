//! The signals of Unix.

use std::fs::{self, File};
use std::process;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use twoba_blocking::Sessions;

use crate::output;

/// How long a signal waits for a refresh that is out: the total time of its request, and that of
/// the tries to store what it brings.
const OBEYED_WITHIN: Duration = Duration::from_secs(35);

/// How often it is looked whether that is over.
const PAUSE: Duration = Duration::from_millis(20);

/// How long the last act of the program may take.
const LEFT_WITHIN: Duration = Duration::from_secs(5);

/// How long a prompt takes at most from its words to hiding what is typed.
const HIDDEN_WITHIN: Duration = Duration::from_millis(200);

/// The signal that came while a refresh was out; 0 if none has.
static NOTED: AtomicI32 = AtomicI32::new(0);

/// How the terminal was before a prompt hid what is typed.
static TERMINAL: Mutex<Option<(File, Termios)>> = Mutex::new(None);

fn terminal() -> MutexGuard<'static, Option<(File, Termios)>> {
    TERMINAL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has signals wait for what these sessions have out.
pub(crate) fn watch(sessions: &Sessions, quiet: bool) {
    let Some(mut signals) = heeded() else {
        return;
    };
    let sessions = sessions.clone();
    let started = thread::Builder::new().spawn(move || {
        for signal in signals.forever() {
            hear(signal, &sessions, quiet);
        }
    });
    drop(started);
}

/// The signals that end the program. Where nobody can be told of them, the system ends it as it
/// always has.
fn heeded() -> Option<Signals> {
    let heeded = [SIGINT, SIGTERM, SIGHUP];
    let heeded = heeded.into_iter().filter(|signal| !is_ignored(*signal));
    Signals::new(heeded).ok()
}

/// Signals that end a program which has something to remove, and looks for them itself.
pub(crate) struct Ending(Option<Signals>);

impl Ending {
    /// From here on no signal ends the program but by [`Ending::obey`].
    pub(crate) fn begin() -> Self {
        Self(heeded())
    }

    /// Ends the program if a signal has come, behind this.
    pub(crate) fn obey(&mut self, remove: impl FnOnce()) {
        let came = self.0.as_mut().and_then(|signals| signals.pending().next());
        if let Some(signal) = came {
            remove();
            end(signal);
        }
    }
}

/// Whether whoever started the program wants it to go on at this signal, as `nohup` does. Asking the
/// system for that needs unsafe code but for this way, which Linux has.
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let bit = u32::try_from(signal - 1).unwrap_or(u32::MAX);
    ignored.is_some_and(|mask| mask.checked_shr(bit).is_some_and(|mask| mask & 1 == 1))
}

fn hear(signal: i32, sessions: &Sessions, quiet: bool) {
    if NOTED.load(Ordering::Acquire) != 0 {
        leave(signal, sessions);
    }
    if !sessions.is_exchanging() {
        end(signal);
    }
    NOTED.store(signal, Ordering::Release);
    if !quiet {
        output::to_stderr(
            "a refresh is under way: the program ends when its new token is stored, in 35 seconds at \
             most; a second signal ends it at once and may lose the session",
        );
    }
    let sessions = sessions.clone();
    let waiting = thread::Builder::new().spawn(move || {
        let noted = Instant::now();
        while noted.elapsed() < OBEYED_WITHIN {
            thread::sleep(PAUSE);
            if !sessions.is_exchanging() {
                obey();
            }
        }
        leave(signal, &sessions);
    });
    drop(waiting);
}

/// Ends at once, and leaves what was got and not stored where the next call finds it.
fn leave(signal: i32, sessions: &Sessions) {
    let sessions = sessions.clone();
    let (done, left) = std::sync::mpsc::channel();
    let leaving = thread::Builder::new().spawn(move || {
        sessions.rescue();
        done.send(())
    });
    if leaving.is_ok() {
        // A store that hangs holds up nobody.
        let _left: Result<(), _> = left.recv_timeout(LEFT_WITHIN);
    }
    end(signal);
}

/// Ends as a shell expects it of a program that a signal has ended.
fn end(signal: i32) {
    if let Some((tty, before)) = terminal().take() {
        wait_until_hidden(&tty);
        give_back(&tty, &before);
    }
    process::exit(128 + signal);
}

/// A signal may come between the words of a prompt and the moment that it hides what is typed: what
/// is restored before that moment would be hidden behind it.
fn wait_until_hidden(tty: &File) {
    let begun = Instant::now();
    let is_shown = || tcgetattr(tty).is_ok_and(|now| now.local_modes.contains(LocalModes::ECHO));
    while is_shown() && begun.elapsed() < HIDDEN_WITHIN {
        thread::sleep(Duration::from_millis(1));
    }
}

fn give_back(tty: &File, before: &Termios) {
    // Where the terminal is gone there is nothing to restore.
    let _restored: Result<(), _> = tcsetattr(tty, OptionalActions::Now, before);
}

/// Does what a signal asked for while a refresh was out, now that none is.
pub(crate) fn obey() {
    let signal = NOTED.load(Ordering::Acquire);
    if signal != 0 {
        output::to_stderr("the refresh is over; the program ends as it was told to");
        end(signal);
    }
}

/// Whether a program has the terminal for itself: it reads key by key, or hides what is typed.
pub(crate) fn is_terminal_drawn_on() -> bool {
    let usual = LocalModes::ICANON | LocalModes::ECHO;
    let modes = tcgetattr(std::io::stdin());
    modes.is_ok_and(|modes| !modes.local_modes.contains(usual))
}

fn restore() {
    if let Some((tty, before)) = terminal().take() {
        give_back(&tty, &before);
    }
}

/// A prompt that hides what is typed: whatever ends the program meanwhile, the terminal shows
/// again what is typed in it.
pub(crate) struct Prompting;

impl Prompting {
    /// Remembers how the terminal is.
    pub(crate) fn begin() -> Self {
        let tty = File::options().read(true).write(true).open("/dev/tty");
        let before = tty.ok().and_then(|tty| {
            let before = tcgetattr(&tty).ok()?;
            Some((tty, before))
        });
        *terminal() = before;
        Self
    }
}

impl Drop for Prompting {
    fn drop(&mut self) {
        restore();
    }
}
