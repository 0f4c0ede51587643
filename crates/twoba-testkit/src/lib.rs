//! What tests of the workspace share and products must not: fixtures, a scripted server, canaries, children that end.
//!
//! - [`fixture`] reads the messages below `fixtures/`, byte for byte as they stood on the wire.
//! - [`Script`] is a server on loopback that does what it was told, connection by connection, and
//!   remembers what it was asked.
//! - [`Canaries`] finds secrets in texts that must hold none.
//! - [`Running`] is a child process that does not outlive its test.
//!
//! Nothing here knows OAuth, and nothing sleeps: what waits, waits for an event and has a limit.

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
