//! Stores that fail after they have written, and stores that go back to what they held before.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;
use twoba_core::{Password, RefreshError};
use twoba_emulator::{Fault, FaultPoint};
use twoba_store::{Error, ErrorKind, FileStore};
use twoba_tests::{
    Adapter, Doing, Early, Extras, Hindered, PASSWORD, Subject, USER, refresh_token_at,
};

use crate::scene::{DUE, ENDED, KEY, Scene, is_busy, is_not_stored};

const BOTH: [Adapter; 2] = [Adapter::Blocking, Adapter::Async];

/// A scene over files, so that they can be backed up, and a backup of a login whose token has
/// ended.
struct Backup {
    scene: Scene,
    home: TempDir,
}

impl Backup {
    /// A session that knows of nothing yet, where another process has refreshed since the backup.
    fn session_before_a_refresh(&self) -> Box<dyn Subject> {
        let session = self.scene.session();
        self.scene.elsewhere().token().unwrap();
        assert_eq!(self.scene.generation(), Some(2));
        session
    }

    fn new(adapter: Adapter) -> Self {
        let home = tempfile::tempdir().unwrap();
        let store = FileStore::open(home.path().join("store")).unwrap();
        let scene = Scene::over(adapter, Hindered::over(store));
        scene.log_in();
        scene.world.pass(ENDED);
        let backup = Self { scene, home };
        backup.copy("store", "backup");
        backup
    }

    fn restore(&self) {
        self.copy("backup", "store");
    }

    fn copy(&self, from: &str, to: &str) {
        let place = |name: &str| self.home.path().join(name);
        fs::create_dir_all(place(to)).unwrap();
        for file in fs::read_dir(place(from)).unwrap() {
            let file = file.unwrap().path();
            fs::copy(&file, place(to).join(name(&file))).unwrap();
        }
    }
}

fn name(file: &Path) -> &Path {
    Path::new(file.file_name().unwrap())
}

fn password() -> Password {
    Password::parse(PASSWORD).unwrap()
}

fn went_back(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Refresh(RefreshError::StoreWentBack { .. })
    )
}

#[test]
fn an_intent_that_is_written_and_fails_is_no_attempt() {
    for adapter in BOTH {
        let scene = Scene::ended(adapter);
        let before = scene.stored();
        let session = scene.session();
        for _ in 0..3 {
            scene.store.write_and_fail_once(Doing::Apply);
            let failed = session.token().unwrap_err();
            assert!(is_not_stored(&failed), "{failed}");
            assert_eq!(
                scene.stored(),
                before,
                "it is taken back before the call returns"
            );
        }
        assert_eq!(scene.world.counts().refresh, 0);
        session.token().unwrap();
        scene.assert_kept();
    }
}

/// A process that was stopped for long, perhaps.
#[test]
fn an_intent_whose_lease_is_lost_is_taken_back_under_a_new_one() {
    for adapter in BOTH {
        let scene = Scene::ended(adapter);
        let before = scene.stored();
        let session = scene.session();
        scene.store.write_and_fail_once(Doing::Apply);
        scene.store.lose_the_lease_after(Doing::Load, 1);
        scene.store.fail(Doing::Rescue);
        let failed = session.token().unwrap_err();
        assert!(is_not_stored(&failed), "{failed}");
        assert_eq!(scene.stored(), before);
        assert!(scene.lease().is_some());
        // And while none can be had, this process knows it.
        scene.store.write_and_fail_once(Doing::Apply);
        scene.store.lose_the_lease_after(Doing::Load, 1);
        scene.store.fail_after(Doing::TryLease, 1);
        let failed = session.token().unwrap_err();
        assert!(is_not_stored(&failed), "{failed}");
        assert_ne!(scene.stored(), before);
        scene.store.heal(Doing::TryLease);
        session.token().unwrap();
        scene.assert_kept();
    }
}

#[test]
fn an_intent_that_cannot_be_taken_back_is_known_never_to_have_left() {
    for adapter in BOTH {
        let scene = Scene::ended(adapter);
        let session = scene.session();
        scene.store.write_and_fail_once(Doing::Apply);
        scene.store.fail_after(Doing::Load, 1);
        let failed = session.token().unwrap_err();
        assert!(is_not_stored(&failed), "{failed}");
        scene.store.heal(Doing::Load);
        // Here, and wherever the store's place for such words is looked at, nobody waits for it.
        scene.elsewhere().token().unwrap();
        scene.assert_kept();
        session.token().unwrap();
        assert_eq!(scene.world.counts().refresh, 1);
    }
}

/// The server is out of order, and says so. The intent would otherwise seem to be out for a while, and
/// then count as one whose answer was lost.
#[test]
fn an_answer_that_the_store_does_not_take_is_known_here_and_elsewhere() {
    let hindered: [&[Doing]; 3] = [&[], &[Doing::Load], &[Doing::Load, Doing::Rescue]];
    for (adapter, hindered) in BOTH
        .into_iter()
        .flat_map(|one| hindered.map(|by| (one, by)))
    {
        let scene = Scene::ended(adapter);
        let session = scene.session();
        scene.world.next(FaultPoint::Refresh, Fault::Status(503));
        scene.detour.hold();
        thread::scope(|scope| {
            let call = scope.spawn(|| session.token());
            scene.detour.wait_for_held(1);
            scene.store.fail_times(Doing::Apply, 1);
            hindered.iter().for_each(|doing| scene.store.fail(*doing));
            scene.detour.let_go();
            let failed = call.join().unwrap().unwrap_err();
            assert!(matches!(
                failed.kind(),
                ErrorKind::Refresh(RefreshError::Unavailable(_))
            ));
        });
        hindered.iter().for_each(|doing| scene.store.heal(*doing));
        // The pause after a first failure, and not the time of a request that may be out.
        scene.world.pass(2);
        let knows = match hindered.contains(&Doing::Rescue) {
            true => session,
            false => scene.elsewhere(),
        };
        knows.token().unwrap();
        let counts = scene.world.counts();
        assert_eq!((counts.refresh, counts.rotations, counts.reuse), (2, 1, 0));
    }
}

/// The first write stands there and is reported as failed; after that nothing can be written.
#[test]
fn an_intent_that_never_left_is_remembered_through_calls_that_store_nothing() {
    for adapter in BOTH {
        let scene = Scene::ended(adapter);
        let session = scene.session();
        scene.store.write_and_fail_once(Doing::Apply);
        scene.store.fail(Doing::Rescue);
        scene.store.fail_after(Doing::Load, 1);
        session.token().unwrap_err();
        scene.store.heal(Doing::Load);
        scene.store.fail(Doing::Apply);
        for _ in 0..3 {
            let failed = session.token().unwrap_err();
            assert!(is_not_stored(&failed), "{failed}");
        }
        scene.store.heal(Doing::Apply);
        session.token().unwrap();
        scene.assert_kept();
    }
}

/// No handle of the session is left meanwhile.
#[test]
fn an_intent_that_never_left_is_remembered_while_its_session_is_idle() {
    let scene = Scene::ended(Adapter::Blocking);
    let sessions = scene.on_threads().idle(Duration::ZERO).build();
    scene.store.write_and_fail_once(Doing::Apply);
    scene.store.fail_after(Doing::Load, 1);
    sessions.open(KEY).unwrap().token().unwrap_err();
    scene.store.heal(Doing::Load);
    assert_eq!(sessions.clear_up(), 1);
    sessions.open(KEY).unwrap().token().unwrap();
    scene.assert_kept();
    assert_eq!(sessions.clear_up(), 0);
}

#[test]
fn a_store_that_goes_back_is_healed_by_who_has_seen_more() {
    for adapter in BOTH {
        let backup = Backup::new(adapter);
        let scene = &backup.scene;
        let session = scene.session();
        session.token().unwrap();
        scene.assert_kept();
        backup.restore();
        assert_eq!(scene.generation(), Some(1));
        // Its token is at hand, and serves; once it is due the store is looked at.
        session.token().unwrap();
        scene.world.pass(DUE);
        session.token().unwrap();
        assert_eq!(scene.generation(), Some(3));
        let counts = scene.world.counts();
        assert_eq!((counts.refresh, counts.rotations, counts.reuse), (2, 2, 0));
    }
}

/// What it holds then is from before, and no other token than the one that came behind it.
#[test]
fn a_store_that_goes_back_has_no_other_token_while_somebody_has_the_lease() {
    for adapter in BOTH {
        let backup = Backup::new(adapter);
        let scene = &backup.scene;
        let extras = Extras {
            patience: Some(Duration::from_millis(200)),
            ..Extras::default()
        };
        let session = scene.session_with(Early::Beside, extras);
        session.token().unwrap();
        backup.copy("store", "backup");
        session.refresh().unwrap();
        backup.restore();
        assert_eq!(scene.generation(), Some(2));
        let lease = scene.lease().unwrap();
        let busy = session.refresh().unwrap_err();
        assert!(is_busy(&busy), "{busy}");
        drop(lease);
        session.refresh().unwrap();
        assert_eq!(scene.generation(), Some(4));
        assert_eq!(scene.world.counts().reuse, 0);
    }
}

/// Whoever has only logged out has seen what it ended.
#[test]
fn what_a_logout_has_seen_counts_as_seen() {
    for adapter in BOTH {
        let backup = Backup::new(adapter);
        let scene = &backup.scene;
        let session = backup.session_before_a_refresh();
        session.forget().unwrap();
        backup.restore();
        scene.world.pass(ENDED);
        let before = scene.world.counts().refresh;
        drop(session.token());
        assert_eq!(scene.world.counts().reuse, 0);
        assert!(scene.world.counts().refresh <= before + 1);
    }
}

/// Whoever has only imported has seen what stood there when that began.
#[test]
fn what_an_import_has_seen_counts_as_seen() {
    for adapter in BOTH {
        let backup = Backup::new(adapter);
        let scene = &backup.scene;
        let session = backup.session_before_a_refresh();
        let brought = refresh_token_at(scene.world.emulator.url());
        scene.detour.hold();
        thread::scope(|scope| {
            let importing = scope.spawn(|| session.import(brought));
            scene.detour.wait_for_held(1);
            backup.restore();
            scene.detour.let_go();
            drop(importing.join().unwrap());
        });
        assert_eq!(scene.generation(), Some(1));
        scene.world.pass(ENDED);
        drop(session.token());
        assert_eq!(scene.world.counts().reuse, 0);
    }
}

/// A program that ends while its store still fails leaves what it has got where others find it.
#[test]
fn what_was_rescued_is_taken_up_by_another_process() {
    let scene = Scene::ended(Adapter::Blocking);
    {
        let session = scene.session();
        scene.leave_unsaved(|| {
            let failed = session.token().unwrap_err();
            assert!(is_not_stored(&failed), "{failed}");
        });
    }
    assert_eq!(scene.generation(), Some(1));
    assert_eq!(scene.store.begun(Doing::Rescue), 1);
    scene.elsewhere().token().unwrap();
    scene.assert_kept();
}

/// The token that is stored is spent, and what has replaced it cannot be read for a while.
#[test]
fn a_process_that_cannot_look_for_what_was_rescued_presents_no_token() {
    for adapter in BOTH {
        let scene = Scene::ended(adapter);
        scene.leave_unsaved(|| {
            let sessions = scene.on_threads().build();
            assert!(sessions.open(KEY).unwrap().token().is_err());
        });
        scene.store.heal(Doing::Apply);
        scene.world.pass(ENDED);
        let session = scene.session();
        scene.store.fail(Doing::Rescued);
        let failed = session.token().unwrap_err();
        assert!(is_not_stored(&failed), "{failed}");
        assert_eq!(scene.world.counts().reuse, 0);
        scene.store.heal(Doing::Rescued);
        session.token().unwrap();
        let counts = scene.world.counts();
        assert_eq!((counts.rotations, counts.reuse), (2, 0));
    }
}

/// A session whose memory was given back knows which generation it has seen, not its tokens.
#[test]
fn what_was_seen_outlives_the_memory_of_an_idle_session() {
    let backup = Backup::new(Adapter::Blocking);
    let scene = &backup.scene;
    let sessions = scene.on_threads().idle(Duration::ZERO).build();
    sessions.open(KEY).unwrap().token().unwrap();
    assert_eq!(sessions.clear_up(), 0);
    backup.restore();
    let session = sessions.open(KEY).unwrap();
    let refused = session.token().unwrap_err();
    assert!(went_back(&refused), "{refused}");
    assert_eq!(scene.world.counts().refresh, 1);
    // Another login is no earlier generation of that one.
    session.login(USER, &password()).unwrap();
    session.token().unwrap();
}

/// Where the token of the first login was refreshed since, and another login has taken its place.
#[test]
fn a_store_that_goes_back_over_another_login_makes_nobody_present_a_spent_token() {
    for idle in [false, true] {
        let backup = Backup::new(Adapter::Blocking);
        let scene = &backup.scene;
        let mut builder = scene.on_threads();
        if idle {
            builder = builder.idle(Duration::ZERO);
        }
        let sessions = builder.build();
        let session = sessions.open(KEY).unwrap();
        session.token().unwrap();
        session.login(USER, &password()).unwrap();
        scene.world.pass(ENDED);
        drop(session);
        // Its memory is given back, or it is not.
        assert_eq!(sessions.clear_up(), usize::from(!idle));
        backup.restore();
        let session = sessions.open(KEY).unwrap();
        let refused = session.token().unwrap_err();
        assert!(went_back(&refused), "{refused}");
        let counts = scene.world.counts();
        assert_eq!((counts.refresh, counts.reuse), (1, 0));
        session.login(USER, &password()).unwrap();
        session.token().unwrap();
    }
}
