//! Servers that others wrote beside the emulator: how each is started, what it answers, and how fast it is.
//!
//! - [`prepare()`] installs what programs of others need, into cargo's target folder.
//! - [`Started`] is a server's process, which says where it listens; [`django`] and [`oidc_provider`] start those
//!   of others with what was prepared for them.
//! - [`postgres`] starts PostgreSQL and a pooler before it, each in a temporary folder.
//! - [`record`] asks each server a fixed set of requests and keeps the answers below `fixtures/`.
//! - [`mod@bench`] puts load on the emulator and on others, and counts; [`clients`] measures the adapters beside
//!   other clients, and [`stores`] the stores beside what they are made of.

pub mod bench;
pub mod clients;
mod jobs;
#[cfg(unix)]
pub mod postgres;
mod prepare;
pub mod record;
mod started;
pub mod stores;

pub use prepare::{Prepared, prepare};
pub use started::{Started, django, oidc_provider};
