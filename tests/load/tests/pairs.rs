//! Two refreshes at once with one token, many times over.

use twoba_emulator::Emulator;
use twoba_load::pairs::{self, Tally};
use twoba_load::{Endpoint, refreshes};

/// `cargo xtask bench emulator` runs 100,000.
const PAIRS: u64 = 2_000;

#[test]
fn of_two_refreshes_at_once_with_one_token_exactly_one_gets_tokens() {
    let emulator = Emulator::builder().start().unwrap();
    let endpoint = Endpoint::parse(&format!("{}/OAuth/Token", emulator.url())).unwrap();
    let tally = pairs::run(&endpoint, PAIRS).unwrap();
    let expected = Tally {
        one: PAIRS,
        won_by_the_last: tally.won_by_the_last,
        ..Tally::default()
    };
    assert_eq!(tally, expected);
    let counts = emulator.counts();
    assert!(counts.rotations >= PAIRS && counts.reuse >= PAIRS);
}

#[test]
fn every_refresh_of_a_load_gets_the_next_token_of_its_family() {
    let emulator = Emulator::builder().start().unwrap();
    let endpoint = Endpoint::parse(&format!("{}/connect/token", emulator.url())).unwrap();
    let plan = refreshes::Plan {
        connections: 16,
        families: 100,
        refreshes: 5_000,
        server: None,
    };
    refreshes::run(&endpoint, &plan).unwrap();
    let counts = emulator.counts();
    assert_eq!((counts.password, counts.rotations), (100, 5_000));
    assert_eq!((counts.reuse, counts.refused), (0, 0));
}
