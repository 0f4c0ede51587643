//! Logging in by password, or by a browser that brings back a code.
//!
//! A login yields a [`FreshGrant`], which has no getters. [`Session::adopt`](crate::Session::adopt)
//! saves it first, and only then hands out its token.

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
