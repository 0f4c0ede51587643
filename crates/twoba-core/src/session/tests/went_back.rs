//! Stores that go back: restored backups, copies, replicas that lag.

use super::unsent::failed_and_written;
use super::*;

/// What is stored after a login and two refreshes, generation by generation.
fn generations(world: &mut World, session: &mut Session) -> Vec<StoredGrant> {
    let mut stored = Vec::from([world.stored.clone().unwrap()]);
    for (number, seconds) in [(2, 119), (3, 238)] {
        world.now = at(seconds);
        world.will([granted(number)]);
        world.refresh(session).unwrap();
        stored.push(world.stored.clone().unwrap());
    }
    stored
}

#[test]
fn a_generation_that_was_seen_is_never_followed_by_an_earlier_one() {
    let (mut world, mut session) = logged_in();
    let stored = generations(&mut world, &mut session);
    let seen = session.token_id().unwrap();
    world.stored = Some(stored[0].clone());
    world.now = at(400);
    let mut later = super::session();
    later.remember(seen);
    let back = world.refresh(&mut later);
    assert_eq!(
        back,
        Err(RefreshError::StoreWentBack { stored: 1, seen: 3 })
    );
    assert_eq!(world.presented.len(), 2, "nothing was presented");
    // A program that has seen nothing cannot know; another login is another matter.
    world.log_in(&mut super::session()).unwrap();
    assert_eq!(world.refresh(&mut later), Ok("at-1".into()));
}

#[test]
fn who_has_the_later_generation_stores_it_again() {
    let (mut world, mut session) = logged_in();
    let stored = generations(&mut world, &mut session);
    for earlier in [&stored[0], &stored[1]] {
        world.stored = Some(earlier.clone());
        world.now = at(300);
        let mut healer = super::session();
        healer.observe(world.stored.as_ref()).unwrap();
        healer.remember(session.token_id().unwrap());
        assert!(healer.offer(&stored[2]));
        assert_eq!(world.refresh(&mut healer), Ok("at-3".into()));
        assert_eq!(world.stored.as_ref(), Some(&stored[2]));
    }
    assert_eq!(world.presented.len(), 2);
}

#[test]
fn a_grant_that_was_seen_is_stored_again_as_it_was() {
    let (mut world, mut session) = logged_in();
    let stored = generations(&mut world, &mut session);
    // One that nothing has happened to, and one that failed to be refreshed.
    world.will([Act::Answer(503, "text/html", String::new())]);
    world.now = at(10_000);
    world.refresh(&mut session).unwrap_err();
    let in_trouble = world.stored.clone().unwrap();
    for (seen, seconds) in [(stored[2].clone(), 300), (in_trouble, 10_000)] {
        session.observe(Some(&seen)).unwrap();
        let grant = session.seen_grant().unwrap();
        assert_eq!(Some(grant.id()), session.token_id());
        assert!(!session.offer_seen(&grant), "it stands there");

        world.stored = Some(stored[0].clone());
        world.now = at(seconds);
        let mut healer = super::session();
        healer.observe(world.stored.as_ref()).unwrap();
        healer.remember(grant.id());
        assert!(healer.offer_seen(&grant));
        let _with_its_trouble = world.refresh(&mut healer);
        assert_eq!(world.stored.as_ref(), Some(&seen));
    }
}

#[test]
fn a_verdict_is_healed_over_and_an_end_or_another_login_is_not() {
    let (mut world, mut session) = logged_in();
    let stored = generations(&mut world, &mut session);
    // The copy was tried by somebody who could not know, and refused.
    world.stored = Some(stored[0].clone());
    world.now = at(300);
    world.will([refusal("invalid_grant")]);
    world.refresh(&mut super::session()).unwrap_err();
    let mut healer = super::session();
    healer.observe(world.stored.as_ref()).unwrap();
    assert!(healer.offer(&stored[2]));
    assert_eq!(world.refresh(&mut healer), Ok("at-3".into()));

    let (now, kept) = (world.now, world.stored.clone());
    world.drive(super::session().forget(now, kept)).unwrap();
    let mut healer = super::session();
    healer.observe(world.stored.as_ref()).unwrap();
    assert!(!healer.offer(&stored[2]));
    world.log_in(&mut super::session()).unwrap();
    healer.observe(world.stored.as_ref()).unwrap();
    assert!(!healer.offer(&stored[2]));
    assert_eq!(world.refresh(&mut healer), Ok("at-1".into()));
}

#[test]
fn what_is_no_later_generation_of_this_session_is_not_taken_up() {
    let (mut world, mut session) = logged_in();
    let stored = generations(&mut world, &mut session);
    session.observe(world.stored.as_ref()).unwrap();
    for copy in [&stored[0], &stored[1], &stored[2]] {
        assert!(!session.offer(copy));
    }
    assert!(!session.offer(&StoredGrant::from_bytes(b"torn".to_vec())));
    let mut foreign = World::new();
    foreign.log_in(&mut super::session()).unwrap();
    assert!(!session.offer(foreign.stored.as_ref().unwrap()));
    assert!(!session.has_unsaved());
}

#[test]
fn what_came_of_a_request_is_stored_with_its_generation_if_the_store_goes_back_meanwhile() {
    let (mut world, mut session) = logged_in();
    let stored = generations(&mut world, &mut session);
    world.now = at(400);
    let step = world.leave(&mut session);
    world.stored = Some(stored[0].clone());
    world.will([refusal("invalid_grant")]);
    let told = world.drive(step).map(|token| token.expose().to_string());
    assert_eq!(cause(&told), Some(Cause::Refused));
    // Others are told the same, and ask nobody.
    let elsewhere = world.refresh(&mut super::session());
    assert_eq!(cause(&elsewhere), Some(Cause::Refused));
    assert_eq!(world.presented, ["rt-1", "rt-2", "rt-3"]);
}

#[test]
fn an_intent_that_never_left_does_not_come_back_with_its_generation() {
    let (mut world, mut session) = logged_in();
    let stored = generations(&mut world, &mut session);
    world.now = at(400);
    failed_and_written(&mut world, &mut session);
    world.stored = Some(stored[0].clone());
    let back = world.stored.clone();
    world.drive(session.take_back(back)).unwrap();
    assert!(session.has_unsaved() && !session.has_unsent());
    let back = world.stored.clone();
    world.drive(session.settle(world.now, back)).unwrap();
    assert_eq!(world.stored.as_ref(), Some(&stored[2]));
}
