//! A grant that comes too late is dropped, and revoked where that can be asked for.

use super::*;

pub(super) fn revocable() -> Session {
    let endpoint = Endpoint::parse("https://id.example/revoke").unwrap();
    session_of(
        Provider::two_ba().with_revocation_endpoint(endpoint),
        "secret",
    )
}

pub(super) fn revoked() -> Act {
    Act::Answer(200, "text/plain", String::new())
}

fn world_of(session: &mut Session) -> World {
    let mut world = World::new();
    world.log_in(session).unwrap();
    world.now = at(119);
    world
}

/// A world that had no room for the rotation that the session has got.
pub(super) fn world_with_unsaved(session: &mut Session) -> World {
    let mut world = world_of(session);
    let step = world.leave(session);
    world.read_only = true;
    world.will([granted(2)]);
    assert_eq!(world.drive(step).map(drop), Err(RefreshError::NotStored));
    assert!(session.has_unsaved());
    world.read_only = false;
    world
}

#[test]
fn a_refresh_that_a_newer_login_overtakes_is_revoked() {
    let mut slow = revocable();
    let mut world = world_of(&mut slow);
    let step = world.leave(&mut slow);
    world.log_in(&mut revocable()).unwrap();
    world.will([granted(2), revoked()]);
    let token = world.drive(step).map(|token| token.expose().to_string());
    assert_eq!(token, Ok("at-1".into()), "the newer login's");
    assert_eq!(
        (world.presented, world.revoked),
        (alloc::vec!["rt-1".into()], alloc::vec!["rt-2".into()])
    );
}

#[test]
fn a_refresh_that_a_logout_overtakes_is_revoked_whatever_comes_of_that() {
    for outcome in [
        revoked(),
        refusal("unsupported_token_type"),
        Act::Fail(SendFailure::NotSent),
    ] {
        let mut slow = revocable();
        let mut world = world_of(&mut slow);
        let step = world.leave(&mut slow);
        let stored = world.stored.clone();
        let now = world.now;
        world.drive(revocable().forget(now, stored)).unwrap();
        world.will([granted(2), outcome]);
        let late = world.drive(step).map(|token| token.expose().to_string());
        assert_eq!(cause(&late), Some(Cause::LoggedOut));
        assert_eq!(world.revoked, ["rt-2"]);
    }
}

#[test]
fn nothing_is_revoked_of_the_login_that_is_stored() {
    let mut slow = revocable();
    let mut world = world_of(&mut slow);
    let step = world.leave(&mut slow);
    // Another process has given the first one up and has replayed.
    world.now = at(160);
    world.will([granted(2)]);
    assert_eq!(world.refresh(&mut revocable()), Ok("at-2".into()));
    world.will([granted(3)]);
    let token = world.drive(step).map(|token| token.expose().to_string());
    assert_eq!(token, Ok("at-2".into()));
    assert!(world.revoked.is_empty());
}

#[test]
fn a_grant_that_could_not_be_stored_is_revoked_once_it_is_overtaken() {
    let mut slow = revocable();
    let mut world = world_with_unsaved(&mut slow);
    world.log_in(&mut revocable()).unwrap();
    world.will([revoked()]);
    assert_eq!(world.refresh(&mut slow), Ok("at-1".into()));
    assert!(!slow.has_unsaved());
    assert_eq!(world.revoked, ["rt-2"]);
}

#[test]
fn a_grant_that_could_not_be_stored_outlives_bytes_that_cannot_be_read() {
    let mut slow = revocable();
    let mut world = world_with_unsaved(&mut slow);
    let sound = world
        .stored
        .replace(StoredGrant::from_bytes(b"twoba".to_vec()));
    let torn = world.refresh(&mut slow);
    assert_eq!(torn, Err(RefreshError::Record(RecordError::Torn)));
    world.stored = sound;
    assert_eq!(world.refresh(&mut slow), Ok("at-2".into()));
    assert!(world.revoked.is_empty());
}

#[test]
fn a_grant_that_could_not_be_stored_is_revoked_after_the_same_session_logs_in() {
    let mut slow = revocable();
    let mut world = world_with_unsaved(&mut slow);
    world.stored = Some(StoredGrant::from_bytes(b"twoba".to_vec()));
    world.log_in(&mut slow).unwrap();
    world.will([revoked()]);
    assert_eq!(world.refresh(&mut slow), Ok("at-1".into()));
    assert!(!slow.has_unsaved());
    assert_eq!(world.revoked, ["rt-2"]);
}

#[test]
fn a_request_that_never_left_ends_no_grant_however_late_that_is_known() {
    for replay in [Replay::Once, Replay::Within(Duration::from_secs(60))] {
        let provider = || Provider::two_ba().with_replay(replay);
        let mut paused = session_of(provider(), "secret");
        let mut world = world_of(&mut paused);
        let step = world.leave(&mut paused);
        // Another host gives it up, asks itself, and cannot reach the server either.
        world.now = at(160);
        world.will([Act::Fail(SendFailure::NotSent)]);
        let mut other = session_of(provider(), "secret");
        let unreachable = world.refresh(&mut other);
        assert!(
            matches!(unreachable, Err(RefreshError::Unavailable(_))),
            "{unreachable:?}"
        );
        world.now = at(400);
        world.will([Act::Fail(SendFailure::NotSent), granted(2)]);
        let late = world.drive(step).map(drop);
        assert!(
            matches!(late, Err(RefreshError::Unavailable(_))),
            "{late:?}"
        );
        world.now = at(500);
        assert_eq!(world.refresh(&mut other), Ok("at-2".into()), "{replay:?}");
    }
}

#[test]
fn a_repetition_that_does_not_count_takes_no_right_to_repeat_away() {
    let window = Replay::Within(Duration::from_secs(60));
    let mut session = session_of(Provider::two_ba().with_replay(window), "secret");
    let mut world = world_of(&mut session);
    world.will([Act::Fail(SendFailure::MaybeSent)]);
    world.refresh(&mut session).unwrap_err();
    for (seconds, act) in [(300, Act::Fail(SendFailure::NotSent)), (500, granted(2))] {
        world.now = at(seconds);
        world.will([act]);
        let _outcome = world.refresh(&mut session);
    }
    assert_eq!(world.presented.len(), 3, "each time it was presented");
    assert_eq!(world.refresh(&mut session), Ok("at-2".into()));
}

/// What is found with a conflict was not read under the lease. Its holder may have the successor in
/// hand, which its store does not take yet.
#[test]
fn nobody_is_given_up_by_a_session_that_may_have_lost_its_lease() {
    let (mut world, _) = logged_in();
    let provider = Provider::two_ba().with_replay(Replay::Never);
    let [mut slow, mut holder] = [(); 2].map(|()| session_of(provider.clone(), "secret"));
    world.now = at(121);
    let before = world.stored.clone();
    let Step::Save(_, receipt) = slow.obtain(Want::Usable, world.now, before) else {
        panic!("the intent comes first");
    };
    let step = world.leave(&mut holder);
    // While the request is out, the store takes nothing for a while.
    world.will([granted(2)]);
    world.read_only = true;
    assert_eq!(world.drive(step).map(drop), Err(RefreshError::NotStored));
    world.read_only = false;
    world.now = world.now.saturating_add(ATTEMPT_MAX);
    let (stored, writes) = (world.stored.clone(), world.writes);
    let late = world.drive(receipt.conflict(world.now, stored)).map(drop);
    assert_eq!(late, Err(RefreshError::Contended));
    assert_eq!(world.writes, writes);
    assert_eq!(world.refresh(&mut holder), Ok("at-2".into()));
}
