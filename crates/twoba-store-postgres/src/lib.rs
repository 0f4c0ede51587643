//! A PostgreSQL store for sessions, for programs on one host or many.
//!
//! [`PostgresStore`] is async, on Tokio. [`BlockingPostgresStore`] is the same for programs without
//! a runtime.
//!
//! ```no_run
//! use twoba_store::seal::{KeyFile, Sealer};
//! use twoba_store_postgres::{Address, BlockingPostgresStore, PostgresStore};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let address = Address::parse("postgres://app@db.example.com/sessions")?;
//! let keys = Sealer::new(KeyFile::new("/etc/app/store-keys"));
//! let store = BlockingPostgresStore::open(PostgresStore::builder(address).keys(keys))?;
//! # drop(store);
//! # Ok(())
//! # }
//! ```
//!
//! # What it asks of the database
//!
//! It asks for plain SQL in statements without a name. It uses no settings of a connection, no
//! notifications and no advisory locks, so a pooler may give each statement another connection. Each
//! change is one statement and one transaction. The store holds no transaction and no lock of a row
//! while a request to the token server is out.
//!
//! # The claim
//!
//! A lease is a claim in the session's row. It says who holds it, and until when by the database's
//! clock. The clocks of the hosts do not matter. A holder that was stopped or cut off loses the claim after
//! 45 seconds. A late write of that holder changes nothing that somebody else has written, because
//! each write compares the record that it replaces.
//!
//! # Maintenance
//!
//! [`BlockingPostgresStore`] is [`Maintained`](twoba_store::Maintained): all its sessions can be
//! moved to and from another kind of store, and what was kept aside can be taken back. Marking,
//! adopting and a new key need a user who may write the row `meta`. Other programs need no such
//! right. Setting a mark waits until each statement that has not seen it has ended.
//!
//! # When an answer is lost
//!
//! If the answer to a write does not come, the connection is dropped, and the store reads on another
//! connection what became of the write. The caller is told that it was applied, or that it was not.
//! Under a claim, this look also keeps a write that is still on its way from being applied later.
//! If the look fails too, the outcome is unknown, and the error says so.

mod address;
mod blocking;
mod builder;
mod claims;
mod database;
mod failure;
mod lease;
mod maintained;
mod open;
mod pool;
mod rotation;
mod schema;
mod shared;
mod sql;
mod store;
mod tasks;
mod tls;
mod write;

pub use address::{Address, AddressError};
pub use blocking::BlockingPostgresStore;
pub use builder::Builder;
pub use pool::{Connection, Connections};
pub use store::{Claimed, PostgresStore};
pub use tokio_postgres::Client;
