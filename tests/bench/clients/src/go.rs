//! Go's x/oauth2, in a process of its own that is told what to measure.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::Fault;

/// The program beside this package, running.
#[derive(Debug)]
pub struct Go {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Go {
    /// Starts it from where it was built.
    ///
    /// # Errors
    ///
    /// - it cannot be started: as the operating system says
    pub fn start(path: &str) -> Result<Self, Fault> {
        let mut command = Command::new(path);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().ok_or("no input")?;
        let output = child.stdout.take().ok_or("no output")?;
        Ok(Self {
            child,
            input,
            output: BufReader::new(output),
        })
    }

    /// Has it do a job, and brings its figure.
    ///
    /// # Errors
    ///
    /// - it has ended, or brings no number
    pub fn measured(&mut self, job: &str) -> Result<f64, Fault> {
        writeln!(self.input, "{job}")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line.trim().parse()?)
    }
}

impl Drop for Go {
    fn drop(&mut self) {
        // It holds nothing that could be lost.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
