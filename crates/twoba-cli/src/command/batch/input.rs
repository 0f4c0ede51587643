//! The input of a batch: a file that is surveyed before anything is asked, or what comes by stdin.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::table::{Record, Table, TableError};
use crate::failure::Failure;

/// What is known of an input before its first row is asked.
pub(super) struct Survey {
    /// How many records it has, its header included.
    pub(super) records: u64,
    /// The first line that is no UTF-8.
    pub(super) recoded: Option<u64>,
    /// What tells its bytes from all others.
    pub(super) digest: Vec<u8>,
}

/// A reader whose bytes go into a digest.
struct Digesting<R> {
    inner: R,
    digest: Sha256,
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(room)?;
        self.digest.update(room.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// Reads a file to its end: nothing is asked of one that cannot be read as a whole.
pub(super) fn survey(path: &Path) -> Result<Survey, Failure> {
    if path == Path::new("-") {
        return Err(Failure::configuration(
            "rows that come by stdin cannot go on after an interruption, as --out promises",
        )
        .advise("save them to a file for --from, or leave out --out and redirect stdout"));
    }
    let told = |error| unreadable(path, &error);
    let mut digesting = Digesting {
        inner: open(path)?,
        digest: Sha256::new(),
    };
    let mut survey = Survey {
        records: 0,
        recoded: None,
        digest: Vec::new(),
    };
    let mut table = Table::open(BufReader::new(&mut digesting)).map_err(told)?;
    while let Some(record) = table.next().map_err(told)? {
        if record.is_recoded {
            survey.recoded.get_or_insert(record.line);
        }
        survey.records += 1;
    }
    drop(table);
    survey.digest = digesting.digest.finalize().to_vec();
    Ok(survey)
}

/// The rows of an input, one after the other.
pub(super) struct Rows<'i> {
    path: &'i Path,
    table: Table<Box<dyn BufRead>>,
    /// The first record, until it is known whether it is a row.
    first: Option<Record>,
    /// The first line that is no UTF-8, once it was read.
    recoded: Option<u64>,
}

impl<'i> Rows<'i> {
    /// Begins to read a file, or stdin for `-`.
    pub(super) fn open(path: &'i Path) -> Result<Self, Failure> {
        let input: Box<dyn BufRead> = match path == Path::new("-") {
            true => Box::new(BufReader::new(io::stdin())),
            false => Box::new(BufReader::new(open(path)?)),
        };
        let told = |error| unreadable(path, &error);
        let mut table = Table::open(input).map_err(told)?;
        let first = table.next().map_err(told)?;
        let recoded = line_if_recoded(first.as_ref());
        Ok(Self {
            path,
            table,
            first,
            recoded,
        })
    }

    /// The first record, which may be a header.
    pub(super) fn first(&self) -> Result<&[String], Failure> {
        let first = self.first.as_ref().map(|first| first.fields.as_slice());
        first.ok_or_else(|| {
            Failure::configuration(format!("{} has no rows", self.path.display()))
                .advise("write a GTIN a line, or a header and a row a line")
        })
    }

    /// What separates the fields.
    pub(super) fn separator(&self) -> u8 {
        self.table.separator()
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Result<Option<Vec<String>>, Failure> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first.fields));
        }
        let next = self
            .table
            .next()
            .map_err(|error| unreadable(self.path, &error))?;
        self.recoded = self.recoded.or_else(|| line_if_recoded(next.as_ref()));
        Ok(next.map(|record| record.fields))
    }

    /// The first line that is no UTF-8, of those that were read.
    pub(super) fn recoded(&self) -> Option<u64> {
        self.recoded
    }
}

fn line_if_recoded(record: Option<&Record>) -> Option<u64> {
    let record = record.filter(|record| record.is_recoded)?;
    Some(record.line)
}

fn open(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|error| unreadable(path, &error.into()))
}

/// Why the input cannot be read.
fn unreadable(path: &Path, error: &TableError) -> Failure {
    let advice = match error {
        TableError::Read(_) => "check the name behind --from",
        TableError::Quote { .. } | TableError::TooLong { .. } => {
            "mend the file, and run the command again"
        }
        TableError::NotText { .. } => {
            "save the sheet as CSV, in UTF-8 if that can be chosen, and run the command again"
        }
    };
    Failure::configuration(format!("cannot read {}: {error}", path.display())).advise(advice)
}
