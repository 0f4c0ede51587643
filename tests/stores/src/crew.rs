//! Several processes of this program that work at the same time, as the hosts of a fleet do.

use std::env;
use std::process::Command;
use std::time::Duration;

use twoba_measure::Fault;
use twoba_testkit::Running;

use crate::access::Access;
use crate::plan::PROCESSES;

/// A process opens its store in less.
const START_LIMIT: Duration = Duration::from_secs(60);

/// The longest work takes ten minutes, or as long as somebody asks for.
const LIMIT: Duration = Duration::from_secs(7_200);

/// Processes that have opened their store.
#[derive(Debug)]
pub(crate) struct Crew {
    processes: Vec<Running>,
}

impl Crew {
    /// Starts processes for a task, each of which is told its number, and waits until all are ready.
    pub(crate) fn start(task: &str, access: &Access) -> Result<Self, Fault> {
        Self::of(PROCESSES, task, access)
    }

    /// The same for so many processes.
    pub(crate) fn of(count: usize, task: &str, access: &Access) -> Result<Self, Fault> {
        let mut processes = Vec::new();
        for number in 0..count {
            let mut command = Command::new(env::current_exe()?);
            command.args(["work", &format!("{task}:{number}")]);
            processes.push(Running::start(command.args(access.words()))?);
        }
        for mut process in std::mem::take(&mut processes) {
            if process.stdout_behind("ready", START_LIMIT).is_err() {
                let ended = process.finish(START_LIMIT)?;
                return Err(format!("a process does not begin: {}", ended.stderr).into());
            }
            processes.push(process);
        }
        Ok(Self { processes })
    }

    /// Has all work for so long, or until they have done what they do once; what each has said at the
    /// end.
    pub(crate) fn work(mut self, span: Duration) -> Result<Vec<String>, Fault> {
        for process in &mut self.processes {
            process.write_line(&span.as_secs_f64().to_string())?;
        }
        self.done()
    }

    /// Waits until all have done what they were told to; what each has said.
    fn done(self) -> Result<Vec<String>, Fault> {
        let mut said = Vec::new();
        for process in self.processes {
            let ended = process.finish(LIMIT)?;
            if !ended.status.success() {
                return Err(format!("a process failed: {}", ended.stderr).into());
            }
            said.push(ended.stdout);
        }
        Ok(said)
    }
}
