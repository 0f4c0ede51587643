//! Sans-IO OAuth2 client.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod advice;
mod answer;
mod client;
mod form;
pub mod jsonp;
pub mod limits;
mod login;
mod media_type;
mod provider;
mod secret;
mod seed;
mod send;
mod session;
mod stored;
mod text;
mod time;

pub use advice::Advice;
pub use answer::{
    AnswerFacts, ErrorCode, Lifetime, Malformed, TokenError, TokenResponse, Unavailable, judge,
    judge_revocation,
};
pub use client::{Client, ClientError};
pub use form::Form;
pub use login::{
    CallbackError, CodeExchange, FreshGrant, Login, LoginError, LoginReply, RedirectUri,
    RedirectUriError,
};
pub use provider::{
    ClientAuthentication, Endpoint, EndpointError, Origin, Provider, Replay, Rule, Rules,
};
pub use secret::{
    AccessToken, AuthorizationCode, ClientSecret, Password, RefreshToken, SecretError,
};
pub use seed::Seed;
pub use send::SendFailure;
pub use session::{
    Cause, Goal, LoggedOut, LoginId, Receipt, RecordError, RefreshError, Reply, Revocation,
    Session, SessionState, Status, Step, TokenId, Trouble, TroubleReason, Verdict,
};
pub use stored::{Change, Durable, Revision, SessionKey, SessionKeyError, StoredGrant};
pub use time::Timestamp;
