//! Decides how rounds of a benchmark are run, what counts of them, and how they are told; what is measured is the caller's
//! part.

pub mod rounds;
pub mod row;

/// What can go wrong while something is measured.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;
