//! A program that ends: what is out comes in, what is unsaved is tried for some seconds, and then it is over.

use std::pin::Pin;
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use twoba_core::SessionKey;
use twoba_store::Store;
use twoba_tests::{Adapter, Doing, Early, PASSWORD, USER};

use crate::scene::{DUE, ENDED, KEY, Scene, timed};

/// What is unsaved is tried for five seconds.
const TRIED_FOR: Duration = Duration::from_secs(5);

/// And any machine is done in this time.
const BOUND: Duration = Duration::from_secs(9);

#[test]
fn a_session_that_is_dropped_in_any_pause_of_its_retry_goes_on_after_tries_that_fail() {
    for pause in 0..4 {
        let scene = Scene::new(Adapter::Blocking);
        let session = scene.logged_in(Early::Beside);
        scene.world.pass(ENDED);
        scene.leave_unsaved(|| assert!(session.token().is_err()));
        let tries = scene.store.begun(Doing::Apply);
        scene.store.wait_for(Doing::Apply, tries + pause);
        scene.store.fail_times(Doing::Apply, 3);
        let ((), took) = timed(|| drop(session));
        assert!(took < BOUND, "{took:?}");
        assert_eq!(scene.generation(), Some(2));
        scene.assert_kept();
    }
}

/// There is nobody left for whom to ask.
#[test]
fn a_program_that_ends_asks_for_no_token_in_the_place_of_one_that_has_ended() {
    let leave_ended = |scene: &Scene, call: &(dyn Fn() -> bool + Sync)| {
        scene.leave_unsaved(|| assert!(call(), "its store takes nothing"));
        scene.world.pass(ENDED);
        scene.store.fail_times(Doing::Apply, 1);
    };
    let scene = Scene::ended(Adapter::Blocking);
    let session = scene.on_threads().open(KEY).unwrap();
    leave_ended(&scene, &|| session.token().is_err());
    drop(session);
    scene.assert_stored();

    let scene = Scene::ended(Adapter::Async);
    let sessions = scene.on_tokio().build().unwrap();
    let session = sessions.open(KEY).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    leave_ended(&scene, &|| runtime.block_on(session.token()).is_err());
    runtime.block_on(sessions.close());
    scene.assert_stored();
}

#[test]
fn a_session_that_is_dropped_while_an_early_refresh_is_out_stores_what_it_brings() {
    for failures in [0, 3] {
        let scene = Scene::new(Adapter::Blocking);
        let session = scene.logged_in(Early::Beside);
        scene.world.pass(DUE);
        scene.detour.hold();
        session.token().unwrap();
        scene.detour.wait_for_held(1);
        thread::scope(|scope| {
            let dropping = scope.spawn(|| drop(session));
            scene.store.fail_times(Doing::Apply, failures);
            assert!(!dropping.is_finished());
            scene.detour.let_go();
        });
        scene.assert_kept();
    }
}

#[test]
fn a_session_that_is_dropped_while_an_early_refresh_finds_the_lease_taken_ends_at_once() {
    let scene = Scene::new(Adapter::Blocking);
    let session = scene.logged_in(Early::Beside);
    scene.world.pass(DUE);
    let lease = scene.lease().unwrap();
    let tries = scene.store.begun(Doing::TryLease);
    session.token().unwrap();
    scene.store.wait_for(Doing::TryLease, tries + 1);
    let ((), took) = timed(|| drop(session));
    assert!(took < TRIED_FOR, "{took:?}");
    drop(lease);
    assert_eq!(scene.world.counts().refresh, 0);
    scene.elsewhere().token().unwrap();
}

#[test]
fn a_session_that_is_dropped_while_a_retry_waits_for_a_lease_stores_its_grant_when_it_gets_that() {
    let scene = Scene::new(Adapter::Blocking);
    let session = scene.logged_in(Early::Beside);
    scene.world.pass(ENDED);
    scene.leave_unsaved(|| assert!(session.token().is_err()));
    // Somebody else has the lease now, and is busy with something else than the refresh token.
    scene.store.keep(Doing::TryLease);
    scene.store.lose_the_lease();
    let lease = loop {
        if let Some(lease) = scene.lease() {
            break lease;
        }
        thread::yield_now();
    };
    scene.store.heal(Doing::Apply);
    scene.store.heal(Doing::TryLease);
    let tries = scene.store.begun(Doing::TryLease);
    scene.store.wait_for(Doing::TryLease, tries + 2);
    thread::scope(|scope| {
        let dropping = scope.spawn(|| timed(|| drop(session)));
        // One try in vain, at least.
        let tries = scene.store.begun(Doing::TryLease);
        scene.store.wait_for(Doing::TryLease, tries + 1);
        drop(lease);
        let ((), took) = dropping.join().unwrap();
        assert!(took < BOUND, "{took:?}");
    });
    scene.assert_kept();
}

#[test]
fn sessions_whose_store_takes_nothing_end_within_their_bound_and_leave_a_rescue() {
    let scene = Scene::new(Adapter::Blocking);
    let sessions = scene.on_threads().build();
    let names = ["one", "two", "three"];
    let opened = names.map(|name| sessions.open(name).unwrap());
    let password = twoba_core::Password::parse(PASSWORD).unwrap();
    for session in &opened {
        session.login(USER, &password).unwrap();
    }
    scene.world.pass(ENDED);
    scene.detour.hold();
    thread::scope(|scope| {
        for session in &opened {
            scope.spawn(|| session.token().unwrap_err());
        }
        scene.detour.wait_for_held(3);
        scene.store.fail(Doing::Apply);
        scene.detour.let_go();
    });
    let ((), took) = timed(|| drop((opened, sessions)));
    assert!(took >= TRIED_FOR && took < BOUND, "{took:?}");
    let store = scene.store.elsewhere();
    for name in names {
        let key = SessionKey::parse(name).unwrap();
        assert!(store.rescued(&key).unwrap().is_some());
        assert!(store.try_lease(&key).unwrap().is_some());
    }
}

#[test]
fn a_program_on_tokio_that_closes_its_sessions_stores_what_a_refresh_that_is_out_brings() {
    let scene = Scene::ended(Adapter::Async);
    let sessions = scene.on_tokio().build().unwrap();
    let session = sessions.open(KEY).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    scene.detour.hold();
    let call = runtime.spawn(async move { session.token().await });
    scene.detour.wait_for_held(1);
    let closing = runtime.spawn(async move { sessions.close().await });
    scene.store.fail_times(Doing::Apply, 3);
    assert!(!closing.is_finished());
    scene.detour.let_go();
    runtime.block_on(closing).unwrap();
    // What is stored is stored when that returns.
    drop(runtime);
    drop(call);
    scene.assert_kept();
}

/// Another session of the program keeps the end up, and the lease comes late.
#[test]
fn a_refresh_that_gets_its_lease_while_the_program_ends_leaves_a_rescue_too() {
    let scene = Scene::new(Adapter::Async);
    let sessions = scene.on_tokio().build().unwrap();
    let password = twoba_core::Password::parse(PASSWORD).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let [one, two] = ["one", "two"].map(|name| sessions.open(name).unwrap());
    for session in [&one, &two] {
        runtime.block_on(session.login(USER, &password)).unwrap();
    }
    scene.world.pass(ENDED);
    scene.detour.hold();
    let first = runtime.spawn(async move { one.token().await });
    scene.detour.wait_for_held(1);
    scene.store.keep(Doing::TryLease);
    let second = runtime.spawn(async move { two.token().await });
    scene.store.wait_for_kept();
    // It waits for the first one, and knows nothing of the second.
    let mut closing = Box::pin(sessions.close());
    assert!(runtime.block_on(async { waits(closing.as_mut()) }));
    scene.store.heal(Doing::TryLease);
    scene.detour.wait_for_held(2);
    scene.store.fail(Doing::Apply);
    scene.detour.let_go();
    runtime.block_on(closing);
    drop((runtime, first, second));
    assert_eq!(scene.world.counts().rotations, 2);
    let store = scene.store.elsewhere();
    for name in ["one", "two"] {
        let key = SessionKey::parse(name).unwrap();
        assert!(store.rescued(&key).unwrap().is_some(), "{name}");
        assert!(store.try_lease(&key).unwrap().is_some(), "{name}");
    }
}

/// The program calls it because it cannot wait; others of its threads may go on all the while.
#[test]
fn a_grant_that_is_being_rescued_is_still_stored_by_who_refreshes() {
    let scene = Scene::new(Adapter::Blocking);
    let sessions = scene.on_threads().build();
    let session = sessions.open(KEY).unwrap();
    let password = twoba_core::Password::parse(PASSWORD).unwrap();
    session.login(USER, &password).unwrap();
    scene.leave_unsaved(|| drop(session.refresh().unwrap_err()));
    scene.store.keep(Doing::Rescue);
    thread::scope(|scope| {
        let rescuing = scope.spawn(|| sessions.rescue());
        scene.store.wait_for_kept();
        // The old token is good, and a flight has come and gone.
        let applied = scene.store.begun(Doing::Apply);
        session.refresh().unwrap_err();
        assert!(scene.store.begun(Doing::Apply) > applied);
        assert!(sessions.is_exchanging());
        scene.store.heal(Doing::Rescue);
        rescuing.join().unwrap();
    });
    assert!(sessions.is_exchanging());
    scene.store.heal(Doing::Apply);
    assert!(session.save().unwrap());
    assert!(!sessions.is_exchanging());
    scene.assert_kept();
}

/// Its program has a time limit of its own, for instance.
#[test]
fn what_closes_the_sessions_goes_on_when_its_caller_does_not() {
    let scene = Scene::ended(Adapter::Async);
    let sessions = scene.on_tokio().build().unwrap();
    let session = sessions.open(KEY).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    scene.leave_unsaved(|| drop(runtime.block_on(session.token()).unwrap_err()));
    let mut closing = Box::pin(sessions.close());
    assert!(runtime.block_on(async { waits(closing.as_mut()) }));
    drop(closing);
    // It tries for some seconds, and leaves the grant for others then.
    scene.store.wait_for(Doing::Rescue, 1);
    drop(runtime);
    assert_eq!(scene.world.counts().rotations, 1);
}

/// Whether this future waits when it is polled once.
fn waits(future: Pin<&mut impl Future>) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    future.poll(&mut context).is_pending()
}
