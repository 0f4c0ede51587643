//! Stores in folders that are looked after wrongly, each in one way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use twoba_core::{Change, Durable, SessionKey};

use crate::conformance::{Folder, MaintainedSubject, Subject};
use crate::store::{
    About, Apply, ApplyError, Content, KeptAside, Lease, Maintained, Mark, Store, StoreError,
};
use crate::{FileStore, pass_on};

/// What is wrong with how a store is looked after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Neglect {
    Nothing,
    NamesNoPlace,
    TheEarliestFirst,
    KeepsEverything,
    RestoreKeepsNothing,
    RestoreLeavesItThere,
    DiscardLeavesIt,
    DiscardedTwiceIsAnError,
    RestoreLooksAtNoLease,
    /// It tells of a mark, and goes on.
    MarkIsAWord,
    MarkStopsRefreshes,
    MarkStopsWhoMoves,
    AdoptKeepsTheMark,
    PutForgetsTheRescue,
    PutForgetsTheTimes,
    PutAddsToWhatIsThere,
    RemoveLeavesTheRescue,
    RemoveTakesAll,
    PutComparesNoMark,
    RemoveComparesNoMark,
}

/// Each way, and the case that finds it.
pub(crate) const FOUND: &[(Neglect, &str)] = &[
    (Neglect::NamesNoPlace, "a_store_says_what_it_is"),
    (
        Neglect::TheEarliestFirst,
        "what_was_kept_aside_is_listed_the_latest_first",
    ),
    (
        Neglect::KeepsEverything,
        "a_handful_is_kept_aside_and_no_more",
    ),
    (
        Neglect::RestoreKeepsNothing,
        "what_was_kept_aside_is_taken_back",
    ),
    (
        Neglect::RestoreLeavesItThere,
        "what_was_kept_aside_is_taken_back",
    ),
    (Neglect::DiscardLeavesIt, "what_was_discarded_is_gone"),
    (
        Neglect::DiscardedTwiceIsAnError,
        "what_was_discarded_is_gone",
    ),
    (
        Neglect::RestoreLooksAtNoLease,
        "nothing_is_taken_back_while_somebody_has_the_lease",
    ),
    (Neglect::MarkIsAWord, "a_marked_store_is_read_and_not_used"),
    (
        Neglect::MarkStopsRefreshes,
        "a_lease_from_before_the_mark_goes_on",
    ),
    (
        Neglect::MarkStopsWhoMoves,
        "whoever_moves_takes_leases_in_a_marked_store",
    ),
    (Neglect::AdoptKeepsTheMark, "an_adopted_store_is_used_again"),
    (
        Neglect::PutForgetsTheRescue,
        "what_is_put_is_there_as_a_whole",
    ),
    (
        Neglect::PutForgetsTheTimes,
        "what_is_put_is_there_as_a_whole",
    ),
    (
        Neglect::PutAddsToWhatIsThere,
        "what_is_put_is_there_as_a_whole",
    ),
    (
        Neglect::RemoveLeavesTheRescue,
        "what_is_removed_is_gone_as_a_whole",
    ),
    (
        Neglect::RemoveTakesAll,
        "what_is_removed_is_gone_as_a_whole",
    ),
    (
        Neglect::PutComparesNoMark,
        "whoever_comes_back_to_a_move_that_is_over_changes_nothing",
    ),
    (
        Neglect::RemoveComparesNoMark,
        "whoever_comes_back_to_a_move_that_is_over_changes_nothing",
    ),
];

/// A store that is neglected.
pub(crate) struct Neglected {
    _home: tempfile::TempDir,
    folder: Folder,
    own: Arc<Mutex<Own>>,
    neglect: Neglect,
}

/// What the store has beside its folder.
#[derive(Default)]
struct Own {
    /// A mark that nobody looks at.
    mark: Option<Mark>,
    /// All bytes that were ever kept aside, by their names.
    kept: BTreeMap<String, KeptAside>,
}

impl Neglected {
    pub(crate) fn new(neglect: Neglect) -> Self {
        let home = tempfile::tempdir().unwrap();
        Self {
            folder: Folder::new(home.path().join("store")),
            _home: home,
            own: Arc::default(),
            neglect,
        }
    }

    fn handle(&self) -> Handle {
        Handle {
            store: self.folder.store(),
            own: Arc::clone(&self.own),
            neglect: self.neglect,
        }
    }
}

impl Subject for Neglected {
    fn open(&self) -> Box<dyn Store> {
        Box::new(self.handle())
    }

    fn plant(&self, key: &SessionKey, bytes: &[u8]) {
        self.folder.plant(key, bytes);
    }

    fn kept_aside(&self, key: &SessionKey) -> Vec<Vec<u8>> {
        self.folder.kept_aside(key)
    }
}

impl MaintainedSubject for Neglected {
    fn open_maintained(&self) -> Box<dyn Maintained> {
        Box::new(self.handle())
    }
}

struct Handle {
    store: FileStore,
    own: Arc<Mutex<Own>>,
    neglect: Neglect,
}

impl Handle {
    fn is(&self, neglect: Neglect) -> bool {
        self.neglect == neglect
    }

    fn own<T>(&self, work: impl FnOnce(&mut Own) -> T) -> T {
        work(&mut self.own.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Remembers what is kept aside now.
    fn note(&self) -> Result<(), StoreError> {
        let kept = self.store.kept_aside(None)?;
        self.own(|own| {
            let named = kept.into_iter().map(|one| (one.name.clone(), one));
            own.kept.extend(named);
        });
        Ok(())
    }
}

impl Store for Handle {
    pass_on!(store: read probe due list rescue rescued);

    fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn Lease>>, StoreError> {
        let lease = self.store.try_lease(key)?;
        if !self.is(Neglect::MarkStopsRefreshes) {
            return Ok(lease);
        }
        Ok(lease.map(|lease| -> Box<dyn Lease> {
            Box::new(Stopped {
                lease,
                store: self.store.clone(),
            })
        }))
    }

    fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        let changed = self.store.change(key, change)?;
        self.note()?;
        Ok(changed)
    }
}

impl Maintained for Handle {
    pass_on!(store: seal_again);

    fn about(&self) -> Result<About, StoreError> {
        let mut about = self.store.about()?;
        if self.is(Neglect::NamesNoPlace) {
            about.address.clear();
        }
        if self.is(Neglect::MarkIsAWord) {
            about.mark = self.own(|own| own.mark.clone());
        }
        Ok(about)
    }

    fn adopt(&self) -> Result<(), StoreError> {
        let mark = self.store.about()?.mark;
        Maintained::adopt(&self.store)?;
        if self.is(Neglect::AdoptKeepsTheMark) {
            self.store.set_mark(mark.as_ref())?;
        }
        Ok(())
    }

    fn kept_aside(&self, of: Option<&SessionKey>) -> Result<Vec<KeptAside>, StoreError> {
        let mut kept = self.store.kept_aside(of)?;
        if self.is(Neglect::TheEarliestFirst) {
            kept.reverse();
        }
        if self.is(Neglect::KeepsEverything) {
            kept = self.own(|own| own.kept.values().cloned().collect());
            kept.retain(|one| of.is_none_or(|key| *key == one.key));
            kept.sort_by_key(|one| std::cmp::Reverse(one.since));
        }
        Ok(kept)
    }

    fn restore(&self, kept: &KeptAside) -> Result<(), StoreError> {
        if self.is(Neglect::RestoreLooksAtNoLease) {
            let content = Content {
                record: Some(kept.record.clone()),
                ..Content::of(&self.store, &kept.key)?
            };
            return self.store.put(&kept.key, &content, None);
        }
        self.store.restore(kept)?;
        if self.is(Neglect::RestoreKeepsNothing) {
            for other in self.store.kept_aside(Some(&kept.key))? {
                self.store.discard(&other)?;
            }
        }
        if self.is(Neglect::RestoreLeavesItThere) {
            let mut content = Content::of(&self.store, &kept.key)?;
            content.kept_aside.push(kept.clone());
            self.store.put(&kept.key, &content, None)?;
        }
        Ok(())
    }

    fn discard(&self, kept: &KeptAside) -> Result<(), StoreError> {
        let is_there = self.store.kept_aside(Some(&kept.key))?.contains(kept);
        match self.neglect {
            Neglect::DiscardLeavesIt => Ok(()),
            Neglect::DiscardedTwiceIsAnError if !is_there => Err(StoreError::Busy),
            _ => self.store.discard(kept),
        }
    }

    fn set_mark(&self, mark: Option<&Mark>) -> Result<(), StoreError> {
        if self.is(Neglect::MarkIsAWord) {
            self.own(|own| own.mark = mark.cloned());
            return Ok(());
        }
        self.store.set_mark(mark)
    }

    fn hold(&self, key: &SessionKey) -> Result<Option<Box<dyn Lease>>, StoreError> {
        if self.is(Neglect::MarkStopsWhoMoves) {
            return self.store.try_lease(key);
        }
        self.store.hold(key)
    }

    fn put(
        &self,
        key: &SessionKey,
        content: &Content,
        during: Option<&Mark>,
    ) -> Result<(), StoreError> {
        let during = during.filter(|_| !self.is(Neglect::PutComparesNoMark));
        let mut content = content.clone();
        match self.neglect {
            Neglect::PutForgetsTheRescue => content.rescued = None,
            Neglect::PutForgetsTheTimes => {
                let now = std::time::SystemTime::now();
                content
                    .kept_aside
                    .iter_mut()
                    .for_each(|one| one.since = now);
            }
            Neglect::PutAddsToWhatIsThere => {
                content.kept_aside.extend(self.store.kept_aside(Some(key))?);
            }
            _ => {}
        }
        self.store.put(key, &content, during)
    }

    fn remove(&self, key: &SessionKey, during: Option<&Mark>) -> Result<(), StoreError> {
        let during = during.filter(|_| !self.is(Neglect::RemoveComparesNoMark));
        let rescued = self.store.rescued(key)?;
        self.store.remove(key, during)?;
        match (self.neglect, rescued) {
            (Neglect::RemoveLeavesTheRescue, Some(rescued)) => self.store.rescue(key, &rescued),
            (Neglect::RemoveTakesAll, _) => {
                let all = self.store.list(None, usize::MAX)?;
                all.iter()
                    .try_for_each(|one| self.store.remove(&one.key, None))
            }
            _ => Ok(()),
        }
    }
}

/// A lease that writes nothing any more once its store is marked.
struct Stopped {
    lease: Box<dyn Lease>,
    store: FileStore,
}

impl Stopped {
    fn check(&self) -> Result<(), StoreError> {
        match self.store.about()?.mark {
            Some(mark) => Err(mark.refusal("the store")),
            None => Ok(()),
        }
    }
}

impl Lease for Stopped {
    pass_on!(lease: found load renew);

    fn finish(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.check()?;
        self.lease.finish(change)
    }
}

impl Apply for Stopped {
    fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.check()?;
        self.lease.apply(change)
    }
}
