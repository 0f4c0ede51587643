//! Callers who wait for somebody else's refresh: they starve nobody, and each waits for its own time.

use std::fs::{self, File};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, UNIX_EPOCH};

use tokio::runtime;
use twoba_core::{Password, TroubleReason};
use twoba_emulator::{Fault, FaultPoint};
use twoba_store::{ErrorKind, FileStore, StoreError};
use twoba_tests::{Adapter, Doing, Early, Extras, Hindered, Kind, PASSWORD, USER, World, trouble};

use crate::scene::{DUE, ENDED, KEY, Scene, is_busy, timed};

const PATIENCE: Duration = Duration::from_secs(1);

/// Ten callers in turn would take ten seconds. Any machine does it in this time.
const SOON: Duration = Duration::from_secs(9);

fn impatient() -> Extras {
    Extras {
        patience: Some(PATIENCE),
        ..Extras::default()
    }
}

#[test]
fn sessions_that_wait_for_a_lease_leave_the_holder_threads_to_store_its_rotation() {
    for blocking_threads in [8, 512] {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::open(folder.path().join("store")).unwrap();
        let scene = Scene::over(Adapter::Async, Hindered::over(store));
        scene.log_in();
        scene.world.pass(ENDED);
        scene.detour.hold();
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(blocking_threads)
            .enable_all()
            .build()
            .unwrap();
        let calls: Vec<_> = (0..600)
            .map(|_| {
                // Six hundred of them: reading the machine's certificates takes a while.
                let builder = scene.on_tokio();
                let builder = builder.http(|http| http.no_proxy().tls_certs_only([]));
                let session = builder.open(KEY).unwrap();
                runtime.spawn(async move { session.token().await })
            })
            .collect();
        scene.detour.wait_for_held(1);
        // Everybody has tried, and the holder's own operations come behind theirs.
        scene.store.wait_for(Doing::TryLease, 1200);
        scene.detour.let_go();
        for call in calls {
            runtime.block_on(call).unwrap().unwrap();
        }
        scene.assert_kept();
    }
}

#[test]
fn callers_whose_lease_another_process_holds_all_fail_when_their_own_patience_ends() {
    Adapter::each(|adapter| {
        let scene = Scene::ended(adapter);
        let session = scene.session_with(Early::Beside, impatient());
        let lease = scene.lease().unwrap();
        let (tokens, took) = timed(|| session.tokens_at_once(10));
        assert!(
            tokens
                .iter()
                .all(|token| is_busy(token.as_ref().unwrap_err()))
        );
        assert!(took >= PATIENCE && took < SOON, "{took:?}");
        drop(lease);
        session.token().unwrap();
    });
}

#[test]
fn who_loses_patience_with_another_process_is_told_which_it_is() {
    Adapter::each(|adapter| {
        let world = World::new(adapter, Kind::File);
        let extras = Extras {
            patience: Some(Duration::from_millis(50)),
            ..Extras::default()
        };
        let (client, clock) = (world.client(), world.clock());
        let session = adapter.open_with(client, &world.place, Early::Inline, clock, extras);
        session.login(USER, PASSWORD).unwrap();
        world.pass(ENDED);
        // The lock file of a process that has just taken the lease, and is stopped.
        let path = world.place.folder().unwrap().join(format!("{KEY}.lease"));
        let until = UNIX_EPOCH.elapsed().unwrap().as_millis() + 40_000;
        let line = format!("process 1 taken 1 number 1 until {until} locked\n");
        fs::write(&path, line).unwrap();
        let file = File::open(&path).unwrap();
        file.lock().unwrap();
        let error = session.token().unwrap_err();
        let named = matches!(
            error.kind(),
            ErrorKind::Store(StoreError::HeldBy { process: 1 })
        );
        assert!(named, "{error}");
        assert_eq!(world.counts().refresh, 0);
        // It is killed: the next goes on, whatever it has left in the file.
        drop(file);
        session.token().unwrap();
        assert_eq!(world.counts().refresh, 1);
    });
}

#[test]
fn a_caller_who_comes_later_waits_for_its_own_patience_and_not_for_that_of_the_first() {
    Adapter::each(|adapter| {
        let scene = Scene::ended(adapter);
        let session = scene.session_with(Early::Beside, impatient());
        let lease = scene.lease().unwrap();
        thread::scope(|scope| {
            let call = || timed(|| session.token());
            let first = scope.spawn(call);
            // The first has been waiting for some tries.
            scene.wait_for_tries(5, || first.is_finished());
            let late = scope.spawn(call);
            for caller in [first, late] {
                let (token, took) = caller.join().unwrap();
                assert!(is_busy(&token.unwrap_err()));
                assert!(took >= PATIENCE && took < SOON, "{took:?}");
            }
        });
        drop(lease);
    });
}

#[test]
fn callers_who_come_one_after_the_other_keep_nobody_waiting_beyond_its_patience() {
    Adapter::each(|adapter| {
        let scene = Scene::ended(adapter);
        let session = scene.session_with(Early::Beside, impatient());
        let lease = scene.lease().unwrap();
        let call = || timed(|| session.token());
        thread::scope(|scope| {
            // Each comes when there has been some waiting since the one before.
            let mut callers: Vec<ScopedJoinHandle<'_, _>> = Vec::new();
            for _ in 0..10 {
                scene.wait_for_tries(5, || callers.iter().all(ScopedJoinHandle::is_finished));
                callers.push(scope.spawn(call));
            }
            for caller in callers {
                let (token, took) = caller.join().unwrap();
                assert!(is_busy(&token.unwrap_err()));
                assert!(took >= PATIENCE && took < SOON, "{took:?}");
            }
        });
        drop(lease);
    });
}

#[test]
fn callers_who_came_before_and_during_a_wait_are_served_by_one_refresh_in_the_end() {
    Adapter::each(|adapter| {
        let scene = Scene::ended(adapter);
        let session = scene.session();
        let lease = scene.lease().unwrap();
        thread::scope(|scope| {
            let first = scope.spawn(|| session.token());
            scene.store.wait_for(Doing::TryLease, 3);
            let late = scope.spawn(|| session.tokens_at_once(3));
            scene.store.wait_for(Doing::TryLease, 6);
            drop(lease);
            let token = first.join().unwrap().unwrap();
            for late in late.join().unwrap() {
                assert_eq!(late.unwrap(), token);
            }
        });
        scene.assert_kept();
    });
}

/// What another process has refreshed serves who waits for its lease.
#[test]
fn a_caller_who_waits_for_a_lease_is_served_by_what_its_holder_stores() {
    Adapter::each(|adapter| {
        let scene = Scene::ended(adapter);
        let (session, holder) = (scene.session(), scene.elsewhere());
        scene.detour.hold();
        thread::scope(|scope| {
            let holder = scope.spawn(|| holder.token());
            scene.detour.wait_for_held(1);
            let waiter = scope.spawn(|| session.token());
            scene.store.wait_for(Doing::TryLease, 3);
            scene.detour.let_go();
            let token = holder.join().unwrap().unwrap();
            assert_eq!(waiter.join().unwrap().unwrap(), token);
        });
        scene.assert_kept();
    });
}

/// Whose own refresh is out does not end it by its patience: that is for somebody else's.
#[test]
fn a_caller_waits_for_its_own_exchange_beyond_its_patience() {
    Adapter::each(|adapter| {
        let scene = Scene::ended(adapter);
        let extras = Extras {
            patience: Some(Duration::from_millis(1)),
            ..Extras::default()
        };
        let session = scene.session_with(Early::Beside, extras);
        scene.detour.hold();
        thread::scope(|scope| {
            let call = scope.spawn(|| session.token());
            scene.detour.wait_for_held(1);
            // Who is not the one whose refresh that is does lose patience.
            assert!(is_busy(&session.token().unwrap_err()));
            assert!(!call.is_finished());
            scene.detour.let_go();
            call.join().unwrap().unwrap();
        });
        scene.assert_kept();
    });
}

#[test]
fn a_call_that_is_never_polled_again_holds_up_nobody_behind_it() {
    let scene = Scene::new(Adapter::Async);
    scene.log_in();
    scene.world.pass(DUE);
    let session = scene.on_tokio().open(KEY).unwrap();
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    scene.world.every(FaultPoint::Refresh, Fault::Status(503));
    scene.detour.hold();
    let scene = Arc::new(scene);
    runtime.block_on(async {
        // It has a token at hand, and an early refresh is out.
        session.token().await.unwrap();
        let held = Arc::clone(&scene);
        let wait = move || held.detour.wait_for_held(1);
        tokio::task::spawn_blocking(wait).await.unwrap();
        scene.world.pass(ENDED - DUE);
        let mut unpolled = Box::pin(session.refresh());
        poll_fn(|context| {
            assert!(unpolled.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        let behind = session.clone();
        let behind = tokio::spawn(async move { behind.token().await });
        scene.detour.let_go();
        // Its own patience is a minute.
        let behind = tokio::time::timeout(Duration::from_secs(20), behind).await;
        let error = behind.unwrap().unwrap().unwrap_err();
        assert_eq!(trouble(&error).reason, TroubleReason::ServerFault);
        drop(unpolled);
    });
}

/// It came while there was none, and waits behind a refresh that takes long.
#[test]
fn who_loses_patience_gets_the_token_of_a_login_that_came_meanwhile() {
    let scene = Scene::ended(Adapter::Async);
    let session = scene.on_tokio().patience(PATIENCE).open(KEY).unwrap();
    scene.detour.hold();
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let carrier = session.clone();
        let carrier = tokio::spawn(async move { carrier.token().await });
        scene.detour.wait_for_held(1);
        let mut waiter = Box::pin(session.token());
        let polled = poll_fn(|context| Poll::Ready(waiter.as_mut().poll(context)));
        assert!(polled.await.is_pending());
        let password = Password::parse(PASSWORD).unwrap();
        let new = session.login(USER, &password).await.unwrap();
        assert_eq!(waiter.await.unwrap(), new);
        scene.detour.let_go();
        carrier.await.unwrap().unwrap();
    });
}
