//! Unifeed, 2BA's web catalogue: the address that a browser starts with, and the selection that comes back.
//!
//! 2BA documents the parameters of the address but for some, and the ways back for `JSON`, `JSONPOST`,
//! `SERVERJSONPOST`, `OCI` and `OCI2`. What is seen in 2BA's demo program alone: the parameter
//! `accessToken`, the interface bits 32 and 64, and the ways `JSONGET` and `DOWNLOAD`. That a selection is
//! refused without a secret in its way back is this crate's own rule: 2BA knows nothing of it.

mod interface;
mod oci;
mod receiver;
mod reply;
mod selection;
mod start;

pub use interface::{Interface, InterfaceType};
pub use receiver::{Received, Reception, SelectionError, UnifeedReceiver};
pub use selection::{SelectedItem, Selection, UnifeedObject};
pub use start::{UnifeedAddress, UnifeedFilter, UnifeedStart};
