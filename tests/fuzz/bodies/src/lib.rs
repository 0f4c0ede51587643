//! What holds of the core, sealed records, the services and the emulator whatever comes in: one function a target, which panics where it does not.
//!
//! The fuzzer runs them on a nightly toolchain, the property tests beside this file run the
//! same ones on any. Each reads a few choices from the first bytes of its input, by their
//! remainder, and the rest as the server's, the browser's or the disk's. Only the public API
//! is used, of the emulator its sockets, and what it says is compared with a second, simpler reading.
#![allow(clippy::panic, reason = "a body says by a panic what does not hold")]

mod answer;
mod callback;
mod challenge;
mod choice;
mod emulator;
mod jsonp;
mod metadata;
mod product_data;
mod record;
mod remembered_login;
mod retry_after;
mod sealed;
mod sealed_record;
mod selection;
mod shown;
mod soap;
mod table;

pub use answer::answer;
pub use callback::callback;
pub use challenge::challenge;
pub use emulator::emulator;
pub use jsonp::jsonp;
pub use metadata::metadata;
pub use product_data::product_data;
pub use record::record;
pub use remembered_login::remembered_login;
pub use retry_after::retry_after;
pub use sealed_record::sealed_record;
pub use selection::selection;
pub use soap::soap;
pub use table::table;

/// A target: its name, as its folder of the corpus is called, and what it runs.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 14] = [
    ("answer", answer),
    ("callback", callback),
    ("challenge", challenge),
    ("emulator", emulator),
    ("jsonp", jsonp),
    ("metadata", metadata),
    ("product_data", product_data),
    ("record", record),
    ("remembered_login", remembered_login),
    ("retry_after", retry_after),
    ("sealed_record", sealed_record),
    ("selection", selection),
    ("soap", soap),
    ("table", table),
];
