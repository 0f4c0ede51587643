//! Ending a session: at the server where it can be asked to, and here in any case.

use twoba_core::{Cause, Client, Revocation, SessionState};
use twoba_emulator::{EndReason, Fault, FaultPoint};
use twoba_tests::{PASSWORD, SECRET, USER, World, cause, session_error};

scenarios! {
    a_logout_revokes_the_grant_where_the_provider_can,
    a_logout_without_a_revocation_endpoint_asks_nobody,
    a_logout_whose_revocation_fails_still_happens_here,
    a_session_that_logged_out_hands_out_no_token,
    a_logout_ends_the_session_for_the_next_process,
    a_logout_of_nobody_asks_nobody,
    a_session_can_be_forgotten_without_the_server,
    a_new_login_after_a_logout_works,
}

fn client_that_revokes(world: &World) -> Client {
    let endpoint = world.endpoint("/connect/revocation");
    let provider = world.provider().with_revocation_endpoint(endpoint);
    World::client_of(provider, SECRET)
}

// shows: RV1
fn a_logout_revokes_the_grant_where_the_provider_can(world: &World) {
    let session = world.logged_in_with(client_that_revokes(world));
    let logged_out = session.logout().unwrap();
    assert_eq!(logged_out.revocation, Revocation::Revoked);
    let state = world.emulator.state();
    let ended = state.families[0].ended.unwrap();
    assert_eq!(ended.reason, EndReason::RevokedByClient);
    assert_eq!(session.status().unwrap().state, SessionState::None);
}

fn a_logout_without_a_revocation_endpoint_asks_nobody(world: &World) {
    let session = world.logged_in();
    let logged_out = session.logout().unwrap();
    assert_eq!(logged_out.revocation, Revocation::NotAsked);
    assert_eq!(world.counts().token_posts, 1);
    assert_eq!(session.status().unwrap().state, SessionState::None);
}

// shows: RV5
fn a_logout_whose_revocation_fails_still_happens_here(world: &World) {
    for fault in [Fault::Status(503), Fault::Bare400, Fault::DropBefore] {
        let session = world.logged_in_with(client_that_revokes(world));
        world.next(FaultPoint::Revocation, fault);
        let logged_out = session.logout().unwrap();
        assert!(matches!(
            logged_out.revocation,
            Revocation::Refused(_) | Revocation::Failed(_)
        ));
        assert_eq!(
            cause(&world.session().token().unwrap_err()),
            Cause::LoggedOut
        );
    }
}

fn a_session_that_logged_out_hands_out_no_token(world: &World) {
    let session = world.logged_in();
    session.token().unwrap();
    session.logout().unwrap();
    assert_eq!(cause(&session.token().unwrap_err()), Cause::LoggedOut);
    let failed = session
        .get("Product/Search", &[("query", "a")])
        .unwrap_err();
    assert_eq!(cause(&session_error(failed)), Cause::LoggedOut);
    assert_eq!(world.counts().service_calls, 0);
}

fn a_logout_ends_the_session_for_the_next_process(world: &World) {
    world.logged_in().logout().unwrap();
    assert_eq!(
        cause(&world.session().token().unwrap_err()),
        Cause::LoggedOut
    );
    world.pass(121);
    assert_eq!(
        cause(&world.session().token().unwrap_err()),
        Cause::LoggedOut
    );
    assert_eq!(world.counts().refresh, 0);
}

fn a_logout_of_nobody_asks_nobody(world: &World) {
    let session = world.session_of(client_that_revokes(world));
    let logged_out = session.logout().unwrap();
    assert_eq!(logged_out.revocation, Revocation::NotAsked);
    assert_eq!(session.status().unwrap().state, SessionState::None);
}

fn a_session_can_be_forgotten_without_the_server(world: &World) {
    let session = world.logged_in_with(client_that_revokes(world));
    let forgotten = session.forget().unwrap();
    assert_eq!(forgotten.revocation, Revocation::NotAsked);
    assert_eq!(session.status().unwrap().state, SessionState::None);
    assert_eq!(world.emulator.state().families[0].ended, None);
}

fn a_new_login_after_a_logout_works(world: &World) {
    let session = world.logged_in();
    session.logout().unwrap();
    let token = session.login(USER, PASSWORD).unwrap();
    assert_eq!(session.token().unwrap(), token);
    world.pass(121);
    session.token().unwrap();
    assert_eq!(world.counts().rotations, 1);
}
