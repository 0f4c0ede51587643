//! One session, many callers: threads, tasks and processes that need a token at the same moment.

use std::collections::HashSet;
use std::thread;

use twoba_core::AccessToken;
use twoba_emulator::{Fault, FaultPoint};
use twoba_store::Error;
use twoba_tests::{Subject, World};

scenarios! {
    callers_at_expiry_are_all_served_by_one_refresh,
    callers_before_expiry_are_all_served_by_one_refresh,
    callers_at_a_loss_send_nothing_more,
    callers_with_a_dead_grant_ask_once,
    processes_at_expiry_are_all_served_by_one_refresh,
    a_process_sees_what_another_one_did,
}

const CALLERS: usize = 8;

#[track_caller]
fn all_the_same(tokens: Vec<Result<AccessToken, Error>>) -> String {
    let count = tokens.len();
    let tokens: HashSet<String> = tokens
        .into_iter()
        .map(|token| token.unwrap().expose().to_owned())
        .collect();
    assert_eq!(tokens.len(), 1, "{count} callers got different tokens");
    tokens.into_iter().next().unwrap()
}

// shows: RF2 RF3
fn callers_at_expiry_are_all_served_by_one_refresh(world: &World) {
    let session = world.logged_in();
    for round in 1..=5 {
        world.pass(121);
        all_the_same(session.tokens_at_once(CALLERS));
        assert_eq!(world.counts().refresh, round);
    }
    assert_eq!(world.counts().rotations, 5);
    assert_eq!(world.counts().reuse, 0);
}

fn callers_before_expiry_are_all_served_by_one_refresh(world: &World) {
    let session = world.logged_in();
    world.pass(97);
    for token in session.tokens_at_once(CALLERS) {
        token.unwrap();
    }
    session.token().unwrap();
    assert_eq!(world.counts().refresh, 1);
}

fn callers_at_a_loss_send_nothing_more(world: &World) {
    let session = world.logged_in();
    world.every(FaultPoint::Refresh, Fault::DropBefore);
    world.pass(121);
    assert!(session.tokens_at_once(CALLERS).iter().all(Result::is_err));
    assert_eq!(world.counts().refresh, 1);
}

fn callers_with_a_dead_grant_ask_once(world: &World) {
    let session = world.logged_in();
    world.emulator.revoke_user(twoba_tests::USER);
    world.pass(121);
    assert!(session.tokens_at_once(CALLERS).iter().all(Result::is_err));
    assert_eq!(world.counts().refresh, 1);
}

// shows: RF3
fn processes_at_expiry_are_all_served_by_one_refresh(world: &World) {
    drop(world.logged_in());
    let processes: Vec<Box<dyn Subject>> = (0..3).map(|_| world.session()).collect();
    for round in 1..=5 {
        world.pass(121);
        let tokens = thread::scope(|scope| {
            let calls: Vec<_> = processes
                .iter()
                .map(|process| scope.spawn(|| process.tokens_at_once(2)))
                .collect();
            let joined = calls.into_iter().flat_map(|call| call.join().unwrap());
            joined.collect()
        });
        all_the_same(tokens);
        assert_eq!(world.counts().refresh, round);
    }
    assert_eq!(world.counts().reuse, 0);
}

fn a_process_sees_what_another_one_did(world: &World) {
    let (one, other) = (world.session(), world.session());
    let token = one.login(twoba_tests::USER, twoba_tests::PASSWORD).unwrap();
    assert_eq!(other.token().unwrap(), token);
    world.pass(121);
    let token = one.token().unwrap();
    assert_eq!(other.token().unwrap(), token);
    assert_eq!(world.counts().token_posts, 2);
}
