//! The requests to a session, and how a caller gets a token.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use twoba_core::{
    AccessToken, Advice, Cause, Client, Goal, RefreshError, Seed, SessionKey, Step, TokenId, Want,
};
use twoba_store::{Error, ErrorKind, StoreError};

use crate::aim::{Aim, Named, Outcome};
use crate::entry::{Entry, Hold, Whose};
use crate::inside;
use crate::place::{Boarding, Landing, Place};
use crate::published::AtHand;
use crate::registry::Registry;
use crate::runtime::Runtime;
use crate::settings::{EarlyRefresh, Settings};

/// A keeper of any number of sessions, of one client in one store.
pub struct Keeper<R> {
    pub(crate) client: Arc<Client>,
    pub(crate) runtime: R,
    pub(crate) settings: Settings,
    sessions: Registry,
}

/// Who asks from inside a sign-in of the same session would wait for itself.
fn may_wait(entry: &Entry) -> Result<(), Error> {
    match inside::asked_by(entry) {
        Some(verdict) => Err(RefreshError::LoginRequired(verdict).into()),
        None => Ok(()),
    }
}

/// The outcome of a step that is the last one.
fn over<T: Goal>(step: Step<'_, T>) -> Option<Result<T, RefreshError>> {
    match step {
        Step::Done(outcome) => Some(outcome),
        Step::Save(..) | Step::Send(..) => None,
    }
}

impl<R: Runtime> Keeper<R> {
    /// Makes a keeper without sessions.
    pub fn new(client: Client, runtime: R) -> Arc<Self> {
        let settings = runtime.parts().settings;
        Arc::new(Self {
            client: Arc::new(client),
            runtime,
            sessions: Registry::new(settings.idle, settings.spread),
            settings,
        })
    }

    /// The client of all its sessions.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The runtime of this keeper.
    pub fn runtime(&self) -> &R {
        &self.runtime
    }

    /// Opens the state of the session that is stored under this key. All callers share it.
    ///
    /// # Errors
    ///
    /// - the key is empty, longer than 128 bytes or has control characters: [`ErrorKind::Key`]
    pub fn open(&self, key: &str) -> Result<Arc<Entry>, Error> {
        let key = SessionKey::parse(key).map_err(|error| Error::new(ErrorKind::Key(error)))?;
        Ok(self.sessions.open(key.into(), self.runtime.now()))
    }

    /// Opens the state of this program's own session with these scopes, in any order. All callers
    /// share it. Without scopes, it has those of the client.
    ///
    /// # Errors
    ///
    /// - a scope is empty or has a character that scopes may not have: [`ErrorKind::Client`]
    pub fn open_program<S: AsRef<str>>(
        &self,
        scopes: impl IntoIterator<Item = S>,
    ) -> Result<Arc<Entry>, Error> {
        let mut scopes = scopes.into_iter().peekable();
        let client = match scopes.peek() {
            Some(_) => Arc::new(Client::clone(&self.client).with_scopes(scopes)?),
            None => Arc::clone(&self.client),
        };
        let key = SessionKey::of_program(client.id(), client.scope());
        let program = Some(client);
        let whose = Whose { key, program };
        Ok(self.sessions.open(whose, self.runtime.now()))
    }

    /// Releases the memory of idle sessions, and returns how many are left in memory. Opening other
    /// sessions does so too, now and then.
    pub fn clear_up(&self) -> usize {
        self.sessions.clear_up(self.runtime.now())
    }

    pub(crate) fn busy(&self) -> Vec<Arc<Entry>> {
        self.sessions.busy()
    }

    /// Calls `look` with the current token, if it is usable and not due. This takes no lock, no
    /// shared count and no memory.
    #[inline]
    pub fn with_fresh<T>(&self, entry: &Entry, look: impl FnOnce(&AccessToken) -> T) -> Option<T> {
        entry.published().fresh(&self.runtime.parts().origin, look)
    }

    /// A copy of the current token, if it is usable and not due. This takes no lock and one shared
    /// count. It takes memory once for each token, when the first of every other thread asks.
    #[inline]
    pub fn fresh_token(&self, entry: &Entry) -> Option<AccessToken> {
        entry.published().fresh_copy(&self.runtime.parts().origin)
    }

    /// The current token, if it is usable and not due.
    pub fn fresh(&self, entry: &Entry) -> Option<Named> {
        match entry.published().look(self.runtime.now(), Named::of) {
            AtHand::Fresh(named) => Some(named),
            AtHand::Due(_) | AtHand::Nothing => None,
        }
    }

    fn is_due(&self, entry: &Entry) -> bool {
        let seen = entry.published().look(self.runtime.now(), |_, _| ());
        matches!(seen, AtHand::Due(()))
    }

    /// The current token, if it is usable and what a caller wants, due or not.
    fn at_hand(&self, entry: &Entry, want: Want) -> Option<Named> {
        entry.at_hand(want, self.runtime.now())
    }

    /// Whether the current token is usable, due or not.
    pub fn is_usable(&self, entry: &Entry) -> bool {
        entry.published().is_usable(self.runtime.now())
    }

    /// Returns a usable token. If there is one, the caller gets it at once, and a refresh that is
    /// due runs beside.
    ///
    /// # Errors
    ///
    /// - there is no token to be had: the error of the session, the store or the connection
    pub async fn token(self: &Arc<Self>, entry: &Arc<Entry>) -> Result<Named, Error> {
        let named = match entry.published().look(self.runtime.now(), Named::of) {
            AtHand::Fresh(named) => return Ok(named),
            AtHand::Due(named) => named,
            AtHand::Nothing => {
                let named = self.obtain(entry, Want::Usable).await?;
                if !self.is_due(entry) {
                    return Ok(named);
                }
                named
            }
        };
        // Who asks from inside a sign-in must not wait for it, and has a token.
        let Some(landing) = Landing::start(entry, self.runtime.elapsed()) else {
            return Ok(named);
        };
        // Out of the way of the future that all who wait have.
        Box::pin(self.early(entry, landing, named)).await
    }

    /// Refreshes a token that is usable and due.
    async fn early(
        self: &Arc<Self>,
        entry: &Arc<Entry>,
        landing: Landing,
        named: Named,
    ) -> Outcome {
        // Another one may have come to its end since this one was found to be due.
        if !self.is_due(entry) {
            let at_hand = self.at_hand(entry, Want::Usable);
            landing.land(Ok(at_hand.unwrap_or_else(|| named.clone())));
            return Ok(named);
        }
        match self.settings.early {
            EarlyRefresh::Beside => {
                // Where that cannot be had, a later caller refreshes.
                self.runtime.beside(Box::pin(Arc::clone(self).fly(landing)));
                Ok(named)
            }
            EarlyRefresh::Inline => {
                let place = landing.place();
                self.run(landing);
                match self.landed(&place).await {
                    // Behind the end of its token a caller waits like all others who have none.
                    Err(error) if error.advice() != Advice::LogIn && !self.is_usable(entry) => {
                        self.obtain(entry, Want::Usable).await
                    }
                    // If the caller has a usable token, a failure is not reported to it.
                    outcome => {
                        outcome.or_else(|error| self.at_hand(entry, Want::Usable).ok_or(error))
                    }
                }
            }
        }
    }

    /// Returns a token other than the current one. It is refreshed, unless another process has done
    /// so meanwhile.
    ///
    /// # Errors
    ///
    /// - as for [`token`](Self::token)
    pub async fn refresh(self: &Arc<Self>, entry: &Arc<Entry>) -> Result<Named, Error> {
        let id = match entry.published().id() {
            Some(id) => Some(id),
            None => {
                let mut hold = self.hold(entry)?;
                self.look(entry, &mut hold).await?;
                hold.session.token_id()
            }
        };
        self.obtain(entry, id.map_or(Want::Usable, Want::Other))
            .await
    }

    /// Returns another token, because a service answered 401 to this one.
    ///
    /// # Errors
    ///
    /// - the 401 is about the person's rights: [`RefreshError::RejectedByService`]
    /// - otherwise as for [`token`](Self::token)
    pub async fn rejected(
        self: &Arc<Self>,
        entry: &Arc<Entry>,
        id: TokenId,
    ) -> Result<Named, Error> {
        self.obtain(entry, Want::Rejected(id)).await
    }

    /// Returns what is wanted, which is at hand or brought by a flight.
    pub(crate) async fn obtain(self: &Arc<Self>, entry: &Arc<Entry>, want: Want) -> Outcome {
        may_wait(entry)?;
        let old = entry.published().id();
        let outcome = self.waited(entry, want).await;
        let named = outcome.as_ref().ok().filter(|_| want == Want::Usable);
        // An early refresh that came to nothing is a success for who still has the old token; for
        // whoever has come to it behind the end of that it is none.
        if named.is_some_and(|named| named.id.is_some() && named.id == old)
            && !self.is_usable(entry)
        {
            return Box::pin(self.waited(entry, want)).await;
        }
        outcome
    }

    async fn waited(self: &Arc<Self>, entry: &Arc<Entry>, want: Want) -> Outcome {
        let place = loop {
            let reading = entry.published().begin_reading();
            if let Some(outcome) = self.decided(entry, want).await {
                return outcome;
            }
            let place = match Place::board(entry, want, self.deadline(), self.runtime.now()) {
                Boarding::Waits(place) => place,
                Boarding::Served(named) => return Ok(named),
            };
            // A login or logout may have come between, of which the flight in front does not know.
            if !reading.is_before_a_change(entry.published().begin_reading()) {
                break place;
            }
        };
        let outcome = self.seated(&place).await;
        // A failure is nobody's error who has by then what it wants.
        outcome.or_else(|error| self.at_hand(entry, want).ok_or(error))
    }

    /// Waits for a flight whatever is at hand, for the sake of what it stores.
    pub(crate) async fn flight(self: &Arc<Self>, entry: &Arc<Entry>, aim: Aim) -> Outcome {
        may_wait(entry)?;
        if let Aim::Token(want) = aim
            && let Some(outcome) = self.decided(entry, want).await
        {
            return outcome;
        }
        let place = Place::join(entry, aim, self.deadline());
        self.seated(&place).await
    }

    fn deadline(&self) -> Duration {
        self.runtime
            .elapsed()
            .saturating_add(self.settings.patience)
    }

    /// Waits for a flight. If no other caller carries it out, this one does.
    async fn seated(self: &Arc<Self>, place: &Place) -> Outcome {
        if let Some(landing) = place.claim() {
            return self.carried(place, landing).await;
        }
        let patience = self.settings.patience;
        let outcome = self.runtime.within(patience, self.landed(place)).await;
        outcome.unwrap_or_else(|| Err(StoreError::Busy.into()))
    }

    /// The result of a login or logout that the current flight does not know of. A caller that
    /// comes after it does not wait for the flight. `None` if something is left to do, or if the
    /// store does not tell.
    async fn decided(&self, entry: &Arc<Entry>, want: Want) -> Option<Outcome> {
        let reading = entry.published().begin_reading();
        if !entry.flights().is_out_since_before(reading) {
            return None;
        }
        // Out of the way of the future that all who wait have.
        Box::pin(self.read_result(entry, want)).await
    }

    async fn read_result(&self, entry: &Arc<Entry>, want: Want) -> Option<Outcome> {
        let mut hold = self.hold(entry).ok()?;
        let stored = self.look(entry, &mut hold).await.ok()?;
        if entry.is_past(&hold.session) {
            return None;
        }
        // A step that is dropped has done nothing: what is to be done is done by a flight.
        let now = self.runtime.now();
        let outcome = match entry.program() {
            None => over(hold.session.obtain(want, now, stored))?,
            Some(_) => over(hold.session.obtain_own(want, now, stored))?.map(|own| own.token),
        };
        match outcome {
            Ok(token) => Some(Ok(Named {
                token,
                id: hold.session.token_id(),
            })),
            Err(RefreshError::LoginRequired(verdict)) if verdict.cause == Cause::LoggedOut => {
                Some(Err(RefreshError::LoginRequired(verdict).into()))
            }
            // A flight may sign in, or have brought better by then.
            Err(_) => None,
        }
    }

    /// Carries a flight out and waits for its end. The wait is bounded, because the flight waits
    /// for a lease no longer than its carrier may.
    async fn carried(self: &Arc<Self>, place: &Place, landing: Landing) -> Outcome {
        let before = place.passed_on();
        self.run(landing);
        poll_fn(|context| {
            let landed = self.poll_landed(place, context);
            if landed.is_pending() && place.passed_on() > before {
                return Poll::Ready(Err(StoreError::Busy.into()));
            }
            landed
        })
        .await
    }

    fn run(self: &Arc<Self>, landing: Landing) {
        self.runtime.run(Box::pin(Arc::clone(self).fly(landing)));
    }

    pub(crate) async fn landed(self: &Arc<Self>, place: &Place) -> Outcome {
        poll_fn(|context| self.poll_landed(place, context)).await
    }

    fn poll_landed(self: &Arc<Self>, place: &Place, context: &Context<'_>) -> Poll<Outcome> {
        let now = || self.runtime.elapsed();
        place.poll(context, now, |landing| self.run(landing))
    }

    /// Randomness for one sequence of steps.
    pub(crate) fn seed(&self) -> Result<Seed, Error> {
        Ok(Seed::from_bytes(self.runtime.entropy()?))
    }

    /// A session that knows nothing yet and has no lease.
    pub(crate) fn hold(&self, entry: &Entry) -> Result<Hold, Error> {
        let client = Arc::clone(entry.program().unwrap_or(&self.client));
        Ok(Hold {
            session: twoba_core::Session::new(client, entry.key(), self.seed()?),
            lease: None,
            came: None,
        })
    }
}

impl<R> fmt::Debug for Keeper<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper")
            .field("client", &self.client)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
