//! The data of a session, and the questions that it answers without an effect.

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

/// A person's session with one application, or the session of a program itself. It is a state
/// machine in steps.
///
/// A session holds what is known to be durably stored. Each method that may need an effect returns
/// a [`Step`](crate::Step). The driver saves or sends, and hands the result back, until the step is
/// [`Done`](crate::Step::Done):
///
/// - A token is readable only after the grant that carries it is stored.
/// - A refresh takes the record that its caller has read under the store's lease. If that record
///   has a newer generation, the session adopts it and does not ask the server.
///
/// Two refreshes of one session at once do not compile, because a step borrows the session.
///
/// A session is cheap to make. It need not outlive the refresh for which it was made.
pub struct Session {
    pub(super) client: Arc<Client>,
    key: SessionKey,
    pub(super) seed: Seed,
    pub(super) known: Known,
    /// A grant of the server that no store has taken yet. Nobody can read it.
    pub(super) unsaved: Option<Box<Held>>,
    /// An intent that may stand in the store although its end is known.
    pub(super) unsent: Option<Box<Unsent>>,
    /// The latest grant that this program has seen.
    pub(super) seen: Option<TokenId>,
}

impl Session {
    /// Makes a session that knows nothing yet. [`observe`](Self::observe) shows it the stored
    /// bytes.
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

    /// Whether this is the session of a program itself, which [`obtain_own`](Self::obtain_own)
    /// drives.
    pub(super) fn is_of_program(&self) -> bool {
        self.key.is_of_program()
    }

    /// Makes the session of a program itself, which has no user. Its client asks for tokens in its
    /// own name, with its own scopes.
    #[must_use]
    pub fn of_program(client: Arc<Client>, seed: Seed) -> Self {
        let key = SessionKey::of_program(client.id(), client.scope());
        Self::new(client, &key, seed)
    }

    /// Checks that a request to the session fits its kind and its client.
    ///
    /// # Errors
    ///
    /// - the session is a person's and a program's is needed, or the reverse
    /// - the session of a program has the key of another client or of other scopes
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

    /// The client that refreshes this session.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Takes note of the stored bytes, which may be read with or without the lease. Bytes that the
    /// session already knows are not read again.
    ///
    /// # Errors
    ///
    /// - the bytes are damaged, newer, or of another owner: [`RecordError`]. The session then knows
    ///   nothing.
    pub fn observe(&mut self, stored: Option<&StoredGrant>) -> Result<(), RecordError> {
        if !self.known.is_of(stored) {
            self.known = Known::read(stored, &self.owner());
        }
        self.known.state().map(drop)
    }

    /// The access token, if it is durably stored and usable at `now`. Otherwise call
    /// [`obtain`](Self::obtain).
    #[must_use]
    pub fn token(&self, now: Timestamp) -> Option<&AccessToken> {
        self.known.held()?.grant().usable(now)
    }

    /// The id of the token that [`token`](Self::token) hands out.
    /// [`Want::Rejected`](crate::Want::Rejected) takes it.
    #[must_use]
    pub fn token_id(&self) -> Option<TokenId> {
        self.known.held().map(Held::id)
    }

    /// The time when the token is to be refreshed. It is early enough that nobody has to wait for
    /// the refresh, and not before the end of a backoff. `None` if nothing is to be refreshed while
    /// the token is usable.
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

    /// The current token with its times as of `now`, to be handed out while the session itself is
    /// busy. `None` if there is no token.
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

    /// Whether the server has given a grant that no store has taken yet. The grant is only in
    /// memory. Keep the lease, so that nobody presents the token that the grant replaces. Drive
    /// [`obtain`](Self::obtain) until it is stored, or [`settle`](Self::settle) if nobody waits for
    /// a token.
    #[must_use]
    pub fn has_unsaved(&self) -> bool {
        self.unsaved.is_some()
    }

    /// A copy of what the store has not taken as a record. A store can keep it beside its records.
    /// It holds the only copy of a grant, or says that an intent was never sent or what came of its
    /// request. `None` if there is nothing to rescue.
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
        Some(write(&transition::instead_of(intent, *unsent.instead)))
    }

    /// Tells the session which grant this program has seen. An earlier grant of the same login is
    /// then never presented, because the store must have gone back.
    pub fn remember(&mut self, seen: TokenId) {
        self.seen = Some(seen);
    }

    /// The grant that is known to be stored. [`offer_seen`](Self::offer_seen) stores it again if
    /// the store goes back. `None` if there is none.
    #[must_use]
    pub fn seen_grant(&self) -> Option<SeenGrant> {
        self.known.held().map(SeenGrant::of)
    }

    /// The stored and the seen generation, if the store is behind what this program has seen.
    pub(super) fn went_back(&self) -> Option<(u64, u64)> {
        let (seen, stored) = (self.seen?, self.known.held()?.id());
        let back = seen.login == stored.login && stored.generation < seen.generation;
        back.then_some((stored.generation, seen.generation))
    }

    /// The stored record as the base of a change. The session takes no note of it.
    pub(super) fn base_of(&self, stored: Option<&StoredGrant>) -> Base {
        if self.known.is_of(stored) {
            return self.known.base().clone();
        }
        Known::read(stored, &self.owner()).base().clone()
    }

    /// The change that replaces the base by this state.
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
