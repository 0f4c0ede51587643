//! A refresh whose answer never came: what is tried again, how often, and what the user is told.

use twoba_core::{Cause, Replay, TroubleReason};
use twoba_emulator::{Fault, FaultPoint};
use twoba_store::Error;
use twoba_tests::{SECRET, Subject, World, cause, trouble};

scenarios! {
    a_request_that_the_server_never_saw_is_replayed_once,
    a_second_loss_ends_the_session,
    an_answer_lost_after_the_rotation_costs_one_reuse_and_a_login,
    an_answer_lost_after_the_rotation_is_called_lost,
    an_answer_cut_in_half_is_a_lost_answer,
    without_replay_a_spent_token_is_never_presented,
    without_replay_a_request_that_was_never_seen_ends_the_session_too,
    a_replay_waits_while_the_old_token_is_usable,
    a_lost_answer_is_remembered_by_the_next_process,
    a_caller_who_loses_interest_loses_no_rotation,
}

fn session_that_never_replays(world: &World) -> Box<dyn Subject> {
    let provider = world.provider().with_replay(Replay::Never);
    world.logged_in_with(World::client_of(provider, SECRET))
}

/// Calls once for the loss, and once when its wait is over.
#[track_caller]
fn lose_and_call_again(world: &World, session: &dyn Subject) -> Result<(), Error> {
    world.pass(121);
    let error = session.token().unwrap_err();
    assert_eq!(trouble(&error).reason, TroubleReason::AnswerLost);
    let posts = world.counts().refresh;
    session.token().unwrap_err();
    assert_eq!(world.counts().refresh, posts, "the wait is kept");
    world.pass(2);
    session.token().map(drop)
}

fn a_request_that_the_server_never_saw_is_replayed_once(world: &World) {
    let session = world.logged_in();
    world.next(FaultPoint::Refresh, Fault::DropBefore);
    lose_and_call_again(world, &*session).unwrap();
    assert_eq!(world.counts().refresh, 2);
    assert_eq!(world.counts().rotations, 1);
    assert_eq!(world.counts().reuse, 0);
    session.get("Product/Search", &[("query", "a")]).unwrap();
}

fn a_second_loss_ends_the_session(world: &World) {
    let session = world.logged_in();
    world.every(FaultPoint::Refresh, Fault::DropBefore);
    let error = lose_and_call_again(world, &*session).unwrap_err();
    assert_eq!(cause(&error), Cause::AnswerLost);
    world.pass(60);
    assert_eq!(cause(&session.token().unwrap_err()), Cause::AnswerLost);
    let restarted = world.session().token().unwrap_err();
    assert_eq!(cause(&restarted), Cause::AnswerLost);
    assert_eq!(world.counts().refresh, 2);
}

fn an_answer_lost_after_the_rotation_costs_one_reuse_and_a_login(world: &World) {
    let session = world.logged_in();
    world.next(FaultPoint::Refresh, Fault::DropAfterCommit);
    let error = lose_and_call_again(world, &*session).unwrap_err();
    assert!(matches!(cause(&error), Cause::AnswerLost | Cause::Refused));
    world.pass(60);
    session.token().unwrap_err();
    world.session().token().unwrap_err();
    assert_eq!(world.counts().refresh, 2);
    assert_eq!(world.counts().rotations, 1);
    assert_eq!(world.counts().reuse, 1);
}

/// The server refuses the replay because it spent the token before: what ended the session is the
/// answer that was lost, and not somebody who took the grant away.
fn an_answer_lost_after_the_rotation_is_called_lost(world: &World) {
    let session = world.logged_in();
    world.next(FaultPoint::Refresh, Fault::DropAfterCommit);
    let error = lose_and_call_again(world, &*session).unwrap_err();
    assert_eq!(cause(&error), Cause::AnswerLost);
}

fn an_answer_cut_in_half_is_a_lost_answer(world: &World) {
    let session = world.logged_in();
    let half = Fault::AfterCommit(Box::new(Fault::HalfBody));
    world.next(FaultPoint::Refresh, half);
    lose_and_call_again(world, &*session).unwrap_err();
    assert_eq!(world.counts().rotations, 1);
    assert_eq!(world.counts().reuse, 1);
}

// shows: RF3
fn without_replay_a_spent_token_is_never_presented(world: &World) {
    let session = session_that_never_replays(world);
    world.next(FaultPoint::Refresh, Fault::DropAfterCommit);
    world.pass(121);
    for _ in 0..2 {
        let error = session.token().unwrap_err();
        assert_eq!(cause(&error), Cause::AnswerLost);
        world.pass(60);
    }
    assert_eq!(world.counts().refresh, 1);
    assert_eq!(world.counts().reuse, 0);
}

fn without_replay_a_request_that_was_never_seen_ends_the_session_too(world: &World) {
    let session = session_that_never_replays(world);
    world.next(FaultPoint::Refresh, Fault::DropBefore);
    world.pass(121);
    let error = session.token().unwrap_err();
    assert_eq!(cause(&error), Cause::AnswerLost);
    world.pass(60);
    session.token().unwrap_err();
    assert_eq!(world.counts().refresh, 1);
}

fn a_replay_waits_while_the_old_token_is_usable(world: &World) {
    let session = world.logged_in();
    let token = session.token().unwrap();
    world.next(FaultPoint::Refresh, Fault::DropBefore);
    world.pass(97);
    assert_eq!(session.token().unwrap(), token);
    world.pass(10);
    assert_eq!(session.token().unwrap(), token);
    assert_eq!(world.counts().refresh, 1);
    world.pass(14);
    assert_ne!(session.token().unwrap(), token);
    assert_eq!(world.counts().refresh, 2);
}

fn a_lost_answer_is_remembered_by_the_next_process(world: &World) {
    let session = world.logged_in();
    world.every(FaultPoint::Refresh, Fault::DropBefore);
    world.pass(121);
    session.token().unwrap_err();
    drop(session);
    for _ in 0..3 {
        world.pass(60);
        world.session().token().unwrap_err();
    }
    assert_eq!(world.counts().refresh, 2, "one loss and one replay in all");
}

fn a_caller_who_loses_interest_loses_no_rotation(world: &World) {
    let session = world.logged_in();
    let token = session.token().unwrap();
    world.pass(121);
    session.token_without_waiting();
    assert_ne!(session.token().unwrap(), token);
    assert_eq!(world.counts().refresh, 1);
    assert_eq!(world.counts().rotations, 1);
    session.get("Product/Search", &[("query", "a")]).unwrap();
}
