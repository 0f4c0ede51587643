//! Sessions move between stores of two kinds. Wherever the move is cut off, nothing is lost, at most
//! one of the stores is used, and a second call finishes it.

use std::sync::atomic::{AtomicUsize, Ordering};

use twoba_core::SessionKey;
use twoba_store::conformance::changes;
use twoba_store::{
    Content, FileStore, KeptAside, KeyId, Maintained, Mark, MoveError, Moved, Store, StoreError,
    move_sessions, pass_on,
};

/// A store whose process is killed at one of its writes, before or behind it: all later ones fail.
struct Cut<'a> {
    store: &'a dyn Maintained,
    /// How many writes are left; shared by both stores.
    left: &'a AtomicUsize,
}

impl Cut<'_> {
    fn write<T>(&self, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let left = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                Some(left.saturating_sub(1))
            });
        match left.unwrap() {
            0 => Err(StoreError::CutOff),
            // It is done, and nobody hears of it.
            1 => work().and(Err(StoreError::CutOff)),
            _ => work(),
        }
    }
}

impl Store for Cut<'_> {
    pass_on!(store: read try_lease change probe due list rescue rescued);
}

impl Maintained for Cut<'_> {
    pass_on!(store: about kept_aside hold);

    fn adopt(&self) -> Result<(), StoreError> {
        self.write(|| self.store.adopt())
    }

    fn restore(&self, kept: &KeptAside) -> Result<(), StoreError> {
        self.write(|| self.store.restore(kept))
    }

    fn discard(&self, kept: &KeptAside) -> Result<(), StoreError> {
        self.write(|| self.store.discard(kept))
    }

    fn seal_again(&self, with: KeyId) -> Result<usize, StoreError> {
        self.write(|| self.store.seal_again(with))
    }

    fn set_mark(&self, mark: Option<&Mark>) -> Result<(), StoreError> {
        self.write(|| self.store.set_mark(mark))
    }

    fn put(
        &self,
        key: &SessionKey,
        content: &Content,
        during: Option<&Mark>,
    ) -> Result<(), StoreError> {
        self.write(|| self.store.put(key, content, during))
    }

    fn remove(&self, key: &SessionKey, during: Option<&Mark>) -> Result<(), StoreError> {
        self.write(|| self.store.remove(key, during))
    }
}

fn keys() -> Vec<SessionKey> {
    ["anna", "bert", "carla"]
        .map(|key| SessionKey::parse(key).unwrap())
        .into()
}

/// Fills a store, and returns what each session has.
fn fill(store: &dyn Maintained) -> Vec<Content> {
    for key in keys() {
        let login = changes::login(&key, None);
        store.change(&key, &login).unwrap();
    }
    let first = &keys()[0];
    let stored = store.read(first).unwrap().unwrap();
    let rotation = changes::refresh(first, stored).rotation;
    store.rescue(first, rotation.record()).unwrap();
    keys()
        .iter()
        .map(|key| Content::of(store, key).unwrap())
        .collect()
}

fn is_used(store: &dyn Maintained, key: &SessionKey) -> bool {
    match store.try_lease(key) {
        Ok(lease) => lease.is_some() && store.read(key).unwrap().is_some(),
        Err(StoreError::Moved { .. } | StoreError::Arriving { .. }) => false,
        Err(other) => panic!("{other}"),
    }
}

/// At most one store is used, and each session is whole in one of them at least.
#[track_caller]
fn assert_safe(from: &dyn Maintained, to: &dyn Maintained, had: &[Content]) {
    for (key, had) in keys().iter().zip(had) {
        assert!(
            !(is_used(from, key) && is_used(to, key)),
            "{key:?}: both are used"
        );
        let is_there = |store| Content::of(store, key).unwrap().is_same(had);
        assert!(is_there(from) || is_there(to), "{key:?} is lost");
    }
}

/// Moves with a cut at every write.
fn cut_everywhere(open: impl Fn() -> (Box<dyn Maintained>, Box<dyn Maintained>)) {
    for cut in 0.. {
        let (from, to) = open();
        let had = fill(&*from);
        let left = AtomicUsize::new(cut);
        let [source, target] = [&*from, &*to].map(|store| Cut { store, left: &left });
        let outcome = move_sessions(&source, &target);
        assert_safe(&*from, &*to, &had);
        let is_whole = outcome.is_ok();
        if !is_whole {
            let moved = move_sessions(&*from, &*to).unwrap();
            assert_eq!(moved.left, 0);
        }
        assert_safe(&*from, &*to, &had);
        for (key, had) in keys().iter().zip(&had) {
            assert!(Content::of(&*to, key).unwrap().is_same(had), "{cut}");
            assert!(is_used(&*to, key) && !is_used(&*from, key), "{cut}");
        }
        assert!(from.list(None, 10).unwrap().is_empty());
        assert!(matches!(from.about().unwrap().mark, Some(Mark::MovedTo(_))));
        // Once more there is nothing to do.
        assert_eq!(move_sessions(&*from, &*to).unwrap(), Moved::default());
        if is_whole {
            assert!(cut > 8, "{cut} writes");
            return;
        }
    }
}

struct Stores {
    home: tempfile::TempDir,
    number: AtomicUsize,
}

impl Stores {
    fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
            number: AtomicUsize::new(0),
        }
    }

    fn folder(&self) -> Box<dyn Maintained> {
        let number = self.number.fetch_add(1, Ordering::SeqCst);
        let folder = self.home.path().join(format!("folder{number}"));
        Box::new(FileStore::open(folder).unwrap())
    }

    fn database(&self) -> Box<dyn Maintained> {
        let number = self.number.fetch_add(1, Ordering::SeqCst);
        let path = self
            .home
            .path()
            .join("databases")
            .join(format!("{number}.db"));
        Box::new(crate::SqliteStore::open(path).unwrap())
    }
}

#[test]
fn a_move_from_a_folder_to_a_database_is_cut_everywhere() {
    let stores = Stores::new();
    cut_everywhere(|| (stores.folder(), stores.database()));
}

#[test]
fn a_move_from_a_database_to_a_folder_is_cut_everywhere() {
    let stores = Stores::new();
    cut_everywhere(|| (stores.database(), stores.folder()));
}

#[cfg(feature = "encryption")]
#[test]
fn a_move_to_an_encrypted_database_and_back_keeps_each_session() {
    use super::subject::{Encryption, Subjected};

    let (plain, sealed) = (
        Subjected::new(Encryption::None),
        Subjected::new(Encryption::Sealed),
    );
    let (from, to) = (plain.store(), sealed.store());
    let had = fill(&from);
    assert_eq!(move_sessions(&from, &to).unwrap().sessions, 3);
    for (key, had) in keys().iter().zip(&had) {
        assert!(Content::of(&to, key).unwrap().is_same(had));
    }
    // And back.
    let back = Subjected::new(Encryption::None);
    assert_eq!(move_sessions(&to, &back.store()).unwrap().sessions, 3);
}

#[test]
fn a_store_with_sessions_takes_no_others() {
    let stores = Stores::new();
    let (from, to) = (stores.folder(), stores.database());
    fill(&*from);
    fill(&*to);
    let error = move_sessions(&*from, &*to).unwrap_err();
    assert!(matches!(error, MoveError::NotEmpty { .. }), "{error}");
    let error = move_sessions(&*from, &*from).unwrap_err();
    assert!(matches!(error, MoveError::Same { .. }), "{error}");
    assert!(
        keys()
            .iter()
            .all(|key| is_used(&*from, key) && is_used(&*to, key))
    );
    // Nor does a store that is part of another move.
    let third = stores.folder();
    third
        .set_mark(Some(&Mark::ArrivingFrom("elsewhere".to_owned())))
        .unwrap();
    let error = move_sessions(&*from, &*third).unwrap_err();
    let said = matches!(&error, MoveError::Store(StoreError::Arriving { .. }));
    assert!(said, "{error}");
    assert!(keys().iter().all(|key| is_used(&*from, key)));
}

#[test]
fn a_refresh_that_is_out_is_waited_for() {
    let stores = Stores::new();
    let (from, to) = (stores.database(), stores.folder());
    fill(&*from);
    let key = &keys()[1];
    let mut lease = from.try_lease(key).unwrap().unwrap();
    let refresh = changes::refresh(key, from.read(key).unwrap().unwrap());
    lease.apply(&refresh.intent).unwrap();
    std::thread::scope(|scope| {
        let moving = scope.spawn(|| move_sessions(&*from, &*to));
        // The mark is there before anything is copied.
        while from.about().unwrap().mark.is_none() {
            std::thread::yield_now();
        }
        lease.finish(&refresh.rotation).unwrap();
        assert_eq!(moving.join().unwrap().unwrap().sessions, 3);
    });
    let stored = to.read(key).unwrap();
    assert_eq!(stored.as_ref(), Some(refresh.rotation.record()));
}

/// A new store of which somebody hears when it is in use.
struct Begun<'a> {
    store: &'a dyn Maintained,
    then: &'a (dyn Fn() + Sync),
}

impl Store for Begun<'_> {
    pass_on!(store: read try_lease change probe due list rescue rescued);
}

impl Maintained for Begun<'_> {
    pass_on!(store: about kept_aside hold adopt restore discard seal_again put remove);

    fn set_mark(&self, mark: Option<&Mark>) -> Result<(), StoreError> {
        self.store.set_mark(mark)?;
        if mark.is_none() {
            (self.then)();
        }
        Ok(())
    }
}

#[test]
fn what_a_stopped_process_writes_after_the_copy_is_left_for_the_new_stores_programs() {
    let stores = Stores::new();
    for (from, to) in [
        (stores.folder(), stores.database()),
        (stores.database(), stores.folder()),
    ] {
        let had = fill(&*from);
        let [anna, bert, carla] = <[SessionKey; 3]>::try_from(keys()).unwrap();
        let next = |key: &SessionKey, had: &Content| {
            changes::refresh(key, had.record.clone().unwrap()).rotation
        };
        let [late, early, latest] = [(&bert, &had[1]), (&carla, &had[2]), (&anna, &had[0])]
            .map(|(key, had)| next(key, had).record().clone());
        let put = |store: &dyn Maintained, key, had: &Content, record: &_| {
            let record = Some(std::clone::Clone::clone(record));
            let content = Content {
                record,
                ..had.clone()
            };
            store.put(key, &content, None).unwrap();
        };
        let then = || {
            // Two stopped processes go on in the old store, and one session is refreshed in the new.
            put(&*from, &bert, &had[1], &late);
            put(&*from, &anna, &had[0], &latest);
            put(&*to, &carla, &had[2], &early);
        };
        let begun = Begun {
            store: &*to,
            then: &then,
        };
        let moved = move_sessions(&*from, &begun).unwrap();
        assert_eq!((moved.sessions, moved.left), (2, 1));
        assert_eq!(to.rescued(&bert).unwrap(), Some(late));
        assert_eq!(to.read(&bert).unwrap(), had[1].record);
        // The new store's own rotation stands; a copy of what it replaced is ignored there.
        assert_eq!(to.read(&carla).unwrap(), Some(early));
        // What lies there already is used first.
        assert_eq!(to.rescued(&anna).unwrap(), had[0].rescued);
        assert_eq!(from.read(&anna).unwrap(), Some(latest.clone()));
        put(
            &*to,
            &anna,
            &Content::default(),
            had[0].rescued.as_ref().unwrap(),
        );
        let moved = move_sessions(&*from, &*to).unwrap();
        assert_eq!((moved.sessions, moved.left), (1, 0));
        assert_eq!(to.rescued(&anna).unwrap(), Some(latest));
        assert!(from.list(None, 10).unwrap().is_empty());
    }
}

/// An old store of whose mover somebody hears, as he looks at a session.
struct Looked<'a> {
    store: &'a dyn Maintained,
    at: AtomicUsize,
    then: &'a (dyn Fn() + Sync),
}

impl Store for Looked<'_> {
    pass_on!(store: read try_lease change probe due list rescue rescued);
}

impl Maintained for Looked<'_> {
    pass_on!(store: about kept_aside adopt restore discard seal_again set_mark put remove);

    fn hold(&self, key: &SessionKey) -> Result<Option<Box<dyn twoba_store::Lease>>, StoreError> {
        if self.at.fetch_sub(1, Ordering::SeqCst) == 1 {
            (self.then)();
        }
        self.store.hold(key)
    }
}

#[test]
fn whoever_comes_back_to_a_move_that_another_has_finished_changes_nothing() {
    let stores = Stores::new();
    for at in 1..=6 {
        for (from, to) in [
            (stores.folder(), stores.database()),
            (stores.database(), stores.folder()),
        ] {
            let had = fill(&*from);
            let then = || {
                // One session moves on in the new store, too.
                assert_eq!(move_sessions(&*from, &*to).unwrap().left, 0);
                let refresh = changes::refresh(&keys()[1], had[1].record.clone().unwrap());
                let mut lease = to.try_lease(&keys()[1]).unwrap().unwrap();
                lease.apply(&refresh.rotation).unwrap_err();
                lease.apply(&refresh.intent).unwrap();
            };
            let looked = Looked {
                store: &*from,
                at: AtomicUsize::new(at),
                then: &then,
            };
            let outcome = move_sessions(&looked, &*to);
            if let Err(error) = outcome {
                assert!(
                    matches!(&error, MoveError::Store(StoreError::MoveOver { .. })),
                    "{error}"
                );
            }
            for (key, had) in keys().iter().zip(&had) {
                let has = Content::of(&*to, key).unwrap();
                assert!(has.is_same(had) != (*key == keys()[1]), "{at}: {key:?}");
                assert!(is_used(&*to, key) && !is_used(&*from, key), "{at}: {key:?}");
            }
        }
    }
}

#[test]
fn a_move_that_cannot_begin_gives_the_old_store_back() {
    let stores = Stores::new();
    let (from, to) = (stores.folder(), stores.database());
    fill(&*from);
    let left = AtomicUsize::new(usize::MAX);
    let target = Cut {
        store: &*to,
        left: &left,
    };
    let failing = Unmarkable { store: &*from };
    assert!(move_sessions(&failing, &target).is_err());
    assert!(keys().iter().all(|key| is_used(&*from, key)));
}

/// A store whose mark is set, and whose answer is an error.
struct Unmarkable<'a> {
    store: &'a dyn Maintained,
}

impl Store for Unmarkable<'_> {
    pass_on!(store: read try_lease change probe due list rescue rescued);
}

impl Maintained for Unmarkable<'_> {
    pass_on!(store: about kept_aside adopt restore discard seal_again hold put remove);

    fn set_mark(&self, mark: Option<&Mark>) -> Result<(), StoreError> {
        self.store.set_mark(mark)?;
        mark.map_or(Ok(()), |_| Err(StoreError::Busy))
    }
}
