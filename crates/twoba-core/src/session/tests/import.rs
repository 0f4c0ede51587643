//! A refresh token from elsewhere becomes a login.

use super::*;
use crate::secret::RefreshToken;

fn import(world: &mut World, session: &mut Session) -> Result<Imported, RefreshError> {
    let token = RefreshToken::parse("rt-0").unwrap();
    let (now, stored) = (world.now, world.stored.clone());
    world.drive(session.import(now, token, Some("somebody".into()), stored))
}

#[test]
fn an_imported_token_is_presented_by_the_first_caller() {
    let (mut world, mut session) = (World::new(), session());
    let imported = import(&mut world, &mut session).unwrap();
    assert_eq!(imported.id.generation, 1);
    assert_eq!(session.token(START), None);
    assert!(session.current(world.now).is_none());
    let status = session.status(START);
    assert_eq!(status.state, SessionState::Stale);
    assert_eq!(
        (status.user.as_deref(), status.expires_at),
        (Some("somebody"), None)
    );
    world.will([granted(1)]);
    assert_eq!(world.refresh(&mut session), Ok("at-1".into()));
    assert_eq!(world.presented, ["rt-0"]);
    assert_eq!(session.token_id().map(|id| id.generation), Some(2));
}

#[test]
fn an_import_wins_over_the_login_that_was_there() {
    let (mut world, mut old) = logged_in();
    import(&mut world, &mut session()).unwrap();
    world.will([granted(2)]);
    assert_eq!(world.refresh(&mut old), Ok("at-2".into()));
    assert_eq!(world.presented, ["rt-0"]);
}

#[test]
fn an_import_that_cannot_be_stored_presents_nothing() {
    let (mut world, mut session) = (World::new(), session());
    world.read_only = true;
    assert_eq!(
        import(&mut world, &mut session),
        Err(RefreshError::NotStored)
    );
    world.read_only = false;
    assert_eq!(cause(&world.refresh(&mut session)), Some(Cause::NoLogin));
}

#[test]
fn an_imported_token_that_the_server_refuses_asks_for_a_login() {
    let (mut world, mut session) = (World::new(), session());
    import(&mut world, &mut session).unwrap();
    world.will([refusal("invalid_grant")]);
    assert_eq!(cause(&world.refresh(&mut session)), Some(Cause::Refused));
    assert_eq!(cause(&world.refresh(&mut session)), Some(Cause::Refused));
    assert_eq!(world.presented, ["rt-0"]);
}
