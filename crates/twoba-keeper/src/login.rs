//! How sessions begin: by password, by browser, or by an imported refresh token. A new grant is
//! stored by compare-and-swap, and does not wait for a refresh that is on its way.

use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;
use http::Request;
use twoba_core::{
    AccessToken, Change, Client, ClientError, CodeExchange, Durable, Form, FreshGrant, Goal,
    Imported, Login, LoginReply, Password, RedirectUri, RefreshToken, Step, StoredGrant, Timestamp,
};
use twoba_store::{
    ApplyError, AsyncApply, AsyncLease, Error, ErrorKind, StoreError, Unleased, drive_async,
};

use crate::aim::{Named, Outcome};
use crate::detached::detached;
use crate::entry::{Entry, Exchanging};
use crate::keeper::Keeper;
use crate::noting::Noting;
use crate::refresh::Now;
use crate::runtime::Runtime;
use crate::settings::SAVE_AT_END;
use crate::tries::Tries;
use crate::unharmed::unharmed;

impl<R: Runtime> Keeper<R> {
    /// Logs in by user name and password. The new session replaces the stored one.
    ///
    /// # Errors
    ///
    /// - the store cannot be written, which is checked first
    /// - the server refuses or cannot be reached
    pub async fn login(
        self: &Arc<Self>,
        entry: &Arc<Entry>,
        username: &str,
        password: &Password,
    ) -> Result<AccessToken, Error> {
        let (keeper, entry) = (Arc::clone(self), Arc::clone(entry));
        let (username, password) = (username.to_owned(), password.clone());
        let work = async move {
            let stored = keeper.ready(&entry).await?;
            let fresh = keeper.password(&username, &password).await?;
            Ok(keeper.adopt(&entry, fresh, stored).await?.token)
        };
        detached(&self.runtime, work).await
    }

    /// Starts a login by browser. It returns the address to open, and the login for
    /// [`finish_login`](Self::finish_login).
    ///
    /// # Errors
    ///
    /// - the provider has no login page, or the system has no randomness
    pub fn start_login(&self, redirect: RedirectUri) -> Result<(String, Login), Error> {
        let now = self.runtime.now();
        Ok(self.client.authorize(redirect, self.seed()?, now)?)
    }

    /// Finishes a login by browser with the query that the browser came back with.
    ///
    /// # Errors
    ///
    /// - as for [`login`](Self::login)
    /// - the query does not answer this login
    pub async fn finish_login(
        self: &Arc<Self>,
        entry: &Arc<Entry>,
        login: Login,
        query: &str,
    ) -> Result<AccessToken, Error> {
        let exchange = login.callback(self.runtime.now(), query)?;
        self.exchange(entry, exchange).await
    }

    /// Finishes a login by browser with the text that a person has pasted: the address that the
    /// browser came back with, its query, or the code alone.
    ///
    /// # Errors
    ///
    /// - as for [`finish_login`](Self::finish_login)
    pub async fn finish_pasted_login(
        self: &Arc<Self>,
        entry: &Arc<Entry>,
        login: Login,
        text: &str,
    ) -> Result<AccessToken, Error> {
        let exchange = login.pasted(self.runtime.now(), text)?;
        self.exchange(entry, exchange).await
    }

    async fn exchange(
        self: &Arc<Self>,
        entry: &Arc<Entry>,
        exchange: CodeExchange,
    ) -> Result<AccessToken, Error> {
        let (keeper, entry) = (Arc::clone(self), Arc::clone(entry));
        let work = async move {
            let stored = keeper.ready(&entry).await?;
            let now = keeper.runtime.now();
            let client = keeper.signed(now)?;
            let (request, reply) = exchange.request(&client, now)?;
            let fresh = keeper.granted(request, reply).await?;
            Ok(keeper.adopt(&entry, fresh, stored).await?.token)
        };
        detached(&self.runtime, work).await
    }

    /// Exchanges a refresh token from another client, and stores the result as a login.
    ///
    /// # Errors
    ///
    /// - as for [`token`](Self::token)
    pub async fn import(
        self: &Arc<Self>,
        entry: &Arc<Entry>,
        token: RefreshToken,
        user: Option<String>,
    ) -> Result<AccessToken, Error> {
        let (keeper, its) = (Arc::clone(self), Arc::clone(entry));
        let work = async move {
            let mut lease = keeper.patient_lease(&its).await?;
            // The other client's token is spent as soon as the request has left.
            let _exchanging = Exchanging::begin(&its);
            let outcome = keeper.exchanged(&its, &mut *lease, token, user).await;
            lease.release().await;
            outcome
        };
        detached(&self.runtime, work).await?;
        Ok(self.token(entry).await?.token)
    }

    /// Exchanges a refresh token under the lease.
    async fn exchanged(
        self: &Arc<Self>,
        entry: &Arc<Entry>,
        lease: &mut dyn AsyncLease,
        token: RefreshToken,
        user: Option<String>,
    ) -> Result<(), Error> {
        let reading = entry.published().begin_reading();
        let stored = unharmed::<_, StoreError>(lease.load()).await?;
        // Noted before anything else: by the end the store may have gone back.
        let mut session = self.seen_by(entry, stored.as_ref())?;
        let step = session.import(self.runtime.now(), token, user, stored);
        let mut noting = Noting::over(lease);
        let mut patient = Patient::over(&mut noting, &self.runtime);
        let send = |request| self.send(request);
        let outcome: Result<Imported, _> =
            drive_async(step, &Now(&self.runtime), &mut patient, send).await;
        noting.note(self, entry);
        // A login of another process may have come between.
        entry.seen().note(&session);
        let now = self.runtime.now();
        entry.published().replace(reading, &session, now);
        self.settle(entry);
        outcome.map(drop)
    }

    /// The stored session that a login will replace. The store is checked before a password or a
    /// code leaves.
    async fn ready(&self, entry: &Entry) -> Result<Option<StoredGrant>, Error> {
        self.runtime.store().probe(entry.key()).await?;
        self.read(entry).await
    }

    pub(crate) async fn password(
        &self,
        username: &str,
        password: &Password,
    ) -> Result<FreshGrant, Error> {
        let now = self.runtime.now();
        let client = self.signed(now)?;
        let (request, reply) = client.password(username, password, now);
        self.granted(request, reply).await
    }

    /// The client with the authentication for one request.
    fn signed(&self, now: Timestamp) -> Result<Cow<'_, Client>, Error> {
        self.client.signed(now, &mut self.seed()?).map_err(|error| {
            Error::new(ErrorKind::Client(ClientError::Signature)).caused_by(Box::new(error))
        })
    }

    async fn granted(
        &self,
        request: Request<Form>,
        reply: LoginReply<'_>,
    ) -> Result<FreshGrant, Error> {
        match self.send(request).await {
            Ok(response) => Ok(reply.received(self.runtime.now(), &response)?),
            Err(error) => Err(Error::from(reply.failed(error.failure)).caused_by(error.cause)),
        }
    }

    /// Stores a login over whatever is stored. `stored` is the last known record. If the store
    /// fails for a moment, the keeper tries again for some seconds, because there is no other copy
    /// of the grant.
    pub(crate) async fn adopt(
        self: &Arc<Self>,
        entry: &Arc<Entry>,
        fresh: FreshGrant,
        stored: Option<StoredGrant>,
    ) -> Outcome {
        let mut session = self.hold(entry)?.session;
        let reading = entry.published().begin_reading();
        let step = session.adopt(fresh, stored);
        let token = self.carry_out_patiently(entry, step).await?;
        // Before anybody looks, the store may go back to the login that it replaces.
        entry.seen().note(&session);
        let now = self.runtime.now();
        entry.published().replace(reading, &session, now);
        self.settle(entry);
        Ok(Named {
            token,
            id: session.token_id(),
        })
    }

    /// Carries out steps that need no lease. If the store reports a failed change, the keeper tries
    /// again for some seconds. It notices a change that was written in spite of the report.
    pub(crate) async fn carry_out_patiently<T: Goal>(
        &self,
        entry: &Entry,
        step: Step<'_, T>,
    ) -> Result<T, Error> {
        let mut unleased = Unleased {
            store: self.runtime.store(),
            key: entry.key(),
        };
        let mut noting = Noting::over(&mut unleased);
        let mut patient = Patient::over(&mut noting, &self.runtime);
        let send = |request| self.send(request);
        let outcome = drive_async(step, &Now(&self.runtime), &mut patient, send).await;
        noting.note(self, entry);
        outcome
    }
}

/// Applies changes, and repeats those that the store has failed to apply.
struct Patient<'a, R, A: ?Sized> {
    under: &'a mut A,
    runtime: &'a R,
}

impl<'a, R: Runtime, A: AsyncApply + ?Sized> Patient<'a, R, A> {
    fn over(under: &'a mut A, runtime: &'a R) -> Self {
        Self { under, runtime }
    }
}

#[async_trait]
impl<R: Runtime, A: AsyncApply + ?Sized> AsyncApply for Patient<'_, R, A> {
    async fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        let runtime = self.runtime;
        let mut failure = None;
        // The time counts from the first failure: a server, or a store, may have taken long before.
        let mut tries: Option<Tries> = None;
        loop {
            let applied = unharmed(self.under.apply(change)).await;
            failure = match (applied, failure) {
                // A store that says it has failed may have written.
                (Err(ApplyError::Conflict(Some(stored))), Some(_))
                    if stored.revision() == change.revision() =>
                {
                    return Ok(Durable::assertion(change));
                }
                // Somebody came between, and nobody knows whether he has seen this login: stored
                // over that it could come back after a logout, or with a token that is spent.
                (Err(ApplyError::Conflict(_)), Some(failure)) => {
                    return Err(ApplyError::Store(failure));
                }
                (Err(ApplyError::Store(error)), _) => Some(error),
                (applied, _) => return applied,
            };
            let now = runtime.elapsed();
            let tries = tries.get_or_insert_with(|| Tries::new(SAVE_AT_END, now));
            match tries.pause(now) {
                Some(pause) => runtime.sleep(pause).await,
                None => return Err(failure.unwrap_or(StoreError::CutOff).into()),
            }
        }
    }
}
