//! Decides what worlds draw: the same in each run, until the environment names another seed.

use std::sync::atomic::{AtomicU64, Ordering};

/// The variable with the seed; `cargo xtask draw` sets it.
pub const SEED: &str = "TWOBA_SEED";

/// The seed of a test run.
const USUAL: u64 = 20_261_128;

/// What one of many draws: 32 bytes at a time, each time others.
#[derive(Debug)]
pub struct Chance {
    seed: u64,
    of: u64,
    drawn: AtomicU64,
}

impl Chance {
    /// Draws that no other number has.
    #[must_use]
    pub fn of(number: u64) -> Self {
        Self {
            seed: seed(),
            of: number,
            drawn: AtomicU64::new(0),
        }
    }

    /// The next 32 bytes. Whoever gets them makes digests of them.
    pub fn draw(&self) -> [u8; 32] {
        let drawn = self.drawn.fetch_add(1, Ordering::SeqCst);
        let mut bytes = [0; 32];
        let numbers = [self.seed, self.of, drawn];
        for (to, number) in bytes.chunks_exact_mut(8).zip(numbers) {
            to.copy_from_slice(&number.to_be_bytes());
        }
        bytes
    }
}

/// The seed that all of it follows from.
#[must_use]
pub fn seed() -> u64 {
    let given = std::env::var(SEED).ok();
    given.map_or(USUAL, |given| given.parse().unwrap())
}
