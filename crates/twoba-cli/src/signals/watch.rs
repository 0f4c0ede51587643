//! The signals of Unix.

use std::fs::{self, File};
use std::process;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use twoba_blocking::Sessions;

use crate::output;

/// How long a signal waits for a refresh: the total time of its request, and the time of the
/// attempts to store its result.
const OBEYED_WITHIN: Duration = Duration::from_secs(35);

/// How often to check whether that is over.
const PAUSE: Duration = Duration::from_millis(20);

/// How long the last work of the program may take.
const LEFT_WITHIN: Duration = Duration::from_secs(5);

/// The longest time from the words of a prompt until it hides the input.
const HIDDEN_WITHIN: Duration = Duration::from_millis(200);

/// The signal that came during a refresh; 0 if none has.
static NOTED: AtomicI32 = AtomicI32::new(0);

/// Whether work is under way that looks for signals itself.
static WORKS: AtomicBool = AtomicBool::new(false);

/// Whether such work has ended, and has said so in its own words.
static HAS_WORKED: AtomicBool = AtomicBool::new(false);

/// The state of the terminal before a prompt hid the input.
static TERMINAL: Mutex<Option<(File, Termios)>> = Mutex::new(None);

fn terminal() -> MutexGuard<'static, Option<(File, Termios)>> {
    TERMINAL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes signals wait for the work of these sessions.
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

/// The signals that end the program. If the program cannot listen for them, the system ends it as
/// usual.
fn heeded() -> Option<Signals> {
    let heeded = [SIGINT, SIGTERM, SIGHUP];
    let heeded = heeded.into_iter().filter(|signal| !is_ignored(*signal));
    Signals::new(heeded).ok()
}

/// The signals that end a program which has something to remove, and which checks for them itself.
pub(crate) struct Ending(Option<Signals>);

impl Ending {
    /// Begins. From now on, signals end the program only by [`Ending::obey`].
    pub(crate) fn begin() -> Self {
        Self(heeded())
    }

    /// Ends the program if a signal has come, after it has called `remove`.
    pub(crate) fn obey(&mut self, remove: impl FnOnce()) {
        let came = self.0.as_mut().and_then(|signals| signals.pending().next());
        if let Some(signal) = came {
            remove();
            end(signal);
        }
    }
}

/// Whether the parent process wants the program to go on at this signal, as `nohup` does. Linux
/// tells without unsafe code; other systems do not.
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
    let works = WORKS.load(Ordering::Acquire);
    if !works && !sessions.is_exchanging() {
        end(signal);
    }
    NOTED.store(signal, Ordering::Release);
    if !quiet {
        output::to_stderr(match works {
            true => {
                "the program ends when the calls that are out are answered and written, in 35 seconds \
                 at most; a second signal ends it at once"
            }
            false => {
                "a refresh is under way: the program ends when its new token is stored, in 35 seconds at \
                 most; a second signal ends it at once and may lose the session"
            }
        });
    }
    let sessions = sessions.clone();
    let waiting = thread::Builder::new().spawn(move || {
        let noted = Instant::now();
        while noted.elapsed() < OBEYED_WITHIN {
            thread::sleep(PAUSE);
            // Work that looks for signals ends by itself.
            if !WORKS.load(Ordering::Acquire) && !sessions.is_exchanging() {
                obey();
            }
        }
        leave(signal, &sessions);
    });
    drop(waiting);
}

/// Ends at once, and leaves an unsaved grant where the next call finds it.
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

/// Ends the way a shell expects of a program that a signal has ended.
fn end(signal: i32) {
    if let Some((tty, before)) = terminal().take() {
        wait_until_hidden(&tty);
        give_back(&tty, &before);
    }
    process::exit(128 + signal);
}

/// Waits until the prompt hides the input. A signal may come between the words of a prompt and that
/// moment. A terminal that was restored too early would be hidden again.
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

/// Obeys a signal that came during a refresh, now that there is none.
pub(crate) fn obey() {
    let signal = NOTED.load(Ordering::Acquire);
    if signal != 0 {
        if !HAS_WORKED.load(Ordering::Acquire) {
            output::to_stderr("the refresh is over; the program ends as it was told to");
        }
        end(signal);
    }
}

/// Work that is brought to a good end before a signal is obeyed. Without it a signal ends the program
/// at once, unless a refresh is out.
pub(crate) struct Work;

impl Work {
    pub(crate) fn begin() -> Self {
        WORKS.store(true, Ordering::Release);
        Self
    }

    /// Whether a signal has come.
    pub(crate) fn is_told_to_end(&self) -> bool {
        NOTED.load(Ordering::Acquire) != 0
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        HAS_WORKED.store(true, Ordering::Release);
        WORKS.store(false, Ordering::Release);
    }
}

/// Whether a program uses the terminal alone: it reads key by key, or hides the input.
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

/// A prompt that hides the input. However the program ends meanwhile, the terminal shows its input
/// again.
pub(crate) struct Prompting;

impl Prompting {
    /// Remembers the state of the terminal.
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
