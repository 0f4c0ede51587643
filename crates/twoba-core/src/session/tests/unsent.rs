//! Stores that say they have failed and have written: an intent that never left is no attempt.

use super::*;

/// A store that writes the intent of a refresh and says that it has failed.
pub(super) fn failed_and_written(world: &mut World, session: &mut Session) {
    let stored = world.stored.clone();
    let Step::Save(intent, receipt) = session.obtain(Want::Usable, world.now, stored) else {
        panic!("the intent comes first");
    };
    world.stored = Some(intent.record().clone());
    let outcome = world.drive(receipt.failed(world.now)).map(drop);
    assert!(matches!(outcome, Ok(()) | Err(RefreshError::NotStored)));
    assert!(session.has_unsent());
}

pub(super) fn due() -> (World, Session) {
    let (mut world, session) = logged_in();
    world.now = at(121);
    (world, session)
}

#[test]
fn an_intent_that_never_left_is_taken_back() {
    let (mut world, mut session) = due();
    let before = world.stored.clone();
    for _ in 0..3 {
        failed_and_written(&mut world, &mut session);
        let stored = world.stored.clone();
        world.drive(session.take_back(stored)).unwrap();
        assert!(!session.has_unsent());
        assert_eq!(world.stored, before);
    }
    // Nothing counts: a further process asks as if for the first time.
    world.will([Act::Fail(SendFailure::MaybeSent), granted(2)]);
    let mut other = super::session();
    world.refresh(&mut other).unwrap_err();
    world.now = at(200);
    assert_eq!(world.refresh(&mut other), Ok("at-2".into()));
    assert_eq!(world.presented.len(), 2);
}

#[test]
fn an_intent_that_waited_and_could_not_be_saved_anew_is_taken_back() {
    for written in [false, true] {
        let (mut world, mut session) = due();
        let before = world.stored.clone();
        let (intent, receipt) = change(session.obtain(Want::Usable, world.now, before.clone()));
        world.stored = Some(intent.record().clone());
        world.now = at(127);
        // Six seconds later it is saved anew.
        let (anew, receipt) = change(receipt.saved(world.now, Durable::assertion(&intent)));
        if written {
            world.stored = Some(anew.record().clone());
        }
        let failed = world.drive(receipt.failed(world.now)).map(drop);
        assert_eq!(failed, Err(RefreshError::NotStored));
        let stored = world.stored.clone();
        world.drive(session.take_back(stored)).unwrap();
        assert_eq!(world.stored, before);
    }
}

#[test]
fn what_was_not_written_needs_no_taking_back() {
    let (mut world, mut session) = due();
    let before = world.stored.clone();
    failed_and_written(&mut world, &mut session);
    world.stored = before;
    let (stored, writes) = (world.stored.clone(), world.writes);
    world.drive(session.take_back(stored)).unwrap();
    assert_eq!((session.has_unsent(), world.writes), (false, writes));
}

#[test]
fn who_could_not_take_it_back_goes_on_as_if_it_were_not_there() {
    let (mut world, mut session) = due();
    failed_and_written(&mut world, &mut session);
    world.read_only = true;
    let stored = world.stored.clone();
    let failed = world.drive(session.take_back(stored));
    assert_eq!(failed, Err(RefreshError::NotStored));
    world.read_only = false;
    // In a later session of the same key, with the wait of a lost answer passed over.
    let mut next = super::session();
    next.give_unsent(session.take_unsent().unwrap());
    world.will([granted(2)]);
    assert_eq!(world.refresh(&mut next), Ok("at-2".into()));
    assert_eq!(world.presented, ["rt-1"]);
}

#[test]
fn a_rescued_word_says_to_others_that_it_never_left() {
    let (mut world, mut session) = due();
    failed_and_written(&mut world, &mut session);
    let rescued = session.rescue().unwrap();
    let mut other = super::session();
    other.observe(world.stored.as_ref()).unwrap();
    assert!(other.offer(&rescued));
    world.will([granted(2)]);
    assert_eq!(world.refresh(&mut other), Ok("at-2".into()));
    // Over another intent it says nothing.
    let (mut world, mut session) = due();
    let step = world.leave(&mut session);
    drop(step);
    let mut other = super::session();
    other.observe(world.stored.as_ref()).unwrap();
    other.offer(&rescued);
    let waits = world.refresh(&mut other);
    assert!(
        matches!(waits, Err(RefreshError::Unavailable(_))),
        "{waits:?}"
    );
}

#[test]
fn an_earlier_attempt_that_was_lost_still_counts_when_its_repetition_is_taken_back() {
    let (mut world, mut session) = due();
    world.will([Act::Fail(SendFailure::MaybeSent)]);
    world.refresh(&mut session).unwrap_err();
    world.now = at(200);
    failed_and_written(&mut world, &mut session);
    let stored = world.stored.clone();
    world.drive(session.take_back(stored)).unwrap();
    world.will([refusal("invalid_grant")]);
    assert_eq!(cause(&world.refresh(&mut session)), Some(Cause::AnswerLost));
    assert_eq!(world.presented.len(), 2);
}

#[test]
fn nothing_is_taken_back_over_somebody_elses_word() {
    let (mut world, mut session) = due();
    failed_and_written(&mut world, &mut session);
    world.now = at(200);
    world.will([granted(2)]);
    world.refresh(&mut super::session()).unwrap();
    let (stored, writes) = (world.stored.clone(), world.writes);
    world.drive(session.take_back(stored)).unwrap();
    assert_eq!((session.has_unsent(), world.writes), (false, writes));
}

#[test]
fn nothing_is_taken_back_of_another_program_that_asks_in_the_same_millisecond() {
    let (mut world, mut session) = due();
    let before = world.stored.clone();
    failed_and_written(&mut world, &mut session);
    // That write came to nothing after all. Another program has the lease by now, and sends.
    world.stored = before;
    let mut other = super::session();
    let step = world.leave(&mut other);
    let (stored, writes) = (world.stored.clone(), world.writes);
    world.drive(session.take_back(stored)).unwrap();
    assert_eq!((session.has_unsent(), world.writes), (false, writes));
    world.will([granted(2)]);
    assert_eq!(
        world.drive(step).map(|token| token.expose().into()),
        Ok("at-2".to_string())
    );
}

/// A call as the keeper makes it, with what an earlier call of this program could not take back.
/// What it cannot take back either is left over.
fn call(world: &mut World, left: &mut Option<Unsent>) -> Result<String, RefreshError> {
    let mut session = never_again();
    session.observe(world.stored.as_ref()).unwrap();
    if let Some(unsent) = left.take() {
        session.give_unsent(unsent);
    }
    let outcome = world.refresh(&mut session);
    if session.has_unsent() {
        let stored = world.stored.clone();
        let taken_back = world.drive(session.take_back(stored));
        assert_eq!(taken_back.is_err(), session.has_unsent());
    }
    *left = session.take_unsent();
    outcome
}

/// A session that never repeats a request whose answer was lost.
fn never_again() -> Session {
    let provider = Provider::two_ba().with_replay(Replay::Never);
    session_of(provider, "myApplicationSecret")
}

#[test]
fn an_intent_that_never_left_is_remembered_for_as_long_as_the_store_takes_nothing() {
    let (mut world, _) = due();
    let mut session = never_again();
    failed_and_written(&mut world, &mut session);
    let mut left = session.take_unsent();
    world.read_only = true;
    for _ in 0..3 {
        assert_eq!(call(&mut world, &mut left), Err(RefreshError::NotStored));
        assert!(left.is_some());
    }
    world.read_only = false;
    world.now = at(200);
    world.will([granted(2)]);
    assert_eq!(call(&mut world, &mut left), Ok("at-2".into()));
    assert!(left.is_none());
    assert_eq!(world.presented, ["rt-1"]);
}

#[test]
fn a_call_that_has_nothing_to_store_takes_back_what_never_left() {
    let (mut world, _) = due();
    world.will([Act::Answer(503, "text/plain", String::new())]);
    call(&mut world, &mut None).unwrap_err();
    let waiting = world.stored.clone();
    world.now = at(200);
    let mut session = never_again();
    failed_and_written(&mut world, &mut session);
    let mut left = session.take_unsent();
    // Its clock is set back to the wait before.
    world.now = at(121);
    let waits = call(&mut world, &mut left);
    assert!(
        matches!(waits, Err(RefreshError::Unavailable(_))),
        "{waits:?}"
    );
    assert!(left.is_none());
    assert_eq!(world.stored, waiting);
}

/// What the server or the network says to a request, and whether the grant outlives it.
fn known_ends() -> [(Act, bool); 5] {
    [
        (Act::Fail(SendFailure::NotSent), true),
        (Act::Answer(503, "text/plain", String::new()), true),
        (refusal("invalid_client"), true),
        (refusal("invalid_request"), false),
        (refusal("invalid_grant"), false),
    ]
}

/// The request is answered, and what the answer means is not stored.
fn answered_and_not_stored(world: &mut World, session: &mut Session, act: Act) {
    world.now = at(200);
    let step = world.leave(session);
    world.read_only = true;
    world.will([act]);
    assert!(world.drive(step).is_err());
    world.read_only = false;
    assert!(session.has_unsent());
}

#[track_caller]
fn assert_known(world: &mut World, lives: bool) {
    world.now = at(300);
    if lives {
        world.will([granted(2)]);
    }
    let outcome = call(world, &mut None);
    match lives {
        true => assert_eq!(outcome, Ok("at-2".into())),
        false => assert_eq!(cause(&outcome), Some(Cause::Refused)),
    }
    assert_eq!(world.presented.len(), if lives { 2 } else { 1 });
}

#[test]
fn an_answer_that_could_not_be_stored_is_stored_before_the_call_returns_and_is_no_lost_one() {
    for (act, lives) in known_ends() {
        let (mut world, _) = due();
        let mut session = never_again();
        answered_and_not_stored(&mut world, &mut session, act);
        let stored = world.stored.clone();
        world.drive(session.take_back(stored)).unwrap();
        assert!(!session.has_unsent());
        assert_known(&mut world, lives);
    }
}

#[test]
fn an_answer_that_could_not_be_stored_counts_for_later_calls_and_for_others() {
    for (act, lives) in known_ends() {
        let (mut world, _) = due();
        let mut session = never_again();
        answered_and_not_stored(&mut world, &mut session, act);
        let rescued = session.rescue().unwrap();
        let mut other = never_again();
        other.observe(world.stored.as_ref()).unwrap();
        assert!(other.offer(&rescued));
        let mut left = match lives {
            true => session.take_unsent(),
            false => other.take_unsent(),
        };
        // The wait of a lost answer is not waited, and what is known is stored.
        let outcome = call(&mut world, &mut left);
        match lives {
            true => assert!(matches!(
                outcome,
                Err(RefreshError::Unavailable(_) | RefreshError::Misconfigured(_))
            )),
            false => assert_eq!(cause(&outcome), Some(Cause::Refused)),
        }
        assert!(left.is_none());
        assert_known(&mut world, lives);
    }
}

#[test]
fn nothing_is_noted_of_a_lost_answer_that_its_intent_does_not_say() {
    let (mut world, mut session) = due();
    let step = world.leave(&mut session);
    world.read_only = true;
    world.will([Act::Fail(SendFailure::MaybeSent)]);
    assert!(world.drive(step).is_err());
    assert!(!session.has_unsent());
}
