//! A rotation that the store did not take, in a program that goes on: it is kept with its lease, tried again and
//! again, and let go of in the end or when a login or logout makes it void.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::runtime::{self, Runtime};
use tokio::time::{self, Instant};
use twoba_core::{Password, SessionKey, StoredGrant};
use twoba_emulator::EndReason;
use twoba_store::{Direct, Store};
use twoba_tests::{Adapter, Doing, Early, PASSWORD, USER};

use crate::scene::{ENDED, KEY, Scene, is_not_stored};

/// A program on Tokio, with a session whose rotation the store has not taken.
struct Program {
    scene: Scene,
    runtime: Runtime,
    session: twoba_async::Session,
}

fn on_one_thread() -> Runtime {
    let mut builder = runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

fn pass(runtime: &Runtime, span: Duration) {
    runtime.block_on(async {
        time::pause();
        time::sleep(span).await;
        time::resume();
    });
}

impl Program {
    fn new() -> Self {
        let scene = Scene::ended(Adapter::Async);
        // In the task itself: time stands still for a store on another thread.
        let builder = scene.on_tokio().store(Direct::new(scene.store.clone()));
        let session = builder.open(KEY).unwrap();
        let runtime = on_one_thread();
        scene.leave_unsaved(|| {
            let failed = runtime.block_on(session.token()).unwrap_err();
            assert!(is_not_stored(&failed), "{failed}");
        });
        Self {
            scene,
            runtime,
            session,
        }
    }

    /// Lets time pass for the program alone; the rest of the world stands still, and nothing may
    /// go over the wire.
    fn pass(&self, span: Duration) {
        pass(&self.runtime, span);
    }

    fn is_leased(&self) -> bool {
        self.scene.lease().is_none()
    }
}

#[test]
fn a_program_that_ends_at_once_can_have_its_grant_saved() {
    Adapter::each(|adapter| {
        let scene = Scene::ended(adapter);
        let session = scene.session();
        assert!(!session.save().unwrap(), "there is nothing to save");
        scene.leave_unsaved(|| {
            let failed = session.token().unwrap_err();
            assert!(is_not_stored(&failed), "{failed}");
        });
        // It fails twice more, and is stored then.
        scene.store.fail_times(Doing::Apply, 2);
        assert!(session.save().unwrap());
        scene.assert_kept();
    });
}

/// Somebody may wait for that one later, and refreshes then.
#[test]
fn a_grant_whose_token_has_ended_is_stored_and_no_other_one_is_asked_for() {
    Adapter::each(|adapter| {
        let scene = Scene::ended(adapter);
        let session = scene.session();
        scene.leave_unsaved(|| assert!(session.token().is_err()));
        scene.world.pass(ENDED);
        scene.store.fail_times(Doing::Apply, 2);
        assert!(session.save().unwrap());
        scene.assert_stored();
    });
    let program = Program::new();
    program.scene.world.pass(ENDED);
    program.scene.store.heal(Doing::Apply);
    program.pass(Duration::from_secs(10));
    assert!(!program.is_leased());
    program.scene.assert_stored();
}

/// Has the store write an intent, say that it has failed, and be out of order for a while. Others would
/// count it as an attempt whose answer was lost.
fn leave_unsent(scene: &Scene, call: impl FnOnce() -> bool) {
    let before = scene.stored();
    scene.store.write_and_fail_once(Doing::Apply);
    scene.store.fail(Doing::Rescue);
    scene.store.fail_after(Doing::Load, 1);
    assert!(call(), "its store takes nothing");
    assert_ne!(scene.stored(), before);
}

fn assert_taken_back(scene: &Scene, before: &StoredGrant) {
    assert_eq!(scene.stored(), *before);
    assert!(scene.lease().is_some());
    assert_eq!(scene.world.counts().refresh, 0);
}

#[test]
fn an_intent_that_never_left_is_taken_back_as_soon_as_the_store_can() {
    let scene = Scene::ended(Adapter::Async);
    let before = scene.stored();
    let builder = scene.on_tokio().store(Direct::new(scene.store.clone()));
    let session = builder.open(KEY).unwrap();
    let runtime = on_one_thread();
    leave_unsent(&scene, || runtime.block_on(session.token()).is_err());
    pass(&runtime, Duration::from_secs(20));
    scene.store.heal(Doing::Load);
    pass(&runtime, Duration::from_secs(11));
    assert_taken_back(&scene, &before);
}

#[test]
fn a_program_that_ends_takes_an_intent_back_that_never_left() {
    let scene = Scene::ended(Adapter::Blocking);
    let before = scene.stored();
    let session = scene.on_threads().open(KEY).unwrap();
    leave_unsent(&scene, || session.token().is_err());
    scene.store.heal(Doing::Load);
    drop(session);
    assert_taken_back(&scene, &before);

    // Where nobody looks after it meanwhile.
    let scene = Scene::ended(Adapter::Async);
    let before = scene.stored();
    let builder = scene.on_tokio().store(Direct::new(scene.store.clone()));
    let sessions = builder.build().unwrap();
    let session = sessions.open(KEY).unwrap();
    let runtime = on_one_thread();
    leave_unsent(&scene, || runtime.block_on(session.token()).is_err());
    scene.store.heal(Doing::Load);
    runtime.block_on(sessions.close());
    assert_taken_back(&scene, &before);
}

/// What it had of the server is stored, which is nothing.
#[test]
fn a_program_whose_intent_never_left_is_not_told_that_something_was_saved() {
    Adapter::each(|adapter| {
        let scene = Scene::ended(adapter);
        let session = scene.session();
        leave_unsent(&scene, || session.token().is_err());
        assert!(!session.save().unwrap());
    });
}

#[test]
fn a_session_that_its_caller_drops_stores_its_grant_when_it_can() {
    let Program {
        scene,
        runtime,
        session,
    } = Program::new();
    drop(session);
    runtime.block_on(async {
        time::pause();
        time::sleep(Duration::from_secs(20)).await;
        scene.store.heal(Doing::Apply);
        time::sleep(Duration::from_secs(11)).await;
    });
    scene.assert_kept();
}

#[test]
fn a_grant_that_the_store_does_not_take_is_kept_with_a_lease_that_is_renewed_for_five_minutes() {
    let program = Program::new();
    let mut renewed = program.scene.store.begun(Doing::Renew);
    for _ in 0..19 {
        program.pass(Duration::from_secs(15));
        assert!(program.is_leased());
        // A claim lives for 45 s.
        let so_far = program.scene.store.begun(Doing::Renew);
        assert!(so_far > renewed);
        renewed = so_far;
    }
    program.scene.store.heal(Doing::Apply);
    program.pass(Duration::from_secs(10));
    assert!(!program.is_leased());
    program.scene.assert_kept();
}

#[test]
fn a_grant_that_no_store_takes_is_left_for_others_after_five_minutes_and_kept_here() {
    let program = Program::new();
    program.pass(Duration::from_secs(301));
    assert!(!program.is_leased());
    let store = program.scene.store.elsewhere();
    let rescued = store.rescued(&SessionKey::parse(KEY).unwrap()).unwrap();
    assert!(rescued.is_some());
    let tries = program.scene.store.begun(Doing::Apply);
    program.pass(Duration::from_secs(600));
    assert_eq!(program.scene.store.begun(Doing::Apply), tries);
    // The next caller tries again, and nothing was lost.
    program.scene.store.heal(Doing::Apply);
    let token = program.runtime.block_on(program.session.token());
    token.unwrap();
    program.scene.assert_kept();
}

#[test]
fn a_lease_that_is_lost_to_others_while_a_grant_is_unsaved_is_taken_again() {
    let program = Program::new();
    program.scene.store.lose_the_lease();
    let tries = program.scene.store.begun(Doing::TryLease);
    program.pass(Duration::from_secs(30));
    assert!(program.scene.store.begun(Doing::TryLease) > tries);
    assert!(program.is_leased());
    program.scene.store.heal(Doing::Apply);
    program.pass(Duration::from_secs(11));
    program.scene.assert_kept();
}

#[test]
fn a_login_or_logout_gives_the_lease_of_an_unsaved_grant_back_at_once_and_has_that_revoked() {
    for logs_in in [true, false] {
        let program = Program::new();
        // So that the next retry is seconds away.
        program.pass(Duration::from_secs(60));
        let store = program.scene.store.clone();
        let released = store.begun(Doing::Release) + 1;
        program.runtime.block_on(async {
            // No time passes for the program while somebody waits on another thread.
            let released = move || store.wait_for(Doing::Release, released);
            let released = tokio::task::spawn_blocking(released);
            time::pause();
            let started = Instant::now();
            if logs_in {
                let password = Password::parse(PASSWORD).unwrap();
                program.session.login(USER, &password).await.unwrap();
            } else {
                program.session.forget().await.unwrap();
            }
            released.await.unwrap();
            assert_eq!(Instant::now(), started);
        });
        assert!(!program.is_leased());
        let mut families = program.scene.world.emulator.state().families;
        let late = families.pop().unwrap();
        assert_eq!(late.ended.unwrap().reason, EndReason::RevokedByClient);
        assert!(families.iter().all(|login| login.ended.is_none()));
        assert_eq!(families.len(), usize::from(logs_in));
    }
}

#[test]
fn a_login_or_logout_lets_others_go_on_while_a_grant_is_unsaved() {
    Adapter::each(|adapter| {
        for logs_in in [true, false] {
            let scene = Scene::new(adapter);
            let session = scene.logged_in(Early::Beside);
            scene.world.pass(ENDED);
            scene.leave_unsaved(|| assert!(session.token().is_err()));
            if logs_in {
                session.login(USER, PASSWORD).unwrap();
            } else {
                session.logout().unwrap();
            }
            scene.world.pass(ENDED);
            // It waits for the lease, if at all.
            let elsewhere = scene.elsewhere();
            assert_eq!(elsewhere.token().is_ok(), logs_in);
            assert_eq!(scene.world.counts().reuse, 0);
        }
    });
}

/// Nobody looks after a session whose runtime has ended; the next runtime has somebody.
#[test]
fn a_session_that_outlives_a_runtime_is_looked_after_in_the_next_one() {
    let Program {
        scene,
        runtime,
        session,
    } = Program::new();
    drop(runtime);
    let next = on_one_thread();
    let failed = next.block_on(session.token()).unwrap_err();
    assert!(is_not_stored(&failed), "{failed}");
    let scene = Arc::new(scene);
    next.block_on(async {
        time::pause();
        scene.store.heal(Doing::Apply);
        time::sleep(Duration::from_secs(11)).await;
    });
    scene.assert_kept();
}

/// The runtime ends while the store is at it, and the store fails.
#[test]
fn a_flight_that_is_cut_off_while_it_stores_its_grant_puts_that_back() {
    let scene = Scene::ended(Adapter::Async);
    let session = scene.on_tokio().open(KEY).unwrap();
    let [first, next] = [(); 2].map(|()| on_one_thread());
    scene.leave_unsaved(|| assert!(first.block_on(session.token()).is_err()));
    scene.store.keep(Doing::Apply);
    first.block_on(async {
        let (calling, store) = (session.clone(), scene.store.clone());
        drop(tokio::spawn(async move { calling.token().await }));
        let kept = tokio::task::spawn_blocking(move || store.wait_for_kept());
        kept.await.unwrap();
    });
    first.shutdown_background();
    scene.store.fail(Doing::Apply);
    // Its lease ends with the operation.
    while scene.lease().is_none() {
        thread::yield_now();
    }
    scene.store.heal(Doing::Apply);
    next.block_on(session.token()).unwrap();
    scene.assert_kept();
}
