//! Replays at a server that declares a window for them.

use super::*;

fn within(seconds: u64) -> Session {
    let window = Duration::from_secs(seconds);
    session_of(
        Provider::two_ba().with_replay(Replay::Within(window)),
        "secret",
    )
}

/// A world in which a process has crashed with its request out, this long after the login.
fn crashed(seconds: u64) -> World {
    let (mut world, _) = logged_in();
    world.now = at(seconds);
    drop(world.leave(&mut within(30)));
    world
}

#[test]
fn a_window_is_used_at_once_and_while_the_old_token_is_usable() {
    let mut world = crashed(100);
    let mut next = within(30);
    next.observe(world.stored.as_ref()).unwrap();
    assert!(next.token(world.now).is_some());
    assert!(next.refresh_due(world.now) <= Some(at(101)));
    world.now = at(101);
    world.will([granted(2)]);
    assert_eq!(world.refresh(&mut next), Ok("at-2".into()));
    assert_eq!(world.presented, ["rt-1"]);
}

#[test]
fn a_window_shorter_than_a_request_may_take_is_used_too() {
    let mut world = crashed(121);
    world.now = at(126);
    world.will([granted(2)]);
    assert_eq!(world.refresh(&mut within(30)), Ok("at-2".into()));
}

#[test]
fn within_the_window_attempts_are_only_spaced() {
    let mut world = crashed(121);
    world.now = at(122);
    let mut session = within(30);
    for _ in 0..4 {
        world.will([Act::Fail(SendFailure::MaybeSent)]);
        let error = world.refresh(&mut session).unwrap_err();
        let RefreshError::Unavailable(trouble) = error else {
            panic!("{error}");
        };
        assert_eq!(trouble.reason, TroubleReason::AnswerLost);
        world.now = trouble.until;
    }
    assert!(world.now < at(151));
    world.will([granted(2)]);
    assert_eq!(world.refresh(&mut session), Ok("at-2".into()));
}

#[test]
fn after_the_window_there_is_one_more_attempt_when_no_earlier_one_can_be_out() {
    let mut world = crashed(121);
    world.now = at(150);
    let early = world.refresh(&mut within(20));
    assert!(
        matches!(early, Err(RefreshError::Unavailable(_))),
        "{early:?}"
    );
    world.now = at(157);
    world.will([Act::Fail(SendFailure::MaybeSent)]);
    let last = world.refresh(&mut within(20));
    assert_eq!(cause(&last), Some(Cause::AnswerLost));
    assert_eq!(world.presented, ["rt-1"]);

    let mut world = crashed(121);
    world.now = at(4_000);
    world.will([granted(2)]);
    assert_eq!(world.refresh(&mut within(20)), Ok("at-2".into()));
}

#[test]
fn a_forced_refresh_whose_answer_is_lost_is_repeated_in_the_window() {
    let (mut world, _) = logged_in();
    let mut session = within(30);
    session.observe(world.stored.as_ref()).unwrap();
    let id = session.token_id().unwrap();
    world.now = at(10);
    world.will([Act::Fail(SendFailure::MaybeSent)]);
    let stored = world.stored.clone();
    let forced = world.drive(session.obtain(Want::Other(id), world.now, stored));
    assert!(matches!(forced, Err(RefreshError::Unavailable(_))));
    // Nothing is due for a long time, but for the window.
    let mut next = within(30);
    next.observe(world.stored.as_ref()).unwrap();
    assert!(next.refresh_due(world.now) <= Some(at(11)));
    world.now = at(12);
    world.will([granted(2)]);
    assert_eq!(world.refresh(&mut next), Ok("at-2".into()));
    assert_eq!(world.presented, ["rt-1", "rt-1"]);
}

#[test]
fn after_the_window_the_old_token_serves_to_its_end() {
    let (mut world, _) = logged_in();
    let mut session = within(5);
    world.now = at(10);
    let id = {
        session.observe(world.stored.as_ref()).unwrap();
        session.token_id().unwrap()
    };
    world.will([Act::Fail(SendFailure::MaybeSent)]);
    world.rejected(&mut session, id).unwrap_err();
    for seconds in [20, 60, 100, 117] {
        world.now = at(seconds);
        assert_eq!(world.refresh(&mut within(5)), Ok("at-1".into()));
        session.observe(world.stored.as_ref()).unwrap();
        assert_eq!(session.refresh_due(world.now), None);
    }
    world.now = at(119);
    world.will([granted(2)]);
    assert_eq!(world.refresh(&mut session), Ok("at-2".into()));
}

/// The clock is set back behind a lost answer: who looks then and has a usable token looks again
/// once the clock has come there.
#[test]
fn a_window_is_used_though_the_clock_was_set_back_before_it() {
    let mut world = crashed(100);
    world.now = at(98);
    let mut next = within(30);
    next.observe(world.stored.as_ref()).unwrap();
    let due = next.refresh_due(world.now).unwrap();
    assert!(at(100) < due && due <= at(101));
    world.now = due;
    world.will([granted(2)]);
    assert_eq!(world.refresh(&mut next), Ok("at-2".into()));
    assert_eq!(world.presented, ["rt-1"]);
}
