//! The program of `docs/embedding.md`, and a journey that each of its ways of sending makes.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

pub(crate) mod journey;
