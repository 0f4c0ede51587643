//! The parts that tests of the workspace share, and that no product may use.
//!
//! - [`fixture`] reads the messages below `fixtures/`, byte for byte as they stood on the wire.
//! - [`Script`] is a server on loopback that follows a script, connection by connection, and
//!   remembers the requests.
//! - [`Canaries`] finds secrets in texts that must not have any.
//! - [`Running`] is a child process that does not outlive its test.
//!
//! Nothing here knows OAuth, and nothing sleeps. Every wait is for an event and has a limit.

mod canary;
pub mod fixture;
mod html;
pub mod message;
mod running;
mod script;
mod wire;

pub use canary::{Canaries, Leak};
pub use html::hidden_fields;
pub use running::{Ended, Running};
pub use script::{Act, Script};
pub use wire::{exchange, exchange_bytes, form, form_encoded};
