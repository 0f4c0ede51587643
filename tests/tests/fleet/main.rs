//! The store of a fleet: PostgreSQL, directly and by a pooler, with what databases do to their clients.

#![cfg(unix)]

mod conformance;
mod doubts;
mod faults;
mod scene;
