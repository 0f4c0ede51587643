//! What each policy makes of refresh tokens, also at the two sides of a window's end.

use super::*;

const WINDOW: Duration = Duration::from_secs(30);

/// The last moment inside a window, and the first one outside.
const LAST: Duration = Duration::from_millis(29_999);
const END: Duration = Duration::from_secs(30);

const WITH_A_WINDOW: [Policy; 3] = [
    Policy::Grace(WINDOW),
    Policy::GraceNew(WINDOW),
    Policy::GraceAccessOnly(WINDOW),
];

const EVERY: [Policy; 11] = [
    Policy::Strict,
    Policy::Grace(WINDOW),
    Policy::GraceNew(WINDOW),
    Policy::GraceAccessOnly(WINDOW),
    Policy::Reusable,
    Policy::NoRotation,
    Policy::Expires(Duration::from_secs(3600)),
    Policy::Idle(Duration::from_secs(3600)),
    Policy::TooEarly(LIFETIME),
    Policy::SpentIs401,
    Policy::OneTimeFromNow,
];

/// A login whose refresh token has just been spent, and the two pairs of it.
fn spent(policy: Policy) -> (World, Pair, Pair) {
    let mut world = World::with(policy);
    let (_, first) = world.login();
    let second = world.refresh(&first.refresh).unwrap();
    (world, first, second)
}

impl World {
    fn pass(&mut self, span: Duration) {
        self.now = self.now.plus(span);
    }

    fn set(&mut self, policy: Policy) {
        let mut entry = self.recorder.at(self.now);
        self.authority.set_policy(&mut entry, policy);
    }

    /// Presents a token again, whatever that brings.
    fn again(&mut self, token: &Token) -> Result<Granted, Refusal> {
        self.refresh_as(CLIENT, token.expose())
    }

    #[track_caller]
    fn check_counts(&self, rotations: u64, reuse: u64, families_revoked: u64) {
        let counts = self.counts();
        assert_eq!(
            (counts.rotations, counts.reuse, counts.families_revoked),
            (rotations, reuse, families_revoked)
        );
    }

    /// The last event but `back`.
    fn event(&self, back: usize) -> EventKind {
        let events = self.recorder.snapshot().events;
        events[events.len() - 1 - back].kind.clone()
    }
}

#[test]
fn inside_the_window_a_spent_token_gets_the_same_successor_again() {
    let (mut world, first, second) = spent(Policy::Grace(WINDOW));
    for passed in [Duration::ZERO, LAST] {
        world.pass(passed);
        let again = world.refresh(&first.refresh).unwrap();
        assert_eq!(again.refresh.expose(), second.refresh.expose());
        assert_ne!(again.access.expose(), second.access.expose());
        assert!(world.bearer(&again.access).is_ok());
    }
    world.check_counts(1, 0, 0);
    assert!(world.refresh(&second.refresh).is_ok());
    world.check_counts(2, 0, 0);
}

#[test]
fn an_answer_from_inside_the_window_counts_its_lifetime_anew() {
    let (mut world, first, _) = spent(Policy::Grace(WINDOW));
    world.pass(LAST);
    let again = world.refresh(&first.refresh).unwrap();
    assert_eq!(again.expires_in_seconds, 120);
    world.pass(LIFETIME - Duration::from_millis(1));
    assert!(world.bearer(&again.access).is_ok());
    world.pass(Duration::from_millis(1));
    assert_eq!(world.bearer(&again.access), Err(BearerRefusal::Expired));
}

#[test]
fn the_same_successor_is_what_it_was_even_when_it_is_spent_itself() {
    let (mut world, first, second) = spent(Policy::Grace(WINDOW));
    let third = world.refresh(&second.refresh).unwrap();
    let again = world.refresh(&first.refresh).unwrap();
    assert_eq!(again.refresh.expose(), second.refresh.expose());
    let after = world.refresh(&again.refresh).unwrap();
    assert_eq!(after.refresh.expose(), third.refresh.expose());
    world.check_counts(2, 0, 0);
}

#[test]
fn at_its_end_a_window_is_over_and_the_family_ends() {
    for policy in WITH_A_WINDOW {
        let (mut world, first, second) = spent(policy);
        world.pass(END);
        assert_eq!(
            refused(world.again(&first.refresh)),
            Refusal::SpentRefreshToken,
            "{policy}"
        );
        assert_eq!(refused(world.again(&second.refresh)), Refusal::FamilyEnded);
        assert_eq!(world.bearer(&second.access), Err(BearerRefusal::Revoked));
        world.check_counts(1, 1, 1);
    }
}

#[test]
fn a_replay_does_not_begin_the_window_anew() {
    for policy in WITH_A_WINDOW {
        let (mut world, first, _) = spent(policy);
        world.pass(LAST);
        world.again(&first.refresh).unwrap();
        world.pass(Duration::from_millis(1));
        assert_eq!(
            refused(world.again(&first.refresh)),
            Refusal::SpentRefreshToken,
            "{policy}"
        );
    }
}

#[test]
fn a_good_token_stays_good_long_after_the_window() {
    for policy in WITH_A_WINDOW {
        let (mut world, _, second) = spent(policy);
        world.pass(END * 100);
        assert!(world.refresh(&second.refresh).is_ok(), "{policy}");
        world.check_counts(2, 0, 0);
    }
}

#[test]
fn a_window_forgives_nobody_whose_family_has_ended() {
    for policy in WITH_A_WINDOW {
        let (mut world, first, second) = spent(policy);
        world.revoke(CLIENT, &second.refresh).unwrap();
        assert_eq!(
            refused(world.again(&first.refresh)),
            Refusal::FamilyEnded,
            "{policy}"
        );
        world.check_counts(1, 0, 1);
    }
}

#[test]
fn what_is_forgiven_is_in_the_journal_and_is_no_reuse() {
    let (mut world, first, second) = spent(Policy::Grace(WINDOW));
    let again = world.refresh(&first.refresh).unwrap();
    let family = FamilyId(1);
    let presented = first.refresh.fingerprint();
    assert_eq!(
        world.event(1),
        EventKind::Forgiven {
            family,
            generation: 0,
            presented
        }
    );
    assert_eq!(
        world.event(0),
        EventKind::Renewal {
            family,
            generation: 2,
            presented,
            refresh: Some(second.refresh.fingerprint()),
            access: again.access.fingerprint(),
        }
    );
}

#[test]
fn inside_the_window_a_spent_token_gets_another_child() {
    let (mut world, first, second) = spent(Policy::GraceNew(WINDOW));
    world.pass(LAST);
    let sibling = world.refresh(&first.refresh).unwrap();
    assert_ne!(sibling.refresh.expose(), second.refresh.expose());
    assert_ne!(sibling.access.expose(), second.access.expose());
    world.check_counts(2, 0, 0);
    assert!(matches!(world.event(1), EventKind::Forgiven { .. }));
    assert!(matches!(
        world.event(0),
        EventKind::Rotation { generation: 2, .. }
    ));
    // Both children are good, and each is good once.
    for child in [&second, &sibling] {
        assert!(world.refresh(&child.refresh).is_ok());
    }
    world.check_counts(4, 0, 0);
    world.pass(END);
    assert_eq!(
        refused(world.again(&sibling.refresh)),
        Refusal::SpentRefreshToken
    );
}

#[test]
fn the_reuse_of_one_child_ends_its_siblings_too() {
    let (mut world, first, second) = spent(Policy::GraceNew(WINDOW));
    let sibling = world.refresh(&first.refresh).unwrap();
    world.refresh(&second.refresh).unwrap();
    world.pass(END);
    refused(world.again(&second.refresh));
    assert_eq!(refused(world.again(&sibling.refresh)), Refusal::FamilyEnded);
}

#[test]
fn inside_the_window_a_spent_token_gets_an_access_token_and_no_refresh_token() {
    let (mut world, first, second) = spent(Policy::GraceAccessOnly(WINDOW));
    world.pass(LAST);
    let access = world.refresh_access(&first.refresh).unwrap();
    assert_ne!(access.expose(), second.access.expose());
    assert_eq!(world.bearer(&access), Ok(2));
    world.check_counts(1, 0, 0);
    assert!(matches!(
        world.event(0),
        EventKind::Renewal { refresh: None, .. }
    ));
    assert!(world.refresh(&second.refresh).is_ok());
}

#[test]
fn a_reusable_token_brings_another_one_and_stays_good() {
    let mut world = World::with(Policy::Reusable);
    let (_, first) = world.login();
    let second = world.refresh(&first.refresh).unwrap();
    let third = world.refresh(&first.refresh).unwrap();
    assert_ne!(second.refresh.expose(), third.refresh.expose());
    world.pass(Duration::from_secs(365 * 86_400));
    for pair in [&first, &second, &third, &first] {
        assert!(world.refresh(&pair.refresh).is_ok());
    }
    world.check_counts(6, 0, 0);
}

#[test]
fn without_rotation_no_answer_has_a_refresh_token_and_the_old_one_stays_good() {
    let mut world = World::with(Policy::NoRotation);
    let (_, first) = world.login();
    let mut before = first.access;
    for generation in 1..=3 {
        let access = world.refresh_access(&first.refresh).unwrap();
        assert_ne!(access.expose(), before.expose());
        assert_eq!(world.bearer(&access), Ok(generation));
        before = access;
        assert!(matches!(
            world.event(0),
            EventKind::Renewal { refresh: None, .. }
        ));
    }
    world.check_counts(0, 0, 0);
}

#[test]
fn a_refresh_token_dies_unused_and_not_a_millisecond_earlier() {
    let unused = Duration::from_secs(3600);
    for (passed, alive) in [(unused - Duration::from_millis(1), true), (unused, false)] {
        let mut world = World::with(Policy::Expires(unused));
        let (_, first) = world.login();
        world.pass(passed);
        let outcome = world.again(&first.refresh);
        assert_eq!(outcome.is_ok(), alive);
        if !alive {
            assert_eq!(refused(outcome), Refusal::ExpiredRefreshToken);
            world.check_counts(0, 0, 0);
        }
    }
}

#[test]
fn each_rotation_begins_the_life_of_a_refresh_token_anew() {
    let unused = Duration::from_secs(3600);
    let mut world = World::with(Policy::Expires(unused));
    let (_, mut pair) = world.login();
    for _ in 0..5 {
        world.pass(unused - Duration::from_millis(1));
        pair = world.refresh(&pair.refresh).unwrap();
    }
    world.pass(unused);
    assert_eq!(
        refused(world.again(&pair.refresh)),
        Refusal::ExpiredRefreshToken
    );
}

#[test]
fn under_expiry_a_spent_token_ends_its_family() {
    let (mut world, first, second) = spent(Policy::Expires(Duration::from_secs(3600)));
    assert_eq!(
        refused(world.again(&first.refresh)),
        Refusal::SpentRefreshToken
    );
    assert_eq!(refused(world.again(&second.refresh)), Refusal::FamilyEnded);
    world.check_counts(1, 1, 1);
}

#[test]
fn under_no_policy_does_another_client_burn_a_refresh_token() {
    for policy in EVERY {
        let mut world = World::with(policy);
        let (_, first) = world.login();
        let stolen = world.refresh_as("publicApplication", first.refresh.expose());
        assert_eq!(refused(stolen), Refusal::ForeignRefreshToken, "{policy}");
        world.check_counts(0, 0, 0);
        assert!(world.again(&first.refresh).is_ok(), "{policy}");
        let stolen = world.refresh_as("publicApplication", first.refresh.expose());
        assert_eq!(refused(stolen), Refusal::ForeignRefreshToken, "{policy}");
        assert_eq!(world.counts().reuse, 0);
    }
}

#[test]
fn no_two_access_tokens_of_a_family_are_the_same() {
    for policy in EVERY {
        let mut world = World::with(policy);
        let (_, first) = world.login();
        let one = world.again(&first.refresh).unwrap().access;
        assert_ne!(one.expose(), first.access.expose(), "{policy}");
        if let Ok(two) = world.again(&first.refresh) {
            assert_ne!(one.expose(), two.access.expose(), "{policy}");
            world.revoke(CLIENT, &one).unwrap();
            assert!(world.bearer(&two.access).is_ok(), "{policy}");
        }
    }
}

#[test]
fn another_policy_holds_from_the_next_request_on() {
    let (mut world, first, second) = spent(Policy::Grace(WINDOW));
    world.set(Policy::GraceAccessOnly(WINDOW));
    world.refresh_access(&first.refresh).unwrap();
    world.set(Policy::NoRotation);
    world.refresh_access(&second.refresh).unwrap();
    world.set(Policy::Strict);
    assert_eq!(
        refused(world.again(&first.refresh)),
        Refusal::SpentRefreshToken
    );
}

#[test]
fn a_token_that_was_spent_without_a_window_gets_none_later() {
    let (mut world, first, _) = spent(Policy::Strict);
    world.set(Policy::Grace(WINDOW));
    assert_eq!(
        refused(world.again(&first.refresh)),
        Refusal::SpentRefreshToken
    );
}

#[test]
fn a_window_keeps_the_end_that_it_began_with() {
    let (mut world, first, _) = spent(Policy::Grace(WINDOW));
    world.set(Policy::Grace(WINDOW * 100));
    world.pass(LAST);
    assert!(world.again(&first.refresh).is_ok());
    world.pass(Duration::from_millis(1));
    refused(world.again(&first.refresh));
}

#[test]
fn a_family_ends_idle_and_each_exchange_moves_that_end() {
    let mut world = World::with(Policy::Idle(END));
    let (_, mut pair) = world.login();
    for _ in 0..3 {
        world.pass(LAST);
        pair = world.refresh(&pair.refresh).unwrap();
    }
    world.pass(END);
    assert_eq!(
        refused(world.again(&pair.refresh)),
        Refusal::IdleRefreshToken
    );
    world.check_counts(3, 0, 0);
}

#[test]
fn a_token_that_comes_too_early_is_refused_and_not_spent() {
    let mut world = World::with(Policy::TooEarly(WINDOW));
    let (_, pair) = world.login();
    world.pass(LIFETIME - WINDOW - Duration::from_millis(1));
    for _ in 0..2 {
        assert_eq!(refused(world.again(&pair.refresh)), Refusal::TooEarly);
    }
    world.check_counts(0, 0, 0);
    world.pass(Duration::from_millis(1));
    let next = world.refresh(&pair.refresh).unwrap();
    world.pass(LIFETIME);
    world.refresh(&next.refresh).unwrap();
    world.check_counts(2, 0, 0);
}

#[test]
fn a_spent_token_is_refused_by_401_where_the_policy_says_so() {
    let (mut world, first, second) = spent(Policy::SpentIs401);
    let reason = refused(world.again(&first.refresh));
    assert_eq!(reason, Refusal::SpentAsUnauthorized);
    assert_eq!(reason.status(), 401);
    assert_eq!(reason.oauth_code(), "unauthorized_client");
    world.check_counts(1, 1, 1);
    assert_eq!(refused(world.again(&second.refresh)), Refusal::FamilyEnded);
}

#[test]
fn reusable_tokens_are_good_once_more_from_the_moment_they_are_one_time() {
    let (mut world, first, second) = spent(Policy::Reusable);
    world.refresh(&first.refresh).unwrap();
    world.set(Policy::OneTimeFromNow);
    let policy = Policy::OneTimeFromNow;
    assert_eq!(world.event(0), EventKind::PolicySet { policy });
    world.refresh(&first.refresh).unwrap();
    world.refresh(&second.refresh).unwrap();
    world.check_counts(4, 0, 0);
    assert_eq!(
        refused(world.again(&first.refresh)),
        Refusal::SpentRefreshToken
    );
    world.check_counts(4, 1, 1);
}
