//! A thousand callers at the same moment, and ten thousand with a dead grant: one request, by the
//! server's journal.

use twoba_core::Cause;
use twoba_emulator::{Fault, FaultPoint};
use twoba_tests::{USER, World, cause};

scenarios! {
    a_thousand_callers_at_expiry_send_one_request,
    a_hundred_and_fifty_callers_at_expiry_send_one_request,
    a_thousand_stragglers_with_a_rejected_token_send_one_request,
    a_service_that_rejects_every_token_for_half_a_minute_causes_one_request,
    ten_thousand_calls_and_twenty_six_starts_with_a_dead_grant_send_one_request,
}

const SEARCH: (&str, &[(&str, &str)]) = ("Product/Search", &[("query", "a")]);

fn at_expiry(world: &World, callers: usize) {
    let session = world.logged_in();
    world.pass(121);
    let before = world.counts().token_posts;
    let tokens = session.tokens_at_once(callers);
    assert_eq!(tokens.len(), callers);
    for token in tokens {
        token.unwrap();
    }
    assert_eq!(world.counts().token_posts - before, 1);
}

fn a_thousand_callers_at_expiry_send_one_request(world: &World) {
    at_expiry(world, 1000);
}

fn a_hundred_and_fifty_callers_at_expiry_send_one_request(world: &World) {
    at_expiry(world, 150);
}

fn a_thousand_stragglers_with_a_rejected_token_send_one_request(world: &World) {
    let session = world.logged_in();
    // The token has ended by the server's clock alone, so that each of them meets a 401.
    world.pass_for_the_server(121);
    let answers = session.gets_at_once(1000, SEARCH.0, SEARCH.1);
    for answer in answers {
        answer.unwrap();
    }
    let counts = world.counts();
    assert_eq!((counts.refresh, counts.reuse), (1, 0));
    assert!(counts.service_401 > 0);
}

fn a_service_that_rejects_every_token_for_half_a_minute_causes_one_request(world: &World) {
    let session = world.logged_in();
    world.every(FaultPoint::Service, Fault::Status(401));
    for _ in 0..30 {
        for answer in session.gets_at_once(10, SEARCH.0, SEARCH.1) {
            answer.unwrap_err();
        }
        world.pass(1);
    }
    assert_eq!(world.counts().refresh, 1);
}

fn ten_thousand_calls_and_twenty_six_starts_with_a_dead_grant_send_one_request(world: &World) {
    drop(world.logged_in());
    assert_eq!(world.emulator.revoke_user(USER), 1);
    world.pass(121);
    let mut calls = 0;
    for _ in 0..26 {
        let session = world.session();
        for refused in session.tokens_at_once(385) {
            assert_eq!(cause(&refused.unwrap_err()), Cause::Refused);
            calls += 1;
        }
        world.pass(3600);
    }
    assert!(calls >= 10_000);
    assert_eq!(world.counts().refresh, 1);
}
