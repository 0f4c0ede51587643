//! Starts the browser in a process of its own, which has none of this program's secrets.

use std::env;
use std::io::{self, IsTerminal};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::arguments::OpenBrowser;
use crate::failure::{Failure, Kind};
use crate::{settings, signals};

/// How often to check whether a browser has left the terminal.
const PAUSE: Duration = Duration::from_millis(50);

/// How long a terminal has to be free until a browser has left it. While it loads a page, a browser
/// may not have taken the terminal yet, or releases it for a moment.
const LEFT_FOR: Duration = Duration::from_secs(2);

/// A browser that is being started, or is shown in this terminal.
#[derive(Debug)]
pub(crate) struct Starting(Option<Child>);

/// Starts the browser at an address. Some browsers, such as those in a terminal, end only with
/// their last page, so nobody waits for them.
pub(crate) fn start(url: &str) -> Starting {
    let started = env::current_exe().and_then(|program| {
        let mut command = Command::new(program);
        settings::without_secrets(&mut command);
        // A browser of the terminal is shown there; whoever reads a pipe waits for no browser.
        command.stdin(here(io::stdin().is_terminal()));
        command.stdout(here(io::stdout().is_terminal()));
        command.stderr(here(io::stderr().is_terminal()));
        command.args([OpenBrowser::NAME, url]).spawn()
    });
    Starting(started.ok())
}

/// A path of this machine that leads a browser elsewhere, once. The arguments of a program can be read
/// by every user of the machine, so that a browser is started with nothing that is a secret for longer.
pub(crate) fn start_path() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::new(Kind::Other, format!("no randomness: {error}")))?;
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("/start-{digits}"))
}

fn here(is_terminal: bool) -> Stdio {
    if is_terminal {
        Stdio::inherit()
    } else {
        Stdio::null()
    }
}

impl Starting {
    /// Whether none could be started.
    pub(crate) fn has_failed(&mut self) -> bool {
        let Some(child) = &mut self.0 else {
            return true;
        };
        match child.try_wait() {
            Ok(ended) => ended.is_some_and(|ended| !ended.success()),
            Err(_) => true,
        }
    }
}

impl Starting {
    /// Waits until a browser in this terminal has released it. Later output would otherwise be
    /// drawn over, and keys would go to both.
    pub(crate) fn leave_the_terminal(&mut self) {
        let mut free_since = Instant::now();
        while let Some(child) = &mut self.0
            && matches!(child.try_wait(), Ok(None))
            && io::stdin().is_terminal()
            && free_since.elapsed() < LEFT_FOR
        {
            thread::sleep(PAUSE);
            if signals::is_terminal_drawn_on() {
                free_since = Instant::now();
            }
        }
    }
}

/// The work of that process. Its exit code is all that it says: who has started it tells the person.
pub(crate) fn open(arguments: &OpenBrowser) -> Result<(), Failure> {
    webbrowser::open(&arguments.url).map_err(|error| {
        Failure::new(Kind::Other, format!("no browser could be opened: {error}")).told_already()
    })
}
