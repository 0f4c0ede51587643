//! The token that a session last had, readable by everyone without a lock while a refresh is out.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use twoba_core::{AccessToken, Current, Session, Timestamp, TokenId};
use twoba_store::{Clock, Span};

use crate::sync::Mutex;

/// What is at hand at some moment.
pub(crate) enum AtHand<T> {
    /// A token that nobody needs to look after.
    Fresh(T),
    /// A token that is usable and due to be refreshed.
    Due(T),
    Nothing,
}

/// A token as it is shown.
#[derive(Debug)]
struct Shown {
    current: Current,
    /// When a look at the clock is all that it takes to hand it out; `None` always.
    fresh: Option<Span>,
}

/// When nobody has to look further; `None` always.
fn fresh(current: &Current) -> Option<Span> {
    let (from, until) = (current.doubted_before(), current.fresh_until());
    (from.is_some() || until.is_some())
        .then(|| Span::new(from.unwrap_or(FIRST), until.unwrap_or(LAST)))
}

/// After every time that is compared with a clock.
const LAST: Timestamp = Timestamp::from_unix_millis(i64::MAX);

/// Before the end of every token that was ever usable.
const FIRST: Timestamp = Timestamp::from_unix_millis(i64::MIN);

/// The token that everybody reads.
#[derive(Debug)]
pub(crate) struct Published {
    shown: ArcSwapOption<Shown>,
    /// How often somebody has changed what is stored without a refresh: a login, a logout.
    epoch: Mutex<u64>,
}

/// A look at the store that is under way: what it finds may be older than such a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading(u64);

impl Published {
    pub(crate) fn new() -> Self {
        Self {
            shown: ArcSwapOption::empty(),
            epoch: Mutex::new(0),
        }
    }

    /// What `look` makes of the token at hand, if that is usable and not due.
    #[inline]
    pub(crate) fn fresh<T>(
        &self,
        clock: &impl Clock,
        look: impl FnOnce(&AccessToken) -> T,
    ) -> Option<T> {
        let shown = self.shown.load();
        let shown = shown.as_ref()?;
        let fresh = shown.fresh.is_none_or(|span| clock.is_within(span));
        fresh
            .then(|| shown.current.token(FIRST).map(look))
            .flatten()
    }

    /// What `look` makes of the token at hand, which is not kept for longer than that.
    pub(crate) fn look<T>(
        &self,
        now: Timestamp,
        look: impl FnOnce(&AccessToken, TokenId) -> T,
    ) -> AtHand<T> {
        let shown = self.shown.load();
        let Some(Shown { current, .. }) = shown.as_deref() else {
            return AtHand::Nothing;
        };
        let Some(token) = current.token(now) else {
            return AtHand::Nothing;
        };
        let seen = look(token, current.id());
        if current.is_due(now) {
            AtHand::Due(seen)
        } else {
            AtHand::Fresh(seen)
        }
    }

    /// Whether there is a token that is usable.
    pub(crate) fn is_usable(&self, now: Timestamp) -> bool {
        !matches!(self.look(now, |_, _| ()), AtHand::Nothing)
    }

    /// Which token it is, usable or not.
    pub(crate) fn id(&self) -> Option<TokenId> {
        self.shown.load().as_ref().map(|shown| shown.current.id())
    }

    /// Says that the store is about to be read: what was changed until now will be seen.
    pub(crate) fn begin_reading(&self) -> Reading {
        Reading(*self.epoch.lock())
    }

    /// Shows what a session has made of what was read, unless somebody has changed that since.
    pub(crate) fn show(&self, reading: Reading, session: &Session, now: Timestamp) {
        let epoch = self.epoch.lock();
        if *epoch == reading.0 {
            self.store(session.current(now));
        }
    }

    /// Shows what a login has just stored; looks at the store that began before it see less.
    /// Where somebody else has changed what is stored since `reading`, nobody knows whose change
    /// was the last: the store is read again.
    pub(crate) fn replace(&self, reading: Reading, session: &Session, now: Timestamp) {
        let mut epoch = self.epoch.lock();
        let is_last = *epoch == reading.0;
        *epoch += 1;
        let last = is_last.then(|| session.current(now)).flatten();
        self.set(last);
    }

    /// Says that somebody has changed what is stored: nobody gets the token at hand until the
    /// store has been read again.
    pub(crate) fn outdate(&self) {
        let mut epoch = self.epoch.lock();
        *epoch += 1;
        self.set(None);
    }

    /// Has the refresh wait for `pause` if it is still due: one that came to nothing is not tried
    /// again at once.
    pub(crate) fn postpone(&self, now: Timestamp, pause: Duration) {
        let _epoch = self.epoch.lock();
        let shown = self.shown.load();
        if let Some(Shown { current, .. }) = shown.as_deref()
            && current.is_due(now)
        {
            self.set(Some(current.clone().postponed(now.saturating_add(pause))));
        }
    }

    /// Forgets the token, to give its memory back.
    pub(crate) fn forget(&self) {
        let _epoch = self.epoch.lock();
        self.set(None);
    }

    /// An older generation never takes the place of a newer one of the same login.
    fn store(&self, current: Option<Current>) {
        if let (Some(shown), Some(current)) = (self.id(), &current)
            && shown.login == current.id().login
            && shown.generation > current.id().generation
        {
            return;
        }
        self.set(current);
    }

    fn set(&self, current: Option<Current>) {
        // A change looks at every thread that there ever was; clearing up would make a million.
        if current.is_none() && self.id().is_none() {
            return;
        }
        let shown = current.map(|current| Shown {
            fresh: fresh(&current),
            current,
        });
        self.shown.store(shown.map(Arc::new));
    }
}
