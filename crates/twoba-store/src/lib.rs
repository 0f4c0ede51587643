//! Stores for sessions, and the loops that carry out a session's steps.
//!
//! A [`Store`] keeps bytes under a key and knows nothing of OAuth. Its lease lets one refresher
//! work at a time. Its compare-and-swap keeps a holder that lost the lease from overwriting a newer
//! grant. [`drive`] and [`drive_async`] carry out the steps of a [`Session`](twoba_core::Session)
//! with a store and a transport.
//!
//! The feature `conformance` contains the suite that every store has to pass. Use it to test a
//! store of your own.
//!
//! The feature `encryption` contains what seals records before they are stored: `seal`.

mod block_on;
mod clock;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod drive;
mod error;
mod file;
pub mod machine;
mod memory;
mod moving;
mod protection;
#[cfg(feature = "encryption")]
pub mod seal;
mod sealed;
mod store;

pub use block_on::{block_on, block_until};
pub use clock::{Clock, Span, SystemClock};
pub use drive::{drive, drive_async};
pub use error::{Error, ErrorKind, TransportError};
pub use file::FileStore;
pub use memory::MemoryStore;
pub use moving::{MoveError, Moved, move_sessions};
pub use protection::{Protection, Protector};
pub use sealed::{Label, SEAL_OVERHEAD, is_sealed, key_of};
pub use store::{
    About, Apply, ApplyError, AsyncApply, AsyncLease, AsyncStore, Content, DatabaseFailure, Direct,
    Due, Found, InPlace, KeptAside, KeyId, Lease, Listed, ListedKind, Maintained, Mark, Offload,
    Offloaded, Store, StoreError, Unleased,
};
pub use twoba_core::Want;
