//! A refresh that is due while the old token is usable: who has a usable token does not wait for it, and its
//! failure is nobody's.

use std::fs;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use tokio::runtime;
use twoba_core::{Endpoint, RefreshError, TroubleReason};
use twoba_emulator::{Fault, FaultPoint};
use twoba_store::{ErrorKind, FileStore};
use twoba_tests::{
    Adapter, Detour, Doing, Early, Extras, Hindered, PASSWORD, SECRET, USER, Vault, World, trouble,
};

use crate::scene::{DUE, ENDED, KEY, Scene};

const WAYS: [Early; 2] = [Early::Inline, Early::Beside];

#[test]
fn on_one_thread_only_the_caller_who_refreshes_inline_waits_for_it() {
    let scene = Arc::new(Scene::new(Adapter::Async));
    scene.log_in();
    let builder = scene
        .on_tokio()
        .early_refresh(twoba_async::EarlyRefresh::Inline);
    let session = builder.open(KEY).unwrap();
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let old = session.token().await.unwrap();
        scene.world.pass(DUE);
        scene.detour.hold();
        let (carrier, held) = (session.clone(), Arc::clone(&scene));
        let carrier = tokio::spawn(async move { carrier.token().await });
        let wait = move || held.detour.wait_for_held(1);
        tokio::task::spawn_blocking(wait).await.unwrap();
        for _ in 0..10 {
            // Polled once: it is there at once, or it is not.
            let mut call = Box::pin(session.token());
            match call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(token) => assert_eq!(token.unwrap(), old),
                Poll::Pending => unreachable!("a caller with a usable token waits"),
            }
        }
        assert!(!carrier.is_finished());
        scene.detour.let_go();
        assert_ne!(carrier.await.unwrap().unwrap(), old);
    });
    scene.assert_kept();
}

#[test]
fn callers_get_the_old_token_at_once_while_one_of_them_refreshes_inline() {
    Adapter::each(|adapter| {
        let scene = Scene::new(adapter);
        let session = scene.logged_in(Early::Inline);
        let old = session.token().unwrap();
        scene.world.pass(DUE);
        scene.detour.hold();
        thread::scope(|scope| {
            let carrier = scope.spawn(|| session.token());
            scene.detour.wait_for_held(1);
            for token in session.tokens_at_once(10) {
                assert_eq!(token.unwrap(), old);
            }
            assert!(!carrier.is_finished());
            scene.detour.let_go();
            assert_ne!(carrier.join().unwrap().unwrap(), old);
        });
        scene.assert_kept();
    });
}

/// It knows of nothing yet, and finds a token that is due and usable.
#[test]
fn callers_of_a_new_process_get_a_usable_token_at_once_and_refresh_beside() {
    Adapter::each(|adapter| {
        let scene = Scene::new(adapter);
        let old = scene.logged_in(Early::Inline).token().unwrap();
        scene.world.pass(DUE);
        let session = scene.session_with(Early::Beside, Extras::default());
        scene.detour.hold();
        for token in session.tokens_at_once(10) {
            assert_eq!(token.unwrap(), old);
        }
        scene.detour.wait_for_held(1);
        assert_eq!(session.token().unwrap(), old);
        scene.detour.let_go();
        // What it brought is there before the lease goes back.
        scene.store.wait_for(Doing::Release, 1);
        assert_ne!(session.token().unwrap(), old);
        scene.assert_kept();
    });
}

/// Neither the refresh of that one nor the store is its business.
#[test]
fn a_call_whose_token_is_rejected_goes_on_with_another_one_at_hand() {
    Adapter::each(|adapter| {
        let scene = Scene::new(adapter);
        let calls = Detour::to(scene.world.emulator.addr());
        let services = Endpoint::parse(&format!("{}/1/json/", calls.url())).unwrap();
        let provider = scene.provider().with_service_base(services);
        let client = World::client_of(provider, SECRET);
        let session = scene.session_of(client, Early::Beside, Extras::default());
        session.login(USER, PASSWORD).unwrap();
        let call = || session.get("Product/Search", &[("query", "schakelaar")]);
        let call_meanwhile = |hinder: &dyn Fn()| {
            scene.world.next(FaultPoint::Service, Fault::Status(401));
            calls.hold_for("GET /1/json/");
            thread::scope(|scope| {
                let calling = scope.spawn(call);
                calls.wait_for_held(1);
                scene.world.pass(ENDED);
                session.token().unwrap();
                hinder();
                calls.let_go();
                calling.join().unwrap().unwrap();
            });
        };
        call_meanwhile(&|| scene.store.fail(Doing::Read));
        scene.store.heal(Doing::Read);
        call_meanwhile(&|| {
            scene.world.pass(DUE);
            scene.detour.hold();
            session.token().unwrap();
            scene.detour.wait_for_held(1);
        });
        scene.detour.let_go();
        let counts = scene.world.counts();
        assert_eq!((counts.service_calls, counts.refresh), (4, 3));
    });
}

#[test]
fn a_store_that_cannot_be_used_is_not_the_error_of_who_has_a_usable_token() {
    let doing = [Doing::Read, Doing::TryLease, Doing::Load, Doing::Apply];
    Adapter::each(|adapter| {
        for (early, doing) in WAYS.iter().flat_map(|way| doing.map(|doing| (*way, doing))) {
            let scene = Scene::new(adapter);
            let session = scene.logged_in(early);
            let old = session.token().unwrap();
            scene.world.pass(DUE);
            scene.store.fail(doing);
            for _ in 0..5 {
                assert_eq!(session.token().unwrap(), old);
            }
            // The first try may still be on its way.
            scene.store.wait_for(doing, 1);
            assert_eq!(session.token().unwrap(), old);
            // Who has none gets the error.
            scene.world.pass(ENDED - DUE);
            let error = session.token().unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Store(_)), "{error}");
            assert_eq!(scene.world.counts().refresh, 0);
            scene.store.heal(doing);
            assert_ne!(session.token().unwrap(), old);
            scene.assert_kept();
        }
    });
}

/// Whatever stands in its way: here a store that gives no lease. The caller who refreshes sees the
/// end of it, so that the time at which it fails is known.
#[test]
fn the_next_early_refresh_comes_a_second_after_one_has_failed() {
    Adapter::each(|adapter| {
        let scene = Scene::new(adapter);
        let session = scene.logged_in(Early::Inline);
        let old = session.token().unwrap();
        scene.world.pass(DUE);
        scene.store.fail(Doing::TryLease);
        for tries in 1..=3 {
            for token in session.tokens_at_once(50) {
                assert_eq!(token.unwrap(), old);
            }
            assert_eq!(session.token().unwrap(), old);
            assert_eq!(scene.store.begun(Doing::TryLease), tries);
            scene.world.pass(1);
        }
    });
}

#[test]
fn callers_start_no_second_early_refresh_while_one_is_out() {
    Adapter::each(|adapter| {
        let scene = Scene::new(adapter);
        let session = scene.logged_in(Early::Beside);
        let old = session.token().unwrap();
        scene.world.pass(DUE);
        scene.detour.hold();
        for token in session.tokens_at_once(50) {
            assert_eq!(token.unwrap(), old);
        }
        scene.detour.wait_for_held(1);
        // Long after the first one, and still it is out.
        scene.world.pass(5);
        for token in session.tokens_at_once(50) {
            assert_eq!(token.unwrap(), old);
        }
        assert_eq!(scene.store.begun(Doing::TryLease), 1);
        scene.detour.let_go();
        scene.store.wait_for(Doing::Release, 1);
        scene.assert_kept();
    });
}

/// Sessions of one program that began together.
#[test]
fn two_sessions_are_not_due_at_the_same_moment() {
    Adapter::each(|adapter| {
        let due: std::collections::BTreeSet<_> = (0..4)
            .map(|_| {
                let scene = Scene::new(adapter);
                let session = scene.logged_in(Early::Inline);
                let status = session.status().unwrap();
                let span = status.refresh_due_at.unwrap();
                span.saturating_since(status.expires_at.unwrap())
                    .max(status.expires_at.unwrap().saturating_since(span))
            })
            .collect();
        assert!(due.len() > 1, "{due:?}");
    });
}

#[test]
fn a_damaged_record_is_not_the_error_of_who_has_a_usable_token() {
    Adapter::each(|adapter| {
        for early in WAYS {
            let folder = tempfile::tempdir().unwrap();
            let place = folder.path().join("store");
            let store = FileStore::open(&place).unwrap();
            let scene = Scene::over(adapter, Hindered::over(store));
            let session = scene.logged_in(early);
            let old = session.token().unwrap();
            let record = place.join(format!("{KEY}.grant"));
            let whole = fs::read(&record).unwrap();
            fs::write(&record, whole.get(..whole.len() / 2).unwrap()).unwrap();
            scene.world.pass(DUE);
            for _ in 0..5 {
                assert_eq!(session.token().unwrap(), old);
            }
            scene.world.pass(ENDED - DUE);
            let error = session.token().unwrap_err();
            let damaged = matches!(error.kind(), ErrorKind::Refresh(RefreshError::Record(_)));
            assert!(damaged, "{error}");
            assert_eq!(scene.world.counts().refresh, 0);
        }
    });
}

/// What was usable when the refresh began is not handed out when it is no longer.
#[test]
fn a_token_that_ends_while_its_early_refresh_is_out_is_handed_out_to_nobody() {
    Adapter::each(|adapter| {
        for early in WAYS {
            let scene = Scene::new(adapter);
            let session = scene.logged_in(early);
            scene.world.pass(DUE);
            scene.world.next(FaultPoint::Refresh, Fault::Status(503));
            scene.detour.hold();
            thread::scope(|scope| {
                let carrier = scope.spawn(|| session.token());
                scene.detour.wait_for_held(1);
                scene.world.pass(ENDED - DUE);
                let waiter = scope.spawn(|| session.token());
                // Beside, the carrier has had its token while that was good.
                if early == Early::Beside {
                    carrier.join().unwrap().unwrap();
                    scene.detour.let_go();
                } else {
                    scene.detour.let_go();
                    let error = carrier.join().unwrap().unwrap_err();
                    assert_eq!(trouble(&error).reason, TroubleReason::ServerFault);
                }
                let error = waiter.join().unwrap().unwrap_err();
                assert_eq!(trouble(&error).reason, TroubleReason::ServerFault);
            });
        }
    });
}

/// The token is of no use for its last moments, and the server will say that it is too early.
fn await_its_end(scene: &Scene) {
    scene.world.pass(ENDED - 2);
    scene.world.next(FaultPoint::Refresh, Fault::Bare400);
    scene.detour.hold();
}

/// The token ends, and the server refreshes a second later. Both come while the store is busy: what it
/// does not take is looked at once more.
fn let_it_end(scene: &Scene) {
    scene.detour.wait_for_held(1);
    scene.store.keep(Doing::Apply);
    scene.detour.let_go();
    scene.store.wait_for_kept();
    scene.world.pass(1);
    let looks = scene.store.begun(Doing::Load);
    scene.store.keep(Doing::Load);
    scene.store.fail_times(Doing::Apply, 1);
    scene.store.wait_for(Doing::Load, looks + 1);
    scene.world.pass(1);
    scene.store.heal(Doing::Load);
}

#[test]
fn a_caller_whose_patience_ends_when_the_server_refreshes_is_served() {
    Adapter::each(|adapter| {
        let scene = Scene::new(adapter);
        scene.log_in();
        let patience = Some(Duration::ZERO);
        let extras = Extras {
            patience,
            ..Extras::default()
        };
        let session = scene.session_with(Early::Inline, extras);
        await_its_end(&scene);
        thread::scope(|scope| {
            let call = scope.spawn(|| session.token());
            let_it_end(&scene);
            call.join().unwrap().unwrap();
        });
        assert_eq!(scene.generation(), Some(2));
    });
}

/// It has looked before the login came.
#[test]
fn a_caller_who_was_about_to_sign_in_waits_for_a_server_that_refreshes_late() {
    Adapter::each(|adapter| {
        let scene = Scene::new(adapter);
        let vault: Vault = Arc::new(|_| panic!("nobody has to sign in"));
        let extras = Extras {
            vault: Some(vault),
            ..Extras::default()
        };
        let session = scene.session_with(Early::Inline, extras);
        thread::scope(|scope| {
            scene.store.keep(Doing::Probe);
            let call = scope.spawn(|| session.token());
            scene.store.wait_for_kept();
            scene.log_in();
            await_its_end(&scene);
            scene.store.heal(Doing::Probe);
            let_it_end(&scene);
            call.join().unwrap().unwrap();
        });
        assert_eq!(scene.generation(), Some(2));
    });
}
