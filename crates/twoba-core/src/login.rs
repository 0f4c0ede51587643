//! Logging in: by password, or by a browser's round trip that brings a code back.
//!
//! What comes out is a [`FreshGrant`], which has no getters: its token reaches the caller
//! only after [`Session::adopt`](crate::Session::adopt) has it saved.

mod address;
mod authorize;
mod callback;
mod error;
mod redirect;
mod remembered;
mod reply;

pub use error::{CallbackError, LoginError};
pub use redirect::{RedirectUri, RedirectUriError};
pub use remembered::{CodeExchange, Login, RememberedLoginError};
pub use reply::{FreshGrant, LoginReply};

#[cfg(test)]
mod tests;
