//! The token that a session last had, readable by everyone without a lock while a refresh is out.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use twoba_core::{AccessToken, Current, Session, Timestamp, TokenId};

use crate::sync::Mutex;

/// What is at hand at some moment.
pub(crate) enum AtHand<T> {
    /// A token that nobody needs to look after.
    Fresh(T),
    /// A token that is usable and due to be refreshed.
    Due(T),
    Nothing,
}

/// The token that everybody reads.
#[derive(Debug)]
pub(crate) struct Published {
    current: ArcSwapOption<Current>,
    /// How often somebody has changed what is stored without a refresh: a login, a logout.
    epoch: Mutex<u64>,
}

/// A look at the store that is under way: what it finds may be older than such a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading(u64);

impl Published {
    pub(crate) fn new() -> Self {
        Self {
            current: ArcSwapOption::empty(),
            epoch: Mutex::new(0),
        }
    }

    /// What `look` makes of the token at hand, which is not kept for longer than that.
    pub(crate) fn look<T>(
        &self,
        now: Timestamp,
        look: impl FnOnce(&AccessToken, TokenId) -> T,
    ) -> AtHand<T> {
        let current = self.current.load();
        let Some(current) = current.as_ref() else {
            return AtHand::Nothing;
        };
        let Some(token) = current.token(now) else {
            return AtHand::Nothing;
        };
        let seen = look(token, current.id());
        if current.fresh_until().is_none_or(|end| now < end) {
            AtHand::Fresh(seen)
        } else {
            AtHand::Due(seen)
        }
    }

    /// Whether there is a token that is usable.
    pub(crate) fn is_usable(&self, now: Timestamp) -> bool {
        !matches!(self.look(now, |_, _| ()), AtHand::Nothing)
    }

    /// Which token it is, usable or not.
    pub(crate) fn id(&self) -> Option<TokenId> {
        self.current.load().as_ref().map(|current| current.id())
    }

    /// Says that the store is about to be read: what was changed until now will be seen.
    pub(crate) fn begin_reading(&self) -> Reading {
        Reading(*self.epoch.lock())
    }

    /// Shows what a session has made of what was read, unless somebody has changed that since.
    pub(crate) fn show(&self, reading: Reading, session: &Session) {
        let epoch = self.epoch.lock();
        if *epoch == reading.0 {
            self.store(session.current());
        }
    }

    /// Shows what a login has just stored; looks at the store that began before it see less.
    /// Where somebody else has changed what is stored since `reading`, nobody knows whose change
    /// was the last: the store is read again.
    pub(crate) fn replace(&self, reading: Reading, session: &Session) {
        let mut epoch = self.epoch.lock();
        let is_last = *epoch == reading.0;
        *epoch += 1;
        let current = is_last.then(|| session.current()).flatten();
        self.current.store(current.map(Arc::new));
    }

    /// Says that somebody has changed what is stored: nobody gets the token at hand until the
    /// store has been read again.
    pub(crate) fn outdate(&self) {
        let mut epoch = self.epoch.lock();
        *epoch += 1;
        self.current.store(None);
    }

    /// Has the refresh wait for `pause` if it is still due: one that came to nothing is not tried
    /// again at once.
    pub(crate) fn postpone(&self, now: Timestamp, pause: Duration) {
        let _epoch = self.epoch.lock();
        let current = self.current.load_full();
        if let Some(current) = current
            && current.refresh_due().is_some_and(|due| now >= due)
        {
            let later = Current::clone(&current).postponed(now.saturating_add(pause));
            self.current.store(Some(Arc::new(later)));
        }
    }

    /// Forgets the token, to give its memory back.
    pub(crate) fn forget(&self) {
        let _epoch = self.epoch.lock();
        self.current.store(None);
    }

    /// An older generation never takes the place of a newer one of the same login.
    fn store(&self, current: Option<Current>) {
        let shown = self.current.load();
        if let (Some(shown), Some(current)) = (shown.as_ref(), &current)
            && shown.id().login == current.id().login
            && shown.id().generation > current.id().generation
        {
            return;
        }
        self.current.store(current.map(Arc::new));
    }
}
