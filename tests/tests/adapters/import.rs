//! Moving here from another client: its refresh token becomes a login.

use http::header::CONTENT_TYPE;
use http::{Method, Request};
use serde_json::Value;
use twoba_core::{Cause, RefreshToken};
use twoba_emulator::{Fault, FaultPoint};
use twoba_testkit::{exchange, form_encoded};
use twoba_tests::{CLIENT, PASSWORD, SECRET, USER, World, cause};

scenarios! {
    an_imported_token_is_refreshed_at_once_and_is_a_login,
    an_import_wins_over_the_login_that_was_there,
    an_import_that_meets_a_sick_server_is_kept,
    a_dead_token_asks_for_a_login,
}

/// The refresh token that another client has got by password.
fn elsewhere(world: &World) -> RefreshToken {
    let form: String = [
        ("grant_type", "password"),
        ("username", USER),
        ("password", PASSWORD),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
    ]
    .iter()
    .map(|(name, value)| format!("{name}={}&", form_encoded(value)))
    .collect();
    let request = Request::builder()
        .method(Method::POST)
        .uri("/OAuth/Token")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form.trim_end_matches('&').to_owned().into_bytes())
        .unwrap();
    let server = world.emulator.url().trim_start_matches("http://");
    let answer = exchange(server.parse().unwrap(), &request).unwrap();
    let answer: Value = serde_json::from_slice(answer.body()).unwrap();
    RefreshToken::parse(answer["refresh_token"].as_str().unwrap()).unwrap()
}

fn an_imported_token_is_refreshed_at_once_and_is_a_login(world: &World) {
    let token = world.session().import(elsewhere(world)).unwrap();
    assert_eq!(world.counts().refresh, 1);
    let next = world.session();
    assert_eq!(next.token().unwrap(), token);
    world.pass(121);
    assert_ne!(next.token().unwrap(), token);
    let counts = world.counts();
    assert_eq!((counts.rotations, counts.reuse), (2, 0));
}

fn an_import_wins_over_the_login_that_was_there(world: &World) {
    let first = world.logged_in();
    let token = world.session().import(elsewhere(world)).unwrap();
    world.pass(121);
    assert_ne!(first.token().unwrap(), token);
    assert_eq!(world.counts().reuse, 0);
}

fn an_import_that_meets_a_sick_server_is_kept(world: &World) {
    let token = elsewhere(world);
    world.next(FaultPoint::Refresh, Fault::Status(503));
    let session = world.session();
    assert!(session.import(token).is_err());
    world.pass(61);
    world.session().token().unwrap();
}

fn a_dead_token_asks_for_a_login(world: &World) {
    let token = elsewhere(world);
    world.emulator.revoke_user(USER);
    let refused = world.session().import(token).unwrap_err();
    assert_eq!(cause(&refused), Cause::Refused);
    assert_eq!(cause(&world.session().token().unwrap_err()), Cause::Refused);
    assert_eq!(world.counts().refresh, 1);
}
