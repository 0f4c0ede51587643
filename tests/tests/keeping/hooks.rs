//! Programs that log in by themselves, with a hook that asks its own session, panics or never comes back, and
//! with a store that fails around it: the error is clear, it comes in time, and the next one may sign in.

use std::future::pending;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use twoba_core::{AccessToken, Cause, Password};
use twoba_keeper::Credentials;
use twoba_store::{Error, ErrorKind};
use twoba_tests::{
    Adapter, Doing, Early, Extras, PASSWORD, Subject, USER, Vault, cause, on_threads, on_tokio,
};

use crate::scene::{DUE, ENDED, KEY, Scene, timed};

/// How long a hook may take that never comes back.
const LIMIT: Duration = Duration::from_millis(50);

/// And any machine notices in this time.
const SOON: Duration = Duration::from_secs(30);

/// What a hook does instead of bringing credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Misdeed {
    /// It asks the session that asks it, and brings nothing.
    Asks,
    Panics,
    /// It never comes back.
    Stays,
}

/// What a hook has heard from its own session, which asks for a token and for a refresh.
type Heard = [Result<AccessToken, Error>; 2];

/// A session whose hook misbehaves whenever it is asked.
fn with_misdeed(
    scene: &Scene,
    adapter: Adapter,
    misdeed: Misdeed,
    limit: Option<Duration>,
) -> (Box<dyn Subject>, Receiver<Heard>) {
    let (heard, hears) = channel();
    let session = match adapter {
        Adapter::Blocking => misbehaves_on_threads(scene, misdeed, limit, heard),
        Adapter::Async => misbehaves_on_tokio(scene, misdeed, limit, heard),
    };
    (session, hears)
}

fn misbehaves_on_threads(
    scene: &Scene,
    misdeed: Misdeed,
    limit: Option<Duration>,
    heard: Sender<Heard>,
) -> Box<dyn Subject> {
    let own: Arc<Mutex<Option<twoba_blocking::Session>>> = Arc::default();
    let asked = Arc::clone(&own);
    let builder = scene.on_threads().sign_in(move |_| match misdeed {
        Misdeed::Panics => misbehave(),
        Misdeed::Stays => loop {
            thread::park();
        },
        Misdeed::Asks => {
            // Asked once: a hook that keeps its session for ever keeps itself for ever.
            let session = asked.lock().unwrap().take().unwrap();
            heard.send([session.token(), session.refresh()]).unwrap();
            None
        }
    });
    let builder = match limit {
        Some(limit) => builder.sign_in_within(limit),
        None => builder,
    };
    let session = builder.open(KEY).unwrap();
    if misdeed == Misdeed::Asks {
        *own.lock().unwrap() = Some(session.clone());
    }
    on_threads(session)
}

fn misbehaves_on_tokio(
    scene: &Scene,
    misdeed: Misdeed,
    limit: Option<Duration>,
    heard: Sender<Heard>,
) -> Box<dyn Subject> {
    let own: Arc<Mutex<Option<twoba_async::Session>>> = Arc::default();
    let asked = Arc::clone(&own);
    let builder = scene.on_tokio().sign_in(move |_| {
        let session = asked.lock().unwrap().take();
        let heard = heard.clone();
        async move {
            match (misdeed, session) {
                (Misdeed::Asks, Some(session)) => {
                    let heard_so_far = [session.token().await, session.refresh().await];
                    heard.send(heard_so_far).unwrap();
                    None
                }
                (Misdeed::Stays, _) => pending().await,
                (Misdeed::Panics | Misdeed::Asks, _) => misbehave(),
            }
        }
    });
    let builder = match limit {
        Some(limit) => builder.sign_in_within(limit),
        None => builder,
    };
    let session = builder.open(KEY).unwrap();
    if misdeed == Misdeed::Asks {
        *own.lock().unwrap() = Some(session.clone());
    }
    on_tokio(session)
}

fn misbehave() -> Option<Credentials> {
    panic!("the hook panics, as it was asked to");
}

fn credentials() -> Option<Credentials> {
    let password = Password::parse(PASSWORD).unwrap();
    Some(Credentials::new(USER, password))
}

/// A session that nobody has logged into, with a hook that does `first` before it brings what it
/// should.
fn with_vault(scene: &Scene, first: impl Fn() + Send + Sync + 'static) -> Box<dyn Subject> {
    let vault: Vault = Arc::new(move |_| {
        first();
        credentials()
    });
    let extras = Extras {
        vault: Some(vault),
        ..Extras::default()
    };
    scene.session_with(Early::Inline, extras)
}

/// The claim is nobody's: another process signs in, with one password.
#[track_caller]
fn assert_given_back(scene: &Scene) {
    assert_eq!(scene.world.counts().password, 0);
    let token = with_vault(scene, || ()).token().unwrap();
    assert_eq!(scene.elsewhere().token().unwrap(), token);
    assert_eq!(scene.world.counts().password, 1);
}

#[test]
fn a_hook_that_asks_its_own_session_is_told_that_a_login_is_needed() {
    Adapter::each(|adapter| {
        let scene = Scene::new(adapter);
        let (session, hears) = with_misdeed(&scene, adapter, Misdeed::Asks, None);
        let (failed, took) = timed(|| session.token().unwrap_err());
        assert_eq!(cause(&failed), Cause::NoLogin);
        for heard in hears.recv().unwrap() {
            assert_eq!(cause(&heard.unwrap_err()), Cause::NoLogin);
        }
        // Its patience and the hook's limit are a minute.
        assert!(took < SOON, "{took:?}");
        assert_given_back(&scene);
    });
}

#[test]
fn a_hook_that_panics_or_never_comes_back_harms_nobody_who_comes_later() {
    Adapter::each(|adapter| {
        for (misdeed, limit) in [(Misdeed::Panics, None), (Misdeed::Stays, Some(LIMIT))] {
            let scene = Scene::new(adapter);
            let (session, _) = with_misdeed(&scene, adapter, misdeed, limit);
            for _ in 0..2 {
                let (failed, took) = timed(|| session.token().unwrap_err());
                assert_eq!(cause(&failed), Cause::NoLogin, "{misdeed:?}");
                assert!(took < SOON, "{misdeed:?}: {took:?}");
            }
            assert_given_back(&scene);
            session.token().unwrap();
        }
    });
}

/// An early refresh beside the callers finds the grant dead, behind the end of its token, and asks a hook that stays: the program
/// ends all the same, and the claim goes back.
#[test]
fn a_program_on_threads_ends_while_a_hook_is_asked_that_never_comes_back() {
    let scene = Scene::new(Adapter::Blocking);
    scene.log_in();
    let (asked, is_asked) = channel();
    let builder = scene.on_threads().sign_in(move |_| {
        asked.send(()).unwrap();
        loop {
            thread::park();
        }
    });
    let session = builder.open(KEY).unwrap();
    let old = session.token().unwrap();
    scene.world.pass(DUE);
    scene.world.emulator.revoke_user(USER);
    scene.detour.hold();
    assert_eq!(session.token().unwrap(), old);
    scene.detour.wait_for_held(1);
    scene.world.pass(ENDED - DUE);
    scene.detour.let_go();
    is_asked.recv_timeout(SOON).unwrap();
    // The hook's limit is a minute.
    let ((), took) = timed(|| drop(session));
    assert!(took < SOON, "{took:?}");
    assert_ne!(with_vault(&scene, || ()).token().unwrap(), old);
}

/// Everybody who waits for the sign-in shares its end.
#[test]
fn callers_at_once_of_a_hook_that_never_comes_back_all_get_their_error_in_time() {
    Adapter::each(|adapter| {
        let scene = Scene::new(adapter);
        let (session, _) = with_misdeed(&scene, adapter, Misdeed::Stays, Some(LIMIT));
        let (tokens, took) = timed(|| session.tokens_at_once(10));
        for token in tokens {
            assert_eq!(cause(&token.unwrap_err()), Cause::NoLogin);
        }
        assert!(took < SOON, "{took:?}");
        assert_given_back(&scene);
    });
}

/// Somebody logs in while a hook is asked: that is what the caller gets.
#[test]
fn a_login_while_a_hook_is_asked_serves_who_comes_behind_it() {
    Adapter::each(|adapter| {
        let scene = Scene::new(adapter);
        let (asked, is_asked) = channel();
        let (answer, answers) = channel::<()>();
        let (asked, answers) = (Mutex::new(asked), Mutex::new(answers));
        let session = with_vault(&scene, move || {
            asked.lock().unwrap().send(()).unwrap();
            answers.lock().unwrap().recv().unwrap();
        });
        thread::scope(|scope| {
            let first = scope.spawn(|| session.token());
            is_asked.recv().unwrap();
            let token = session.login(USER, PASSWORD).unwrap();
            assert_eq!(session.token().unwrap(), token);
            answer.send(()).unwrap();
            first.join().unwrap().unwrap();
        });
        assert_eq!(scene.elsewhere().token().ok(), session.token().ok());
    });
}

#[test]
fn a_store_that_fails_while_the_hook_is_asked_loses_neither_the_login_nor_the_claim() {
    Adapter::each(|adapter| {
        for doing in [Doing::Read, Doing::Change] {
            let scene = Scene::new(adapter);
            let store = scene.store.clone();
            let session = with_vault(&scene, move || store.fail_times(doing, 2));
            let token = session.token().unwrap();
            assert_eq!(scene.elsewhere().token().unwrap(), token);
            let counts = scene.world.counts();
            assert_eq!((counts.password, counts.refresh), (1, 0), "{doing:?}");
        }
    });
}

/// Where no password has left the claim goes back, also over a store that fails now and then.
#[test]
fn a_claim_goes_back_over_a_store_that_fails_in_passing() {
    Adapter::each(|adapter| {
        for doing in [Doing::Read, Doing::Change] {
            let scene = Scene::new(adapter);
            let store = scene.store.clone();
            let vault: Vault = Arc::new(move |_| {
                store.fail_times(doing, 2);
                None
            });
            let extras = Extras {
                vault: Some(vault),
                ..Extras::default()
            };
            let session = scene.session_with(Early::Inline, extras);
            assert_eq!(cause(&session.token().unwrap_err()), Cause::NoLogin);
            assert_given_back(&scene);
        }
    });
}

#[test]
fn a_claim_that_was_stored_though_the_store_said_no_is_used() {
    Adapter::each(|adapter| {
        for written in [true, false] {
            let scene = Scene::new(adapter);
            let session = with_vault(&scene, || ());
            if written {
                scene.store.write_and_fail_once(Doing::Change);
            } else {
                scene.store.fail_times(Doing::Change, 1);
            }
            let token = session.token().unwrap();
            assert_eq!(scene.elsewhere().token().unwrap(), token);
            assert_eq!(scene.world.counts().password, 1);
        }
    });
}

#[test]
fn nobody_is_asked_where_the_store_cannot_keep_the_claim() {
    Adapter::each(|adapter| {
        let scene = Scene::new(adapter);
        let (asked, is_asked) = channel();
        let asked = Mutex::new(asked);
        let session = with_vault(&scene, move || asked.lock().unwrap().send(()).unwrap());
        scene.store.fail(Doing::Probe);
        let failed = session.token().unwrap_err();
        assert!(matches!(failed.kind(), ErrorKind::Store(_)), "{failed}");
        assert!(is_asked.try_recv().is_err());
        scene.store.heal(Doing::Probe);
        assert_given_back(&scene);
    });
}
