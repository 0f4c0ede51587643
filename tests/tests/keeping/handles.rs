//! Handles of one key: those of one process share one state, and those of two share what is stored.

use std::thread;

use twoba_core::Cause;
use twoba_tests::{Adapter, Doing, PASSWORD, USER, cause};

use crate::scene::{ENDED, Scene};

#[test]
fn handles_of_one_key_share_one_refresh_and_one_look_at_the_store() {
    Adapter::each(|adapter| {
        let scene = Scene::ended(adapter);
        let handles = scene.handles(adapter, 3);
        scene.detour.hold();
        thread::scope(|scope| {
            let first = scope.spawn(|| handles[0].token());
            scene.detour.wait_for_held(1);
            let reads = scene.store.begun(Doing::Read);
            let others = [&handles[1], &handles[2]];
            let others = others.map(|handle| scope.spawn(|| handle.tokens_at_once(5)));
            scene.detour.let_go();
            let token = first.join().unwrap().unwrap();
            for other in others.into_iter().flat_map(|other| other.join().unwrap()) {
                assert_eq!(other.unwrap(), token);
            }
            // Whoever had a state of its own would look at the store, and then try for the lease.
            assert_eq!(scene.store.begun(Doing::Read), reads);
            assert_eq!(scene.store.begun(Doing::TryLease), 1);
        });
        scene.assert_kept();
    });
}

#[test]
fn a_login_or_logout_by_one_handle_is_what_the_others_see() {
    Adapter::each(|adapter| {
        let scene = Scene::ended(adapter);
        let handles = scene.handles(adapter, 2);
        let token = handles[0].login(USER, PASSWORD).unwrap();
        let reads = scene.store.begun(Doing::Read);
        assert_eq!(handles[1].token().unwrap(), token);
        assert_eq!(scene.store.begun(Doing::Read), reads);
        handles[1].logout().unwrap();
        assert_eq!(cause(&handles[0].token().unwrap_err()), Cause::LoggedOut);
        assert_eq!(scene.world.counts().refresh, 0);
    });
}

#[test]
fn what_is_stored_is_handed_out_while_it_is_fresh_and_nothing_is_sent_for_it() {
    Adapter::each(|adapter| {
        let scene = Scene::ended(adapter);
        let handle = scene.handles(adapter, 1).pop().unwrap();
        let sent = scene.world.counts().token_posts;
        assert_eq!(handle.stored_token().unwrap(), None, "it has ended");
        assert_eq!(scene.world.counts().token_posts, sent);
        let token = handle.token().unwrap();
        let sent = scene.world.counts().token_posts;
        assert_eq!(scene.elsewhere().stored_token().unwrap(), Some(token));
        handle.logout().unwrap();
        assert_eq!(scene.elsewhere().stored_token().unwrap(), None);
        assert_eq!(scene.world.counts().token_posts, sent);
    });
}

#[test]
fn a_grant_that_the_store_did_not_take_from_one_handle_is_stored_by_another() {
    Adapter::each(|adapter| {
        let scene = Scene::ended(adapter);
        let mut handles = scene.handles(adapter, 2);
        let first = handles.pop().unwrap();
        scene.leave_unsaved(|| assert!(first.token().is_err()));
        drop(first);
        scene.store.heal(Doing::Apply);
        handles[0].token().unwrap();
        scene.assert_kept();
    });
}

#[test]
fn two_processes_of_either_adapter_refresh_once() {
    let scene = Scene::ended(Adapter::Async);
    let [tokio, threads] = [Adapter::Async, Adapter::Blocking].map(|of| scene.handles(of, 2));
    for generation in 2..5 {
        let mut tokens = thread::scope(|scope| {
            let callers: Vec<_> = tokio
                .iter()
                .chain(&threads)
                .map(|handle| scope.spawn(|| handle.tokens_at_once(10)))
                .collect();
            let joined = callers.into_iter().map(|caller| caller.join().unwrap());
            let tokens: Result<Vec<_>, _> = joined.flatten().collect();
            tokens.unwrap()
        });
        tokens.dedup();
        assert_eq!(tokens.len(), 1);
        assert_eq!(scene.generation(), Some(generation));
        let counts = scene.world.counts();
        assert_eq!((counts.refresh, counts.reuse), (generation - 1, 0));
        scene.world.pass(ENDED);
    }
}
