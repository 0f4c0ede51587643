//! The steps: each effect is a value, and finishing it is the only way on.

use core::fmt;

use http::{Request, Response};

use super::Session;
use super::error::RefreshError;
use crate::form::Form;
use crate::send::SendFailure;
use crate::stored::{Change, Durable, Revision, StoredGrant};
use crate::time::Timestamp;

/// What has to happen next.
///
/// It has no further variants on purpose: a new kind of effect must stop every driver from
/// compiling.
#[derive(Debug)]
#[must_use = "a session goes on only when its step is carried out"]
pub enum Step<'s, T: Goal> {
    /// Apply the change to the store, then finish the receipt.
    Save(Change, Receipt<'s, T>),
    /// Send the request, then finish the reply.
    Send(Request<Form>, Reply<'s, T>),
    /// It is over.
    Done(Result<T, RefreshError>),
}

/// A change that is being stored. Dropping it equals a crash before the store's answer.
#[must_use = "finish it with `saved`, `conflict` or `failed`"]
pub struct Receipt<'s, T: Goal> {
    pub(super) session: &'s mut Session,
    pub(super) revision: Revision,
    pub(super) saving: T::Saving,
}

/// A request that is out. Dropping it equals a crash before the server's answer.
#[must_use = "finish it with `received` or `failed`"]
pub struct Reply<'s, T: Goal> {
    pub(super) session: &'s mut Session,
    pub(super) sending: T::Sending,
}

impl<'s, T: Goal> Receipt<'s, T> {
    /// The change is durable, as `proof` says.
    pub fn saved(self, now: Timestamp, proof: Durable) -> Step<'s, T> {
        if !proof.proves(self.revision) {
            return Step::Done(Err(RefreshError::WrongProof));
        }
        T::saved(self.session, self.saving, now)
    }

    /// Another writer was first; this is stored instead.
    pub fn conflict(self, now: Timestamp, stored: Option<StoredGrant>) -> Step<'s, T> {
        T::conflict(self.session, self.saving, now, stored)
    }

    /// The store could not be written.
    pub fn failed(self, now: Timestamp) -> Step<'s, T> {
        T::not_saved(self.session, self.saving, now)
    }
}

impl<'s, T: Goal> Reply<'s, T> {
    /// The server has answered, at `now`.
    pub fn received<B: AsRef<[u8]>>(self, now: Timestamp, response: &Response<B>) -> Step<'s, T> {
        T::received(self.session, self.sending, now, response)
    }

    /// No answer came.
    pub fn failed(self, now: Timestamp, failure: SendFailure) -> Step<'s, T> {
        T::not_received(self.session, self.sending, now, failure)
    }
}

impl<T: Goal> fmt::Debug for Receipt<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt").finish_non_exhaustive()
    }
}

impl<T: Goal> fmt::Debug for Reply<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").finish_non_exhaustive()
    }
}

/// What a sequence of steps is for: a token, an import, a sign-in or a logout. Nobody else can implement it; its
/// items are how each goal goes on when one of its effects is finished.
pub trait Goal: Sized + sealed::Sealed {
    #[doc(hidden)]
    type Saving;
    #[doc(hidden)]
    type Sending;

    #[doc(hidden)]
    fn saved(session: &mut Session, saving: Self::Saving, now: Timestamp) -> Step<'_, Self>;

    #[doc(hidden)]
    fn conflict(
        session: &mut Session,
        saving: Self::Saving,
        now: Timestamp,
        stored: Option<StoredGrant>,
    ) -> Step<'_, Self>;

    #[doc(hidden)]
    fn not_saved(session: &mut Session, saving: Self::Saving, now: Timestamp) -> Step<'_, Self>;

    #[doc(hidden)]
    fn received<'s, B: AsRef<[u8]>>(
        session: &'s mut Session,
        sending: Self::Sending,
        now: Timestamp,
        response: &Response<B>,
    ) -> Step<'s, Self>;

    #[doc(hidden)]
    fn not_received(
        session: &mut Session,
        sending: Self::Sending,
        now: Timestamp,
        failure: SendFailure,
    ) -> Step<'_, Self>;
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for crate::secret::AccessToken {}
    impl Sealed for crate::session::import::Imported {}
    impl Sealed for crate::session::logout::LoggedOut {}
    impl Sealed for crate::session::sign_in::SignIn {}
}
