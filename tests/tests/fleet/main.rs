//! The store of a fleet: PostgreSQL, directly and by a pooler, with what databases do to their clients.

#![cfg(unix)]

mod claims;
mod conformance;
mod copies;
mod doubts;
mod faults;
mod full;
mod plan;
mod pools;
mod refreshes;
mod rotation;
mod scene;
mod secrets;
mod secured;
