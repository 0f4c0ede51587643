//! Logouts that are slow: what they find when they come to bury.

use super::*;

fn revocable() -> Session {
    let endpoint = Endpoint::parse("https://id.example/revoke").unwrap();
    session_of(
        Provider::two_ba().with_revocation_endpoint(endpoint),
        "secret",
    )
}

fn done() -> Act {
    Act::Answer(200, "text/plain", String::new())
}

/// A logout whose revocation is out.
fn out<'s>(world: &World, person: &'s mut Session) -> Step<'s, LoggedOut> {
    let step = person.logout(world.now, world.stored.clone());
    assert!(matches!(step, Step::Send(..)), "{step:?}");
    step
}

fn is_gone(world: &World) -> bool {
    let record = record::parse_of_anybody(world.stored.as_ref().unwrap());
    matches!(record.unwrap().state, State::Gone { .. })
}

#[test]
fn a_login_that_a_slow_logout_never_saw_stands() {
    let mut world = World::new();
    world.log_in(&mut revocable()).unwrap();
    let mut person = revocable();
    let logout = out(&world, &mut person);
    world.log_in(&mut revocable()).unwrap();
    world.will([done()]);
    let ended = world.drive(logout).unwrap();
    assert_eq!(ended.revocation, Revocation::Revoked);
    assert_eq!(world.revoked, ["rt-1"], "of the login that it saw");
    assert_eq!(world.refresh(&mut revocable()), Ok("at-1".into()));
    assert_eq!(person.token(world.now).unwrap().expose(), "at-1");
}

#[test]
fn a_later_generation_is_revoked_before_it_is_buried() {
    let mut world = World::new();
    world.log_in(&mut revocable()).unwrap();
    world.now = at(119);
    let mut person = revocable();
    let logout = out(&world, &mut person);
    // A refresh is faster than the revocation, twice.
    world.will([granted(2)]);
    world.refresh(&mut revocable()).unwrap();
    world.will([done(), Act::Fail(SendFailure::MaybeSent)]);
    let ended = world.drive(logout).unwrap();
    assert_eq!(ended.revocation, Revocation::Failed(SendFailure::MaybeSent));
    assert_eq!(world.revoked, ["rt-1", "rt-2"]);
    assert!(is_gone(&world));
}

#[test]
fn a_note_about_the_same_generation_is_buried_with_it() {
    let mut world = World::new();
    world.log_in(&mut revocable()).unwrap();
    world.now = at(121);
    let mut person = revocable();
    let logout = out(&world, &mut person);
    world.will([Act::Fail(SendFailure::NotSent)]);
    world.refresh(&mut revocable()).unwrap_err();
    world.will([done()]);
    world.drive(logout).unwrap();
    assert_eq!(world.revoked, ["rt-1"], "once");
    assert!(is_gone(&world));
}

#[test]
fn who_tells_the_server_nothing_buries_later_generations_and_no_other_login() {
    for other_login in [false, true] {
        let mut world = World::new();
        world.log_in(&mut revocable()).unwrap();
        world.now = at(119);
        let mut person = revocable();
        let Step::Save(_, receipt) = person.forget(world.now, world.stored.clone()) else {
            panic!("there is something to bury");
        };
        if other_login {
            world.log_in(&mut revocable()).unwrap();
        } else {
            world.will([granted(2)]);
            world.refresh(&mut revocable()).unwrap();
        }
        let step = receipt.conflict(world.now, world.stored.clone());
        let ended = world.drive(step).unwrap();
        assert_eq!(ended.revocation, Revocation::NotAsked);
        assert_eq!(is_gone(&world), !other_login);
        assert!(world.revoked.is_empty());
    }
}

#[test]
fn another_logout_is_enough() {
    let mut world = World::new();
    world.log_in(&mut revocable()).unwrap();
    let mut person = revocable();
    let logout = out(&world, &mut person);
    let (now, stored) = (world.now, world.stored.clone());
    world.drive(revocable().forget(now, stored)).unwrap();
    let writes = world.writes;
    world.will([done()]);
    world.drive(logout).unwrap();
    assert_eq!(world.writes, writes);
    assert!(is_gone(&world));
}

#[test]
fn bytes_that_nobody_can_read_are_buried_but_no_login_that_came_meanwhile() {
    for login in [false, true] {
        let mut world = World::new();
        world.stored = Some(StoredGrant::from_bytes(b"torn".to_vec()));
        let mut person = revocable();
        let Step::Save(_, receipt) = person.logout(world.now, world.stored.clone()) else {
            panic!("there is something to bury");
        };
        world.stored = Some(StoredGrant::from_bytes(b"torn otherwise".to_vec()));
        if login {
            world.log_in(&mut revocable()).unwrap();
        }
        let step = receipt.conflict(world.now, world.stored.clone());
        world.drive(step).unwrap();
        assert_eq!(is_gone(&world), !login);
    }
}
