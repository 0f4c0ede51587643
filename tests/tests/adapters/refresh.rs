//! Refreshing: when it happens, what ends a grant, and what does not.

use std::time::Duration;

use twoba_core::{Advice, Cause, ErrorCode, RefreshError, SessionState, TroubleReason};
use twoba_emulator::{Behavior, Fault, FaultPoint};
use twoba_tests::{
    Adapter, Kind, PASSWORD, USER, World, cause, refresh_error, session_error, trouble,
};

scenarios! {
    a_fresh_token_asks_nobody,
    a_refresh_rotates_the_token_when_it_is_due,
    a_refresh_on_demand_takes_another_token,
    a_new_process_goes_on_where_the_old_one_ended,
    a_token_of_one_second_is_usable,
    a_revoked_grant_is_asked_for_once,
    a_new_login_ends_a_verdict,
    a_sick_server_ends_no_grant,
    an_early_refresh_that_fails_is_nobodys_error,
    a_wait_that_the_server_asks_for_is_kept,
    a_wrong_secret_ends_no_grant_and_the_right_one_is_tried_at_once,
    a_refresh_is_not_redirected,
    nobody_logged_in_asks_nobody,
}

fn a_fresh_token_asks_nobody(world: &World) {
    let session = world.logged_in();
    let token = session.token().unwrap();
    world.pass(80);
    for _ in 0..20 {
        assert_eq!(session.token().unwrap(), token);
    }
    assert_eq!(world.session().token().unwrap(), token);
    assert_eq!(world.counts().token_posts, 1);
}

fn a_refresh_rotates_the_token_when_it_is_due(world: &World) {
    let session = world.logged_in();
    let mut token = session.token().unwrap();
    for round in 1..=4 {
        // Once while the old one is still good, once when it has ended.
        world.pass(if round % 2 == 0 { 97 } else { 121 });
        let next = session.token().unwrap();
        assert_ne!(next, token);
        assert_eq!(session.token().unwrap(), next);
        session.get("Product/Search", &[("query", "a")]).unwrap();
        assert_eq!(session.status().unwrap().generation, Some(round + 1));
        assert_eq!(world.counts().refresh, round);
        token = next;
    }
    assert_eq!(world.counts().rotations, 4);
    assert_eq!(world.counts().reuse, 0);
    assert_eq!(world.counts().service_401, 0);
}

fn a_refresh_on_demand_takes_another_token(world: &World) {
    let session = world.logged_in();
    let token = session.token().unwrap();
    let other = session.refresh().unwrap();
    assert_ne!(other, token);
    assert_eq!(session.token().unwrap(), other);
    assert_eq!(world.counts().refresh, 1);
}

fn a_new_process_goes_on_where_the_old_one_ended(world: &World) {
    drop(world.logged_in());
    for round in 1..=3 {
        world.pass(121);
        world.session().token().unwrap();
        assert_eq!(world.counts().rotations, round);
    }
    assert_eq!(world.counts().password, 1);
    assert_eq!(world.counts().reuse, 0);
}

fn a_token_of_one_second_is_usable(world: &World) {
    world.every(FaultPoint::Token, Fault::ExpiresIn("1".to_owned()));
    // Such an answer is made up by the server, so no service would take it.
    let session = world.logged_in();
    for _ in 0..10 {
        session.token().unwrap();
    }
    assert_eq!(world.counts().token_posts, 1);
}

// shows: RF2
fn a_revoked_grant_is_asked_for_once(world: &World) {
    let session = world.logged_in();
    assert_eq!(world.emulator.revoke_user(USER), 1);
    world.pass(121);
    for _ in 0..3 {
        let error = session.token().unwrap_err();
        assert_eq!(cause(&error), Cause::Refused);
        assert_eq!(error.advice(), Advice::LogIn);
        assert_eq!(cause(&session.refresh().unwrap_err()), Cause::Refused);
    }
    let after_restart = world.session();
    assert_eq!(cause(&after_restart.token().unwrap_err()), Cause::Refused);
    assert!(matches!(
        after_restart.status().unwrap().state,
        SessionState::LoginRequired(verdict) if verdict.status == Some(400)
    ));
    assert_eq!(world.counts().refresh, 1);
}

#[test]
fn a_structured_refusal_ends_a_grant_at_any_server() {
    Adapter::each(|adapter| {
        let world = World::with(adapter, Kind::Memory, |builder| {
            builder.behavior(Behavior::Plain)
        });
        let provider = world.provider().with_rules(twoba_core::Rules::standard());
        let session = world.logged_in_with(World::client_of(provider, twoba_tests::SECRET));
        world.emulator.revoke_user(USER);
        world.pass(121);
        let error = session.token().unwrap_err();
        let RefreshError::LoginRequired(verdict) = refresh_error(&error) else {
            panic!("{error:?}");
        };
        assert_eq!(verdict.code, Some(ErrorCode::InvalidGrant));
        session.token().unwrap_err();
        assert_eq!(world.counts().refresh, 1);
    });
}

#[test]
fn a_bare_refusal_ends_no_grant_where_no_rule_says_so() {
    Adapter::each(|adapter| {
        let world = World::new(adapter, Kind::Memory);
        let provider = world.provider().with_rules(twoba_core::Rules::standard());
        let session = world.logged_in_with(World::client_of(provider, twoba_tests::SECRET));
        world.next(FaultPoint::Refresh, Fault::Bare400);
        world.pass(121);
        let error = session.token().unwrap_err();
        assert_eq!(trouble(&error).status, Some(400));
        world.pass(60);
        session.token().unwrap();
    });
}

fn a_new_login_ends_a_verdict(world: &World) {
    let session = world.logged_in();
    let other = world.session();
    world.emulator.revoke_user(USER);
    world.pass(121);
    session.token().unwrap_err();
    other.token().unwrap_err();

    let token = session.login(USER, PASSWORD).unwrap();
    assert_eq!(session.token().unwrap(), token);
    assert_eq!(other.token().unwrap(), token, "the other process sees it");
}

fn a_sick_server_ends_no_grant(world: &World) {
    let session = world.logged_in();
    let sick = [
        Fault::Status(500),
        Fault::Status(503),
        Fault::Status(429),
        Fault::Status(403),
        Fault::Status(404),
        Fault::Html200,
        Fault::Html502,
    ];
    for (before, fault) in (0..).zip(sick) {
        world.next(FaultPoint::Refresh, fault.clone());
        world.pass(121);
        let error = session.token().unwrap_err();
        assert_eq!(
            trouble(&error).reason,
            TroubleReason::ServerFault,
            "{fault}"
        );
        session.token().unwrap_err();
        assert_eq!(world.counts().refresh, 2 * before + 1, "{fault}: no storm");
        world.pass(60);
        session
            .token()
            .unwrap_or_else(|error| panic!("{fault}: {error:?}"));
    }
    assert_eq!(world.counts().reuse, 0);
}

fn an_early_refresh_that_fails_is_nobodys_error(world: &World) {
    let session = world.logged_in();
    let token = session.token().unwrap();
    world.every(FaultPoint::Refresh, Fault::Status(503));
    world.pass(97);
    for _ in 0..5 {
        assert_eq!(session.token().unwrap(), token);
    }
    assert_eq!(world.counts().refresh, 1);
    world.emulator.set_faults([]);
    world.pass(5);
    assert_ne!(session.token().unwrap(), token);
}

fn a_wait_that_the_server_asks_for_is_kept(world: &World) {
    let session = world.logged_in();
    world.next(FaultPoint::Refresh, Fault::RetryAfter(30));
    world.pass(121);
    let error = session.token().unwrap_err();
    let trouble = trouble(&error);
    let wait = trouble.until.saturating_since(trouble.since);
    assert_eq!(wait, Duration::from_secs(30));
    assert_eq!(error.advice(), Advice::RetryNotBefore(trouble.until));
    world.pass(29);
    session.token().unwrap_err();
    world.session().token().unwrap_err();
    assert_eq!(world.counts().refresh, 1);
    world.pass(1);
    session.token().unwrap();
}

fn a_wrong_secret_ends_no_grant_and_the_right_one_is_tried_at_once(world: &World) {
    let right = world.logged_in();
    let wrong = world.session_of(World::client_of(world.provider(), "wrong"));
    world.pass(121);
    for _ in 0..2 {
        let error = wrong.token().unwrap_err();
        assert!(matches!(
            refresh_error(&error),
            RefreshError::Misconfigured(_)
        ));
        assert_eq!(error.advice(), Advice::FixConfiguration);
    }
    assert_eq!(world.counts().refresh, 1);
    right.token().unwrap();
    assert_eq!(world.counts().rotations, 1);
}

fn a_refresh_is_not_redirected(world: &World) {
    let session = world.logged_in();
    let location = format!("{}/connect/token", world.emulator.url());
    for status in [301, 302, 303, 307, 308] {
        let posts = world.counts().token_posts;
        let location = location.clone();
        world.next(FaultPoint::Refresh, Fault::Redirect { status, location });
        world.pass(121);
        let error = session.token().unwrap_err();
        assert_eq!(trouble(&error).status, Some(status));
        assert_eq!(world.counts().token_posts, posts + 1);
        world.pass(60);
        session.token().unwrap();
    }
}

fn nobody_logged_in_asks_nobody(world: &World) {
    let session = world.session();
    assert_eq!(cause(&session.token().unwrap_err()), Cause::NoLogin);
    assert_eq!(cause(&session.refresh().unwrap_err()), Cause::NoLogin);
    let error = session.get("Product/Search", &[]).unwrap_err();
    assert_eq!(cause(&session_error(error)), Cause::NoLogin);
    assert_eq!(world.counts().token_posts, 0);
    assert_eq!(world.counts().service_calls, 0);
}
