//! Moving here from another client: its refresh token becomes a login.

use twoba_core::{Cause, RefreshError, RefreshToken};
use twoba_emulator::{Fault, FaultPoint};
use twoba_store::ErrorKind;
use twoba_tests::{USER, World, refresh_token_at, trouble};

scenarios! {
    an_imported_token_is_exchanged_at_once_and_is_a_login,
    an_import_wins_over_the_login_that_was_there,
    an_import_that_comes_to_nothing_leaves_what_was_there,
    a_dead_token_is_refused_and_ends_nothing,
}

fn elsewhere(world: &World) -> RefreshToken {
    refresh_token_at(world.emulator.url())
}

fn an_imported_token_is_exchanged_at_once_and_is_a_login(world: &World) {
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

fn an_import_that_comes_to_nothing_leaves_what_was_there(world: &World) {
    let first = world.logged_in();
    let old = first.token().unwrap();
    let token = elsewhere(world);
    for fault in [Fault::Status(503), Fault::Html502, Fault::DropBefore] {
        world.next(FaultPoint::Refresh, fault);
        let failed = world.session().import(token.clone()).unwrap_err();
        assert_eq!(trouble(&failed).failures, 1);
        assert_eq!(world.session().token().unwrap(), old);
    }
    // Nothing of it has reached the server: it is good when it is brought again.
    world.pass(1);
    let new = world.session().import(token).unwrap();
    assert_eq!(world.session().token().unwrap(), new);
    assert_eq!(world.counts().reuse, 0);
}

fn a_dead_token_is_refused_and_ends_nothing(world: &World) {
    let token = elsewhere(world);
    world.emulator.revoke_user(USER);
    let first = world.logged_in();
    let old = first.token().unwrap();
    let refused = world.session().import(token).unwrap_err();
    let ErrorKind::Refresh(RefreshError::ImportRefused(verdict)) = refused.kind() else {
        unreachable!("{refused}");
    };
    assert_eq!(verdict.cause, Cause::Refused);
    assert_eq!(world.counts().refresh, 1);
    assert_eq!(world.session().token().unwrap(), old);
    world.pass(121);
    assert_ne!(world.session().token().unwrap(), old);
}
