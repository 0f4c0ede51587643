//! Where a synchronization stands, on the disk: a page's rows first, then the state behind them.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use twoba_services::product_data::Sync;

use super::files::{Files, damaged, unusable};
use crate::failure::Failure;
use crate::replacing::replaced;

/// What is synchronized. A file belongs to one job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) list: String,
    pub(super) gln: Option<String>,
    pub(super) selection: Option<String>,
    pub(super) base: Option<String>,
}

/// Where it stands.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct State {
    job: Job,
    pub(super) sync: Sync,
    /// How many rows of the run have come.
    pub(super) rows: u64,
    /// How long the file of those rows is. What lies behind was cut off.
    length: u64,
    /// Whether the run asks for everything, so that its rows are the whole file.
    pub(super) whole: bool,
    /// Whether all rows of the run are there, and only the file has to be made.
    complete: bool,
}

/// Why a run cannot go on.
enum Missing {
    /// Rows are gone that had come: everything has to come again.
    Rows(Failure),
    Other(Failure),
}

impl State {
    /// The stored state of this job, or a new one. With `full` the run asks for everything.
    pub(super) fn read(files: &Files, job: Job, full: bool) -> Result<Self, Failure> {
        let begun = State {
            job: job.clone(),
            sync: Sync::of_everything(),
            rows: 0,
            length: 0,
            whole: true,
            complete: false,
        };
        let stored = match fs::read(&files.state) {
            Ok(stored) => stored,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if !full && files.whole.exists() {
                    return Err(Failure::configuration(format!(
                        "{} is there already, and no synchronization has written it",
                        files.whole.display()
                    ))
                    .advise("name another file, or use --full to replace it"));
                }
                return Ok(begun);
            }
            Err(error) => return Err(unusable(&files.state, &error)),
        };
        let state: State = match serde_json::from_slice(&stored) {
            Ok(state) => state,
            Err(_) if full => return Ok(begun),
            Err(_) => {
                return Err(damaged(
                    &files.state,
                    "does not say where a synchronization stands",
                ));
            }
        };
        if state.job != job {
            return Err(Failure::configuration(format!(
                "{} is of another list, GLN, selection or server",
                files.whole.display()
            ))
            .advise("name another file for this one"));
        }
        // A run that asks for everything goes on.
        if full && !state.whole {
            return Ok(begun);
        }
        match state.found(files) {
            Ok(()) => Ok(state),
            // What is missing comes again with everything else.
            Err(Missing::Rows(_)) if full => Ok(begun),
            Err(Missing::Rows(failure) | Missing::Other(failure)) => Err(failure),
        }
    }

    /// Finds what the state says that there is, and cuts off what lies behind the rows of the run.
    fn found(&self, files: &Files) -> Result<(), Missing> {
        if !self.whole && !files.whole.exists() {
            return Err(Missing::Rows(damaged(&files.whole, "is gone")));
        }
        if self.length == 0 {
            return Ok(());
        }
        match cut(&files.part, self.length) {
            Ok(()) => Ok(()),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::UnexpectedEof) =>
            {
                let what = "lacks rows that had come";
                Err(Missing::Rows(damaged(&files.part, what)))
            }
            Err(error) => Err(Missing::Other(unusable(&files.part, &error))),
        }
    }

    /// Whether all rows of the run are there.
    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    /// Adds the rows of a page; the state behind it counts when both are on the disk.
    pub(super) fn add(
        &mut self,
        files: &Files,
        items: &[Box<RawValue>],
        next: Sync,
    ) -> Result<(), Failure> {
        let mut rows = Vec::new();
        for item in items {
            // JSON may have line breaks between its members, and none inside of texts.
            rows.extend(item.get().bytes().filter(|byte| !b"\r\n".contains(byte)));
            rows.push(b'\n');
        }
        append(&files.part, self.length, &rows).map_err(|error| unusable(&files.part, &error))?;
        self.length += u64::try_from(rows.len()).unwrap_or(u64::MAX);
        self.rows += u64::try_from(items.len()).unwrap_or(u64::MAX);
        self.complete = next.is_done();
        self.sync = next;
        self.write(files)
    }

    /// The run begins again: all its rows come again.
    pub(super) fn again(&mut self, files: &Files, next: Sync) -> Result<(), Failure> {
        (self.rows, self.length) = (0, 0);
        self.sync = next;
        self.write(files)
    }

    /// The rows are in the file.
    pub(super) fn merged(mut self, files: &Files) -> Result<(), Failure> {
        (self.rows, self.length) = (0, 0);
        (self.whole, self.complete) = (false, false);
        self.write(files)?;
        match fs::remove_file(&files.part) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(unusable(&files.part, &error)),
            _ => Ok(()),
        }
    }

    fn write(&self, files: &Files) -> Result<(), Failure> {
        let text = serde_json::to_vec(self).unwrap_or_default();
        let written = replaced(&files.state, |file| file.write_all(&text));
        written.map_err(|error| unusable(&files.state, &error))
    }
}

fn cut(path: &Path, length: u64) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    if file.metadata()?.len() < length {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    file.set_len(length)
}

fn append(path: &Path, at: u64, rows: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let file = options.create(true).append(true).open(path)?;
    file.set_len(at)?;
    (&file).write_all(rows)?;
    file.sync_all()
}
