//! A store that cannot be written: nothing is spent, and what was got is not lost.

use std::time::Duration;

use twoba_core::RefreshError;
use twoba_store::{Error, ErrorKind, StoreError};
use twoba_tests::{Adapter, Early, Extras, Kind, PASSWORD, Place, Subject, Traced, USER, World};

/// A world whose store's disk can be full.
struct Full {
    world: World,
    disk: Traced,
    place: Place,
    adapter: Adapter,
}

impl Full {
    fn new(adapter: Adapter) -> Self {
        let disk = Traced::default();
        Self {
            world: World::new(adapter, Kind::Memory),
            place: Place::Traced(disk.clone()),
            disk,
            adapter,
        }
    }

    fn session(&self, early: Early) -> Box<dyn Subject> {
        self.session_with(early, Extras::default())
    }

    fn session_with(&self, early: Early, extras: Extras) -> Box<dyn Subject> {
        let (client, clock) = (self.world.client(), self.world.clock());
        self.adapter
            .open_with(client, &self.place, early, clock, extras)
    }

    fn logged_in(&self, early: Early) -> Box<dyn Subject> {
        let session = self.session(early);
        session.login(USER, PASSWORD).unwrap();
        session
    }

    #[track_caller]
    fn assert_one_refresh(&self) {
        let counts = self.world.counts();
        assert_eq!((counts.refresh, counts.rotations, counts.reuse), (1, 1, 0));
    }
}

fn not_stored(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Store(StoreError::Io { .. }) | ErrorKind::Refresh(RefreshError::NotStored)
    )
}

#[test]
fn a_full_disk_spends_no_refresh_token() {
    Adapter::each(|adapter| {
        let full = Full::new(adapter);
        let session = full.logged_in(Early::Inline);
        full.world.pass(121);
        full.disk.fill_after(0);
        for _ in 0..3 {
            assert!(not_stored(&session.token().unwrap_err()));
        }
        assert_eq!(full.world.counts().refresh, 0);
        full.disk.empty();
        session.token().unwrap();
        full.assert_one_refresh();
    });
}

#[test]
fn a_disk_that_is_full_when_the_answer_comes_loses_nothing_and_lets_nobody_else_refresh() {
    Adapter::each(|adapter| {
        let full = Full::new(adapter);
        let session = full.logged_in(Early::Inline);
        full.world.pass(121);
        full.disk.fill_after(1);
        assert!(not_stored(&session.token().unwrap_err()));
        // Another process would present the spent token.
        full.world.pass(600);
        let impatient = Extras {
            patience: Some(Duration::from_millis(50)),
            ..Extras::default()
        };
        let impatient = full.session_with(Early::Inline, impatient);
        let busy = impatient.token().unwrap_err();
        assert!(
            matches!(busy.kind(), ErrorKind::Store(StoreError::Busy)),
            "{busy}"
        );
        full.disk.empty();
        let late = session.token();
        // The token has ended meanwhile, but the grant is there.
        let token = late.or_else(|_| session.token()).unwrap();
        assert_eq!(full.session(Early::Inline).token().unwrap(), token);
        assert_eq!(full.world.counts().reuse, 0);
    });
}

#[test]
fn callers_get_the_old_token_while_the_new_one_cannot_be_stored() {
    Adapter::each(|adapter| {
        let full = Full::new(adapter);
        let session = full.logged_in(Early::Inline);
        let old = session.token().unwrap();
        full.world.pass(100);
        full.disk.fill_after(1);
        for _ in 0..3 {
            assert_eq!(session.token().unwrap(), old);
        }
        full.disk.empty();
        // Who looks after it may be at it.
        session.save().unwrap();
        assert_ne!(session.token().unwrap(), old);
        full.assert_one_refresh();
    });
}

#[test]
fn a_session_that_nobody_calls_stores_its_grant_when_it_can() {
    Adapter::each(|adapter| {
        let full = Full::new(adapter);
        let session = full.logged_in(Early::Beside);
        full.world.pass(121);
        full.disk.fill_after(1);
        assert!(not_stored(&session.token().unwrap_err()));
        full.disk.empty();
        // Login, intent and rotation.
        full.disk.wait_for_changes(3);
        let other = full.session(Early::Inline);
        other.token().unwrap();
        full.assert_one_refresh();
    });
}

#[test]
fn a_blocking_session_stores_its_grant_before_it_ends() {
    for early in [Early::Inline, Early::Beside] {
        let full = Full::new(Adapter::Blocking);
        let session = full.logged_in(early);
        full.world.pass(121);
        full.disk.fill_after(1);
        assert!(not_stored(&session.token().unwrap_err()));
        full.disk.empty();
        drop(session);
        full.session(Early::Inline).token().unwrap();
        full.assert_one_refresh();
    }
}
