//! The commands, with one file each.

mod aside;
pub(crate) mod batch;
mod body;
mod check;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod emulator;
pub(crate) mod generated;
pub(crate) mod get;
pub(crate) mod import;
pub(crate) mod keep_alive;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod profile;
pub(crate) mod soap;
pub(crate) mod status;
pub(crate) mod store;
pub(crate) mod sync;
pub(crate) mod token;
pub(crate) mod unifeed;

pub(crate) use crate::times::rfc3339;
