//! The bodies of the fuzz targets as property tests: random bytes, inputs put together from the
//! pieces that each grammar is made of, and stored inputs that were changed.
//!
//! All are drawn from one seed, which `.cargo/config.toml` fixes and `cargo xtask draw` replaces.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic, and says what it looks at"
)]

mod changes;
mod pieces;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{RngSeed, TestRunner};
use twoba_fuzz_bodies::{TARGETS, Target};

use pieces::pieces;

/// Some control bytes, then pieces in any order, and now and then a byte of anything.
fn put_together(pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        12 => select(pieces).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    (vec(any::<u8>(), 0..4), vec(piece, 0..24))
        .prop_map(|(choices, pieces)| [choices, pieces.concat()].concat())
}

/// A JSON object of some members in any order, behind three control bytes.
fn object(pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let members: Vec<&str> = pieces
        .iter()
        .copied()
        .filter(|piece| piece.starts_with("\"") && piece.contains("\":"))
        .collect();
    let some = vec(select(members), 0..8);
    ("[0-?]{3}", some)
        .prop_map(|(choices, members)| format!("{choices}{{{}}}", members.join(",")).into_bytes())
}

/// The body holds for what is drawn, so many times 256.
fn holds((target, body): Target, times: u32, inputs: &impl Strategy<Value = Vec<u8>>) {
    let usual = ProptestConfig::default();
    let mut runner = TestRunner::new(ProptestConfig {
        cases: usual.cases.saturating_mul(times),
        failure_persistence: None,
        ..usual
    });
    let outcome = runner.run(inputs, |bytes| {
        body(&bytes);
        Ok(())
    });
    assert!(outcome.is_ok(), "{target}: {outcome:?}");
}

#[test]
fn what_is_drawn_follows_from_a_seed() {
    // Fails only where these tests are not run by cargo, which reads `.cargo/config.toml`.
    assert_ne!(ProptestConfig::default().rng_seed, RngSeed::Random);
}

#[test]
fn every_target_holds_for_random_bytes() {
    for target in TARGETS {
        holds(target, 4, &vec(any::<u8>(), 0..256));
    }
}

#[test]
fn every_target_holds_for_its_own_pieces_in_any_order() {
    for target in TARGETS {
        holds(target, 4, &put_together(pieces(target.0)));
    }
}

#[test]
fn every_target_of_json_holds_for_members_in_any_order() {
    let with_members = |target: &Target| {
        pieces(target.0)
            .iter()
            .filter(|piece| piece.starts_with("\"") && piece.contains("\":"))
            .count()
            > 2
    };
    for target in TARGETS.into_iter().filter(with_members) {
        holds(target, 8, &object(pieces(target.0)));
    }
}

#[test]
fn every_target_holds_for_stored_inputs_that_were_changed() {
    for target in TARGETS {
        // The emulator is asked through a socket, several times an input.
        let times = if target.0 == "emulator" { 8 } else { 100 };
        holds(target, times, &changes::changed(target.0));
    }
}
