//! Deterministic simulation: one world owns clock, network, authorization server, stores and
//! several clients; a seed draws everything that happens, faults included.
//!
//! The clients run the product's own session, drive loop and published token. A judge holds
//! what it promises against the model server's and the stores' journals after every event. The
//! same seed always makes the same world, so that a failing one can be looked at.
//!
//! | file | what it decides |
//! | --- | --- |
//! | `plan`, `director`, `operation`, `trigger` | what a world is made of, and what happens to it |
//! | `world`, `sim`, `task` | which task goes on, what time it is |
//! | `host`, `store`, `network`, `server` | the models: machines, stores, wires, the server |
//! | `client` | the product, wired up as the async adapter does it |
//! | `record`, `judge` | what is promised |
//! | `sabotage` | promises that can be switched off |
//! | `summary`, `script` | what is told of it |
#![allow(
    clippy::indexing_slicing,
    reason = "hosts, stores, tasks and requests are named by their place in lists that only \
              grow; a wrong one has to stop the simulation"
)]
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "the product's enums can grow, and most of their variants mean nothing to a judge"
)]

mod client;
mod director;
mod host;
mod judge;
mod network;
mod operation;
mod plan;
mod random;
mod record;
mod sabotage;
mod script;
mod server;
mod sim;
mod store;
mod summary;
mod task;
mod trigger;
mod world;

pub use sabotage::Sabotage;
pub use summary::{Finding, Summary, script, simulate};
