//! The sequence of a refresh: read, take the lease, read again, and carry out the session's steps.

use std::sync::Arc;

use twoba_core::{Advice, RefreshError, Timestamp, TroubleReason, Want};
use twoba_store::{AsyncLease, Clock, Error, ErrorKind, StoreError, drive_async};

use crate::aim::{Aim, Named, Outcome};
use crate::entry::{Came, Entry, Hand, Hold};
use crate::keeper::Keeper;
use crate::place::Landing;
use crate::renewed::Renewed;
use crate::runtime::{Pause, Runtime};
use crate::settings::EARLY_PAUSE;
use crate::unharmed::unharmed;

/// Renews the lease, under which storing was tried first. Returns whether another process may have
/// it. A store that fails for a moment does not tell. A store that was cut off may have released
/// it.
async fn is_lost(hold: &mut Hold) -> bool {
    let Some(lease) = &mut hold.lease else {
        return false;
    };
    let renewed = unharmed(lease.renew()).await;
    matches!(renewed, Err(StoreError::LeaseLost | StoreError::CutOff))
}

/// Releases a lease. A panic of the store harms nobody.
pub(crate) async fn released(lease: Box<dyn AsyncLease>) {
    let released = async {
        lease.release().await;
        Ok::<(), StoreError>(())
    };
    drop(unharmed(released).await);
}

fn is_busy(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Store(StoreError::Busy | StoreError::HeldBy { .. })
    )
}

/// Whether another process may have the lease by now.
pub(crate) fn is_contended(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Refresh(RefreshError::Contended) | ErrorKind::Store(StoreError::LeaseLost)
    )
}

/// The outcome of a flight that only stores, if no usable token is left. No caller waits for one.
fn no_token() -> Error {
    RefreshError::NotStored.into()
}

fn is_too_early(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Refresh(RefreshError::Unavailable(trouble))
            if trouble.reason == TroubleReason::TooEarly
    )
}

/// The runtime's clock as one that can be handed on.
pub(crate) struct Now<'a, R>(pub(crate) &'a R);

impl<R: Runtime> Clock for Now<'_, R> {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

impl<R: Runtime> Keeper<R> {
    /// Carries a flight out to its end, and then the flights behind it that no other caller has to.
    pub(crate) async fn fly(self: Arc<Self>, landing: Landing) {
        let entry = Arc::clone(landing.entry());
        self.fly_one(landing).await;
        self.fly_on(&entry).await;
    }

    pub(crate) async fn fly_one(self: &Arc<Self>, landing: Landing) {
        let entry = Arc::clone(landing.entry());
        let outcome = self.flown(&entry, &landing).await;
        // What is not stored yet has pauses of its own.
        if landing.is_early() && !entry.keeps_unsaved() {
            // Before anybody can start the next one.
            let published = entry.published();
            published.postpone(self.runtime.now(), EARLY_PAUSE);
        }
        match outcome {
            Err(error) if !landing.is_leased() && is_busy(&error) => {
                landing.land_busy(self.runtime.elapsed(), error);
            }
            outcome => landing.land(outcome),
        }
    }

    /// Carries out the flights behind. A caller that is not polled must not delay later callers.
    pub(crate) async fn fly_on(self: &Arc<Self>, entry: &Arc<Entry>) {
        while R::DETACHES
            && let Some(landing) = Landing::next(entry)
        {
            self.fly_one(landing).await;
        }
    }

    async fn flown(self: &Arc<Self>, entry: &Arc<Entry>, landing: &Landing) -> Outcome {
        let mut hand = Hand::take(entry, || self.hold(entry))?;
        let hold = hand.hold()?;
        let outcome = unharmed(self.flown_with(entry, hold, landing)).await;
        if !hold.session.has_unsaved() {
            self.give_back(hold).await;
            drop(hand);
            if entry.seen().has_untold() {
                // Others would count it as an attempt in half a minute.
                self.begin_looking(entry);
            }
            return outcome;
        }
        // Where this program cannot read the record, others may be able to.
        let unreadable = outcome.as_ref().is_err_and(Error::is_unreadable_record);
        if unreadable || is_lost(hold).await {
            self.give_back(hold).await;
        }
        drop(hand);
        self.begin_looking(entry);
        outcome
    }

    async fn flown_with(
        self: &Arc<Self>,
        entry: &Arc<Entry>,
        hold: &mut Hold,
        landing: &Landing,
    ) -> Outcome {
        match self.usable(entry, hold, landing).await {
            Err(error) if error.advice() == Advice::LogIn && landing.aim() != Aim::Settled => {
                self.give_back(hold).await;
                // Out of the way of the future that nearly every flight is.
                Box::pin(self.sign_in(entry, hold, landing, error)).await
            }
            outcome => outcome,
        }
    }

    /// The wanted token: another process's, or one obtained under the lease.
    async fn usable(
        &self,
        entry: &Arc<Entry>,
        hold: &mut Hold,
        landing: &Landing,
    ) -> Result<Named, Error> {
        let settles = landing.aim() == Aim::Settled;
        let in_hand = hold.session.has_unsaved() || settles && entry.seen().has_unsent();
        if !in_hand {
            // Another process may have refreshed; reading takes no lock.
            self.look(entry, hold).await?;
            if let Some(named) = self.found(entry, hold, landing) {
                return Ok(named);
            }
            if settles {
                return Err(no_token());
            }
        }
        let impatient = match landing.aim() {
            Aim::Token(Want::Usable) => self.usable_of(hold).is_some(),
            // For an intent alone nobody is kept waiting.
            Aim::Settled => !hold.session.has_unsaved() || self.usable_of(hold).is_some(),
            Aim::Token(Want::Other(_) | Want::Rejected(_)) => false,
        };
        self.renew(entry, hold, landing, impatient).await
    }

    /// The wanted token, obtained under the lease. If the server refreshes only later, that time is
    /// awaited.
    pub(crate) async fn renew(
        &self,
        entry: &Arc<Entry>,
        hold: &mut Hold,
        landing: &Landing,
        impatient: bool,
    ) -> Result<Named, Error> {
        match self.renew_now(entry, hold, landing, impatient).await {
            Err(error) if is_too_early(&error) => {
                self.renew_late(entry, hold, landing, error).await
            }
            outcome => outcome,
        }
    }

    /// Again when the server refreshes: it has refused while the token lived, and callers have none
    /// that is usable until then. Another process may have got a token meanwhile whose end is to be
    /// awaited in turn.
    async fn renew_late(
        &self,
        entry: &Arc<Entry>,
        hold: &mut Hold,
        landing: &Landing,
        mut error: Error,
    ) -> Result<Named, Error> {
        loop {
            let Advice::RetryNotBefore(begins) = error.advice() else {
                return Err(error);
            };
            let pause = begins.saturating_since(self.runtime.now());
            let left = landing.until().saturating_sub(self.runtime.elapsed());
            if pause > left || hold.session.has_unsaved() || self.usable_of(hold).is_some() {
                return Err(error);
            }
            self.give_back(hold).await;
            if self.runtime.pause(pause).await == Pause::Ending {
                return Err(error);
            }
            match self.renew_now(entry, hold, landing, false).await {
                Err(again) if is_too_early(&again) => error = again,
                outcome => return outcome,
            }
        }
    }

    async fn renew_now(
        &self,
        entry: &Arc<Entry>,
        hold: &mut Hold,
        landing: &Landing,
        impatient: bool,
    ) -> Result<Named, Error> {
        if hold.lease.is_none()
            && let Some(found) = self.lease(entry, hold, landing, impatient).await?
        {
            return Ok(found);
        }
        landing.leased();
        match self.renew_leased(entry, hold, landing.aim()).await {
            Err(error) if is_contended(&error) => {}
            outcome => return outcome,
        }
        // Somebody has written meanwhile, so that the lease may be lost: once more under a new one.
        self.give_back(hold).await;
        if let Some(found) = self.lease(entry, hold, landing, impatient).await? {
            return Ok(found);
        }
        self.renew_leased(entry, hold, landing.aim()).await
    }

    /// Carries out the session's steps for the record under the lease.
    async fn renew_leased(
        &self,
        entry: &Arc<Entry>,
        hold: &mut Hold,
        aim: Aim,
    ) -> Result<Named, Error> {
        let Hold {
            session,
            lease,
            came,
        } = hold;
        let Some(lease) = lease else {
            return Err(StoreError::Busy.into());
        };
        let Came {
            reading,
            asked_at,
            found,
        } = self.under(entry, &mut **lease, came.take()).await?;
        let stored = found.record;
        self.prepare(entry, session, stored.as_ref(), found.rescued);
        let mut renewed = Renewed::new(&mut **lease, asked_at, &self.runtime);
        let now = Now(&self.runtime);
        let send = |request| self.send(request);
        let outcome = match (aim, entry.program()) {
            (Aim::Settled, _) => {
                let step = session.settle(now.now(), stored);
                let settled = drive_async(step, &now, &mut renewed, send).await;
                let token = session.token(now.now()).filter(|_| !entry.is_past(session));
                let token = token.cloned().ok_or_else(no_token);
                settled.and(token)
            }
            (Aim::Token(want), None) => {
                let step = session.obtain(want, now.now(), stored);
                drive_async(step, &now, &mut renewed, send).await
            }
            (Aim::Token(want), Some(_)) => {
                let step = session.obtain_own(want, now.now(), stored);
                let own = drive_async(step, &now, &mut renewed, send).await;
                own.map(|own| own.token)
            }
        };
        // What is taken back may show that another login is stored by now.
        let id = session.token_id();
        if let Some(overtaken) = renewed.overtaken() {
            // The store may have gone back behind it.
            self.seen_by(entry, Some(&overtaken))?;
        }
        self.take_back(entry, hold).await;
        let session = &hold.session;
        entry.seen().note(session);
        let readable = !outcome.as_ref().is_err_and(Error::is_unreadable_record);
        if readable {
            entry.published().show(reading, session, self.runtime.now());
        }
        outcome.map(|token| Named { token, id })
    }

    /// The wanted token, if it is in the store. A caller with a usable token never waits. A token
    /// that is due is therefore enough for all callers except the early refresh that replaces it. A
    /// store that went back has none.
    pub(crate) fn found(&self, entry: &Entry, hold: &Hold, landing: &Landing) -> Option<Named> {
        if entry.is_past(&hold.session) {
            return None;
        }
        let now = self.runtime.now();
        let due = hold.session.refresh_due(now).is_some_and(|due| now >= due);
        let named = self.usable_of(hold)?;
        (!(due && landing.is_early()) && landing.aim().is_met_by(&named)).then_some(named)
    }

    fn usable_of(&self, hold: &Hold) -> Option<Named> {
        let token = hold.session.token(self.runtime.now())?;
        Some(Named {
            token: token.clone(),
            id: hold.session.token_id(),
        })
    }

    /// Releases the lease, if there is one.
    pub(crate) async fn give_back(&self, hold: &mut Hold) {
        if let Some(lease) = hold.lease.take() {
            released(lease).await;
        }
    }
}
