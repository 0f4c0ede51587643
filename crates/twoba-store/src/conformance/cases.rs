//! The cases, grouped by subject.

mod common;
mod damage;
mod dates;
mod dropping;
mod failing;
mod keys;
mod killing;
mod leasing;
mod listing;
mod probing;
mod racing;
mod rescuing;
mod storing;
mod swapping;
mod unknown;

pub(crate) use damage::*;
pub(crate) use dates::*;
pub(crate) use dropping::*;
pub(crate) use failing::*;
pub(crate) use keys::*;
pub(crate) use killing::*;
pub(crate) use leasing::*;
pub(crate) use listing::*;
pub(crate) use probing::*;
pub(crate) use racing::*;
pub(crate) use rescuing::*;
pub(crate) use storing::*;
pub(crate) use swapping::*;
pub(crate) use unknown::*;
