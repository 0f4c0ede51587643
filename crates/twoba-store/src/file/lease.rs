//! The lease of one session. It consists of a lock of the operating system, which ends with its
//! process, and a line in the locked file that names the holder and the end.
//!
//! A stopped process keeps its lock. After the end in its line, another process goes on without the
//! lock, with a line of its own. The holder of the lease is the process in the line. The stopped
//! process learns of it when it renews, and its changes find those of the other process.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use twoba_core::{Change, Durable, StoredGrant, Timestamp};

use super::lock::{WRITE_PATIENCE, open};
use super::place::Place;
use crate::clock::{Clock, SystemClock};
use crate::machine::failed;
use crate::store::{Apply, ApplyError, Lease, StoreError};

/// How long a lease is valid without a renewal. It is longer than the 30 s that a request may take,
/// and shorter than the 60 s that others wait.
const GOOD_FOR: Duration = Duration::from_secs(45);

/// The most bytes of the file that are read.
const LINE_MAX: u64 = 256;

/// The content of the line. Its length never changes, so that one write replaces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    /// The holder's process id.
    pub(super) process: u32,
    /// When the process took the lease.
    taken: i64,
    /// Which lease of the process this is.
    number: u64,
    /// The end of the lease, in milliseconds since 1970.
    until: i64,
    /// Whether the holder has the lock too.
    is_locked: bool,
}

impl Line {
    /// The line of a lease that is taken now.
    fn new(now: Timestamp, is_locked: bool) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        Self {
            process: process::id(),
            taken: now.unix_millis(),
            number: NUMBER.fetch_add(1, Ordering::Relaxed),
            until: now.saturating_add(GOOD_FOR).unix_millis(),
            is_locked,
        }
    }

    fn is_of_the_same_lease(&self, other: &Self) -> bool {
        let of = |line: &Self| (line.process, line.taken, line.number);
        of(self) == of(other)
    }

    /// Whether the lease has ended. An end that is later than any end written now comes from a
    /// clock that was set back since.
    fn is_over(&self, now: Timestamp) -> bool {
        let latest = now.saturating_add(GOOD_FOR).unix_millis();
        self.until <= now.unix_millis() || latest < self.until
    }

    /// The content of the file; `None` if nobody claims the lease.
    pub(super) fn read(mut file: &File) -> Option<Self> {
        let mut text = String::new();
        file.rewind().ok()?;
        file.take(LINE_MAX).read_to_string(&mut text).ok()?;
        let words: Vec<&str> = text.split_whitespace().collect();
        let [
            "process",
            process,
            "taken",
            taken,
            "number",
            number,
            "until",
            until,
            how @ ("locked" | "unlocked"),
        ] = *words
        else {
            return None;
        };
        Some(Self {
            process: process.parse().ok()?,
            taken: taken.parse().ok()?,
            number: number.parse().ok()?,
            until: until.parse().ok()?,
            is_locked: how == "locked",
        })
    }

    pub(super) fn write(&self, mut file: &File) -> io::Result<()> {
        let Self {
            process,
            taken,
            number,
            until,
            is_locked,
        } = self;
        let how = if *is_locked { "locked" } else { "unlocked" };
        let line = format!(
            "process {process:010} taken {taken:020} number {number:020} until {until:020} {how:8}\n"
        );
        file.rewind()?;
        file.write_all(line.as_bytes())?;
        // Behind it stands what never was a line.
        file.set_len(u64::try_from(line.len()).unwrap_or(LINE_MAX))
    }

    /// The same line with its end in the past.
    pub(super) fn ended(self) -> Self {
        Self { until: 0, ..self }
    }
}

/// A lease that is held.
#[derive(Debug)]
pub(super) struct FileLease {
    place: Place,
    /// `None` after the lease was released or lost.
    held: Option<Held>,
}

#[derive(Debug)]
struct Held {
    /// The file. It is locked if the line says so, and then closing it ends the lock.
    file: File,
    line: Line,
}

impl Held {
    /// Whether the line in the file is still the one of this lease.
    fn is_held(&self) -> bool {
        match Line::read(&self.file) {
            Some(found) => found.is_of_the_same_lease(&self.line),
            None => self.line.is_locked,
        }
    }
}

impl FileLease {
    /// The lease, if nobody else has taken it.
    fn held(&mut self) -> Result<&mut Held, StoreError> {
        // A lease that is lost gives its lock back.
        drop(self.held.take_if(|held| !held.is_held()));
        self.held.as_mut().ok_or(StoreError::LeaseLost)
    }

    /// Takes the lease; `None` if another process has it.
    pub(super) fn try_take(place: Place) -> Result<Option<Self>, StoreError> {
        let path = place.path("lease");
        let file = open(&path)?;
        let is_locked = match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(error)) => return Err(failed("lock", &path)(error)),
        };
        let now = SystemClock.now();
        let line = Line::new(now, is_locked);
        let is_taken = match Line::read(&file) {
            None if is_locked => {
                // Where the disk is full, the lock alone has to do.
                drop(line.write(&file).or_else(|_| file.set_len(0)));
                true
            }
            None => false,
            Some(found) if !is_locked && !found.is_over(now) => false,
            Some(_) => follows(&place, &file, &line)?,
        };
        Ok(is_taken.then(|| Self {
            place,
            held: Some(Held { file, line }),
        }))
    }

    /// Removes the line from the file, if it belongs to this lease.
    fn give_back(&mut self) {
        let Some(Held { file, line }) = self.held.take() else {
            return;
        };
        // Whoever takes the lock next asks no line that was locked; others would have to wait for
        // the end of one that was not.
        let patience = if line.is_locked {
            Duration::ZERO
        } else {
            WRITE_PATIENCE
        };
        let Ok(_writing) = self.place.lock_writing(patience) else {
            return;
        };
        if Line::read(&file).is_some_and(|found| found.is_of_the_same_lease(&line)) {
            // Somebody may still be stopped who has the lock. Behind him an empty file would
            // say that he holds the lease.
            drop(if line.is_locked {
                file.set_len(0)
            } else {
                line.ended().write(&file)
            });
        }
    }
}

/// Takes the lease after a holder that was killed or is stopped, if that is possible. Of the
/// processes that notice it, one at a time goes on.
fn follows(place: &Place, file: &File, line: &Line) -> Result<bool, StoreError> {
    // Who has the lock waits for a write to be done, and nobody for his lease.
    let patience = if line.is_locked {
        WRITE_PATIENCE
    } else {
        Duration::ZERO
    };
    let _writing = match place.lock_writing(patience) {
        Err(StoreError::Busy) => return Ok(false),
        outcome => outcome?,
    };
    // A line that another process has just written is younger than the time at which this one
    // began, and must not be taken for one of a clock that was set back.
    let now = SystemClock.now();
    let is_free = Line::read(file).is_none_or(|found| {
        let ended_with_its_lock = line.is_locked && found.is_locked;
        ended_with_its_lock || found.is_over(now)
    });
    if !is_free {
        return Ok(false);
    }
    let written = line.write(file);
    // Without the lock the lease is had by the line alone, so that it has to be there.
    let is_had = written.is_ok() || (line.is_locked && file.set_len(0).is_ok());
    Ok(is_had)
}

impl Lease for FileLease {
    fn load(&mut self) -> Result<Option<StoredGrant>, StoreError> {
        self.held()?;
        self.place.read()
    }

    fn renew(&mut self) -> Result<(), StoreError> {
        let _writing = self.place.lock_writing(WRITE_PATIENCE)?;
        let Held { file, line } = self.held()?;
        line.until = SystemClock.now().saturating_add(GOOD_FOR).unix_millis();
        line.write(file)
            .map_err(failed("write", &self.place.path("lease")))
    }

    fn finish(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        let proof = self.place.apply(change)?;
        self.give_back();
        Ok(proof)
    }
}

impl Apply for FileLease {
    fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.place.apply(change)
    }
}

impl Drop for FileLease {
    fn drop(&mut self) {
        self.give_back();
    }
}
