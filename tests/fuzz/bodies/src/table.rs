//! Tables of `twoba batch`: what is read is bounded, is the same whatever the size of the pieces, and
//! is the same when it is written again.

/// The reader of the program, which has no library to take it from.
#[path = "../../../../crates/twoba-cli/src/command/batch/table.rs"]
mod read;

use std::io::BufReader;

use read::{FIELDS_MAX, RECORD_MAX, Record, Table, write_record};

/// Reads a table in pieces of a size that the first byte chooses.
///
/// # Panics
///
/// - the size of the pieces matters
/// - a record is blank, too long, or in no line of the input
/// - the records, written anew, are read differently
/// - plain text is read differently than by being cut at line ends and separators
pub fn table(data: &[u8]) {
    let (size, data) = data.split_first().unwrap_or((&0, &[]));
    let read = all(data, 1 + usize::from(*size) % 64);
    assert_eq!(read, all(data, 64 * 1024));
    let (records, separator, error) = read;
    let ends = data.iter().filter(|byte| matches!(byte, b'\n' | b'\r'));
    let lines = 1 + u64::try_from(ends.count()).unwrap_or(u64::MAX);
    let mut last = 0;
    for record in &records {
        assert!(record.line > last && record.line <= lines);
        last = record.line;
        assert!(record.fields.iter().any(|field| !field.trim().is_empty()));
        assert!(record.fields.len() <= FIELDS_MAX);
        let bytes: usize = record.fields.iter().map(String::len).sum();
        // A byte of Windows-1252 has up to three in UTF-8.
        assert!(bytes <= RECORD_MAX * if record.is_recoded { 3 } else { 1 });
    }
    let mut written = format!("sep={}\n", char::from(separator)).into_bytes();
    for record in &records {
        write_record(&mut written, separator, &record.fields);
    }
    let (again, _, error_again) = all(&written, 4096);
    assert_eq!(error_again, None);
    assert!(
        again
            .iter()
            .map(|record| &record.fields)
            .eq(records.iter().map(|one| &one.fields))
    );
    if error.is_none() {
        assert_plain(data, separator, &records);
    }
}

/// All records, the separator, and why there are no more.
fn all(data: &[u8], size: usize) -> (Vec<Record>, u8, Option<String>) {
    let mut records = Vec::new();
    let mut table = match Table::open(BufReader::with_capacity(size, data)) {
        Ok(table) => table,
        Err(error) => return (records, b',', Some(error.to_string())),
    };
    let error = loop {
        match table.next() {
            Ok(Some(record)) => records.push(record),
            Ok(None) => break None,
            Err(error) => break Some(error.to_string()),
        }
    };
    (records, table.separator(), error)
}

/// Text without quotes and marks, read in a simpler way.
fn assert_plain(data: &[u8], separator: u8, records: &[Record]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if text.contains(['"', '\u{feff}', '=']) {
        return;
    }
    let lines = text
        .split(['\n', '\r'])
        .map(|line| line.split(char::from(separator)));
    let mut lines = lines.filter(|fields| fields.clone().any(|field| !field.trim().is_empty()));
    for record in records {
        assert!(lines.next().is_some_and(|fields| fields.eq(&record.fields)));
    }
    assert!(lines.next().is_none());
}
