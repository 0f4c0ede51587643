//! A store or a clock of the application that panics: the call fails, nothing stays locked, and no grant is lost.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use twoba_tests::{Adapter, Doing, Early, Extras, PASSWORD, Place, Subject, USER};

use crate::scene::{ENDED, Scene, is_not_stored};

/// What a call makes of a panic: an error, or the panic itself where it is the caller's own code
/// that ran.
fn fails(session: &dyn Subject) -> bool {
    let called = catch_unwind(AssertUnwindSafe(|| session.token()));
    !matches!(called, Ok(Ok(_)))
}

#[test]
fn a_store_that_panics_before_a_request_harms_one_call() {
    Adapter::each(|adapter| {
        for doing in [Doing::Read, Doing::TryLease, Doing::Load, Doing::Apply] {
            let scene = Scene::ended(adapter);
            let session = scene.session();
            scene.store.panic_once(doing);
            assert!(fails(&*session), "{doing:?}");
            assert!(scene.lease().is_some(), "{doing:?}");
            let tokens = session.tokens_at_once(5);
            assert!(tokens.iter().all(Result::is_ok), "{doing:?}");
            scene.assert_kept();
        }
    });
}

#[test]
fn a_store_that_panics_while_it_stores_a_rotation_loses_nothing() {
    Adapter::each(|adapter| {
        let scene = Scene::ended(adapter);
        let session = scene.session();
        scene.detour.hold();
        std::thread::scope(|scope| {
            let call = scope.spawn(|| fails(&*session));
            scene.detour.wait_for_held(1);
            scene.store.panic_once(Doing::Apply);
            scene.detour.let_go();
            assert!(call.join().unwrap());
        });
        session.token().unwrap();
        scene.assert_kept();
    });
}

#[test]
fn a_store_that_panics_while_a_grant_is_unsaved_loses_nothing() {
    Adapter::each(|adapter| {
        for doing in [Doing::Load, Doing::Apply, Doing::Renew] {
            let scene = Scene::ended(adapter);
            let session = scene.session();
            scene.leave_unsaved(|| assert!(session.token().is_err()));
            scene.store.panic_once(doing);
            // Whoever tries next meets the panic: this call, or the one that looks after it.
            drop(catch_unwind(AssertUnwindSafe(|| session.token())));
            scene.store.heal(Doing::Apply);
            scene.store.heal(doing);
            session.token().unwrap();
            scene.assert_kept();
        }
    });
}

/// The lease was lost to others, so that it is given back while the grant is in memory only.
#[test]
fn a_store_that_panics_while_it_takes_a_lease_back_loses_nothing() {
    Adapter::each(|adapter| {
        let scene = Scene::ended(adapter);
        let session = scene.session();
        scene.store.panic_once(Doing::GiveBack);
        scene.store.lose_the_lease();
        scene.leave_unsaved(|| assert!(session.token().is_err()));
        scene.store.heal(Doing::Apply);
        session.token().unwrap();
        scene.assert_kept();
    });
}

/// The store has written it, says that it has failed, and panics when the intent is taken back.
#[test]
fn a_store_that_panics_while_it_takes_back_an_intent_leaves_that_known_as_never_sent() {
    Adapter::each(|adapter| {
        let scene = Scene::ended(adapter);
        let session = scene.session();
        scene.store.write_and_fail_then_panic(Doing::Apply);
        let failed = session.token().unwrap_err();
        assert!(is_not_stored(&failed), "{failed:#?}");
        assert_eq!(scene.world.counts().refresh, 0);
        session.token().unwrap();
        scene.assert_kept();
    });
}

#[test]
fn a_store_that_panics_while_it_stores_a_login_is_tried_again() {
    Adapter::each(|adapter| {
        let scene = Scene::new(adapter);
        let session = scene.session();
        scene.store.panic_once(Doing::Change);
        let token = session.login(USER, PASSWORD).unwrap();
        assert_eq!(scene.elsewhere().token().unwrap(), token);
        scene.store.panic_once(Doing::Probe);
        let login = || session.login(USER, PASSWORD);
        assert!(!matches!(catch_unwind(AssertUnwindSafe(login)), Ok(Ok(_))));
        session.login(USER, PASSWORD).unwrap();
        assert_eq!(scene.world.counts().password, 2);
    });
}

/// At each look at the clock in turn, until a call gets through.
#[test]
fn a_clock_that_panics_harms_one_call_and_leaves_nothing_locked() {
    Adapter::each(|adapter| {
        let mut looks = 0;
        loop {
            looks += 1;
            let scene = Scene::ended(adapter);
            let left = Arc::new(AtomicUsize::new(0));
            let (clock, until) = (scene.world.clock(), Arc::clone(&left));
            let panics = move || {
                // From one to none: a clock that has panicked goes right ever after.
                let last = until.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                    left.checked_sub(1)
                });
                assert_ne!(last, Ok(1), "the clock panics, as it was asked to");
                clock()
            };
            let place = Place::Hindered(scene.store.clone());
            let extras = Extras::default();
            let session = adapter.open_with(scene.client(), &place, Early::Inline, panics, extras);
            left.store(looks, Ordering::SeqCst);
            let failed = fails(&*session);
            let through = left.swap(0, Ordering::SeqCst) > 0;
            // At the worst the answer was lost, as in a crash. Until now it may have been unknown
            // whether a rotation was stored.
            let token = session.token();
            assert!(scene.lease().is_some(), "look {looks}");
            if token.is_err() {
                assert!(failed, "look {looks}");
                scene.world.pass(ENDED);
                session.login(USER, PASSWORD).unwrap();
            }
            session.token().unwrap();
            if through {
                assert!(looks > 5 && !failed);
                break;
            }
        }
    });
}
