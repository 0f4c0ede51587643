//! Changes of stored inputs: what a fuzzer does to them, drawn without a look at what they reach.

use std::fs;
use std::path::PathBuf;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::pieces::pieces;

/// Longest input that changes may make of a stored one, in bytes.
const LENGTH_MAX: usize = 4096;

/// What is done to the bytes, at places that are chosen by their share of the length.
#[derive(Debug, Clone)]
enum Change {
    Flip(Index, u32),
    Put(Index, Vec<u8>),
    Overwrite(Index, Vec<u8>),
    Remove(Index, Index),
    Repeat(Index, Index),
    /// The rest is that of another input.
    GoOnAs(Index, Vec<u8>, Index),
}

/// Stored inputs of a target with up to eight changes.
pub(crate) fn changed(target: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let stored = stored(target);
    let bytes = prop_oneof![
        3 => select(pieces(target)).prop_map(|piece| piece.as_bytes().to_vec()),
        2 => vec(any::<u8>(), 1..4),
        1 => select(b"\0\t\n\r !\"#%&'+/:;<=>?[\\]{}~\x7f\xff".as_slice()).prop_map(|byte| vec![byte]),
    ];
    let at = || any::<Index>();
    let change = prop_oneof![
        (at(), 0..8_u32).prop_map(|(at, bit)| Change::Flip(at, bit)),
        (at(), bytes.clone()).prop_map(|(at, bytes)| Change::Put(at, bytes)),
        (at(), bytes).prop_map(|(at, bytes)| Change::Overwrite(at, bytes)),
        (at(), at()).prop_map(|(from, to)| Change::Remove(from, to)),
        (at(), at()).prop_map(|(from, to)| Change::Repeat(from, to)),
        (at(), select(stored.clone()), at())
            .prop_map(|(at, other, from)| Change::GoOnAs(at, other, from)),
    ];
    (select(stored), vec(change, 1..9)).prop_map(|(mut bytes, changes)| {
        for change in &changes {
            change.make(&mut bytes);
            bytes.truncate(LENGTH_MAX);
        }
        bytes
    })
}

/// The corpus of a target, in an order that every file system agrees on.
fn stored(target: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../corpus");
    let entries = fs::read_dir(folder.join(target)).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

impl Change {
    fn make(&self, bytes: &mut Vec<u8>) {
        let place = |at: &Index| at.index(bytes.len() + 1);
        let range = |one: &Index, other: &Index| {
            let (one, other) = (place(one), place(other));
            one.min(other)..one.max(other)
        };
        match self {
            Self::Flip(at, bit) => {
                let at = place(at);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << bit;
                }
            }
            Self::Put(at, new) => {
                let at = place(at);
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Overwrite(at, new) => {
                let at = place(at);
                let end = (at + new.len()).min(bytes.len());
                bytes.splice(at..end, new.iter().copied());
            }
            Self::Remove(from, to) => {
                bytes.drain(range(from, to));
            }
            Self::Repeat(from, to) => {
                let range = range(from, to);
                let again = bytes[range.clone()].to_vec();
                bytes.splice(range.end..range.end, again);
            }
            Self::GoOnAs(at, other, from) => {
                let at = place(at);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from.index(other.len() + 1)..]);
            }
        }
    }
}
