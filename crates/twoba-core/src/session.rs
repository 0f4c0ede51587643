//! A session: one person's grant, kept through refreshes. It decides; the caller saves and
//! sends.

mod error;
mod import;
mod intent;
mod late;
mod logout;
#[cfg(doctest)]
mod misuse;
mod record;
mod refresh;
mod sign_in;
mod status;
mod step;
mod timing;
mod transition;
mod waiting;
mod want;

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use core::fmt;

pub use error::{Cause, RefreshError, Trouble, TroubleReason, Verdict};
pub use import::Imported;
pub use logout::{LoggedOut, Revocation};
pub use record::{LoginId, RecordError, Schedule, TokenId};
pub use sign_in::SignIn;
pub use status::{SessionState, Status};
pub use step::{Goal, Receipt, Reply, Step};
pub use want::Want;

use crate::client::Client;
use crate::envelope::digest;
use crate::limits::BACKOFF_FIRST;
use crate::login::FreshGrant;
use crate::provider::Replay;
use crate::secret::{AccessToken, RefreshToken};
use crate::seed::Seed;
use crate::stored::{Change, SessionKey, StoredGrant};
use crate::time::Timestamp;
use record::{Binding, Held, State};
use transition::Terms;

/// One person's session with one application, as a state machine in steps.
///
/// It holds what is known to be durably stored. Each method that may need an effect returns
/// a [`Step`]; whoever drives it saves, sends, and hands the outcome back until the step is
/// [`Done`](Step::Done):
///
/// - a token is readable only once the grant that carries it is stored;
/// - a refresh wants the record as it was read under the store's lease, and a newer
///   generation found there is adopted instead of asking the server.
///
/// Two refreshes of one session at once do not compile: a step borrows the session.
pub struct Session {
    client: Arc<Client>,
    binding: Binding,
    seed: Seed,
    view: View,
    /// What the server gave and no store has taken yet. Nobody can read it.
    unsaved: Option<Box<Held>>,
}

/// A token that is durably stored, as a session last saw it.
#[derive(Debug, Clone)]
pub struct Current {
    token: AccessToken,
    id: TokenId,
    usable_until: Option<Timestamp>,
    refresh_due: Option<Timestamp>,
}

impl Current {
    /// The token, if it is usable at `now`.
    #[must_use]
    pub fn token(&self, now: Timestamp) -> Option<&AccessToken> {
        self.usable_until
            .is_none_or(|end| now < end)
            .then_some(&self.token)
    }

    /// Which token it is.
    #[must_use]
    pub fn id(&self) -> TokenId {
        self.id
    }

    /// As [`Session::refresh_due`].
    #[must_use]
    pub fn refresh_due(&self) -> Option<Timestamp> {
        self.refresh_due
    }

    /// The time before which the token is usable and not due, so that it can be handed out
    /// without a further look: the earlier of its end and [`refresh_due`](Self::refresh_due),
    /// exclusive. `None` where it has neither.
    #[must_use]
    pub fn fresh_until(&self) -> Option<Timestamp> {
        match (self.usable_until, self.refresh_due) {
            (Some(end), Some(due)) => Some(end.min(due)),
            (one, other) => one.or(other),
        }
    }

    /// The same, due no earlier than `at`: for an early refresh that came to nothing.
    #[must_use]
    pub fn postponed(mut self, at: Timestamp) -> Self {
        self.refresh_due = self.refresh_due.map(|due| due.max(at));
        self
    }
}

/// What is known to be stored.
enum View {
    Nothing,
    /// Nobody has logged in, and a program tried to by itself.
    Nobody,
    Gone(Timestamp),
    Held(Box<Held>),
}

impl View {
    /// The grant that is stored.
    fn grant(&self) -> Result<Box<Held>, RefreshError> {
        let verdict = match self {
            Self::Held(held) => return Ok(held.clone()),
            Self::Gone(at) => Verdict::new(Cause::LoggedOut, Some(*at)),
            Self::Nothing | Self::Nobody => Verdict::new(Cause::NoLogin, None),
        };
        Err(RefreshError::LoginRequired(verdict))
    }
}

impl Session {
    /// A session that knows nothing yet; [`observe`](Self::observe) shows it what is stored.
    ///
    /// The seed feeds login ids and the jitter of refreshes and backoffs.
    #[must_use]
    pub fn new(client: Arc<Client>, key: &SessionKey, seed: Seed) -> Self {
        let binding = Binding {
            authority: client.provider().authority().to_string(),
            client_id: client.id().to_string(),
            key: key.as_str().to_string(),
        };
        Self {
            client,
            binding,
            seed,
            view: View::Nothing,
            unsaved: None,
        }
    }

    /// The client that refreshes it.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Takes notice of what is stored, read with or without the lease.
    ///
    /// # Errors
    ///
    /// - bytes that are damaged, newer or somebody else's: [`RecordError`]; the session then
    ///   knows nothing
    pub fn observe(&mut self, stored: Option<&StoredGrant>) -> Result<(), RecordError> {
        self.view = View::Nothing;
        self.view = match stored {
            None => View::Nothing,
            Some(stored) => match record::parse(stored, &self.binding)? {
                State::Held(held) => View::Held(held),
                State::Nobody { .. } => View::Nobody,
                State::Gone { at, .. } => View::Gone(at),
            },
        };
        Ok(())
    }

    /// The access token, if it is durably stored and usable at `now`; else a
    /// [`obtain`](Self::obtain) is needed.
    #[must_use]
    pub fn token(&self, now: Timestamp) -> Option<&AccessToken> {
        self.held()?.grant.usable(now)
    }

    /// Which token [`token`](Self::token) hands out, for [`Want::Rejected`].
    #[must_use]
    pub fn token_id(&self) -> Option<TokenId> {
        self.held().map(Held::id)
    }

    /// When the token is to be refreshed, early enough that nobody has to wait for it, and
    /// not before a failure has been waited for; `None` where nothing is to be refreshed
    /// while the token is usable.
    #[must_use]
    pub fn refresh_due(&self) -> Option<Timestamp> {
        let held = self.held()?;
        if held.verdict.is_some() || held.grant.refresh_token.is_none() {
            return None;
        }
        let due = match (&held.intent, self.client.provider().replay()) {
            (None, _) => held.grant.refresh_due_at?,
            // A window does not wait until the token is unusable.
            (Some(lost), Replay::Within(_)) => lost.at.saturating_add(BACKOFF_FIRST),
            (Some(_), Replay::Never | Replay::Once) => return None,
        };
        Some(
            held.trouble
                .as_ref()
                .map_or(due, |trouble| due.max(trouble.until)),
        )
    }

    /// The token at hand with its times, to be handed out while the session itself is busy;
    /// `None` without one.
    #[must_use]
    pub fn current(&self) -> Option<Current> {
        let held = self.held()?;
        Some(Current {
            token: held.grant.access_token.clone()?,
            id: held.id(),
            usable_until: held.grant.usable_until(),
            refresh_due: match self.unsaved {
                // The successor is there and waits for the store.
                Some(_) => Some(Timestamp::from_unix_millis(i64::MIN)),
                None => self.refresh_due(),
            },
        })
    }

    /// Whether the server has given a grant that no store has taken yet. It is in memory only:
    /// keep the lease, so that nobody presents the token that it replaces, and drive a
    /// [`obtain`](Self::obtain) until it is stored.
    #[must_use]
    pub fn has_unsaved(&self) -> bool {
        self.unsaved.is_some()
    }

    /// The grant that no store has taken yet as the record that would be stored, to be kept
    /// wherever the store has a place beside its records; `None` without one.
    #[must_use]
    pub fn rescue(&self) -> Option<StoredGrant> {
        self.unsaved.as_deref().map(|held| self.stored_as(held))
    }

    /// Stores a login that has just succeeded, over whatever is `stored` now; the token is
    /// handed out once that is done. No lease is needed: a newer login wins.
    pub fn adopt(
        &mut self,
        fresh: FreshGrant,
        stored: Option<StoredGrant>,
    ) -> Step<'_, AccessToken> {
        refresh::adopt(self, fresh, stored.as_ref())
    }

    /// Stores a refresh token that was got elsewhere as a login, over whatever is `stored`
    /// now: for those who move here from another client, which must not use it any more. No
    /// lease is needed. The first caller who wants a token refreshes.
    pub fn import(
        &mut self,
        now: Timestamp,
        token: RefreshToken,
        user: Option<String>,
        stored: Option<StoredGrant>,
    ) -> Step<'_, Imported> {
        import::begin(self, now, token, user, stored.as_ref())
    }

    /// Claims the one login that a program may do by itself after
    /// [`LoginRequired`](RefreshError::LoginRequired): with a password from a vault, say.
    ///
    /// The claim is stored before a password leaves, so that a grant's end leads to one such
    /// login over all callers, processes and restarts, and a wrong password in the vault to
    /// no locked account. A login lifts it, and after a logout there is none. No lease is
    /// needed.
    pub fn claim_sign_in(
        &mut self,
        now: Timestamp,
        stored: Option<StoredGrant>,
    ) -> Step<'_, SignIn> {
        sign_in::claim(self, now, stored.as_ref())
    }

    /// Gives a claim back, because no password has left.
    pub fn release_sign_in(&mut self, stored: Option<StoredGrant>) -> Step<'_, SignIn> {
        sign_in::release(self, stored.as_ref())
    }

    /// What the caller wants: the stored token where that will do, else a refreshed one.
    /// `stored` must have been read under the store's lease: what another process has
    /// refreshed meanwhile is taken from there.
    pub fn obtain(
        &mut self,
        want: Want,
        now: Timestamp,
        stored: Option<StoredGrant>,
    ) -> Step<'_, AccessToken> {
        refresh::proceed(self, want, now, stored.as_ref(), 0)
    }

    /// Ends the session: revokes it where the provider can, then stores that it is gone. The
    /// revocation's failure does not keep it alive here. No lease is needed.
    pub fn logout(&mut self, now: Timestamp, stored: Option<StoredGrant>) -> Step<'_, LoggedOut> {
        logout::revoke(self, now, stored.as_ref())
    }

    /// Ends the session here and tells the server nothing.
    pub fn forget(&mut self, now: Timestamp, stored: Option<StoredGrant>) -> Step<'_, LoggedOut> {
        logout::forget(self, now, stored.as_ref())
    }

    fn held(&self) -> Option<&Held> {
        match &self.view {
            View::Held(held) => Some(held),
            View::Nothing | View::Nobody | View::Gone(_) => None,
        }
    }

    fn terms(&self, login: LoginId) -> Terms {
        let provider = self.client.provider();
        let secret = self.client.secret();
        let configuration = digest(&[
            login.as_bytes(),
            provider.token_endpoint().to_string().as_bytes(),
            alloc::format!("{:?}", provider.authentication()).as_bytes(),
            self.client.id().as_bytes(),
            secret.map_or(b"", |secret| secret.expose().as_bytes()),
        ]);
        Terms {
            rules: provider.rules(),
            replay: provider.replay(),
            configuration,
        }
    }

    /// The bytes that stand in the store after this grant was saved: the same state always
    /// makes the same bytes.
    fn stored_as(&self, held: &Held) -> StoredGrant {
        record::write(&self.binding, &State::Held(Box::new(held.clone())))
    }

    /// The step that stores `state` where `stored` stands now.
    fn save<T: Goal>(
        &mut self,
        state: &State,
        stored: Option<&StoredGrant>,
        ends_rescue: bool,
        saving: T::Saving,
    ) -> Step<'_, T> {
        let change = self.change(state, stored, ends_rescue);
        let receipt = Receipt {
            revision: change.revision,
            session: self,
            saving,
        };
        Step::Save(change, receipt)
    }

    /// The change that stores `state` where `stored` stands now.
    fn change(&self, state: &State, stored: Option<&StoredGrant>, ends_rescue: bool) -> Change {
        let record = record::write(&self.binding, state);
        let readable = stored.is_none_or(|stored| record::parse(stored, &self.binding).is_ok());
        Change {
            expected: stored.map(StoredGrant::revision),
            revision: record.revision(),
            record,
            due_at: state.due_at(),
            keep_by: None,
            keeps_replaced: !readable,
            ends_rescue,
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("client", &self.client)
            .field("key", &self.binding.key)
            .field("token_id", &self.token_id())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
