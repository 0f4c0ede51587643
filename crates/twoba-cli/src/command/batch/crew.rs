//! Asks the rows of a batch: how many are out at once, in which order their outcomes count, and when the
//! job stops.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use twoba_services::JsonCall;

use super::plan::Plan;
use crate::failure::Failure;

/// How many rows may be ahead of the first one that is not written yet, for each call at once: a slow
/// answer holds up nobody until then.
const AHEAD: usize = 4;

/// How many rows in a row may get no answer for a reason that is not theirs, at least, before the job
/// stops.
const DOUBTFUL_MAX: usize = 8;

/// How many rows are kept back behind one that got no answer.
const KEPT_MAX: usize = 1024;

/// A row of the input.
#[derive(Debug)]
pub(super) struct Row {
    /// Its number, from 1.
    pub(super) number: u64,
    pub(super) fields: Vec<String>,
}

/// What came of asking a row.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The line to write.
    Answered(Vec<u8>),
    /// It cannot be asked: nothing was sent.
    Unaskable(String),
    /// The service has refused it, for this reason.
    Refused(String),
    /// No answer came, and that may have nothing to do with the row.
    Doubtful(Failure),
    /// The job cannot go on.
    Stopped(Failure),
    /// It was not asked, as the job stops.
    Unasked,
}

/// What is written of a row.
#[derive(Debug)]
pub(super) enum Written {
    Answered(Vec<u8>),
    Failed(Row, String),
}

/// How a job ended.
#[derive(Debug)]
pub(super) enum End {
    /// All rows are written.
    Done,
    /// Somebody has told it to stop.
    Told,
    /// It could not go on.
    Stopped(Failure),
}

/// What a job needs of its surroundings.
pub(super) struct Crew<'c> {
    pub(super) plan: &'c Plan,
    pub(super) at_once: usize,
    /// The next row of the input.
    pub(super) next: &'c mut dyn FnMut() -> Result<Option<Vec<String>>, Failure>,
    /// Asks a row.
    pub(super) ask: &'c (dyn Fn(&Row, &JsonCall) -> Outcome + Sync),
    /// Whether the job was told to stop.
    pub(super) is_told: &'c (dyn Fn() -> bool + Sync),
    /// Writes what came of the next rows.
    pub(super) write: &'c mut dyn FnMut(Vec<Written>) -> Result<(), Failure>,
}

/// What has come, in the order of the input.
struct Line {
    /// What came of rows behind the next one.
    waiting: BTreeMap<u64, (Row, Outcome)>,
    next: u64,
    /// Rows that wait for a sign that the service is there.
    kept: VecDeque<(Row, Kept)>,
    doubtful: usize,
    doubtful_max: usize,
    /// Whether the service has answered in this run.
    has_answered: bool,
    /// Whether a row that should be next was not asked.
    is_cut: bool,
    stopped: Option<Failure>,
    written: Vec<Written>,
}

enum Kept {
    Unaskable(String),
    Doubtful(Failure),
}

impl Kept {
    fn reason(self) -> String {
        match self {
            Self::Unaskable(reason) => reason,
            Self::Doubtful(failure) => failure.message().to_owned(),
        }
    }
}

impl Crew<'_> {
    /// Asks all rows, the first of which has this number.
    pub(super) fn run(&mut self, first: u64) -> Result<End, Failure> {
        let (jobs, taken) = channel::<(Row, JsonCall)>();
        let (done, outcomes) = channel();
        let taken = Mutex::new(taken);
        let stops = AtomicBool::new(false);
        let (ask, is_told, at_once) = (self.ask, self.is_told, self.at_once);
        thread::scope(|scope| {
            for _ in 0..at_once {
                let done = done.clone();
                let work = || {
                    let goes_on = || !stops.load(Ordering::Acquire) && !is_told();
                    work(&taken, done, goes_on, ask);
                };
                // Where the system has no thread left, fewer work.
                let started = thread::Builder::new().spawn_scoped(scope, work);
                drop(started);
            }
            drop(done);
            let end = self.conduct(first, jobs, &outcomes, &stops);
            stops.store(true, Ordering::Release);
            end
        })
    }

    fn conduct(
        &mut self,
        first: u64,
        jobs: Sender<(Row, JsonCall)>,
        outcomes: &Receiver<(Row, Outcome)>,
        stops: &AtomicBool,
    ) -> Result<End, Failure> {
        let mut line = Line::new(first, self.at_once);
        let ahead = u64::try_from(self.at_once * AHEAD).unwrap_or(u64::MAX);
        let (mut read, mut out, mut is_read) = (first, 0_usize, false);
        loop {
            while !is_read
                && line.stopped.is_none()
                && read - line.next < ahead
                && !(self.is_told)()
            {
                let Some(fields) = (self.next)()? else {
                    is_read = true;
                    break;
                };
                let row = Row {
                    number: read,
                    fields,
                };
                read += 1;
                match self.plan.call(&row.fields) {
                    Ok(call) => {
                        out += 1;
                        // Somebody takes it as long as anybody works.
                        drop(jobs.send((row, call)));
                    }
                    Err(reason) => line.came(row, Outcome::Unaskable(reason)),
                }
            }
            if out > 0 {
                let (row, outcome) = outcomes.recv().map_err(|RecvError| no_threads())?;
                line.came(row, outcome);
                out -= 1;
                // Others may have something too: the more comes at once, the less it costs.
                thread::yield_now();
                while let Ok((row, outcome)) = outcomes.try_recv() {
                    line.came(row, outcome);
                    out -= 1;
                }
            }
            line.settle();
            // What is kept back here is asked once more after a crash, as what is out is.
            if out == 0 || line.written.len() >= self.at_once {
                (self.write)(std::mem::take(&mut line.written))?;
            }
            if line.stopped.is_some() {
                stops.store(true, Ordering::Release);
            }
            if out == 0 && (is_read || line.stopped.is_some() || (self.is_told)()) {
                break;
            }
        }
        let end = match line.stopped.take() {
            Some(failure) => End::Stopped(failure),
            None if !is_read || line.is_cut => End::Told,
            None => line.finish().map_or(End::Done, End::Stopped),
        };
        (self.write)(std::mem::take(&mut line.written))?;
        Ok(end)
    }
}

/// Asks one row after the other, as long as there are any. Whether a row is asked is decided while it is
/// taken, in the order of the rows: when the job stops, no row behind one that was not asked was asked.
fn work(
    taken: &Mutex<Receiver<(Row, JsonCall)>>,
    done: Sender<(Row, Outcome)>,
    goes_on: impl Fn() -> bool,
    ask: &(dyn Fn(&Row, &JsonCall) -> Outcome + Sync),
) {
    loop {
        let next = {
            let taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
            taken.recv().map(|job| (job, goes_on()))
        };
        let Ok(((row, call), is_asked)) = next else {
            return;
        };
        let outcome = match is_asked {
            true => ask(&row, &call),
            false => Outcome::Unasked,
        };
        if done.send((row, outcome)).is_err() {
            return;
        }
    }
}

fn no_threads() -> Failure {
    Failure::new(
        crate::failure::Kind::Other,
        "the system gives this program no threads",
    )
    .advise("end other programs, or ask for less with --at-once; then run the same command again")
}

impl Line {
    fn new(next: u64, at_once: usize) -> Self {
        Self {
            waiting: BTreeMap::new(),
            next,
            kept: VecDeque::new(),
            doubtful: 0,
            doubtful_max: at_once.max(DOUBTFUL_MAX),
            has_answered: false,
            is_cut: false,
            stopped: None,
            written: Vec::new(),
        }
    }

    fn came(&mut self, row: Row, outcome: Outcome) {
        let outcome = match outcome {
            Outcome::Stopped(failure) => {
                self.stopped.get_or_insert(failure);
                Outcome::Unasked
            }
            outcome @ (Outcome::Answered(_)
            | Outcome::Unaskable(_)
            | Outcome::Refused(_)
            | Outcome::Doubtful(_)
            | Outcome::Unasked) => outcome,
        };
        self.waiting.insert(row.number, (row, outcome));
    }

    /// Takes what came, in the order of the input.
    fn settle(&mut self) {
        while !self.is_cut
            && let Some((row, outcome)) = self.waiting.remove(&self.next)
        {
            match outcome {
                Outcome::Answered(bytes) => {
                    self.answered();
                    self.written.push(Written::Answered(bytes));
                }
                Outcome::Refused(reason) => {
                    self.answered();
                    self.written.push(Written::Failed(row, reason));
                }
                Outcome::Unaskable(reason) if self.kept.is_empty() => {
                    self.written.push(Written::Failed(row, reason));
                }
                Outcome::Unaskable(reason) => {
                    self.kept.push_back((row, Kept::Unaskable(reason)));
                }
                Outcome::Doubtful(failure) => {
                    self.doubtful += 1;
                    if self.doubtful >= self.doubtful_max {
                        self.stopped.get_or_insert(failure);
                        self.is_cut = true;
                        return;
                    }
                    self.kept.push_back((row, Kept::Doubtful(failure)));
                }
                // It stays the next one, and so does whatever came behind it.
                Outcome::Stopped(_) | Outcome::Unasked => {
                    self.is_cut = true;
                    return;
                }
            }
            if self.kept.len() > KEPT_MAX {
                self.give_up();
            }
            self.next += 1;
        }
    }

    /// The service is there: what got no answer before is a matter of its row.
    fn answered(&mut self) {
        self.has_answered = true;
        self.doubtful = 0;
        self.give_up();
    }

    fn give_up(&mut self) {
        let kept = self.kept.drain(..);
        let failed = kept.map(|(row, kept)| Written::Failed(row, kept.reason()));
        self.written.extend(failed);
    }

    /// Nothing more comes. If the service has answered nothing at all, that is no matter of the rows.
    fn finish(&mut self) -> Option<Failure> {
        if !self.has_answered
            && let Some((_, Kept::Doubtful(failure))) = self.kept.pop_front()
        {
            return Some(failure);
        }
        self.give_up();
        None
    }
}

#[cfg(test)]
mod tests;
