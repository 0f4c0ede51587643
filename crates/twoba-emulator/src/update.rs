//! The news for somebody who watches. `http::console` decides how long to wait for them.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::identifier::FamilyId;
use crate::journal::{Counts, Event, EventKind, Kept};
use crate::request::SeenRequest;
use crate::state::State;

/// How many events an update holds for a watcher who has seen the earlier ones. Nobody reads more.
pub(crate) const MAX_EVENTS: usize = 2_000;

/// How far a watcher has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// The run. It is a new one after each start and reset, so that nobody takes a new journal for
    /// the old one.
    pub(crate) run: u64,
    pub(crate) events: u64,
    pub(crate) requests: u64,
    /// How often faults were set, which the journal does not record.
    pub(crate) faults: u64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:016x}-{}-{}-{}",
            self.run, self.events, self.requests, self.faults
        )
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('-');
        let run = parts
            .next()
            .and_then(|run| u64::from_str_radix(run, 16).ok());
        let mut number = || parts.next().and_then(|number| number.parse().ok());
        let cursor = Self {
            run: run.ok_or(())?,
            events: number().ok_or(())?,
            requests: number().ok_or(())?,
            faults: number().ok_or(())?,
        };
        parts.next().is_none().then_some(cursor).ok_or(())
    }
}

/// The news, taken while nothing else could happen.
pub(crate) struct News {
    pub(crate) cursor: Cursor,
    /// Whether this is everything, so that the watcher has to forget earlier news.
    pub(crate) all: bool,
    pub(crate) counts: Counts,
    pub(crate) state: State,
    pub(crate) events: Vec<Event>,
    pub(crate) requests: Vec<(u64, Kept)>,
}

/// The new requests alone, taken while nothing else could happen.
pub(crate) struct Heard {
    pub(crate) cursor: Cursor,
    pub(crate) requests: Vec<(u64, Kept)>,
    /// The events of these requests and of others, oldest first and without gaps.
    pub(crate) events: Vec<Event>,
}

/// The news in written form.
#[derive(Serialize)]
pub(crate) struct Update {
    /// The cursor to ask with for the next update.
    cursor: String,
    all: bool,
    counts: Counts,
    /// How many of the oldest new events are left out.
    skipped_events: u64,
    /// The state, with the families that changed, or with all.
    state: State,
    events: Vec<Event>,
    requests: Vec<SeenRequest>,
}

impl News {
    /// Keeps only the families that changed, if that is known.
    pub(crate) fn into_update(
        mut self,
        since: Option<Cursor>,
        show: impl Fn(u64, &Kept) -> SeenRequest,
    ) -> Update {
        let seen = since.filter(|_| !self.all).map_or(0, |since| since.events);
        let told = u64::try_from(self.events.len()).unwrap_or(u64::MAX);
        let skipped_events = (self.cursor.events.saturating_sub(seen)).saturating_sub(told);
        if !self.all && skipped_events == 0 {
            let touched: BTreeSet<FamilyId> =
                self.events.iter().filter_map(|e| family(&e.kind)).collect();
            self.state
                .families
                .retain(|family| touched.contains(&family.family));
        }
        let requests = self.requests.iter();
        Update {
            cursor: self.cursor.to_string(),
            all: self.all,
            counts: self.counts,
            skipped_events,
            requests: requests.map(|(number, kept)| show(*number, kept)).collect(),
            state: self.state,
            events: self.events,
        }
    }
}

/// The family that an event changes.
fn family(kind: &EventKind) -> Option<FamilyId> {
    match kind {
        EventKind::Login { family, .. }
        | EventKind::Rotation { family, .. }
        | EventKind::Renewal { family, .. }
        | EventKind::Forgiven { family, .. }
        | EventKind::Reuse { family, .. }
        | EventKind::FamilyRevoked { family, .. }
        | EventKind::AccessTokenRevoked { family, .. }
        | EventKind::ServiceServed { family, .. } => Some(*family),
        EventKind::Refused { family, .. }
        | EventKind::CodeReuse { family, .. }
        | EventKind::Introspected { family, .. }
        | EventKind::UnifeedOpened { family, .. }
        | EventKind::ServiceRefused { family, .. } => *family,
        EventKind::TokenRequest { .. }
        | EventKind::CodeIssued { .. }
        | EventKind::LoginRefused
        | EventKind::LoginCancelled
        | EventKind::ServiceCall { .. }
        | EventKind::UnifeedReturned { .. }
        | EventKind::UnifeedDelivered { .. }
        | EventKind::FaultPlayed { .. }
        | EventKind::PolicySet { .. }
        | EventKind::ClockAdvanced { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back() {
        let cursor = Cursor {
            run: 0x0123,
            events: 4,
            requests: 5,
            faults: 6,
        };
        assert_eq!(cursor.to_string(), "0000000000000123-4-5-6");
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in [
            "",
            "1",
            "1-2-3",
            "1-2-3-4-5",
            "x-1-1-1",
            "1--1-1-1",
            "1-2-3-",
        ] {
            assert_eq!(text.parse::<Cursor>(), Err(()), "{text}");
        }
    }
}
