//! Servers that refresh a grant only when its token has ended: what they refuse before is no
//! verdict, and they are asked once more at the end.

use super::*;
use crate::provider::{Rule, Rules};

fn bare() -> Act {
    Act::Answer(400, "text/plain", String::new())
}

/// The end of the token of 120 s by the server's word, and the second behind it.
const ASKED_AT: u64 = 121;

fn logged_in(provider: &Provider) -> (World, Session) {
    let mut world = World::new();
    let mut session = session_of(provider.clone(), "secret");
    world.log_in(&mut session).unwrap();
    (world, session)
}

fn later(outcome: &Result<String, RefreshError>) -> Timestamp {
    match outcome {
        Err(RefreshError::Unavailable(trouble)) => {
            assert_eq!(trouble.reason, TroubleReason::TooEarly);
            trouble.until
        }
        outcome => panic!("{outcome:?}"),
    }
}

fn is_dead(outcome: &Result<String, RefreshError>) -> bool {
    cause(outcome) == Some(Cause::Refused)
}

/// Another token than the one that the session knows.
fn forced(world: &mut World, session: &mut Session) -> Result<String, RefreshError> {
    let id = session.token_id().unwrap();
    let stored = world.stored.clone();
    let token = world.drive(session.obtain(Want::Other(id), world.now, stored))?;
    Ok(token.expose().to_string())
}

#[test]
fn what_is_refused_while_the_token_lives_is_asked_once_more_at_its_end() {
    for refused in [bare(), refusal("invalid_request")] {
        let (mut world, mut session) = logged_in(&Provider::two_ba());
        world.now = at(100);
        world.will([refused.clone()]);
        assert_eq!(world.refresh(&mut session), Ok("at-1".into()));
        assert!(
            session.status(world.now).trouble.is_none(),
            "it is no failure"
        );
        assert_eq!(session.refresh_due(world.now), Some(at(ASKED_AT)));
        // Nobody asks before: no caller, no forced refresh, no other process. The token serves
        // to its end, also within the margin.
        for seconds in [101, 110, 118, 119] {
            world.now = at(seconds);
            let mut other = session_of(Provider::two_ba(), "secret");
            assert_eq!(world.refresh(&mut other), Ok("at-1".into()));
            assert_eq!(later(&forced(&mut world, &mut other)), at(ASKED_AT));
        }
        world.now = at(120);
        assert_eq!(later(&world.refresh(&mut session)), at(ASKED_AT));
        assert_eq!(world.presented.len(), 1);
        // The answer to the one further try is final.
        let mut world_of_a_good_one = World {
            stored: world.stored.clone(),
            now: at(ASKED_AT),
            ..World::new()
        };
        world_of_a_good_one.will([granted(2)]);
        let mut other = session_of(Provider::two_ba(), "secret");
        assert_eq!(world_of_a_good_one.refresh(&mut other), Ok("at-2".into()));
        world.now = at(ASKED_AT);
        world.will([refused]);
        assert!(is_dead(&world.refresh(&mut session)));
        assert_eq!(world.presented, ["rt-1", "rt-1"]);
    }
}

#[test]
fn a_forced_refresh_that_comes_too_early_is_told_when_to_come_again() {
    let (mut world, mut session) = logged_in(&Provider::two_ba());
    world.now = at(5);
    world.will([bare()]);
    assert_eq!(later(&forced(&mut world, &mut session)), at(ASKED_AT));
    assert_eq!(world.refresh(&mut session), Ok("at-1".into()));
}

#[test]
fn a_refusal_is_final_at_once_where_nothing_speaks_for_too_early() {
    // The server names the grant.
    let (mut world, mut session) = logged_in(&Provider::two_ba());
    world.now = at(100);
    world.will([refusal("invalid_grant")]);
    assert_eq!(
        world.refresh(&mut session),
        Ok("at-1".into()),
        "while it is usable"
    );
    assert!(is_dead(&forced(&mut world, &mut session)));
    assert_eq!(world.presented.len(), 1);

    // A service has rejected the token.
    let (mut world, mut session) = logged_in(&Provider::two_ba());
    let id = session.token_id().unwrap();
    world.now = at(10);
    world.will([bare()]);
    assert!(is_dead(&world.rejected(&mut session, id)));

    // Nobody knows when it ends, or it had ended when it came.
    for lifetime in ["", r#","expires_in":0"#] {
        let mut world = World::new();
        let mut session = session_of(Provider::two_ba(), "secret");
        let body = format!(
            r#"{{"access_token":"at","token_type":"bearer","refresh_token":"rt"{lifetime}}}"#
        );
        let login = Act::Answer(200, "application/json", body);
        let fresh = fresh(session.client(), START, &login);
        world.drive(session.adopt(fresh, None)).unwrap();
        world.now = at(60);
        world.will([bare()]);
        assert!(is_dead(&forced(&mut world, &mut session)), "{lifetime}");
    }

    // The request left after the server's end of the token.
    let (mut world, mut session) = logged_in(&Provider::two_ba());
    world.now = at(ASKED_AT);
    world.will([bare()]);
    assert!(is_dead(&world.refresh(&mut session)));
    // A moment before it did not, though our margin had begun.
    let (mut world, mut session) = logged_in(&Provider::two_ba());
    world.now = at(120);
    world.will([bare()]);
    assert_eq!(later(&world.refresh(&mut session)), at(ASKED_AT));

    // No rule takes a bare answer for a verdict.
    let custom = Provider::custom(Endpoint::parse("https://id.example/token").unwrap());
    let (mut world, mut session) = logged_in(&custom);
    world.now = at(119);
    world.will([bare()]);
    let unavailable = world.refresh(&mut session);
    assert!(
        matches!(unavailable, Err(RefreshError::Unavailable(trouble))
        if trouble.reason == TroubleReason::ServerFault)
    );
}

#[test]
fn a_rejection_that_is_known_makes_the_next_refusal_final() {
    let (mut world, mut session) = logged_in(&Provider::two_ba());
    let id = session.token_id().unwrap();
    world.now = at(10);
    // The refresh that a 401 caused did not reach the server.
    world.will([Act::Fail(SendFailure::NotSent)]);
    world.rejected(&mut session, id).unwrap_err();
    world.now = at(100);
    world.will([bare()]);
    let mut other = session_of(Provider::two_ba(), "secret");
    drop(world.refresh(&mut other));
    assert!(is_dead(&forced(&mut world, &mut other)));
    assert_eq!(world.presented.len(), 2);
}

#[test]
fn a_401_does_not_wait_for_the_end_of_the_token() {
    let (mut world, mut session) = logged_in(&Provider::two_ba());
    world.now = at(100);
    world.will([bare()]);
    world.refresh(&mut session).unwrap();
    let id = session.token_id().unwrap();
    world.will([granted(2)]);
    assert_eq!(world.rejected(&mut session, id), Ok("at-2".into()));
    // The server has refreshed before the end: it does so again.
    assert!(session.refresh_due(world.now) < Some(at(100 + 120)));
}

#[test]
fn the_next_generations_are_refreshed_at_their_end_until_an_earlier_one_succeeds() {
    let (mut world, mut session) = logged_in(&Provider::two_ba());
    world.now = at(100);
    world.will([bare()]);
    world.refresh(&mut session).unwrap();
    let mut begun = ASKED_AT;
    for number in [2, 3] {
        world.now = at(begun);
        world.will([granted(number)]);
        assert_eq!(world.refresh(&mut session), Ok(format!("at-{number}")));
        begun += ASKED_AT;
        let mut other = session_of(Provider::two_ba(), "secret");
        world.now = at(begun - 2);
        assert_eq!(world.refresh(&mut other), Ok(format!("at-{number}")));
        assert_eq!(other.refresh_due(world.now), Some(at(begun)));
        assert_eq!(later(&forced(&mut world, &mut other)), at(begun));
    }
    // A new login has shown nothing.
    world.log_in(&mut session).unwrap();
    assert!(
        session.refresh_due(world.now) < Some(world.now.saturating_add(Duration::from_secs(100)))
    );
}

#[test]
fn a_repetition_comes_behind_the_end_of_the_token_so_that_its_answer_is_final() {
    let (mut world, mut session) = logged_in(&Provider::two_ba());
    world.now = at(100);
    world.will([Act::Fail(SendFailure::MaybeSent)]);
    drop(world.refresh(&mut session));
    // The old token serves to its very end.
    for seconds in [101, 118, 119] {
        world.now = at(seconds);
        assert_eq!(world.refresh(&mut session), Ok("at-1".into()));
    }
    world.now = at(120);
    world.refresh(&mut session).unwrap_err();
    assert_eq!(world.presented.len(), 1);
    world.now = at(ASKED_AT);
    world.will([bare()]);
    assert_eq!(cause(&world.refresh(&mut session)), Some(Cause::AnswerLost));
    assert_eq!(world.presented.len(), 2);
}

#[test]
fn other_codes_are_too_early_or_a_verdict_by_rule_only() {
    let named = |rule| Provider::two_ba().with_rules(Rules::two_ba().with(rule));
    for (code, rule) in [
        ("access_denied", Rule::AccessDeniedIsTooEarly),
        ("unauthorized_client", Rule::UnauthorizedClientEndsGrant),
    ] {
        let (mut world, mut session) = logged_in(&named(rule));
        world.now = at(100);
        world.will([refusal(code)]);
        assert_eq!(world.refresh(&mut session), Ok("at-1".into()));
        assert_eq!(later(&forced(&mut world, &mut session)), at(ASKED_AT));
        world.now = at(ASKED_AT);
        world.will([refusal(code)]);
        assert!(is_dead(&world.refresh(&mut session)), "{code}");

        let (mut world, mut session) = logged_in(&Provider::two_ba());
        world.now = at(ASKED_AT);
        world.will([refusal(code)]);
        let outcome = world.refresh(&mut session);
        assert!(
            cause(&outcome).is_none(),
            "{code} without its rule: {outcome:?}"
        );
    }
}

#[test]
fn a_declared_window_is_kept_to() {
    for (window, earliest) in [(30, 90), (10, 110), (2, 118), (1, 119)] {
        let provider = Provider::two_ba().with_refresh_window(Duration::from_secs(window));
        for _ in 0..20 {
            let (mut world, mut session) = logged_in(&provider);
            let due = session.refresh_due(START).unwrap();
            assert!(due >= at(earliest) && due < at(120), "{due:?} for {window}");
            // Until it is due the token serves, and nobody asks.
            world.now = due.saturating_sub(Duration::from_millis(1));
            assert_eq!(world.refresh(&mut session), Ok("at-1".into()));
            world.now = due;
            world.will([granted(2)]);
            assert_eq!(world.refresh(&mut session), Ok("at-2".into()));
        }
    }
}

/// The grant came by a clock that was an hour ahead, so that it is doubted; the server says that
/// its token lives.
#[test]
fn a_doubted_grant_that_is_refused_too_early_is_asked_for_once() {
    let (mut world, _) = logged_in(&Provider::two_ba());
    world.now = START.saturating_sub(Duration::from_secs(3_600));
    world.will([bare()]);
    for _ in 0..10 {
        let mut session = session_of(Provider::two_ba(), "secret");
        assert_eq!(world.refresh(&mut session), Ok("at-1".into()));
        later(&forced(&mut world, &mut session));
    }
    assert_eq!(world.presented.len(), 1);
    // A service that rejects it says that its end has come.
    world.will([granted(2)]);
    let mut session = session_of(Provider::two_ba(), "secret");
    session.observe(world.stored.as_ref()).unwrap();
    let id = session.token_id().unwrap();
    assert_eq!(world.rejected(&mut session, id), Ok("at-2".into()));
}

#[test]
fn what_a_login_has_shown_holds_for_a_generation_that_is_stored_again() {
    let (mut world, mut session) = logged_in(&Provider::two_ba());
    let quiet = world.stored.clone();
    world.now = at(100);
    world.will([bare()]);
    assert_eq!(world.refresh(&mut session), Ok("at-1".into()));
    let refused = world.stored.clone();
    // The store goes back to before the refusal, and is refreshed at the end of the token.
    world.stored = quiet;
    world.now = at(ASKED_AT);
    world.will([granted(2)]);
    let mut other = session_of(Provider::two_ba(), "secret");
    assert_eq!(world.refresh(&mut other), Ok("at-2".into()));
    let seen = other.seen_grant().unwrap();
    // Then to behind it.
    world.stored = refused;
    let mut healer = session_of(Provider::two_ba(), "secret");
    healer.observe(world.stored.as_ref()).unwrap();
    healer.remember(seen.id());
    assert!(healer.offer_seen(&seen));
    assert_eq!(world.refresh(&mut healer), Ok("at-2".into()));
    assert_eq!(healer.refresh_due(world.now), Some(at(2 * ASKED_AT)));
}
