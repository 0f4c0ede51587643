//! A child process that a test talks to and that ends with its test. The test knows what it should
//! say.

use std::env;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A child process with its standard streams piped. Dropping it kills it by its own handle.
#[derive(Debug)]
pub struct Running {
    child: Child,
    input: Option<ChildStdin>,
    stdout: Lines,
    stderr: Lines,
}

/// How long a killed process and its streams may take to end. They end at once, unless a child of
/// its own holds the streams.
const KILLED_WITHIN: Duration = Duration::from_secs(20);

/// The exit status and the rest of the output of a child process.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ended {
    /// The exit status.
    pub status: ExitStatus,
    /// The lines of standard output that were not read before.
    pub stdout: String,
    /// The lines of standard error that were not read before.
    pub stderr: String,
}

impl Running {
    /// Starts the command with its standard streams piped.
    ///
    /// # Errors
    ///
    /// - the command cannot be started: the error of the operating system
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        Ok(Self {
            input: child.stdin.take(),
            stdout: Lines::of(child.stdout.take()),
            stderr: Lines::of(child.stderr.take()),
            child,
        })
    }

    /// Starts a test of this test program once more, as a process of its own. `test` is its full
    /// name. It finds `value` in the environment as `name`.
    ///
    /// # Errors
    ///
    /// - the command cannot be started: the error of the operating system
    pub fn this_test(test: &str, name: &str, value: impl AsRef<OsStr>) -> io::Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        command
            .args(["--exact", "--nocapture", test])
            .env(name, value);
        Self::start(&mut command)
    }

    /// The process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Reads the next line of standard output, without its end. `None` at the stream's end.
    ///
    /// # Errors
    ///
    /// - no line came within `limit`: [`io::ErrorKind::TimedOut`]
    pub fn stdout_line(&mut self, limit: Duration) -> io::Result<Option<String>> {
        self.stdout.next(deadline(limit))
    }

    /// Reads the next line of standard output that has `mark` in it, and returns what follows. A
    /// test that is a child writes lines of its own before its first one.
    ///
    /// # Errors
    ///
    /// - no line came within `limit`: [`io::ErrorKind::TimedOut`]
    /// - the stream has ended: [`io::ErrorKind::UnexpectedEof`]
    pub fn stdout_behind(&mut self, mark: &str, limit: Duration) -> io::Result<String> {
        loop {
            let line = self.stdout_line(limit)?;
            let line = line.ok_or(io::ErrorKind::UnexpectedEof)?;
            if let Some((_, said)) = line.split_once(mark) {
                return Ok(said.to_owned());
            }
        }
    }

    /// Sends the process a signal by its name, such as `STOP`.
    ///
    /// # Errors
    ///
    /// - the signal cannot be sent: the error of the operating system, or of the program `kill`
    pub fn signal(&self, name: &str) -> io::Result<()> {
        let mut kill = Command::new("kill");
        let sent = kill
            .args([&format!("-{name}"), &self.pid().to_string()])
            .status()?;
        match sent.success() {
            true => Ok(()),
            false => Err(io::Error::other(format!("kill ended with {sent}"))),
        }
    }

    /// Reads the next line of standard error, without its end. `None` at the stream's end.
    ///
    /// # Errors
    ///
    /// - no line came within `limit`: [`io::ErrorKind::TimedOut`]
    pub fn stderr_line(&mut self, limit: Duration) -> io::Result<Option<String>> {
        self.stderr.next(deadline(limit))
    }

    /// Writes a line to standard input.
    ///
    /// # Errors
    ///
    /// - nobody reads it any more: the error of the operating system
    pub fn write_line(&mut self, line: &str) -> io::Result<()> {
        let Some(input) = &mut self.input else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        input.write_all(format!("{line}\n").as_bytes())?;
        input.flush()
    }

    /// Kills the process, which no signal handler can prevent (`kill -9`), and waits for its end.
    ///
    /// # Errors
    ///
    /// - the process cannot be killed or waited for: the error of the operating system
    pub fn kill(mut self) -> io::Result<Ended> {
        self.child.kill()?;
        self.ended(deadline(KILLED_WITHIN))
    }

    /// Ends standard input and waits for the process to end by itself.
    ///
    /// # Errors
    ///
    /// - the process runs longer than `limit`: [`io::ErrorKind::TimedOut`]; it is then killed
    pub fn finish(mut self, limit: Duration) -> io::Result<Ended> {
        drop(self.input.take());
        self.ended(deadline(limit))
    }

    fn ended(&mut self, deadline: Instant) -> io::Result<Ended> {
        let stdout = self.stdout.rest(deadline)?;
        let stderr = self.stderr.rest(deadline)?;
        // Both streams are at their end: the process has ended or is about to.
        let status = self.child.wait()?;
        Ok(Ended {
            status,
            stdout,
            stderr,
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.input.take());
        // Fails only where the process has ended already.
        self.child.kill().unwrap_or_default();
        drop(self.child.wait());
    }
}

fn deadline(limit: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(limit).unwrap_or(now)
}

/// A stream of a child, which its own thread reads.
#[derive(Debug)]
struct Lines {
    /// The lines. The lock lets threads share the child.
    lines: Mutex<Receiver<String>>,
}

impl Lines {
    fn of(stream: Option<impl Read + Send + 'static>) -> Self {
        let (found, lines) = channel();
        if let Some(stream) = stream {
            // The thread ends with the stream, at the latest when the child is killed.
            drop(thread::spawn(move || forward(stream, &found)));
        }
        Self {
            lines: Mutex::new(lines),
        }
    }

    fn next(&self, deadline: Instant) -> io::Result<Option<String>> {
        let left = deadline.saturating_duration_since(Instant::now());
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        match lines.recv_timeout(left) {
            Ok(line) => Ok(Some(line)),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    fn rest(&self, deadline: Instant) -> io::Result<String> {
        let mut text = String::new();
        while let Some(line) = self.next(deadline)? {
            text.push_str(&line);
            text.push('\n');
        }
        Ok(text)
    }
}

fn forward(stream: impl Read, found: &Sender<String>) {
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    while reader
        .read_until(b'\n', &mut line)
        .is_ok_and(|read| read > 0)
    {
        let text = String::from_utf8_lossy(&line);
        if found
            .send(text.trim_end_matches(['\n', '\r']).to_owned())
            .is_err()
        {
            return;
        }
        line.clear();
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    fn shell(script: &str) -> Running {
        Running::start(Command::new("sh").args(["-c", script])).unwrap()
    }

    #[test]
    fn a_child_is_read_and_written_line_by_line() {
        let mut child = shell("echo one; read line; echo got $line; echo bad >&2; exit 3");
        assert_eq!(child.stdout_line(LIMIT).unwrap().as_deref(), Some("one"));
        child.write_line("two").unwrap();
        let ended = child.finish(LIMIT).unwrap();
        assert_eq!(ended.stdout, "got two\n");
        assert_eq!(ended.stderr, "bad\n");
        assert_eq!(ended.status.code(), Some(3));
    }

    #[test]
    fn a_child_that_says_nothing_is_not_waited_for() {
        let mut child = shell("exec cat");
        let error = child.stdout_line(Duration::ZERO).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn a_killed_child_ends_by_the_signal_and_says_no_more() {
        use std::os::unix::process::ExitStatusExt;

        let mut child = shell("trap '' TERM; echo one; read line; echo two");
        assert_eq!(child.stdout_line(LIMIT).unwrap().as_deref(), Some("one"));
        let ended = child.kill().unwrap();
        assert_eq!(ended.status.signal(), Some(9));
        assert_eq!(ended.stdout, "");
    }

    #[test]
    fn a_dropped_child_has_ended() {
        let mut child = shell("exec cat");
        let lines = std::mem::replace(&mut child.stdout, Lines::of(None::<io::Empty>));
        drop(child);
        // Its end of the pipe is closed.
        assert_eq!(lines.next(deadline(LIMIT)).unwrap(), None);
    }
}
