//! Reads a table from a CSV file or a plain list, a record at a time, and writes records. What the
//! columns mean is decided elsewhere.

use std::fmt;
use std::io::{self, BufRead, Chain, Cursor, Read};

/// The longest record, in bytes. A quote that nobody closed would otherwise take in the whole file.
pub(crate) const RECORD_MAX: usize = 1024 * 1024;

/// The most fields of a record.
pub(crate) const FIELDS_MAX: usize = 4096;

/// How much of the beginning is looked at for the separator, in bytes.
const START_MAX: u64 = 64 * 1024;

/// What separates fields, the likeliest one of a Dutch spreadsheet first.
const SEPARATORS: [u8; 3] = [b';', b'\t', b','];

/// Why a table cannot be read on.
#[derive(Debug)]
pub(crate) enum TableError {
    /// The file cannot be read.
    Read(io::Error),
    /// The quote that begins in this line is never closed.
    Quote {
        /// The line, from 1.
        line: u64,
    },
    /// The record that begins in this line has more than [`RECORD_MAX`] bytes or [`FIELDS_MAX`] fields.
    TooLong {
        /// The line, from 1.
        line: u64,
    },
    /// The record that begins in this line has a zero byte, which no text has.
    NotText {
        /// The line, from 1.
        line: u64,
    },
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(f, "{error}"),
            Self::Quote { line } => {
                write!(f, "the quote that begins in line {line} is never closed")
            }
            Self::TooLong { line } => write!(
                f,
                "the row in line {line} has more than 1 MiB or {FIELDS_MAX} columns; a quote may be \
                 missing there"
            ),
            Self::NotText { line } => write!(
                f,
                "line {line} is not text: it is that of a spreadsheet's own format or of UTF-16"
            ),
        }
    }
}

impl From<io::Error> for TableError {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

/// One record with at least one field that is not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// The line that it begins in, from 1.
    pub(crate) line: u64,
    /// Its fields, without the quotes.
    pub(crate) fields: Vec<String>,
    /// Whether it is no UTF-8 and was read as Windows-1252, which holds Latin-1.
    pub(crate) is_recoded: bool,
}

/// A table that is read.
#[derive(Debug)]
pub(crate) struct Table<R> {
    input: Chain<Cursor<Vec<u8>>, R>,
    separator: u8,
    line: u64,
    /// Whether the last record ended with a carriage return, to which a line feed may belong.
    after_return: bool,
}

/// Where in a field the reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Plain,
    Quoted,
    /// Behind a quote inside quotes: the first of two, or the last one.
    Quote,
}

/// A record as it is read.
#[derive(Default)]
struct Raw {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl<R: BufRead> Table<R> {
    /// Begins to read: finds out what separates the fields, and skips a byte order mark. A first line
    /// such as `sep=;` names the separator, as Excel writes it.
    ///
    /// # Errors
    ///
    /// - the input cannot be read: [`TableError::Read`]
    pub(crate) fn open(mut input: R) -> Result<Self, TableError> {
        let mut start = Vec::new();
        // Blank lines say nothing of the separator, and a line may end in quotes.
        while start.iter().all(u8::is_ascii_whitespace) || has_open_quote(&start) {
            let left = START_MAX.saturating_sub(u64::try_from(start.len()).unwrap_or(u64::MAX));
            if input.by_ref().take(left).read_until(b'\n', &mut start)? == 0 {
                break;
            }
        }
        if start.starts_with(b"\xef\xbb\xbf") {
            start.drain(..3);
        }
        let mut line = 1;
        let named = named_separator(&start);
        if named.is_some() {
            start.clear();
            line = 2;
        }
        let separator = named.unwrap_or_else(|| likeliest_separator(&start));
        Ok(Self {
            input: Cursor::new(start).chain(input),
            separator,
            line,
            after_return: false,
        })
    }

    /// What separates the fields.
    pub(crate) fn separator(&self) -> u8 {
        self.separator
    }

    /// Reads the next record. Blank ones are skipped: those whose fields are all blank.
    ///
    /// # Errors
    ///
    /// - the input cannot be read: [`TableError::Read`]
    /// - a quote is not closed: [`TableError::Quote`]
    /// - a record is too long: [`TableError::TooLong`]
    /// - a record has a zero byte: [`TableError::NotText`]
    pub(crate) fn next(&mut self) -> Result<Option<Record>, TableError> {
        loop {
            let line = self.line;
            let Some(raw) = self.raw()? else {
                return Ok(None);
            };
            if raw.bytes.contains(&0) {
                return Err(TableError::NotText { line });
            }
            let record = raw.decoded(line);
            if record.fields.iter().any(|field| !field.trim().is_empty()) {
                return Ok(Some(record));
            }
        }
    }

    fn raw(&mut self) -> Result<Option<Raw>, TableError> {
        let (begun, mut opened) = (self.line, self.line);
        let (mut raw, mut place) = (Raw::default(), Place::Start);
        let mut is_begun = false;
        while let Some(byte) = self.byte()? {
            if std::mem::take(&mut self.after_return) && byte == b'\n' {
                continue;
            }
            is_begun = true;
            let is_end = matches!(byte, b'\n' | b'\r');
            self.line += u64::from(is_end && !(byte == b'\r' && place == Place::Quoted));
            place = match (place, byte) {
                (Place::Start, b'"') => {
                    opened = self.line;
                    Place::Quoted
                }
                (Place::Quoted, b'"') => Place::Quote,
                (Place::Quote, b'"') | (Place::Quoted, _) => {
                    raw.bytes.push(byte);
                    Place::Quoted
                }
                (Place::Start | Place::Plain | Place::Quote, _) if is_end => {
                    self.after_return = byte == b'\r';
                    raw.end();
                    return Ok(Some(raw));
                }
                (Place::Start | Place::Plain | Place::Quote, _) if byte == self.separator => {
                    raw.end();
                    Place::Start
                }
                // What stands behind a closing quote belongs to the field.
                (Place::Start | Place::Plain | Place::Quote, _) => {
                    raw.bytes.push(byte);
                    Place::Plain
                }
            };
            if raw.bytes.len() > RECORD_MAX || raw.ends.len() >= FIELDS_MAX {
                return Err(TableError::TooLong { line: begun });
            }
        }
        if place == Place::Quoted {
            return Err(TableError::Quote { line: opened });
        }
        raw.end();
        Ok(is_begun.then_some(raw))
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let byte = loop {
            match self.input.fill_buf() {
                Ok(read) => break read.first().copied(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        };
        self.input.consume(usize::from(byte.is_some()));
        Ok(byte)
    }
}

impl Raw {
    fn end(&mut self) {
        self.ends.push(self.bytes.len());
    }

    fn decoded(self, line: u64) -> Record {
        let text = std::str::from_utf8(&self.bytes).ok();
        let mut begin = 0;
        let mut fields = Vec::with_capacity(self.ends.len());
        let mut is_recoded = false;
        for end in self.ends {
            // A field that ends in the middle of a character makes the record no UTF-8.
            fields.push(match text.and_then(|text| text.get(begin..end)) {
                Some(field) => field.to_owned(),
                None => {
                    is_recoded = true;
                    let bytes = self.bytes.get(begin..end).unwrap_or_default();
                    bytes.iter().map(|byte| windows_1252(*byte)).collect()
                }
            });
            begin = end;
        }
        Record {
            line,
            fields,
            is_recoded,
        }
    }
}

/// The separator that a first line of its own names.
fn named_separator(start: &[u8]) -> Option<u8> {
    let (word, rest) = start.split_at_checked(4)?;
    let (separator, end) = rest.split_first()?;
    let is_named = word.eq_ignore_ascii_case(b"sep=") && SEPARATORS.contains(separator);
    (is_named && end.iter().all(u8::is_ascii_whitespace)).then_some(*separator)
}

fn has_open_quote(start: &[u8]) -> bool {
    start.iter().filter(|byte| **byte == b'"').count() % 2 == 1
}

/// The separator that the first line which is not blank has most often, outside of quotes.
fn likeliest_separator(start: &[u8]) -> u8 {
    let mut is_quoted = false;
    let line = start.trim_ascii_start().iter().copied().take_while(|byte| {
        is_quoted ^= *byte == b'"';
        is_quoted || !matches!(byte, b'\r' | b'\n')
    });
    let line: Vec<u8> = line.collect();
    let outside = || line.split(|byte| *byte == b'"').step_by(2).flatten();
    let count = |separator: &u8| outside().filter(|byte| *byte == separator).count();
    let most = SEPARATORS.iter().rev().max_by_key(|one| count(one));
    most.copied()
        .filter(|separator| count(separator) > 0)
        .unwrap_or(b',')
}

/// The character of a byte in Windows-1252; the five bytes that it does not define are those of Latin-1.
fn windows_1252(byte: u8) -> char {
    const UPPER: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    let place = byte.checked_sub(0x80).map(usize::from);
    let upper = place.and_then(|place| UPPER.get(place));
    upper.copied().unwrap_or(char::from(byte))
}

/// Appends a record as a line of CSV. Fields are in quotes where they have to be.
pub(crate) fn write_record<F: AsRef<str>>(
    out: &mut Vec<u8>,
    separator: u8,
    fields: impl IntoIterator<Item = F>,
) {
    for (place, field) in fields.into_iter().enumerate() {
        if place > 0 {
            out.push(separator);
        }
        let field = field.as_ref();
        // A field that a reader would take for a mark of the beginning, or cut.
        let is_special = field.starts_with(['\u{feff}', ' '])
            || field.ends_with(' ')
            || field
                .get(..4)
                .is_some_and(|word| word.eq_ignore_ascii_case("sep="));
        let has_special = |byte: u8| matches!(byte, b'"' | b'\r' | b'\n') || byte == separator;
        if !is_special && !field.bytes().any(has_special) {
            out.extend_from_slice(field.as_bytes());
            continue;
        }
        out.push(b'"');
        out.extend_from_slice(field.replace('"', "\"\"").as_bytes());
        out.push(b'"');
    }
    out.push(b'\n');
}

// The fuzzer's bodies have this file too, as a module elsewhere.
#[cfg(test)]
#[path = "table/tests.rs"]
mod tests;
