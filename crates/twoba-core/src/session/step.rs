//! The steps: each effect is a value, and finishing it is the only way on.

use core::fmt;

use http::{Request, Response};

use super::data::Session;
use super::error::RefreshError;
use super::written::{Base, Written};
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
    session: &'s mut Session,
    revision: Revision,
    /// What stands in the store once it is saved.
    after: Base,
    saving: T::Saving,
}

/// A request that is out. Dropping it equals a crash before the server's answer.
#[must_use = "finish it with `received` or `failed`"]
pub struct Reply<'s, T: Goal> {
    session: &'s mut Session,
    sending: T::Sending,
}

impl<'s, T: Goal> Step<'s, T> {
    /// Stores what is written, then goes on with `saving`.
    pub(super) fn save(session: &'s mut Session, written: Written, saving: T::Saving) -> Self {
        let receipt = Receipt {
            session,
            revision: written.change.revision(),
            after: written.after,
            saving,
        };
        Self::Save(written.change, receipt)
    }

    /// Sends a request, then goes on with `sending`.
    pub(super) fn send(
        session: &'s mut Session,
        request: Request<Form>,
        sending: T::Sending,
    ) -> Self {
        Self::Send(request, Reply { session, sending })
    }
}

impl<'s, T: Goal> Receipt<'s, T> {
    /// The change is durable, as `proof` says.
    pub fn saved(self, now: Timestamp, proof: Durable) -> Step<'s, T> {
        if !proof.proves(self.revision) {
            return Step::Done(Err(RefreshError::WrongProof));
        }
        T::saved(self.session, self.saving, self.after, now)
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

/// What a sequence of steps is for: a token, an import, a sign-in or a logout. Nobody else can
/// implement it; its items are how each goal goes on when one of its effects is finished.
pub trait Goal: Sized + sealed::Sealed {
    #[doc(hidden)]
    type Saving;
    #[doc(hidden)]
    type Sending;

    #[doc(hidden)]
    fn saved(
        session: &mut Session,
        saving: Self::Saving,
        after: Base,
        now: Timestamp,
    ) -> Step<'_, Self>;

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

pub(super) mod sealed {
    /// Each goal says so beside what it does.
    pub trait Sealed {}
}
