//! Follows the requests of an emulator in the same process. `http::shown` selects what may be shown
//! of one.

use std::fmt;

use crate::http;
use crate::journal::Event;
use crate::request::SeenRequest;
use crate::update::Cursor;
use crate::world::Shared;

/// Follows the requests of an [`Emulator`](crate::Emulator) from the moment when this is made.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let emulator = twoba_emulator::Emulator::builder().start()?;
/// let mut watch = emulator.watch();
/// assert!(watch.news().requests.is_empty());
/// # Ok(())
/// # }
/// ```
pub struct Watch<'e> {
    shared: &'e Shared,
    seen: Cursor,
}

/// The requests whose answers were ready since the last call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Watched {
    /// How many requests were forgotten before this call. The emulator keeps 1,000.
    pub missed: u64,
    /// The other requests, oldest first.
    pub requests: Vec<WatchedRequest>,
}

/// A request and its events.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WatchedRequest {
    /// The request without secrets.
    pub request: SeenRequest,
    /// Its events, oldest first. They are at most eight, without those that the journal has
    /// forgotten.
    pub events: Vec<Event>,
}

impl fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

impl<'e> Watch<'e> {
    pub(crate) fn new(shared: &'e Shared) -> Self {
        Self {
            shared,
            seen: shared.world().cursor(),
        }
    }

    /// The requests since the last call, without a wait. After a reset, it starts with the first
    /// request.
    pub fn news(&mut self) -> Watched {
        let seen = self.seen;
        let raw = self.shared.world().watched(seen);
        self.seen = raw.cursor;
        let is_same_run = raw.cursor.run == seen.run;
        let before = if is_same_run { seen.requests } else { 0 };
        let told = u64::try_from(raw.requests.len()).unwrap_or(u64::MAX);
        let came = raw.cursor.requests.saturating_sub(before);
        let first = raw.events.first().map_or(0, |event| event.sequence);
        let event = |sequence: &u64| {
            let index = usize::try_from(sequence.checked_sub(first)?).ok()?;
            raw.events.get(index).cloned()
        };
        let watched = raw.requests.iter().map(|(number, kept)| {
            let request = http::show(self.shared, *number, kept);
            let events = request.events.iter().filter_map(event).collect();
            WatchedRequest { request, events }
        });
        Watched {
            missed: came.saturating_sub(told),
            requests: watched.collect(),
        }
    }
}
