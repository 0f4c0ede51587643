//! All sessions of a keeper by their keys, with one state for each. Idle sessions release their
//! memory.

use std::borrow::Borrow;
use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use twoba_core::Timestamp;

use crate::entry::{Entry, Whose};
use crate::seen::SeenIds;

/// The number of parts in which the sessions are kept. Opening a session then waits for few others,
/// and clearing up never holds all of them.
const SHARDS: usize = 64;

/// How many sessions a part has when it is first cleared up.
const FIRST_SWEEP: usize = 64;

#[derive(Debug)]
pub(crate) struct Registry {
    first: Part,
    others: Box<[Part]>,
    spread: Spread,
    idle: Duration,
}

/// The hashes of keys. Whoever does not know the seed cannot choose keys of one part.
#[derive(Debug, Clone, Copy)]
struct Spread(u64);

impl BuildHasher for Spread {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.0);
        hasher
    }
}

/// A part. It takes no memory until it has a session.
type Part = OnceLock<Box<Mutex<Shard>>>;

#[derive(Debug)]
struct Shard {
    entries: HashSet<ByKey>,
    /// The ids seen of sessions that have released their memory, by the hashes of their keys. Two
    /// sessions with the same hash have different logins anyway.
    seen: HashMap<u64, SeenIds>,
    /// The number of sessions at which the part is cleared up again.
    sweep_at: usize,
    /// When it was cleared up last.
    swept_at: Timestamp,
}

/// An entry that is found by its own key, so that the key is stored once.
#[derive(Debug)]
struct ByKey(Arc<Entry>);

impl Borrow<str> for ByKey {
    fn borrow(&self) -> &str {
        self.0.key().as_str()
    }
}

impl Hash for ByKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.key().as_str().hash(state);
    }
}

impl PartialEq for ByKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.key() == other.0.key()
    }
}

impl Eq for ByKey {}

impl Registry {
    pub(crate) fn new(idle: Duration, spread: u64) -> Self {
        Self {
            first: Part::new(),
            others: (1..SHARDS).map(|_| Part::new()).collect(),
            spread: Spread(spread),
            idle,
        }
    }

    /// Opens the state of this session. All callers share it.
    pub(crate) fn open(&self, whose: Whose, now: Timestamp) -> Arc<Entry> {
        let hash = self.spread.hash_one(whose.key.as_str());
        let mut shard = self.shard(hash);
        if let Some(found) = shard.entries.get(whose.key.as_str()) {
            found.0.opened(now);
            return Arc::clone(&found.0);
        }
        let rested = now.saturating_since(shard.swept_at) >= self.idle;
        if shard.entries.len() >= shard.sweep_at || (rested && !shard.entries.is_empty()) {
            shard.sweep(now, self.idle, self.spread);
        }
        let entry = Entry::new(whose, shard.seen.remove(&hash), now);
        shard.entries.insert(ByKey(Arc::clone(&entry)));
        entry
    }

    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard> {
        let at = usize::try_from(hash).unwrap_or(usize::MAX) % SHARDS;
        let part = self.others.get(at).unwrap_or(&self.first);
        lock(part.get_or_init(|| Box::new(Mutex::new(Shard::new()))))
    }

    fn shards(&self) -> impl Iterator<Item = MutexGuard<'_, Shard>> {
        let parts = std::iter::once(&self.first).chain(&self.others);
        parts.filter_map(Part::get).map(|shard| lock(shard))
    }

    /// Releases idle sessions, and returns how many are left.
    pub(crate) fn clear_up(&self, now: Timestamp) -> usize {
        let mut left = 0;
        for mut shard in self.shards() {
            shard.sweep(now, self.idle, self.spread);
            left += shard.entries.len();
        }
        left
    }

    /// The sessions that still have work to do, in the order of their keys.
    pub(crate) fn busy(&self) -> Vec<Arc<Entry>> {
        let mut busy = Vec::new();
        for shard in self.shards() {
            let entries = shard.entries.iter();
            let entries = entries.filter(|entry| !entry.0.is_idle() || entry.0.is_unsettled());
            busy.extend(entries.map(|entry| Arc::clone(&entry.0)));
        }
        busy.sort_by(|one, other| one.key().cmp(other.key()));
        busy
    }
}

// A part has no half-done state that a panic could leave.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shard {
    fn new() -> Self {
        Self {
            entries: HashSet::new(),
            seen: HashMap::new(),
            sweep_at: FIRST_SWEEP,
            swept_at: Timestamp::from_unix_millis(i64::MIN),
        }
    }

    fn sweep(&mut self, now: Timestamp, idle: Duration, spread: Spread) {
        let seen = &mut self.seen;
        self.entries.retain(|entry| {
            let entry = &entry.0;
            // Nobody else can get at it while this part is locked.
            let held = Arc::strong_count(entry) > 1;
            let lately = now.saturating_since(entry.opened_at()) < idle;
            let keeps = held || lately || !entry.is_idle() || entry.seen().has_unsent();
            // Its handles stay good: they look at the store again.
            if keeps && entry.is_idle() {
                entry.published().forget_unusable(now);
            }
            if !keeps && let Some(ids) = entry.seen().ids() {
                seen.insert(spread.hash_one(entry.key().as_str()), ids);
            }
            keeps
        });
        self.entries.shrink_to(FIRST_SWEEP);
        self.sweep_at = FIRST_SWEEP.max(self.entries.len().saturating_mul(2));
        self.swept_at = now;
    }
}

#[cfg(test)]
mod tests;
