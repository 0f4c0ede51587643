//! An OAuth 2.0 client without I/O. It builds requests, judges answers, and keeps a session whose
//! refresh token rotates.
//!
//! The crate reads no clock, opens no socket and touches no file. Time, randomness and stored bytes
//! come in as arguments. Requests and changes go out as values, which any HTTP stack can carry out.
//!
//! From the bottom up:
//!
//! - [`Provider`] describes a server: its addresses and its departures from the specification.
//!   [`Client`] builds requests to it, and [`judge`] reads the answers.
//! - [`Client::password`] and [`Client::authorize`] log a person in. They lead to a [`FreshGrant`],
//!   which cannot be read.
//! - A program without a user has a [`Session::of_program`]. [`Session::obtain_own`] gets its token
//!   by the same steps.
//! - [`Session::adopt`] stores the result of a login. Each method of [`Session`] that needs an
//!   effect returns a [`Step`]. The driver saves or sends, and then finishes the step:
//!
//! ```
//! use http::{Request, Response};
//! use twoba_core::{Change, Durable, Form, Goal, RefreshError, SendFailure, Step, StoredGrant, Timestamp};
//!
//! /// The possible results of a change of the store.
//! enum Applied {
//!     Durably(Durable),
//!     Conflict(Option<StoredGrant>),
//!     Failed,
//! }
//!
//! fn drive<T: Goal>(
//!     mut step: Step<'_, T>,
//!     now: impl Fn() -> Timestamp,
//!     mut apply: impl FnMut(&Change) -> Applied,
//!     mut send: impl FnMut(Request<Form>) -> Result<Response<Vec<u8>>, SendFailure>,
//! ) -> Result<T, RefreshError> {
//!     loop {
//!         step = match step {
//!             Step::Save(change, receipt) => match apply(&change) {
//!                 Applied::Durably(proof) => receipt.saved(now(), proof),
//!                 Applied::Conflict(stored) => receipt.conflict(now(), stored),
//!                 Applied::Failed => receipt.failed(now()),
//!             },
//!             Step::Send(request, reply) => match send(request) {
//!                 Ok(response) => reply.received(now(), &response),
//!                 Err(failure) => reply.failed(now(), failure),
//!             },
//!             Step::Done(outcome) => return outcome,
//!         };
//!     }
//! }
//! ```
//!
//! Three mistakes do not compile: two refreshes of one session at once, finishing an effect twice,
//! and a proof of storage that does not come from [`Durable::assertion`].
//!
//! ```compile_fail
//! # use twoba_core::{Session, Timestamp, Want};
//! fn twice(session: &mut Session, now: Timestamp) {
//!     let one = session.obtain(Want::Usable, now, None);
//!     let two = session.obtain(Want::Usable, now, None);
//!     drop((one, two));
//! }
//! ```
//!
//! ```compile_fail
//! # use twoba_core::{AccessToken, Durable, Receipt, Timestamp};
//! fn twice(receipt: Receipt<'_, AccessToken>, now: Timestamp, proof: Durable) {
//!     drop(receipt.saved(now, proof));
//!     drop(receipt.saved(now, proof));
//! }
//! ```
//!
//! ```compile_fail
//! # use twoba_core::{Durable, StoredGrant};
//! let proof = Durable { revision: StoredGrant::from_bytes(Vec::new()).revision() };
//! ```
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod advice;
mod answer;
mod assertion;
mod challenge;
mod client;
mod content_coding;
mod envelope;
mod form;
mod introspection;
pub mod jsonp;
pub mod limits;
mod login;
mod media_type;
mod metadata;
mod provider;
mod secret;
mod seed;
mod send;
mod session;
mod stored;
mod text;
mod time;
mod topic;

pub use advice::Advice;
pub use answer::{
    AnswerFacts, ErrorCode, Lifetime, Malformed, ScopeChange, TokenError, TokenResponse,
    Unavailable, judge, judge_revocation, retry_after,
};
pub use assertion::{SignError, Signer};
pub use challenge::{BearerError, Challenge, rejects_token};
pub use client::{Client, ClientError};
pub use content_coding::content_coding;
pub use form::Form;
pub use introspection::{Introspection, judge_introspection};
pub use login::{
    CallbackError, CodeExchange, FreshGrant, Login, LoginError, LoginReply, RedirectUri,
    RedirectUriError, RememberedLoginError,
};
pub use media_type::is_json;
pub use metadata::{Metadata, MetadataError, metadata_requests};
pub use provider::{
    ClientAuthentication, Endpoint, EndpointError, Origin, Provider, Replay, Rule, Rules,
    is_loopback,
};
pub use secret::{
    AccessToken, AuthorizationCode, ClientSecret, Password, RefreshToken, SecretError,
};
pub use seed::Seed;
pub use send::SendFailure;
pub use session::{
    Cause, Current, Goal, Imported, LoggedOut, LoginId, OwnToken, Owner, Receipt, RecordError,
    RefreshError, Reply, Revocation, Schedule, SeenGrant, Session, SessionState, Settled, SignIn,
    Status, Step, TakenBack, TokenId, Trouble, TroubleReason, Unsent, Verdict, Want,
};
pub use stored::{Change, Durable, Revision, SessionKey, SessionKeyError, StoredGrant};
pub use time::Timestamp;
pub use topic::Topic;
