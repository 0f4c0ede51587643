//! PostgreSQL and PgBouncer as processes of a test: a cluster in a temporary folder, on a port of its own.
//!
//! Neither runs as root. Each ends with its value, and also when the test that has started it is killed: a shell waits
//! for the end of its input, and stops the server by its process id.

mod bouncer;
mod cluster;
mod user;

pub use bouncer::PgBouncer;
pub use cluster::{Postgres, Stop};
