//! A program that ends stores what it has in hand, and asks for nothing new.

use super::late::{revocable, revoked, world_with_unsaved};
use super::program::{own, program};
use super::*;

/// Settles over what is stored. No request is expected but those that the world will answer.
fn settle(world: &mut World, session: &mut Session) -> Result<Settled, RefreshError> {
    let stored = world.stored.clone();
    let settled = world.drive(session.settle(world.now, stored));
    assert!(world.acts.is_empty());
    settled
}

#[test]
fn a_grant_is_stored_and_not_refreshed_even_if_its_token_has_ended() {
    let mut session = revocable();
    let mut world = world_with_unsaved(&mut session);
    world.now = at(1_000);
    world.read_only = true;
    let failed = settle(&mut world, &mut session);
    assert_eq!(failed, Err(RefreshError::NotStored));
    assert!(session.has_unsaved());
    world.read_only = false;
    assert_eq!(settle(&mut world, &mut session), Ok(Settled));
    assert!(!session.has_unsaved());
    assert_eq!(world.presented, ["rt-1"]);
    // Another program goes on from there.
    world.will([granted(3)]);
    assert_eq!(world.refresh(&mut revocable()), Ok("at-3".into()));
    assert_eq!(world.presented, ["rt-1", "rt-2"]);
}

#[test]
fn a_grant_that_a_login_or_a_logout_has_overtaken_is_revoked() {
    for (logs_out, outcome) in [
        (false, revoked()),
        (true, revoked()),
        (true, Act::Fail(SendFailure::MaybeSent)),
    ] {
        let mut slow = revocable();
        let mut world = world_with_unsaved(&mut slow);
        if logs_out {
            let (now, stored) = (world.now, world.stored.clone());
            world.drive(revocable().forget(now, stored)).unwrap();
        } else {
            world.log_in(&mut revocable()).unwrap();
        }
        let (stored, writes) = (world.stored.clone(), world.writes);
        world.will([outcome]);
        assert_eq!(settle(&mut world, &mut slow), Ok(Settled));
        assert!(!slow.has_unsaved());
        assert_eq!((world.stored, world.writes), (stored, writes));
        assert_eq!(world.revoked, ["rt-2"]);
    }
}

#[test]
fn another_writer_who_was_first_is_followed() {
    let mut slow = revocable();
    let mut world = world_with_unsaved(&mut slow);
    let before = world.stored.clone();
    // Somebody has given the intent up, and presents the token again.
    world.now = at(200);
    drop(world.leave(&mut revocable()));
    let (late, receipt) = change(slow.settle(world.now, before));
    let step = world.save(&late, receipt);
    assert_eq!(world.drive(step), Ok(Settled));
    assert_eq!(world.refresh(&mut revocable()), Ok("at-2".into()));
    assert!(!slow.has_unsaved());
}

#[test]
fn what_cannot_be_read_stays_and_so_does_the_grant() {
    let mut slow = revocable();
    let mut world = world_with_unsaved(&mut slow);
    let torn = StoredGrant::from_bytes(b"twoba".to_vec());
    let sound = world.stored.replace(torn.clone());
    let failed = settle(&mut world, &mut slow);
    assert_eq!(failed, Err(RefreshError::Record(RecordError::Torn)));
    assert_eq!(world.stored, Some(torn));
    world.stored = sound;
    assert_eq!(settle(&mut world, &mut slow), Ok(Settled));
    assert!(!slow.has_unsaved());
}

#[test]
fn nothing_is_written_where_nothing_is_unsaved() {
    let (mut world, mut session) = logged_in();
    world.now = at(1_000);
    let writes = world.writes;
    assert_eq!(settle(&mut world, &mut session), Ok(Settled));
    assert_eq!(
        settle(&mut World::new(), &mut super::session()),
        Ok(Settled)
    );
    assert_eq!(world.writes, writes);
}

#[test]
fn the_token_of_a_program_is_stored_too() {
    let (mut world, mut session) = (World::new(), program());
    world.read_only = true;
    world.will([own(1)]);
    let step = session.obtain_own(Want::Usable, world.now, None);
    assert_eq!(world.drive(step), Err(RefreshError::NotStored));
    world.read_only = false;
    world.now = at(1_000);
    assert_eq!(settle(&mut world, &mut session), Ok(Settled));
    assert!(!session.has_unsaved() && world.stored.is_some());
}
