//! The last token of a session. All callers can read it without a lock, even during a refresh.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use twoba_core::{AccessToken, Current, Session, Timestamp, TokenId};
use twoba_store::{Clock, Span};

use crate::sync::Mutex;

/// A token that can be handed out at once.
pub(crate) enum AtHand<T> {
    /// A token that needs no refresh yet.
    Fresh(T),
    /// A token that is usable and due to be refreshed.
    Due(T),
    Nothing,
}

/// A published token.
#[derive(Debug)]
struct Shown {
    current: Current,
    /// The times on the clock at which it can be handed out without another check; `None` for all
    /// times.
    fresh: Option<Span>,
    /// The same token for every other thread, made when one asks. Two threads that copied one token
    /// would wait for each other at its count.
    other: OnceLock<AccessToken>,
}

impl Shown {
    /// A copy of the token for this thread.
    #[inline]
    fn copied(&self) -> Option<AccessToken> {
        let token = self.current.token(FIRST)?;
        Some(if is_second() {
            self.other.get_or_init(|| token.unshared()).clone()
        } else {
            token.clone()
        })
    }
}

/// Whether this is one of every other thread, by the order in which they came here.
#[inline]
fn is_second() -> bool {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static IS_SECOND: Cell<Option<bool>> = const { Cell::new(None) });
    IS_SECOND.get().unwrap_or_else(|| {
        let is_second = THREADS.fetch_add(1, Ordering::Relaxed) % 2 == 1;
        IS_SECOND.set(Some(is_second));
        is_second
    })
}

/// The times at which no caller has to check further; `None` for all times.
fn fresh(current: &Current) -> Option<Span> {
    let (from, until) = (current.doubted_before(), current.fresh_until());
    (from.is_some() || until.is_some())
        .then(|| Span::new(from.unwrap_or(FIRST), until.unwrap_or(LAST)))
}

/// A time after every time that is compared with a clock.
const LAST: Timestamp = Timestamp::from_unix_millis(i64::MAX);

/// A time before the end of every token that was ever usable.
const FIRST: Timestamp = Timestamp::from_unix_millis(i64::MIN);

/// The token that all callers read.
#[derive(Debug)]
pub(crate) struct Published {
    shown: ArcSwapOption<Shown>,
    marks: Mutex<Marks>,
}

/// What a look at the store is compared with when its result is to be published. The counts wrap.
#[derive(Debug, Clone, Copy)]
struct Marks {
    /// How often the stored session was changed without a refresh, by a login or a logout.
    changes: u32,
    /// How often the result of a look was published.
    shown: u32,
}

/// A look at the store that is under way. Its result may be older than such a change, and older or
/// newer than the result of another look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading(Marks);

impl Reading {
    /// Whether the session was changed between the starts of these two.
    pub(crate) fn is_before_a_change(self, later: Self) -> bool {
        self.0.changes != later.0.changes
    }
}

impl Published {
    pub(crate) fn new() -> Self {
        Self {
            shown: ArcSwapOption::empty(),
            marks: Mutex::new(Marks {
                changes: 0,
                shown: 0,
            }),
        }
    }

    /// Calls `look` with the current token, if it is usable and not due.
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

    /// A copy of the current token, if it is usable and not due.
    #[inline]
    pub(crate) fn fresh_copy(&self, clock: &impl Clock) -> Option<AccessToken> {
        let shown = self.shown.load();
        let shown = shown.as_ref()?;
        let fresh = shown.fresh.is_none_or(|span| clock.is_within(span));
        fresh.then(|| shown.copied()).flatten()
    }

    /// Calls `look` with the current token. The token is not kept for longer than that.
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

    /// Whether there is a usable token.
    pub(crate) fn is_usable(&self, now: Timestamp) -> bool {
        !matches!(self.look(now, |_, _| ()), AtHand::Nothing)
    }

    /// The id of the token, usable or not.
    pub(crate) fn id(&self) -> Option<TokenId> {
        self.shown.load().as_ref().map(|shown| shown.current.id())
    }

    /// Notes that the store is about to be read. All changes until now will be seen.
    pub(crate) fn begin_reading(&self) -> Reading {
        Reading(*self.marks.lock())
    }

    /// Publishes what a session has read, unless the store has been changed since.
    pub(crate) fn show(&self, reading: Reading, session: &Session, now: Timestamp) {
        let mut marks = self.marks.lock();
        if marks.changes == reading.0.changes {
            self.put(&mut marks, reading, session.current(now));
        }
    }

    /// Publishes a login that was just stored. Looks at the store that began before it see less. If
    /// another caller has changed the store since `reading`, the order of the changes is unknown,
    /// and the store is read again.
    pub(crate) fn replace(&self, reading: Reading, session: &Session, now: Timestamp) {
        let mut marks = self.marks.lock();
        let is_last = marks.changes == reading.0.changes;
        marks.changes = marks.changes.wrapping_add(1);
        let last = is_last.then(|| session.current(now)).flatten();
        self.put(&mut marks, reading, last);
    }

    /// Notes that the stored session was changed. No caller gets the current token until the store
    /// has been read again.
    pub(crate) fn outdate(&self) {
        let mut marks = self.marks.lock();
        marks.changes = marks.changes.wrapping_add(1);
        self.set(None);
    }

    /// Delays a refresh by `pause` if it is still due. A refresh that brought nothing is not tried
    /// again at once.
    pub(crate) fn postpone(&self, now: Timestamp, pause: Duration) {
        let _marks = self.marks.lock();
        let shown = self.shown.load();
        if let Some(Shown { current, .. }) = shown.as_deref()
            && current.is_due(now)
        {
            self.set(Some(current.clone().postponed(now.saturating_add(pause))));
        }
    }

    /// Drops the token to release its memory, unless it is usable.
    pub(crate) fn forget_unusable(&self, now: Timestamp) {
        let _marks = self.marks.lock();
        if !self.is_usable(now) {
            self.set(None);
        }
    }

    /// Publishes a token. An older generation never replaces a newer one of the same login. If
    /// another look has been published since `reading`, and one of the two has found another login
    /// or none, nobody knows which is the newer one, and the store is read again.
    fn put(&self, marks: &mut Marks, reading: Reading, current: Option<Current>) {
        let overlaps = marks.shown != reading.0.shown;
        marks.shown = marks.shown.wrapping_add(1);
        match (self.id(), current.as_ref().map(Current::id)) {
            (Some(shown), Some(found)) if shown.login == found.login => {
                if shown.generation <= found.generation {
                    self.set(current);
                }
            }
            _ => self.set(current.filter(|_| !overlaps)),
        }
    }

    fn set(&self, current: Option<Current>) {
        // A change looks at every thread that there ever was; clearing up would make a million.
        if current.is_none() && self.id().is_none() {
            return;
        }
        let shown = current.map(|current| Shown {
            fresh: fresh(&current),
            other: OnceLock::new(),
            current,
        });
        self.shown.store(shown.map(Arc::new));
    }
}

#[cfg(test)]
mod tests;
