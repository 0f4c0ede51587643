//! Clocks that were set back, and hosts whose clocks are not the same.

use super::*;

fn behind(seconds: u64) -> Timestamp {
    START.saturating_sub(Duration::from_secs(seconds))
}

fn unavailable(outcome: Result<String, RefreshError>) -> Trouble {
    match outcome {
        Err(RefreshError::Unavailable(trouble)) => trouble,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_wait_from_a_clock_ahead_begins_anew_and_only_once() {
    let (mut world, _) = logged_in();
    world.now = at(121);
    world.will([Act::Answer(503, "text/html", String::new())]);
    let wait = unavailable(world.refresh(&mut session()));
    let length = wait.until.saturating_since(wait.since);
    // Ahead of this host by a moment, and by an hour.
    for now in [
        at(121).saturating_sub(Duration::from_millis(1)),
        behind(3_600),
    ] {
        let (mut world, stored) = (World::new(), world.stored.clone());
        (world.now, world.stored) = (now, stored);
        if now < START {
            // The token seems to be usable here.
            assert_eq!(world.refresh(&mut session()), Ok("at-1".into()));
            continue;
        }
        let again = unavailable(world.refresh(&mut session()));
        assert_eq!(
            (again.since, again.until),
            (now, now.saturating_add(length))
        );
        assert_eq!(world.writes, 1);
        world.now = now.saturating_add(length / 2);
        assert_eq!(unavailable(world.refresh(&mut session())).since, now);
        assert_eq!(world.writes, 1);
        world.now = again.until;
        world.will([granted(2)]);
        assert_eq!(world.refresh(&mut session()), Ok("at-2".into()));
    }
}

#[test]
fn a_request_from_a_clock_ahead_may_still_be_out() {
    let (mut world, mut slow) = logged_in();
    world.now = at(150);
    drop(world.leave(&mut slow));
    world.now = at(149);
    let wait = unavailable(world.refresh(&mut session()));
    assert_eq!(wait.until, at(149).saturating_add(ATTEMPT_MAX));
    world.now = wait.until;
    world.will([granted(2)]);
    assert_eq!(world.refresh(&mut session()), Ok("at-2".into()));
    assert_eq!(world.presented, ["rt-1"]);
}

#[test]
fn a_rejection_from_a_clock_a_little_ahead_counts() {
    let (mut world, mut first) = logged_in();
    let id = first.token_id().or_else(|| {
        first.observe(world.stored.as_ref()).unwrap();
        first.token_id()
    });
    world.now = at(10);
    world.will([granted(2)]);
    assert_eq!(world.rejected(&mut first, id.unwrap()), Ok("at-2".into()));
    let id = first.token_id().unwrap();
    world.now = at(9);
    let again = world.rejected(&mut session(), id);
    assert_eq!(again, Err(RefreshError::RejectedByService));
}

#[test]
fn a_loss_is_remembered_over_failures_that_say_nothing() {
    for nothing in [
        Act::Answer(503, "text/html", String::new()),
        refusal("invalid_client"),
        Act::Fail(SendFailure::NotSent),
    ] {
        let (mut world, mut session) = logged_in();
        world.now = at(121);
        world.will([Act::Fail(SendFailure::MaybeSent)]);
        unavailable(world.refresh(&mut session));
        world.now = at(200);
        world.will([nothing]);
        assert!(world.refresh(&mut session).is_err());
        // The replay's own answer counts for nothing, and the loss before it still does.
        world.now = at(300);
        world.will([Act::Fail(SendFailure::MaybeSent)]);
        assert_eq!(cause(&world.refresh(&mut session)), Some(Cause::AnswerLost));
        assert_eq!(world.presented.len(), 3);
    }
}

#[test]
fn a_refusal_counts_though_the_wait_for_it_was_begun_anew() {
    let (mut world, mut slow) = logged_in();
    world.now = at(150);
    let step = world.leave(&mut slow);
    // A host whose clock is behind looks while the request is out.
    world.now = at(149);
    unavailable(world.refresh(&mut session()));
    world.now = at(151);
    world.will([refusal("invalid_grant")]);
    let outcome = world.drive(step).map(|token| token.expose().to_string());
    assert_eq!(cause(&outcome), Some(Cause::Refused));
    assert_eq!(cause(&world.refresh(&mut session())), Some(Cause::Refused));
    assert_eq!(world.presented, ["rt-1"]);
}

#[test]
fn a_lost_answer_condemns_nobody_where_the_wait_for_it_was_begun_anew() {
    let (mut world, mut first) = logged_in();
    world.now = at(150);
    world.will([Act::Fail(SendFailure::MaybeSent)]);
    unavailable(world.refresh(&mut first));
    world.now = at(200);
    let step = world.leave(&mut first);
    // A host whose clock is behind looks while the last attempt is out.
    world.now = at(199);
    unavailable(world.refresh(&mut session()));
    let begun_anew = world.stored.clone();
    world.now = at(201);
    world.will([Act::Fail(SendFailure::MaybeSent)]);
    unavailable(world.drive(step).map(|token| token.expose().to_string()));
    assert_eq!(world.stored, begun_anew);
    world.now = at(236);
    assert_eq!(
        cause(&world.refresh(&mut session())),
        Some(Cause::AnswerLost)
    );
    assert_eq!(world.presented, ["rt-1", "rt-1"]);
}

#[test]
fn a_wait_that_is_begun_anew_undoes_no_verdict() {
    let (mut world, mut behind) = logged_in();
    world.now = at(121);
    world.will([Act::Answer(503, "text/html", String::new())]);
    let wait = unavailable(world.refresh(&mut session()));
    // A host whose clock is a little behind begins the wait anew, and its lease lapses.
    let now = at(121).saturating_sub(Duration::from_millis(1));
    let Step::Save(_, receipt) = behind.obtain(Want::Usable, now, world.stored.clone()) else {
        panic!("the wait begins anew");
    };
    world.now = wait.until;
    world.will([refusal("invalid_grant")]);
    assert_eq!(cause(&world.refresh(&mut session())), Some(Cause::Refused));
    let dead = world.stored.clone();
    let step = receipt.conflict(now, dead.clone());
    let told = world.drive(step).map(|token| token.expose().to_string());
    assert_eq!(cause(&told), Some(Cause::Refused));
    assert_eq!(world.stored, dead);
}

#[test]
fn a_grant_by_a_clock_that_was_ahead_is_due_once() {
    let (mut world, mut session) = logged_in();
    for now in [behind(61), behind(3_600), behind(30 * 24 * 3_600)] {
        let (mut world, stored) = (World::new(), world.stored.clone());
        (world.now, world.stored) = (now, stored);
        session.observe(world.stored.as_ref()).unwrap();
        assert_eq!(session.refresh_due(now), Some(now));
        world.will([granted(2)]);
        assert_eq!(world.refresh(&mut session), Ok("at-2".into()), "{now:?}");
        assert!(session.refresh_due(now) > Some(now));
        assert_eq!(world.refresh(&mut session), Ok("at-2".into()));
        assert_eq!(world.presented.len(), 1);
    }
    // Clocks that differ a little agree.
    for now in [behind(0), behind(1), behind(60)] {
        world.now = now;
        session.observe(world.stored.as_ref()).unwrap();
        assert!(session.refresh_due(now) > Some(now));
        assert_eq!(world.refresh(&mut session), Ok("at-1".into()));
    }
    assert!(world.presented.is_empty());
}

#[test]
fn two_hosts_with_clocks_an_hour_apart_do_not_refresh_in_turns() {
    let hour = Duration::from_secs(3_600);
    let (mut world, _) = logged_in();
    let (mut ahead, mut right) = (session(), session());
    // Both ask every ten seconds of two real hours: the one who logged in is ahead.
    for ten_seconds in 0..720 {
        let real = behind(3_600).saturating_add(Duration::from_secs(10 * ten_seconds));
        for (host, now) in [(&mut right, real), (&mut ahead, real.saturating_add(hour))] {
            world.now = now;
            world.acts.clear();
            world.will([granted(2)]);
            world.refresh(host).unwrap();
        }
    }
    // One for each life of a token is right; each look by each host were 1,440.
    let refreshes = world.presented.len();
    assert!(refreshes <= 2 * 7_200 / 100, "{refreshes}");
}

#[test]
fn a_token_without_a_known_end_is_not_doubted() {
    let mut world = World::new();
    let mut session = session();
    let body = r#"{"access_token":"at","token_type":"bearer","refresh_token":"rt"}"#;
    let login = Act::Answer(200, "application/json", body.into());
    let fresh = fresh(session.client(), START, &login);
    world.drive(session.adopt(fresh, None)).unwrap();
    world.now = behind(3_600);
    assert_eq!(session.refresh_due(world.now), None);
    assert_eq!(world.refresh(&mut session), Ok("at".into()));
}

/// Two hosts whose clocks are apart, and an attempt whose end is written while the other begins its
/// wait anew.
#[test]
fn a_wait_that_is_begun_anew_takes_no_ended_attempt_back() {
    let (mut world, mut first) = logged_in();
    world.now = at(4_000);
    let out = world.leave(&mut first);
    let mut behind = session();
    let now = at(400);
    let Step::Save(_, receipt) = behind.obtain(Want::Usable, now, world.stored.clone()) else {
        panic!("the wait begins anew");
    };
    world.will([Act::Fail(SendFailure::MaybeSent)]);
    unavailable(world.drive(out).map(|token| token.expose().to_string()));
    let ended = world.stored.clone();
    // The end of the attempt stays, and its wait begins anew by this clock.
    let Step::Save(change, _) = receipt.conflict(now, ended.clone()) else {
        panic!("what stands there is begun anew");
    };
    assert_eq!(change.expected(), ended.as_ref().map(StoredGrant::revision));
    let mut later = session();
    later.observe(Some(change.record())).unwrap();
    let trouble = later.status(now).trouble.unwrap();
    assert!(trouble.until > now, "{trouble:?}");
}

/// A process stops between the intent and its request, and its clock is set back meanwhile.
#[test]
fn an_intent_that_is_saved_anew_stands_beside_no_wait_from_a_clock_ahead() {
    let (mut world, mut session) = logged_in();
    world.now = at(121);
    world.will([Act::Answer(503, "text/html", String::new())]);
    let wait = unavailable(world.refresh(&mut session));
    world.now = wait.until;
    let stored = world.stored.clone();
    let Step::Save(intent, receipt) = session.obtain(Want::Usable, world.now, stored) else {
        panic!("the wait is over");
    };
    world.stored = Some(intent.record().clone());
    world.now = at(60);
    let Step::Save(anew, receipt) = receipt.saved(world.now, Durable::assertion(&intent)) else {
        panic!("by this clock the intent has not begun yet");
    };
    let mut other = self::session();
    other.observe(Some(anew.record())).unwrap();
    let trouble = other.status(world.now).trouble.unwrap();
    assert!(
        trouble.since <= world.now && trouble.until <= world.now,
        "{trouble:?}"
    );
    assert_eq!(trouble.failures, 1);
    world.stored = Some(anew.record().clone());
    let step = receipt.saved(world.now, Durable::assertion(&anew));
    world.will([granted(2)]);
    assert_eq!(
        world.drive(step).map(|token| token.expose().to_string()),
        Ok("at-2".into())
    );
}

/// A sender is stopped while its request is out, and a host whose clock is ahead tries in its place.
#[test]
fn a_late_setback_waits_no_longer_than_the_wait_of_a_clock_ahead_is_long() {
    let (mut world, mut slow) = logged_in();
    let down = || Act::Answer(503, "text/html", String::new());
    world.now = at(150);
    let step = world.leave(&mut slow);
    world.now = at(1_000);
    world.will([down()]);
    let ahead = unavailable(world.refresh(&mut session()));
    world.now = at(160);
    world.will([down()]);
    unavailable(world.drive(step).map(|token| token.expose().to_string()));
    let mut later = session();
    later.observe(world.stored.as_ref()).unwrap();
    let wait = later.status(world.now).trouble.unwrap();
    let longest = ahead
        .until
        .saturating_since(ahead.since)
        .max(Duration::from_secs(1));
    assert!(wait.until <= world.now.saturating_add(longest), "{wait:?}");
}
