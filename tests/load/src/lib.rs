//! Decides how load is put on a token endpoint and what is counted; starts and compares nothing.
//!
//! Load and server share a machine, so the load has to be cheap: one thread, blocking sockets, two
//! system calls a request. The thread goes round its connections and has a request under way on
//! each; a server is never without work, and nothing waits for readiness.

mod connection;
mod endpoint;
pub mod fixed;
pub mod pairs;
pub mod refreshes;
mod usage;

pub use endpoint::Endpoint;
