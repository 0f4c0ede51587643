//! Moving here from another client: its refresh token becomes a login.

use twoba_core::{Cause, RefreshToken};
use twoba_emulator::{Fault, FaultPoint};
use twoba_tests::{USER, World, cause, refresh_token_at};

scenarios! {
    an_imported_token_is_refreshed_at_once_and_is_a_login,
    an_import_wins_over_the_login_that_was_there,
    an_import_that_meets_a_sick_server_is_kept,
    a_dead_token_asks_for_a_login,
}

fn elsewhere(world: &World) -> RefreshToken {
    refresh_token_at(world.emulator.url())
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
