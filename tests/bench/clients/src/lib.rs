//! The jobs that twoba's adapters and their peers are measured at, and what surrounds them.

pub mod counting;
pub mod floor;
pub mod go;
pub mod ours;
pub mod peers;
pub mod server;

pub use twoba_measure::{Fault, rounds, row};

/// A thread with a stack of so many KiB, as there may be thousands.
#[must_use]
pub fn thread_of(kibibytes: usize) -> std::thread::Builder {
    std::thread::Builder::new().stack_size(kibibytes * 1024)
}
