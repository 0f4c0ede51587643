//! Every stored input of the fuzz targets holds, whole and cut at each byte.
#![allow(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test may panic, and says what it looks at"
)]

use std::fs;
use std::path::PathBuf;

use twoba_fuzz_bodies::TARGETS;

/// The corpus of a target: the name and the bytes of each input.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../corpus");
    let entries = fs::read_dir(folder.join(target)).unwrap();
    let mut inputs: Vec<_> = entries
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read(path).unwrap())
        })
        .collect();
    inputs.sort();
    inputs
}

#[test]
fn every_stored_input_holds() {
    for (target, body) in TARGETS {
        let inputs = corpus(target);
        assert!(!inputs.is_empty(), "{target} has no corpus");
        for (name, bytes) in inputs {
            println!("{target}/{name}");
            body(&bytes);
        }
    }
}

#[test]
fn every_stored_input_holds_when_it_is_cut() {
    for (target, body) in TARGETS {
        for (name, bytes) in corpus(target) {
            println!("{target}/{name}");
            for end in 0..bytes.len().min(400) {
                body(&bytes[..end]);
            }
        }
    }
}

#[test]
fn every_stored_input_holds_with_a_bit_flipped() {
    for (target, body) in TARGETS {
        for (name, bytes) in corpus(target) {
            println!("{target}/{name}");
            for at in 0..bytes.len().min(400) {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << (at % 8);
                body(&flipped);
            }
        }
    }
}
