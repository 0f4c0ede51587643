//! A session: one person's grant, kept through refreshes. The session decides; its driver saves and
//! sends.
//!
//! From the bottom up: the stored grant and each change of it (`transition`), its bytes (`record`,
//! `written`), the decisions (`next`, `outcome`), the data of a session (`data`), the steps
//! (`step`), and one file for each goal of the steps.

mod id;
mod want;

mod candidate;
mod grant;
mod intent;
mod timing;
mod transition;
mod trouble;
mod unsent;
mod verdict;

mod owner;
mod record;
mod schedule;
mod written;

mod error;
mod next;
mod next_own;
mod outcome;
mod terms;
mod waiting;

mod current;
mod data;
mod known;
mod status;

mod step;

mod import;
mod late;
mod logout;
mod program;
mod refresh;
mod revocation;
mod settle;
mod sign_in;
mod take_back;

#[cfg(doctest)]
mod misuse;
#[cfg(test)]
mod tests;

pub use current::Current;
pub use data::Session;
pub use error::RefreshError;
pub use id::{LoginId, TokenId};
pub use import::Imported;
pub use logout::{LoggedOut, Revocation};
pub use owner::Owner;
pub use program::OwnToken;
pub use record::RecordError;
pub use schedule::Schedule;
pub use settle::Settled;
pub use sign_in::SignIn;
pub use status::{SessionState, Status};
pub use step::{Goal, Receipt, Reply, Step};
pub use take_back::TakenBack;
pub use transition::SeenGrant;
pub use trouble::{Trouble, TroubleReason};
pub use unsent::Unsent;
pub use verdict::{Cause, Verdict};
pub use want::Want;
