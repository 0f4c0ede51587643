//! What a session holds, and what can be told of it without an effect.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;

use super::current::Current;
use super::error::RefreshError;
use super::id::TokenId;
use super::known::Known;
use super::record::{self, Aside, Binding, RecordError};
use super::transition::{self, Held, SeenGrant, StateRef};
use super::unsent::Unsent;
use super::written::{Base, Deed, Written};
use crate::client::Client;
use crate::limits::BACKOFF_FIRST;
use crate::secret::AccessToken;
use crate::seed::Seed;
use crate::stored::{SessionKey, StoredGrant};
use crate::time::Timestamp;

/// One person's session with one application, or that of a program itself, as a state machine in
/// steps.
///
/// It holds what is known to be durably stored. Each method that may need an effect returns
/// a [`Step`](crate::Step); whoever drives it saves, sends, and hands the outcome back until
/// the step is [`Done`](crate::Step::Done):
///
/// - a token is readable only once the grant that carries it is stored;
/// - a refresh wants the record as it was read under the store's lease, and a newer
///   generation found there is adopted instead of asking the server.
///
/// Two refreshes of one session at once do not compile: a step borrows the session.
///
/// A session is cheap to make, and need not outlive the refresh that it is made for.
pub struct Session {
    pub(super) client: Arc<Client>,
    key: SessionKey,
    pub(super) seed: Seed,
    pub(super) known: Known,
    /// What the server gave and no store has taken yet. Nobody can read it.
    pub(super) unsaved: Option<Box<Held>>,
    /// What may stand in the store although its request never left.
    pub(super) unsent: Option<Box<Unsent>>,
    /// The latest grant that this program has seen.
    pub(super) seen: Option<TokenId>,
}

impl Session {
    /// A session that knows nothing yet; [`observe`](Self::observe) shows it what is stored.
    ///
    /// The seed feeds login ids, claims, and the jitter of refreshes and backoffs.
    #[must_use]
    pub fn new(client: Arc<Client>, key: &SessionKey, seed: Seed) -> Self {
        Self {
            client,
            key: key.clone(),
            seed,
            known: Known::nothing(),
            unsaved: None,
            unsent: None,
            seen: None,
        }
    }

    /// Whether it is that of a program itself: [`obtain_own`](Self::obtain_own) drives it.
    pub(super) fn is_of_program(&self) -> bool {
        self.key.is_of_program()
    }

    /// The session of a program itself, which has no user: its client asks for tokens in its own
    /// name, with the scopes that it has.
    #[must_use]
    pub fn of_program(client: Arc<Client>, seed: Seed) -> Self {
        let key = SessionKey::of_program(client.id(), client.scope());
        Self::new(client, &key, seed)
    }

    /// Whether what is wanted of it fits its kind and its client.
    ///
    /// # Errors
    ///
    /// - a person's session where a program's is wanted, or the other way, or a program's under
    ///   the key of another client or other scopes
    pub(super) fn is_for(&self, program: bool) -> Result<(), RefreshError> {
        let foreign = |what| Err(RefreshError::Record(RecordError::Foreign(what)));
        match (program, self.is_of_program()) {
            (false, false) => Ok(()),
            (true, true) => {
                let own = SessionKey::of_program(self.client.id(), self.client.scope());
                if own == self.key {
                    Ok(())
                } else {
                    foreign("session key")
                }
            }
            (true, false) | (false, true) => foreign("kind of session"),
        }
    }

    /// The client that refreshes it.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Takes notice of what is stored, read with or without the lease. Bytes that it knows
    /// already are not read again.
    ///
    /// # Errors
    ///
    /// - bytes that are damaged, newer or somebody else's: [`RecordError`]; the session then
    ///   knows nothing
    pub fn observe(&mut self, stored: Option<&StoredGrant>) -> Result<(), RecordError> {
        if !self.known.is_of(stored) {
            self.known = Known::read(stored, &self.owner());
        }
        self.known.state().map(drop)
    }

    /// The access token, if it is durably stored and usable at `now`; else
    /// [`obtain`](Self::obtain) is needed.
    #[must_use]
    pub fn token(&self, now: Timestamp) -> Option<&AccessToken> {
        self.known.held()?.grant().usable(now)
    }

    /// Which token [`token`](Self::token) hands out, for
    /// [`Want::Rejected`](crate::Want::Rejected).
    #[must_use]
    pub fn token_id(&self) -> Option<TokenId> {
        self.known.held().map(Held::id)
    }

    /// When the token is to be refreshed, early enough that nobody has to wait for it, and
    /// not before a failure has been waited for; `None` where nothing is to be refreshed
    /// while the token is usable.
    #[must_use]
    pub fn refresh_due(&self, now: Timestamp) -> Option<Timestamp> {
        let held = self.known.held()?;
        let grant = held.grant();
        let renewable = grant.refresh_token.is_some() || self.is_of_program();
        if held.verdict().is_some() || !renewable {
            return None;
        }
        let replay = self.client.provider().replay();
        let due = match held.intent() {
            None if held.is_from_the_future(now) => now,
            None => grant.refresh_due_at?,
            // A window does not wait until the token is unusable. Who looks while the clock is
            // behind it may look no more until then.
            Some(lost) if lost.is_before_its_end(now, replay) => {
                lost.at.saturating_add(BACKOFF_FIRST)
            }
            Some(_) => return None,
        };
        let trouble = held.trouble();
        Some(trouble.map_or(due, |trouble| due.max(trouble.until)))
    }

    /// The token at hand with its times as they are at `now`, to be handed out while the session itself is busy;
    /// `None` without one.
    #[must_use]
    pub fn current(&self, now: Timestamp) -> Option<Current> {
        let held = self.known.held()?;
        Some(Current {
            token: held.grant().access_token.clone()?,
            id: held.id(),
            usable_until: held.grant().usable_until(),
            refresh_due: match self.unsaved {
                // The successor is there and waits for the store.
                Some(_) => Some(Timestamp::from_unix_millis(i64::MIN)),
                None => self.refresh_due(now),
            },
            doubted_before: held.doubted_before(),
        })
    }

    /// Whether the server has given a grant that no store has taken yet. It is in memory only:
    /// keep the lease, so that nobody presents the token that it replaces, and drive an
    /// [`obtain`](Self::obtain) until it is stored.
    #[must_use]
    pub fn has_unsaved(&self) -> bool {
        self.unsaved.is_some()
    }

    /// What the store has not taken as a record, to be kept wherever it has a place beside its
    /// records: a grant that is nowhere else, or that an intent was never sent. `None` without.
    #[must_use]
    pub fn rescue(&self) -> Option<StoredGrant> {
        let write = |held: &Held| {
            let state = StateRef::Held(held);
            let aside = Aside {
                candidate: None,
                claim: None,
                ..self.known.base().aside()
            };
            record::write(&self.owner(), state, aside)
        };
        if let Some(unsaved) = &self.unsaved {
            return Some(write(unsaved));
        }
        let unsent = self.unsent.as_deref()?.clone();
        // What was stored before stands there rather than what could not be written.
        let intent = unsent.replaced.unwrap_or(unsent.intent);
        Some(write(&transition::never_asked(*unsent.before, intent)))
    }

    /// Says which grant this program has seen: an earlier one of the same login is never
    /// presented, because the store must have gone back.
    pub fn remember(&mut self, seen: TokenId) {
        self.seen = Some(seen);
    }

    /// The grant that is known to stand in the store, to [offer](Self::offer_seen) it again where
    /// the store goes back; `None` without one.
    #[must_use]
    pub fn seen_grant(&self) -> Option<SeenGrant> {
        self.known.held().map(SeenGrant::of)
    }

    /// Whether what is stored is older than what this program has seen, by their generations.
    pub(super) fn went_back(&self) -> Option<(u64, u64)> {
        let (seen, stored) = (self.seen?, self.known.held()?.id());
        let back = seen.login == stored.login && stored.generation < seen.generation;
        back.then_some((stored.generation, seen.generation))
    }

    /// What stands in the store, without taking notice of it.
    pub(super) fn base_of(&self, stored: Option<&StoredGrant>) -> Base {
        if self.known.is_of(stored) {
            return self.known.base().clone();
        }
        Known::read(stored, &self.owner()).base().clone()
    }

    /// The change that puts this state in the place of what stands there.
    pub(super) fn written(&self, base: Base, state: StateRef<'_>, deed: Deed) -> Written {
        base.replaced(&self.owner(), state, deed)
    }

    pub(super) fn owner(&self) -> Binding<'_> {
        Binding {
            authority: Cow::Borrowed(self.client.provider().authority()),
            client_id: Cow::Borrowed(self.client.id()),
            key: Cow::Borrowed(self.key.as_str()),
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("client", &self.client)
            .field("key", &self.key.as_str())
            .field("token_id", &self.token_id())
            .finish_non_exhaustive()
    }
}
