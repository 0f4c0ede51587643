//! Writes the journal: keeps the last events, and counts all of them.

use std::collections::VecDeque;

use super::event::{Endpoint, Event, EventKind};
use super::snapshot::{Counts, Journal};
use crate::grant::Grant;
use crate::timestamp::Timestamp;

/// How many events are kept. Counts are kept forever.
///
/// They are enough for the end of any test, and take some 2 MB at most.
const MAX_EVENTS: usize = 10_000;

/// The journal while it is being written.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    counts: Counts,
    events: VecDeque<Event>,
    sequence: u64,
}

impl Recorder {
    /// Opens the journal for the events of one moment.
    pub(crate) fn at(&mut self, now: Timestamp) -> Entry<'_> {
        Entry {
            recorder: self,
            now,
        }
    }

    /// Totals so far.
    pub(crate) const fn counts(&self) -> Counts {
        self.counts
    }

    /// The position of the last event.
    pub(crate) const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Copies of the last events after a position, at most this many, oldest first.
    pub(crate) fn after(&self, sequence: u64, at_most: usize) -> Vec<Event> {
        let after = self.events.iter().rev();
        let after = after.take_while(|event| event.sequence > sequence);
        let mut newest_first: Vec<Event> = after.take(at_most).cloned().collect();
        newest_first.reverse();
        newest_first
    }

    /// Copies of the first kept events from a position on, at most this many.
    pub(crate) fn from(&self, sequence: u64, at_most: usize) -> Vec<Event> {
        let first = self.events.front().map_or(0, |event| event.sequence);
        let before = usize::try_from(sequence.saturating_sub(first)).unwrap_or(usize::MAX);
        let from = self.events.iter().skip(before);
        from.take(at_most).cloned().collect()
    }

    /// A copy of totals and kept events.
    pub(crate) fn snapshot(&self) -> Journal {
        Journal {
            counts: self.counts,
            events: self.events.iter().cloned().collect(),
        }
    }

    fn count(&mut self, kind: &EventKind) {
        let counts = &mut self.counts;
        match kind {
            EventKind::TokenRequest { grant } => {
                counts.token_posts += 1;
                match grant {
                    Grant::Password => counts.password += 1,
                    Grant::AuthorizationCode => counts.authorization_code += 1,
                    Grant::Refresh => counts.refresh += 1,
                    Grant::ClientCredentials => counts.client_credentials += 1,
                    Grant::Other => {}
                }
            }
            EventKind::Refused { endpoint, .. } => match endpoint {
                Endpoint::Token => counts.refused += 1,
                Endpoint::Revocation | Endpoint::Introspection => {}
            },
            EventKind::Rotation { .. } => counts.rotations += 1,
            EventKind::Reuse { .. } => counts.reuse += 1,
            EventKind::FamilyRevoked { .. } => counts.families_revoked += 1,
            EventKind::ServiceCall { .. } => counts.service_calls += 1,
            EventKind::ServiceRefused { .. } => counts.service_401 += 1,
            EventKind::Login { .. }
            | EventKind::Renewal { .. }
            | EventKind::Forgiven { .. }
            | EventKind::AccessTokenRevoked { .. }
            | EventKind::Introspected { .. }
            | EventKind::CodeIssued { .. }
            | EventKind::CodeReuse { .. }
            | EventKind::LoginRefused
            | EventKind::LoginCancelled
            | EventKind::ServiceServed { .. }
            | EventKind::UnifeedOpened { .. }
            | EventKind::UnifeedReturned { .. }
            | EventKind::UnifeedDelivered { .. }
            | EventKind::FaultPlayed { .. }
            | EventKind::PolicySet { .. }
            | EventKind::ClockAdvanced { .. } => {}
        }
    }
}

/// The journal, open at one moment. It gives the time together with the right to write.
#[derive(Debug)]
pub(crate) struct Entry<'r> {
    recorder: &'r mut Recorder,
    now: Timestamp,
}

impl Entry<'_> {
    /// The moment.
    pub(crate) const fn now(&self) -> Timestamp {
        self.now
    }

    /// Writes an event down and counts it.
    pub(crate) fn record(&mut self, kind: EventKind) {
        let recorder = &mut *self.recorder;
        recorder.count(&kind);
        recorder.sequence += 1;
        if recorder.events.len() == MAX_EVENTS {
            recorder.events.pop_front();
        }
        recorder.events.push_back(Event {
            sequence: recorder.sequence,
            at: self.now.to_system(),
            kind,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_kept_when_events_are_forgotten() {
        let mut recorder = Recorder::default();
        for _ in 0..=MAX_EVENTS {
            recorder
                .at(Timestamp::from_millis(1))
                .record(EventKind::TokenRequest {
                    grant: Grant::Refresh,
                });
        }
        let journal = recorder.snapshot();
        assert_eq!(journal.counts.refresh, 10_001);
        assert_eq!(journal.events.len(), 10_000);
        assert_eq!(journal.events[0].sequence, 2);
        assert_eq!(journal.events[9_999].sequence, 10_001);
    }

    #[test]
    fn the_counts_have_the_names_of_the_contract() {
        let json = serde_json::to_value(Counts::default()).unwrap();
        let mut names: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
        let mut expected = [
            "token_posts",
            "password",
            "authorization_code",
            "refresh",
            "client_credentials",
            "rotations",
            "reuse",
            "families_revoked",
            "refused",
            "service_calls",
            "service_401",
        ];
        names.sort();
        expected.sort_unstable();
        assert_eq!(names, expected);
    }

    #[test]
    fn an_event_is_flat_json_with_a_readable_time() {
        let mut recorder = Recorder::default();
        recorder
            .at(Timestamp::from_millis(90_000))
            .record(EventKind::TokenRequest {
                grant: Grant::AuthorizationCode,
            });
        assert_eq!(
            serde_json::to_value(&recorder.snapshot().events[0]).unwrap(),
            serde_json::json!({
                "sequence": 1,
                "at": "1970-01-01T00:01:30.000Z",
                "kind": "token_request",
                "grant": "authorization_code",
            })
        );
    }
}
