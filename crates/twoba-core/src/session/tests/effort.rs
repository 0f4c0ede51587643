//! How much work a refresh is, and how much room a session takes.

use super::record::tests::{Counted, counted};
use super::*;

#[test]
fn a_refresh_reads_its_record_once_and_writes_each_of_its_two_once() {
    let (mut world, mut session) = logged_in();
    world.now = at(119);
    world.will([granted(2)]);
    // As an adapter does: a look without the lease, and another under it.
    let effort = counted(|| {
        session.observe(world.stored.as_ref()).unwrap();
        assert_eq!(session.token(world.now), None);
        assert_eq!(world.refresh(&mut session), Ok("at-2".into()));
        session.observe(world.stored.as_ref()).unwrap();
    });
    let (parsed, written) = (1, 2);
    assert_eq!(effort, Counted { parsed, written });
}

#[test]
fn what_a_session_has_written_it_does_not_read() {
    let mut world = World::new();
    let mut session = session();
    let effort = counted(|| {
        assert_eq!(world.log_in(&mut session), Ok("at-1".into()));
        world.now = at(119);
        world.will([Act::Fail(SendFailure::NotSent)]);
        assert!(world.refresh(&mut session).is_err());
        assert!(world.refresh(&mut session).is_err());
        let stored = world.stored.clone();
        world.drive(session.forget(world.now, stored)).unwrap();
    });
    // A login, an intent, what came of it, and a tombstone.
    let (parsed, written) = (0, 4);
    assert_eq!(effort, Counted { parsed, written });
}

#[test]
fn a_verdict_that_no_store_has_taken_is_no_reason_not_to_look_again() {
    let (mut world, mut session) = logged_in();
    world.now = at(119);
    let step = world.leave(&mut session);
    world.read_only = true;
    world.will([refusal("invalid_grant")]);
    let refused = world.drive(step).map(|token| token.expose().to_string());
    assert_eq!(cause(&refused), Some(Cause::Refused));
    // What stands in the store is the intent.
    session.observe(world.stored.as_ref()).unwrap();
    assert_eq!(session.status(world.now).state, SessionState::Stale);
}

#[test]
fn a_session_and_a_token_at_hand_take_little_room() {
    let sizes = (
        size_of::<Session>(),
        size_of::<Current>(),
        size_of::<AccessToken>(),
    );
    std::println!("bytes of a session, a token at hand, an access token: {sizes:?}");
    assert!(sizes.0 <= 208 && sizes.1 <= 80 && sizes.2 == 8, "{sizes:?}");
}
