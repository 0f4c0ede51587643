//! Where a batch keeps what came: the output, the failed rows, and the journal that says how much of
//! both counts. What is written behind that is cut off when the job goes on.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::failure::{Failure, Kind};

/// What the first line of a journal begins with.
const MARK: &str = "twoba batch 1 ";

/// The longest line of a journal, in bytes.
const LINE_MAX: u64 = 256;

/// How often the files are brought to the disk: a machine that loses its power loses no more.
const SYNCED_EVERY: Duration = Duration::from_secs(5);

/// How far a job is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Reached {
    /// How many rows are done or failed.
    pub(super) rows: u64,
    /// How many of them failed.
    pub(super) failed: u64,
    /// How long the output is, in bytes.
    out_bytes: u64,
    /// How long the file of failed rows is, in bytes.
    failed_bytes: u64,
}

/// What is to be written of the next rows.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) rows: u64,
    pub(super) failed: u64,
    pub(super) out: Vec<u8>,
    pub(super) failed_out: Vec<u8>,
}

/// A file of the job.
#[derive(Debug)]
struct Part {
    path: PathBuf,
    file: File,
}

/// The files of a job that goes on where it was interrupted.
#[derive(Debug)]
pub(super) struct Ledger {
    out: Part,
    failed: Part,
    journal: Part,
    journal_bytes: u64,
    pub(super) reached: Reached,
    synced_at: Instant,
}

impl Ledger {
    /// Opens the files of the job that `digest` tells from all others, or makes them.
    pub(super) fn open(path: &Path, digest: &str, replace: bool) -> Result<Self, Failure> {
        let (failed, journal) = (beside(path, ".failed.csv"), beside(path, ".batch"));
        if replace {
            replaced(path, &failed, &journal)?;
        }
        let is_there = |path: &Path| fs::symlink_metadata(path).is_ok();
        let left = [path, &failed].into_iter().find(|path| is_there(path));
        if !is_there(&journal)
            && let Some(path) = left
        {
            return Err(of_another(path));
        }
        // The journal first: no other file of the job is there without it.
        let journal = Part::open(journal)?;
        journal.hold()?;
        let is_begun = journal.is_of(digest, path)?;
        let mut ledger = Self {
            journal,
            out: Part::open(path.to_owned())?,
            failed: Part::open(failed)?,
            journal_bytes: 0,
            reached: Reached::default(),
            synced_at: Instant::now(),
        };
        match is_begun {
            true => ledger.find_place()?,
            false => ledger.begin(digest)?,
        }
        Ok(ledger)
    }

    /// Reads how far the job is, and cuts off what counts no more.
    fn find_place(&mut self) -> Result<(), Failure> {
        let (out, failed) = (self.out.length()?, self.failed.length()?);
        let journal = &mut self.journal;
        let mut lines = journal.lines()?;
        let head = whole_line(&mut lines).map_err(|error| journal.failure(&error))?;
        let head = head.unwrap_or_default();
        let mut bytes = length(&head);
        self.journal_bytes = bytes;
        while let Some(line) = whole_line(&mut lines).map_err(|error| journal.failure(&error))? {
            bytes += length(&line);
            // After a loss of power a file may be shorter than the journal says.
            let reached = Reached::parse(&line);
            match reached.filter(|one| one.out_bytes <= out && one.failed_bytes <= failed) {
                Some(reached) => (self.reached, self.journal_bytes) = (reached, bytes),
                None => break,
            }
        }
        self.cut()
    }

    fn begin(&mut self, digest: &str) -> Result<(), Failure> {
        if self.out.length()? > 0 || self.failed.length()? > 0 {
            return Err(of_another(&self.out.path));
        }
        let head = format!("{MARK}{digest}\n");
        let journal = &mut self.journal;
        journal.cut(0).map_err(|error| journal.failure(&error))?;
        journal
            .append(head.as_bytes())
            .map_err(|error| journal.failure(&error))?;
        journal
            .file
            .sync_all()
            .map_err(|error| journal.failure(&error))?;
        self.journal_bytes = length(&head);
        Ok(())
    }

    /// Cuts off what was written behind the last line of the journal.
    fn cut(&mut self) -> Result<(), Failure> {
        let Reached {
            out_bytes,
            failed_bytes,
            ..
        } = self.reached;
        let parts = [
            (&mut self.out, out_bytes),
            (&mut self.failed, failed_bytes),
            (&mut self.journal, self.journal_bytes),
        ];
        for (part, bytes) in parts {
            part.cut(bytes).map_err(|error| part.failure(&error))?;
        }
        Ok(())
    }

    /// Whether nothing stands in the output yet.
    pub(super) fn is_fresh(&self) -> bool {
        self.reached.out_bytes == 0
    }

    /// Writes what came of the next rows. It counts as soon as it stands in the journal.
    pub(super) fn commit(&mut self, page: &Page) -> Result<(), Failure> {
        let written = self.write(page);
        if let Err(failure) = written {
            // What the disk took of it does not count, and is cut off now or later.
            drop(self.cut());
            return Err(failure);
        }
        if self.synced_at.elapsed() >= SYNCED_EVERY {
            self.sync()?;
        }
        Ok(())
    }

    fn write(&mut self, page: &Page) -> Result<(), Failure> {
        let parts = [
            (&mut self.out, &page.out),
            (&mut self.failed, &page.failed_out),
        ];
        for (part, bytes) in parts {
            part.append(bytes).map_err(|error| part.failure(&error))?;
        }
        let bytes = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let reached = Reached {
            rows: self.reached.rows + page.rows,
            failed: self.reached.failed + page.failed,
            out_bytes: self.reached.out_bytes + bytes(&page.out),
            failed_bytes: self.reached.failed_bytes + bytes(&page.failed_out),
        };
        let line = reached.line();
        let journal = &mut self.journal;
        journal
            .append(line.as_bytes())
            .map_err(|error| journal.failure(&error))?;
        self.journal_bytes += length(&line);
        self.reached = reached;
        Ok(())
    }

    /// Brings all of it to the disk.
    pub(super) fn sync(&mut self) -> Result<(), Failure> {
        for part in [&self.out, &self.failed, &self.journal] {
            part.file
                .sync_data()
                .map_err(|error| part.failure(&error))?;
        }
        self.synced_at = Instant::now();
        Ok(())
    }

    /// Where the output is.
    pub(super) fn path(&self) -> &Path {
        &self.out.path
    }

    /// Where the failed rows are, if any row failed. An empty file of them is taken away.
    pub(super) fn failed_path(&self) -> Option<&Path> {
        if self.reached.failed_bytes > 0 {
            return Some(&self.failed.path);
        }
        // It is made again where it is needed.
        drop(fs::remove_file(&self.failed.path));
        None
    }
}

impl Part {
    fn open(path: PathBuf) -> Result<Self, Failure> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        match options.open(&path) {
            Ok(file) => Ok(Self { path, file }),
            Err(error) => Err(unwritable(&path, &error)),
        }
    }

    /// Keeps other processes from the same job.
    fn hold(&self) -> Result<(), Failure> {
        match self.file.try_lock() {
            Ok(()) => Ok(()),
            Err(TryLockError::WouldBlock) => Err(Failure::new(
                Kind::Store,
                format!("another twoba works on {}", self.path.display()),
            )
            .advise("wait for its end; nothing was asked")),
            Err(TryLockError::Error(error)) => Err(self.failure(&error)),
        }
    }

    /// Whether this journal was begun for the job. One of another job is an error.
    fn is_of(&self, digest: &str, out: &Path) -> Result<bool, Failure> {
        let head = whole_line(&mut self.lines()?).map_err(|error| self.failure(&error))?;
        match head {
            Some(head) if head.strip_prefix(MARK).map(str::trim_end) == Some(digest) => Ok(true),
            // It was interrupted while it began.
            None if self.length()? < LINE_MAX => Ok(false),
            Some(_) | None => Err(of_another(out)),
        }
    }

    fn lines(&self) -> Result<BufReader<File>, Failure> {
        let mut file = self
            .file
            .try_clone()
            .map_err(|error| self.failure(&error))?;
        file.rewind().map_err(|error| self.failure(&error))?;
        Ok(BufReader::new(file))
    }

    fn length(&self) -> Result<u64, Failure> {
        let found = self.file.metadata().map_err(|error| self.failure(&error))?;
        match found.is_file() {
            true => Ok(found.len()),
            false => Err(of_another(&self.path)),
        }
    }

    fn cut(&mut self, bytes: u64) -> io::Result<()> {
        self.file.set_len(bytes)?;
        self.file.seek(SeekFrom::Start(bytes)).map(drop)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        match bytes.is_empty() {
            true => Ok(()),
            false => self.file.write_all(bytes),
        }
    }

    fn failure(&self, error: &io::Error) -> Failure {
        unwritable(&self.path, error)
    }
}

impl Reached {
    fn line(self) -> String {
        let Self {
            rows,
            failed,
            out_bytes,
            failed_bytes,
        } = self;
        format!("{rows} {failed} {out_bytes} {failed_bytes}\n")
    }

    fn parse(line: &str) -> Option<Self> {
        let mut numbers = line.trim_end().split(' ').map(str::parse::<u64>);
        let mut number = || numbers.next()?.ok();
        let reached = Self {
            rows: number()?,
            failed: number()?,
            out_bytes: number()?,
            failed_bytes: number()?,
        };
        numbers.next().is_none().then_some(reached)
    }
}

/// The next line with its end; `None` where the rest is torn, too long or not there.
fn whole_line(lines: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    lines.take(LINE_MAX).read_until(b'\n', &mut line)?;
    let is_whole = line.ends_with(b"\n");
    Ok(String::from_utf8(line).ok().filter(|_| is_whole))
}

fn length(line: &str) -> u64 {
    u64::try_from(line.len()).unwrap_or(u64::MAX)
}

/// The file of this name with something behind it.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Checks that the input of a job is none of its files, which `--replace` would take away.
pub(super) fn spares(out: &Path, input: &Path) -> Result<(), Failure> {
    let files = [
        out.to_owned(),
        beside(out, ".failed.csv"),
        beside(out, ".batch"),
    ];
    let Some(same) = files.iter().find(|file| is_same(file, input)) else {
        return Ok(());
    };
    Err(Failure::configuration(format!(
        "{} is the input, and a file of this job too",
        same.display()
    ))
    .advise("choose another --out; nothing was asked or written"))
}

/// Whether both paths lead to one file, by links too.
fn is_same(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let place = |path: &Path| fs::metadata(path).map(|found| (found.dev(), found.ino()));
        matches!((place(one), place(other)), (Ok(one), Ok(other)) if one == other)
    }
    #[cfg(not(unix))]
    {
        matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
    }
}

/// Takes away what another job left, if it is the files of one.
fn replaced(out: &Path, failed: &Path, journal: &Path) -> Result<(), Failure> {
    if fs::symlink_metadata(journal).is_ok() {
        Part::open(journal.to_owned())?.hold()?;
    }
    for path in [journal, out, failed] {
        match fs::remove_file(path) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(unwritable(path, &error)),
        }
    }
    Ok(())
}

fn of_another(path: &Path) -> Failure {
    Failure::configuration(format!(
        "{} is there already, and is not of this very job: function, parameters, columns or input \
         differ",
        path.display()
    ))
    .advise("choose another --out, or add --replace to lose what is there; nothing was asked or written")
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Kind::Other, format!("cannot write {}: {error}", path.display())).advise(
        "what was written before stays; make room or mend the folder, and run the same command again: \
         it goes on where it was",
    )
}

#[cfg(test)]
mod tests;
