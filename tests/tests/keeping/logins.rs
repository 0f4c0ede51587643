//! Logins, logouts and imports while the server holds back the answer to a refresh: they do not wait for it, and
//! what it brings in the end is dropped and revoked.

use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use twoba_core::{AccessToken, Cause, Revocation};
use twoba_emulator::{EndReason, FamilyState, Policy};
use twoba_store::Error;
use twoba_tests::{
    Adapter, Doing, Early, PASSWORD, Subject, USER, cause, log_in_at_emulator, query_of,
    refresh_token_at,
};

use crate::scene::{ENDED, KEY, Scene, is_busy};

/// Where a browser login comes back to.
const REDIRECT: &str = "http://127.0.0.1:9/callback";

/// A session whose refresh has rotated at the server, and whose answer is held back while
/// `meanwhile` runs. What came of the refresh for its caller.
fn while_a_refresh_is_out(
    scene: &Scene,
    session: &dyn Subject,
    meanwhile: impl FnOnce(),
) -> Result<AccessToken, Error> {
    scene.world.pass(ENDED);
    scene.detour.hold();
    thread::scope(|scope| {
        let refreshing = scope.spawn(|| session.token());
        scene.detour.wait_for_held(1);
        meanwhile();
        assert!(!refreshing.is_finished(), "it is still out");
        scene.detour.let_go();
        refreshing.join().unwrap()
    })
}

/// The families of the server, the oldest first.
fn families(scene: &Scene) -> Vec<FamilyState> {
    let mut families = scene.world.emulator.state().families;
    families.reverse();
    families
}

/// The first login has been rotated once and revoked, and nothing was presented twice.
#[track_caller]
fn assert_dropped_and_revoked(scene: &Scene) {
    let first = families(scene).swap_remove(0);
    assert_eq!(first.ended.unwrap().reason, EndReason::RevokedByClient);
    assert_eq!(scene.world.counts().reuse, 0);
}

#[test]
fn a_login_does_not_wait_for_a_refresh_that_is_out() {
    Adapter::each(|adapter| {
        let scene = Scene::new(adapter);
        let session = scene.logged_in(Early::Beside);
        let mut token = None;
        let refreshed = while_a_refresh_is_out(&scene, &*session, || {
            let fresh = session.login(USER, PASSWORD).unwrap();
            assert_eq!(session.token().unwrap(), fresh);
            assert_eq!(scene.elsewhere().token().unwrap(), fresh);
            token = Some(fresh);
        });
        assert_eq!(refreshed.ok(), token);
        assert_eq!(session.token().ok(), token);
        assert_eq!(scene.generation(), Some(1));
        assert_dropped_and_revoked(&scene);
        assert_eq!(families(&scene)[1].ended, None);
    });
}

#[test]
fn a_login_by_browser_does_not_wait_for_a_refresh_that_is_out() {
    Adapter::each(|adapter| {
        let scene = Scene::new(adapter);
        let session = scene.logged_in(Early::Beside);
        let mut token = None;
        let refreshed = while_a_refresh_is_out(&scene, &*session, || {
            let (url, login) = session.start_login(REDIRECT).unwrap();
            let sent_back = log_in_at_emulator(&scene.world.emulator, &url, USER, PASSWORD);
            let fresh = session.finish_login(login, query_of(&sent_back)).unwrap();
            assert_eq!(session.token().unwrap(), fresh);
            token = Some(fresh);
        });
        assert_eq!(refreshed.ok(), token);
        assert_eq!(session.token().ok(), token);
        assert_dropped_and_revoked(&scene);
    });
}

#[test]
fn a_logout_does_not_wait_for_a_refresh_that_is_out() {
    Adapter::each(|adapter| {
        let scene = Scene::new(adapter);
        let session = scene.logged_in(Early::Beside);
        let refreshed = while_a_refresh_is_out(&scene, &*session, || {
            let logged_out = session.logout().unwrap();
            assert_eq!(logged_out.revocation, Revocation::Revoked);
            // Nor does who asks now.
            for refused in [session.token(), session.refresh()] {
                assert_eq!(cause(&refused.unwrap_err()), Cause::LoggedOut);
            }
        });
        assert_eq!(cause(&refreshed.unwrap_err()), Cause::LoggedOut);
        assert_eq!(cause(&session.token().unwrap_err()), Cause::LoggedOut);
        assert_dropped_and_revoked(&scene);
    });
}

/// The other writer is first with its change, and the logout finds that out by its own.
#[test]
fn a_logout_that_another_process_forestalls_ends_what_that_has_stored() {
    Adapter::each(|adapter| {
        let scene = Scene::new(adapter);
        let session = scene.logged_in(Early::Inline);
        scene.store.keep(Doing::Change);
        thread::scope(|scope| {
            let leaving = scope.spawn(|| session.logout());
            scene.store.wait_for_kept();
            scene.world.pass(ENDED);
            // The grant is revoked already where the logout has come so far; else it is refreshed.
            drop(scene.elsewhere().token());
            scene.store.heal(Doing::Change);
            leaving.join().unwrap().unwrap();
        });
        for session in [&*session, &*scene.elsewhere()] {
            assert_eq!(cause(&session.token().unwrap_err()), Cause::LoggedOut);
        }
        assert!(families(&scene).iter().all(|family| family.ended.is_some()));
    });
}

/// The same against a login, which it never saw.
#[test]
fn a_logout_that_a_login_forestalls_leaves_that_alone() {
    Adapter::each(|adapter| {
        let scene = Scene::new(adapter);
        let session = scene.logged_in(Early::Inline);
        scene.store.keep(Doing::Change);
        thread::scope(|scope| {
            let leaving = scope.spawn(|| session.logout());
            scene.store.wait_for_kept();
            scene.log_in();
            scene.store.heal(Doing::Change);
            leaving.join().unwrap().unwrap();
        });
        scene.elsewhere().token().unwrap();
        session.token().unwrap();
        let ended = families(&scene)
            .into_iter()
            .map(|family| family.ended.is_some());
        assert_eq!(ended.collect::<Vec<_>>(), [true, false]);
    });
}

/// The server knows nothing of the logout, so that the late grant has to be ended by itself.
#[test]
fn a_session_that_is_forgotten_does_not_wait_either_and_its_late_grant_is_revoked() {
    Adapter::each(|adapter| {
        let scene = Scene::new(adapter);
        let session = scene.logged_in(Early::Beside);
        let refreshed = while_a_refresh_is_out(&scene, &*session, || {
            session.forget().unwrap();
            assert_eq!(families(&scene)[0].ended, None);
        });
        assert_eq!(cause(&refreshed.unwrap_err()), Cause::LoggedOut);
        assert_dropped_and_revoked(&scene);
    });
}

/// An import is an exchange of its own under the lease: it waits for a refresh that is out, and
/// takes its place.
#[test]
fn an_import_is_exchanged_behind_a_refresh_that_is_out() {
    Adapter::each(|adapter| {
        let scene = Scene::new(adapter);
        let session = scene.logged_in(Early::Beside);
        let brought = refresh_token_at(scene.world.emulator.url());
        let mut imported = None;
        let refreshed = thread::scope(|scope| {
            let mut importing = None;
            let refreshed = while_a_refresh_is_out(&scene, &*session, || {
                let tries = scene.store.begun(Doing::TryLease);
                importing = Some(scope.spawn(|| session.import(brought)));
                scene.store.wait_for(Doing::TryLease, tries + 1);
            });
            imported = importing.unwrap().join().unwrap().ok();
            refreshed
        });
        assert!(imported.is_some() && refreshed.is_ok());
        assert_ne!(refreshed.ok(), imported);
        assert_eq!(session.token().ok(), imported);
        assert_eq!(scene.generation(), Some(1));
        assert_eq!(scene.world.counts().reuse, 0);
        // What it has replaced is nobody's any more.
        assert!(families(&scene)[0].ended.is_some());
    });
}

/// The other client's token is spent by then. A program that closes its sessions before it ends loses
/// no import.
#[test]
fn an_import_that_its_caller_drops_is_stored_before_the_sessions_are_closed() {
    let scene = Scene::new(Adapter::Async);
    let brought = refresh_token_at(scene.world.emulator.url());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let sessions = scene.on_tokio().build().unwrap();
    let session = sessions.open(KEY).unwrap();
    scene.detour.hold();
    let importing = runtime.spawn(async move { session.import(brought, None).await.map(drop) });
    scene.detour.wait_for_held(1);
    importing.abort();
    assert!(sessions.is_exchanging());
    let looks = scene.store.begun(Doing::Read);
    thread::scope(|scope| {
        scope.spawn(|| {
            // The one who closes has looked at the store.
            scene.store.wait_for(Doing::Read, looks + 1);
            scene.detour.let_go();
        });
        runtime.block_on(sessions.close());
    });
    assert!(!sessions.is_exchanging());
    runtime.shutdown_background();
    scene.elsewhere().token().unwrap();
    let counts = scene.world.counts();
    assert_eq!((counts.refresh, counts.reuse), (1, 0));
}

/// An import of the token that is stored changes nothing, and a logout comes while it looks at that.
#[test]
fn an_import_that_a_logout_overtakes_publishes_no_token() {
    let scene = Scene::new(Adapter::Blocking);
    scene.world.emulator.set_policy(Policy::NoRotation);
    let brought = refresh_token_at(scene.world.emulator.url());
    let own: Arc<Mutex<Option<twoba_blocking::Session>>> = Arc::default();
    let logs_out = Arc::clone(&own);
    let entropy = move || {
        // Randomness is drawn between the look at the store and what comes of it.
        let session = logs_out.lock().unwrap().take();
        if let Some(session) = session {
            session.forget().unwrap();
        }
        [7; 32]
    };
    let session = scene.on_threads().entropy(entropy).open(KEY).unwrap();
    session.import(brought.clone(), None).unwrap();
    *own.lock().unwrap() = Some(session.clone());
    let overtaken = session.import(brought, None).unwrap_err();
    assert_eq!(cause(&overtaken), Cause::LoggedOut);
    assert_eq!(cause(&session.token().unwrap_err()), Cause::LoggedOut);
}

/// The time for which a store is tried counts from its first failure, and the server takes longer.
#[test]
fn an_import_whose_answer_comes_late_is_stored_after_a_passing_failure() {
    let scene = Scene::new(Adapter::Async);
    let brought = refresh_token_at(scene.world.emulator.url());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    scene.detour.hold();
    let imported = thread::scope(|scope| {
        let (tell, told) = tokio::sync::oneshot::channel();
        let detour = &scene.detour;
        scope.spawn(move || {
            detour.wait_for_held(1);
            tell.send(()).unwrap();
        });
        runtime.block_on(async {
            let session = scene.on_tokio().build().unwrap().open(KEY).unwrap();
            let importing = tokio::spawn(async move { session.import(brought, None).await });
            told.await.unwrap();
            scene.store.fail_times(Doing::Apply, 1);
            tokio::time::pause();
            tokio::time::advance(Duration::from_secs(6)).await;
            tokio::time::resume();
            scene.detour.let_go();
            importing.await.unwrap()
        })
    });
    assert!(imported.is_ok(), "{imported:?}");
    assert_eq!(scene.generation(), Some(1));
}

/// Also if it comes between a look of the caller and its wait: at each of its looks at the clock.
#[test]
fn a_caller_whom_a_logout_overtakes_does_not_wait_for_a_refresh_from_before() {
    let moments = (0..20).take_while(|moment| is_told_of_a_logout_at(*moment));
    assert!(moments.count() > 2);
}

/// A caller is told of a logout that comes when it looks at the clock for the `moment`th time, unless
/// that is after its wait for the refresh that is out. Whether it looks so often.
fn is_told_of_a_logout_at(moment: usize) -> bool {
    const PATIENCE: Duration = Duration::from_millis(100);
    let scene = Scene::ended(Adapter::Blocking);
    let (came, comes) = mpsc::channel();
    let next: Arc<Mutex<Option<(ThreadId, usize, twoba_blocking::Session)>>> = Arc::default();
    let (logs_out, now) = (Arc::clone(&next), scene.world.clock());
    let clock = move || {
        let mut next = logs_out.lock().unwrap();
        let caller = thread::current().id();
        match next.take() {
            Some((thread, 0, session)) if thread == caller => {
                drop(next);
                session.forget().unwrap();
                came.send(Instant::now()).unwrap();
            }
            Some((thread, left, session)) if thread == caller => {
                *next = Some((thread, left - 1, session));
            }
            other => *next = other,
        }
        now()
    };
    let builder = scene.on_threads().clock(clock).patience(PATIENCE);
    let session = builder.open(KEY).unwrap();
    scene.detour.hold();
    thread::scope(|scope| {
        scope.spawn(|| session.token());
        scene.detour.wait_for_held(1);
        *next.lock().unwrap() = Some((thread::current().id(), moment, session.clone()));
        let began = Instant::now();
        let told = session.token().unwrap_err();
        let came = comes.try_recv().ok();
        scene.detour.let_go();
        if came.is_none_or(|came| came - began >= PATIENCE) {
            assert!(is_busy(&told), "{told}");
        } else {
            assert_eq!(cause(&told), Cause::LoggedOut);
        }
        came.is_some()
    })
}
