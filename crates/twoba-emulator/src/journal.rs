//! The record of what happens, in three parts: events, totals, and the requests that caused them.

mod event;
mod recorder;
mod requests;
mod snapshot;

pub use event::{EndReason, Endpoint, Event, EventKind};
pub(crate) use recorder::{Entry, Recorder};
pub(crate) use requests::{Body, Head, Kept, Requests, Visit, answered, caused, heard, lock};
pub use snapshot::{Counts, Journal};
