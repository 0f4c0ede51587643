//! The steps of a session. Each effect is a value, and only finishing it leads to the next step.

use core::fmt;

use http::{Request, Response};

use super::data::Session;
use super::error::RefreshError;
use super::written::{Base, Written};
use crate::form::Form;
use crate::send::SendFailure;
use crate::stored::{Change, Durable, Revision, StoredGrant};
use crate::time::Timestamp;

/// The next action for the driver of a session.
///
/// The enum is exhaustive on purpose: a new kind of effect must stop every driver from compiling.
#[derive(Debug)]
#[must_use = "a session goes on only when its step is carried out"]
pub enum Step<'s, T: Goal> {
    /// Apply the change to the store, then finish the receipt.
    Save(Change, Receipt<'s, T>),
    /// Send the request, then finish the reply.
    Send(Request<Form>, Reply<'s, T>),
    /// The sequence of steps has ended.
    Done(Result<T, RefreshError>),
}

/// A change on its way to the store. Dropping it equals a crash before the store's answer, except
/// that the session keeps a grant that only this memory has
/// ([`has_unsaved`](Session::has_unsaved)).
#[must_use = "finish it with `saved`, `conflict` or `failed`"]
pub struct Receipt<'s, T: Goal> {
    session: &'s mut Session,
    revision: Revision,
    /// The stored record after the change is saved.
    after: Base,
    saving: T::Saving,
}

/// A request on its way. Dropping it equals a crash before the server's answer.
#[must_use = "finish it with `received` or `failed`"]
pub struct Reply<'s, T: Goal> {
    session: &'s mut Session,
    sending: T::Sending,
}

impl<'s, T: Goal> Step<'s, T> {
    /// Stores the written record, then goes on with `saving`.
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
    /// Reports that the change is durable. The store makes `proof`. With the proof of another change,
    /// nothing counts as stored.
    pub fn saved(self, now: Timestamp, proof: Durable) -> Step<'s, T> {
        if !proof.proves(self.revision) {
            return Step::Done(Err(RefreshError::WrongProof));
        }
        T::saved(self.session, self.saving, self.after, now)
    }

    /// Reports that another writer was first. `stored` holds the bytes of that writer.
    pub fn conflict(self, now: Timestamp, stored: Option<StoredGrant>) -> Step<'s, T> {
        T::conflict(self.session, self.saving, now, stored)
    }

    /// Reports that the store could not be written.
    pub fn failed(self, now: Timestamp) -> Step<'s, T> {
        T::not_saved(self.session, self.saving, now)
    }
}

impl<'s, T: Goal> Reply<'s, T> {
    /// Reports the server's answer, which came at `now`.
    pub fn received<B: AsRef<[u8]>>(self, now: Timestamp, response: &Response<B>) -> Step<'s, T> {
        T::received(self.session, self.sending, now, response)
    }

    /// Reports that no answer came.
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

/// The goal of a sequence of steps: a token, an import, a sign-in or a logout. Only this crate
/// implements it. Its items say how a goal goes on after one of its effects is finished.
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
    /// Seals `Goal`. Each goal implements it beside its steps.
    pub trait Sealed {}
}
