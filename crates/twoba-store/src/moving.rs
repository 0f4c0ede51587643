//! Moves all sessions from one store to another.
//!
//! At each moment at most one of the two stores is used, and the sessions are whole in at least
//! one:
//!
//! 1. The new store is marked: sessions arrive, and are not used yet.
//! 2. The old store is marked: its sessions move, and nobody begins to use them. Whoever refreshes
//!    one is waited for.
//! 3. Each session is copied under its lease, and read back.
//! 4. The mark of the new store is removed. From here on it is the one in use.
//! 5. The sessions are removed from the old store, whose mark stays. What a process that was
//!    stopped until now has written there last is left in the new store as a rescued grant.
//!
//! A move that was cut off is repeated: before step 4 it copies again what differs, and after it
//! removes what is left. A move that fails before step 4 gives the old store back. Each write of a
//! move compares the mark, so that whoever was stopped while another finished the move writes nothing
//! any more.

use std::thread;
use std::time::{Duration, Instant};

use twoba_core::SessionKey;
use twoba_core::limits::LEASE_PATIENCE;

use crate::store::{Content, Maintained, Mark, StoreError};

/// How many keys are listed at once.
const PAGE: usize = 1000;

/// The pause between two attempts at a lease.
const PAUSE: Duration = Duration::from_millis(20);

/// How often everything is looked at again. Only a process that was stopped for longer than its
/// lease is good can still write then.
const PASSES: usize = 5;

/// What a move has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Moved {
    /// How many sessions the new store has from the old one.
    pub sessions: usize,
    /// How many sessions stay in the old store, unused. A process that was stopped during the move
    /// is busy with them, or has written what the new store has no room for. Repeat the move later
    /// for those.
    pub left: usize,
}

/// Why sessions were not moved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MoveError {
    /// Both are the same store.
    #[error("both are the same store: {address}")]
    Same {
        /// The store.
        address: String,
    },
    /// The new store has sessions of its own.
    #[error("{address} already has sessions")]
    NotEmpty {
        /// The new store.
        address: String,
    },
    /// The new store does not return the bytes that it was given.
    #[error("{address} does not return what it was given")]
    NotTheSame {
        /// The new store.
        address: String,
    },
    /// A session is busy for longer than a refresh takes.
    #[error("the session {} is busy", key.as_str())]
    Busy {
        /// The session.
        key: SessionKey,
    },
    /// One of the stores has failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Moves all sessions, or finishes a move that was cut off. The new store has to be empty.
///
/// # Errors
///
/// - the stores are the same, or the new one has sessions: [`MoveError::Same`],
///   [`MoveError::NotEmpty`]
/// - a session is refreshed for longer than a minute: [`MoveError::Busy`]. The old store is in use
///   again.
/// - a store is a copy, or part of another move: [`MoveError::Store`]
/// - a store cannot be read or written: [`MoveError::Store`], [`MoveError::NotTheSame`]
pub fn move_sessions(from: &dyn Maintained, to: &dyn Maintained) -> Result<Moved, MoveError> {
    let (source, target) = (from.about()?, to.about()?);
    if source.address == target.address {
        return Err(MoveError::Same {
            address: source.address,
        });
    }
    let leaves = Mark::MovedTo(target.address.clone());
    let arrives = Mark::ArrivingFrom(source.address.clone());
    for (about, own) in [(&source, &leaves), (&target, &arrives)] {
        if let Some(other) = about.mark.as_ref().filter(|mark| *mark != own) {
            return Err(other.refusal(&about.address).into());
        }
        if about.is_copy {
            let place = about.address.clone();
            return Err(StoreError::Copied { place }.into());
        }
    }
    if target.mark.is_none() && source.mark.is_some() {
        return Ok(removed(from, to, &leaves)?);
    }
    if target.mark.is_none() && !to.list(None, 1)?.is_empty() {
        return Err(MoveError::NotEmpty {
            address: target.address,
        });
    }
    to.set_mark(Some(&arrives))?;
    let marked = from.set_mark(Some(&leaves)).map_err(MoveError::from);
    if let Err(error) = marked.and_then(|()| copied(from, to, &arrives, &target.address)) {
        if matches!(&error, MoveError::Store(StoreError::MoveOver { .. })) {
            // Another process has finished it, and uses the new store.
            return Err(error);
        }
        // Nobody has used the new store. Where the old one cannot be given back, the move has to be
        // repeated.
        drop(from.set_mark(None));
        return Err(error);
    }
    to.set_mark(None)?;
    Ok(removed(from, to, &leaves)?)
}

/// Copies everything, until nothing differs any more.
fn copied(
    from: &dyn Maintained,
    to: &dyn Maintained,
    arrives: &Mark,
    address: &str,
) -> Result<(), MoveError> {
    for _ in 0..PASSES {
        let mut differed = false;
        for_each_key(from, |key| {
            differed |= copy(from, to, key, arrives, address)?;
            Ok::<(), MoveError>(())
        })?;
        if !differed {
            return Ok(());
        }
    }
    let address = address.to_owned();
    Err(MoveError::NotTheSame { address })
}

/// Copies a session if it differs. Returns whether it did.
fn copy(
    from: &dyn Maintained,
    to: &dyn Maintained,
    key: &SessionKey,
    arrives: &Mark,
    address: &str,
) -> Result<bool, MoveError> {
    let lease = held(from, key)?;
    let content = Content::of(from, key)?;
    // What is gone was moved by another process.
    let differed = !content.is_empty() && !Content::of(to, key)?.is_same(&content);
    if differed {
        to.put(key, &content, Some(arrives))?;
        if !Content::of(to, key)?.is_same(&content) {
            let address = address.to_owned();
            return Err(MoveError::NotTheSame { address });
        }
    }
    lease.release();
    Ok(differed)
}

/// The lease of a session, once whoever refreshes it is done.
fn held(
    store: &dyn Maintained,
    key: &SessionKey,
) -> Result<Box<dyn crate::store::Lease>, MoveError> {
    let started = Instant::now();
    loop {
        if let Some(lease) = store.hold(key)? {
            return Ok(lease);
        }
        if started.elapsed() > LEASE_PATIENCE {
            return Err(MoveError::Busy { key: key.clone() });
        }
        thread::sleep(PAUSE);
    }
}

/// Removes from the old store what the new one has.
fn removed(from: &dyn Maintained, to: &dyn Maintained, leaves: &Mark) -> Result<Moved, StoreError> {
    let mut moved = Moved::default();
    for_each_key(from, |key| {
        if is_removed(from, to, key, leaves)? {
            moved.sessions += 1;
        } else {
            moved.left += 1;
        }
        Ok::<(), StoreError>(())
    })?;
    Ok(moved)
}

/// Removes a session from the old store. Returns whether it could.
fn is_removed(
    from: &dyn Maintained,
    to: &dyn Maintained,
    key: &SessionKey,
    leaves: &Mark,
) -> Result<bool, StoreError> {
    let Some(lease) = from.hold(key)? else {
        return Ok(false);
    };
    let old = Content::of(from, key)?;
    let new = to.read(key)?;
    let is_there = new.is_some() || old.record.is_none();
    let is_safe = is_there && is_handed_on(&old, to, key)?;
    if is_safe {
        from.remove(key, Some(leaves))?;
    }
    lease.release();
    Ok(is_safe)
}

/// Leaves in the new store what the old one has and the new one has not. It may be a rotation that
/// came after it was copied. Whoever refreshes there finds it and uses it if it is the later one.
/// Returns whether the old store is needed no more.
fn is_handed_on(old: &Content, to: &dyn Maintained, key: &SessionKey) -> Result<bool, StoreError> {
    let differs = |new: &Content| {
        let copies = [&old.record, &old.rescued].into_iter().flatten();
        let mut unknown = copies
            .filter(|copy| new.record.as_ref() != Some(copy) && new.rescued.as_ref() != Some(copy));
        unknown.next().cloned()
    };
    if differs(&Content::of(to, key)?).is_none() {
        return Ok(true);
    }
    // Whoever refreshes it there leaves its own rescued grant under the lease.
    let Some(lease) = to.hold(key)? else {
        return Ok(false);
    };
    let new = Content::of(to, key)?;
    // Two cannot lie there: the one that does is used first.
    let has_room = new.rescued.is_none();
    if let Some(late) = differs(&new).filter(|_| has_room) {
        to.rescue(key, &late)?;
    }
    lease.release();
    Ok(has_room)
}

fn for_each_key<E: From<StoreError>>(
    store: &dyn Maintained,
    mut each: impl FnMut(&SessionKey) -> Result<(), E>,
) -> Result<(), E> {
    let mut after: Option<SessionKey> = None;
    loop {
        let mut keys: Vec<SessionKey> = store
            .list(after.as_ref(), PAGE)?
            .into_iter()
            .map(|one| one.key)
            .collect();
        keys.dedup();
        let Some(last) = keys.last() else {
            return Ok(());
        };
        after = Some(last.clone());
        for key in &keys {
            each(key)?;
        }
    }
}
