//! Streams the journal over HTTP: who may follow it, from which event, and when the stream ends.

use std::sync::Arc;

use hyper::Request;
use hyper::body::Bytes;
use twoba_sample_services::form::Parameters;

use crate::world::{Follower, Shared};

/// How many callers may follow at once. Each looks for events ten times a second.
const MAX_FOLLOWERS: usize = 64;

/// How many events go into one piece of a body.
const MAX_PIECE: usize = 256;

/// The events that one caller has not seen yet.
pub(super) struct Follow {
    shared: Arc<Shared>,
    /// The run to which the numbers belong.
    run: u64,
    /// The number of the next event.
    next: u64,
    _follower: Follower,
}

/// The result of one look for events.
pub(super) enum Told {
    Lines(Bytes),
    /// Nothing yet.
    Nothing,
    /// The emulator was reset. These numbers now belong to other events.
    End,
}

/// Why a caller may not follow.
pub(super) enum Unfollowed {
    /// The text is no number of an event.
    Number,
    /// Too many callers follow already.
    Crowded,
}

/// Streams the events from number `from` on, or from the first kept one: one JSON object a line,
/// and each new event as it happens.
pub(super) fn events<T>(shared: &Arc<Shared>, request: &Request<T>) -> Result<Follow, Unfollowed> {
    let query = request.uri().query().unwrap_or_default();
    let query = Parameters::parse(query.as_bytes()).unwrap_or_default();
    let from = query.get("from").map_or(Ok(1), str::parse);
    let next = from.map_err(|_| Unfollowed::Number)?;
    let follower = shared.follower(MAX_FOLLOWERS).ok_or(Unfollowed::Crowded)?;
    Ok(Follow {
        shared: Arc::clone(shared),
        run: shared.world().cursor().run,
        next,
        _follower: follower,
    })
}

impl Follow {
    /// The events since the last call.
    pub(super) fn tell(&mut self) -> Told {
        let events = {
            let world = self.shared.world();
            if world.cursor().run != self.run {
                return Told::End;
            }
            world.events_from(self.next, MAX_PIECE)
        };
        let Some(last) = events.last() else {
            return Told::Nothing;
        };
        self.next = last.sequence.saturating_add(1);
        let mut lines = String::new();
        for event in &events {
            // Only maps with odd keys fail, and an event has none.
            lines.push_str(&serde_json::to_string(event).unwrap_or_default());
            lines.push('\n');
        }
        Told::Lines(Bytes::from(lines))
    }
}
