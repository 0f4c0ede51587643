//! The two loops that carry out steps. They differ only in how they wait.

use http::{Request, Response};
use twoba_core::{Form, Goal, RefreshError, Step};

use crate::clock::Clock;
use crate::error::{Error, TransportError};
use crate::store::{Apply, ApplyError, AsyncApply, StoreError};

/// The underlying error of a step, kept as the source of the session's error.
#[derive(Default)]
struct Beneath {
    store: Option<StoreError>,
    transport: Option<TransportError>,
}

impl Beneath {
    fn explain<T>(self, outcome: Result<T, RefreshError>) -> Result<T, Error> {
        outcome.map_err(|error| match (error, self.store) {
            (RefreshError::NotStored, Some(store)) => Error::from(store),
            (error, _) => match self.transport {
                Some(transport) => Error::from(error).caused_by(transport.cause),
                None => Error::from(error),
            },
        })
    }
}

/// Carries out the steps of a session until it is done. `store` applies changes. `send` sends a
/// request and returns the whole answer, whatever its status.
///
/// # Errors
///
/// - the session fails: [`Error`], with the underlying error as its source
pub fn drive<T: Goal, B: AsRef<[u8]>>(
    mut step: Step<'_, T>,
    clock: &dyn Clock,
    store: &mut dyn Apply,
    mut send: impl FnMut(Request<Form>) -> Result<Response<B>, TransportError>,
) -> Result<T, Error> {
    let mut beneath = Beneath::default();
    loop {
        step = match step {
            Step::Save(change, receipt) => match store.apply(&change) {
                Ok(proof) => receipt.saved(clock.now(), proof),
                Err(ApplyError::Conflict(stored)) => receipt.conflict(clock.now(), stored),
                Err(ApplyError::Store(error)) => {
                    beneath.store = Some(error);
                    receipt.failed(clock.now())
                }
            },
            Step::Send(request, reply) => match send(request) {
                Ok(response) => reply.received(clock.now(), &response),
                Err(error) => {
                    let failure = error.failure;
                    beneath.transport = Some(error);
                    reply.failed(clock.now(), failure)
                }
            },
            Step::Done(outcome) => return beneath.explain(outcome),
        };
    }
}

/// Carries out steps like [`drive`], with an async store and transport. Dropping the future equals
/// a crash at that point: the stored record stays valid, and an answer on its way is lost. A grant
/// that is on its way to the store stays in the session
/// ([`has_unsaved`](twoba_core::Session::has_unsaved)).
///
/// # Errors
///
/// - as for [`drive`]
pub async fn drive_async<T, B, F>(
    mut step: Step<'_, T>,
    clock: &dyn Clock,
    store: &mut dyn AsyncApply,
    mut send: impl FnMut(Request<Form>) -> F,
) -> Result<T, Error>
where
    T: Goal,
    B: AsRef<[u8]>,
    F: Future<Output = Result<Response<B>, TransportError>>,
{
    let mut beneath = Beneath::default();
    loop {
        step = match step {
            Step::Save(change, receipt) => match store.apply(&change).await {
                Ok(proof) => receipt.saved(clock.now(), proof),
                Err(ApplyError::Conflict(stored)) => receipt.conflict(clock.now(), stored),
                Err(ApplyError::Store(error)) => {
                    beneath.store = Some(error);
                    receipt.failed(clock.now())
                }
            },
            Step::Send(request, reply) => match send(request).await {
                Ok(response) => reply.received(clock.now(), &response),
                Err(error) => {
                    let failure = error.failure;
                    beneath.transport = Some(error);
                    reply.failed(clock.now(), failure)
                }
            },
            Step::Done(outcome) => return beneath.explain(outcome),
        };
    }
}
