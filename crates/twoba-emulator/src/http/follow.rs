//! Decides how the journal is followed over HTTP: who may, from which event on, and when the stream ends.

use std::sync::Arc;

use hyper::Request;
use hyper::body::Bytes;
use twoba_sample_services::form::Parameters;

use crate::world::{Follower, Shared};

/// How many may follow at once: each looks for events ten times a second.
const MAX_FOLLOWERS: usize = 64;

/// How many events go into one piece of a body.
const MAX_PIECE: usize = 256;

/// The events that one caller has yet to be told.
pub(super) struct Follow {
    shared: Arc<Shared>,
    /// The run that the numbers belong to.
    run: u64,
    /// The number of the next event.
    next: u64,
    _follower: Follower,
}

/// What there is to tell now.
pub(super) enum Told {
    Lines(Bytes),
    /// Nothing yet.
    Nothing,
    /// The emulator was reset: other events have these numbers now.
    End,
}

/// Why somebody may not follow.
pub(super) enum Unfollowed {
    /// That is no number of an event.
    Number,
    /// Many follow already.
    Crowded,
}

/// The events from the one whose number `from` tells, or from the first that is kept, one JSON
/// object a line, and each new one as it happens.
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
    /// What happened since the last call.
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
