//! How rows that have come get into the file: all rows of a product or trade item that has changed are
//! replaced by those that have come of it. The file is read and written row by row.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Write};
use std::path::Path;

use serde::Deserialize;

use super::files::{Files, damaged, unusable};
use super::state::State;
use crate::failure::Failure;
use crate::replacing::replaced;

/// What names a product or a trade item in a row. The row of a trade item names its product too.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    supplier_id_gln: Option<String>,
    supplier_item_number: Option<String>,
    manufacturer_id_gln: Option<String>,
    manufacturer_product_number: Option<String>,
}

/// The rows that have come.
#[derive(Default)]
struct Came {
    /// How many rows there are.
    count: u64,
    /// The number of the last row of each product or trade item.
    last: HashMap<Box<str>, u64>,
}

/// Makes the file anew with the rows that have come, and returns how many rows it has then. Done
/// twice, it is the same. Where a list has one row for each, the last one that has come counts: it may
/// have changed during the run.
pub(super) fn merged(files: &Files, state: &State, has_one_each: bool) -> Result<u64, Failure> {
    let mut came = Came::default();
    if state.rows > 0 {
        let note = |row: &[u8]| {
            came.last.insert(name_of(row)?, came.count);
            came.count += 1;
            Ok(())
        };
        each(&files.part, note).map_err(|error| unusable(&files.part, &error))?;
    }
    let mut rows = 0_u64;
    let made = replaced(&files.whole, |file| {
        let mut into = BufWriter::new(file);
        let mut keep = |row: &[u8]| {
            rows += 1;
            into.write_all(row)
        };
        if !state.whole {
            each(&files.whole, |row| {
                match came.last.contains_key(&name_of(row)?) {
                    true => Ok(()),
                    false => keep(row),
                }
            })?;
        }
        if came.count > 0 {
            let (mut number, mut seen) = (0, Seen::default());
            each(&files.part, |row| {
                let is_last = came.last.get(&name_of(row)?) == Some(&number);
                number += 1;
                match is_last || !has_one_each && seen.is_new(row) {
                    true => keep(row),
                    false => Ok(()),
                }
            })?;
        }
        into.flush()
    });
    made.map_err(|error| match error.kind() == ErrorKind::InvalidData {
        true => damaged(&files.whole, "has a row that is none of a synchronization"),
        false => unusable(&files.whole, &error),
    })?;
    Ok(rows)
}

/// Rows that were seen, by 128 bits of each: a run may bring one twice.
#[derive(Default)]
struct Seen {
    keys: [RandomState; 2],
    rows: HashSet<[u64; 2]>,
}

impl Seen {
    fn is_new(&mut self, row: &[u8]) -> bool {
        let digest = self.keys.each_ref().map(|key| key.hash_one(row));
        self.rows.insert(digest)
    }
}

fn name_of(row: &[u8]) -> io::Result<Box<str>> {
    let name = serde_json::from_slice(row).ok().and_then(|named: Named| {
        let item = named.supplier_id_gln.zip(named.supplier_item_number);
        let product = named
            .manufacturer_id_gln
            .zip(named.manufacturer_product_number);
        let (gln, number) = item.or(product)?;
        Some(format!("{gln}/{number}").into())
    });
    name.ok_or_else(|| {
        io::Error::new(
            ErrorKind::InvalidData,
            "a row names no product and no trade item",
        )
    })
}

/// Looks at each row of a file, with its end.
fn each(path: &Path, mut look: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut rows = BufReader::new(File::open(path)?);
    let mut row = Vec::new();
    while rows.read_until(b'\n', &mut row)? > 0 {
        // Editors leave out the last end.
        if !row.ends_with(b"\n") {
            row.push(b'\n');
        }
        look(&row)?;
        row.clear();
    }
    Ok(())
}
