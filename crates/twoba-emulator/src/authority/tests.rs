//! What the authorization server promises, told as stories without HTTP.

mod policies;

use super::*;
use crate::journal::{Counts, Recorder};

const LIFETIME: Duration = Duration::from_secs(120);
const CLIENT: &str = "myApplication";
const USER: &str = "demo@example.com";

/// Owns server, journal and time.
struct World {
    authority: Authority,
    recorder: Recorder,
    now: Timestamp,
}

/// What a login or a refresh brought.
struct Pair {
    access: Token,
    refresh: Token,
    expires_in_seconds: u64,
}

impl From<Granted> for Pair {
    #[track_caller]
    fn from(granted: Granted) -> Self {
        Self {
            access: granted.access,
            refresh: granted.refresh.expect("no refresh token was granted"),
            expires_in_seconds: granted.expires_in_seconds,
        }
    }
}

impl World {
    fn new() -> Self {
        Self::with(Policy::Strict)
    }

    fn with(policy: Policy) -> Self {
        Self {
            authority: Authority::new([1; 32], LIFETIME, policy),
            recorder: Recorder::default(),
            now: Timestamp::from_millis(1_000_000),
        }
    }

    fn login(&mut self) -> (FamilyId, Pair) {
        let mut entry = self.recorder.at(self.now);
        let login = self
            .authority
            .login(&mut entry, Some(USER), CLIENT, Grant::Password, None);
        (login.0, login.1.into())
    }

    #[track_caller]
    fn refresh(&mut self, token: &Token) -> Result<Pair, Refusal> {
        self.refresh_as(CLIENT, token.expose()).map(Pair::from)
    }

    /// A refresh that brings no refresh token.
    #[track_caller]
    fn refresh_access(&mut self, token: &Token) -> Result<Token, Refusal> {
        let granted = self.refresh_as(CLIENT, token.expose())?;
        assert!(granted.refresh.is_none(), "a refresh token was granted");
        Ok(granted.access)
    }

    fn refresh_as(&mut self, client: &str, token: &str) -> Result<Granted, Refusal> {
        let mut entry = self.recorder.at(self.now);
        self.authority
            .refresh(&mut entry, client, token)
            .map_err(|refused| refused.reason)
    }

    fn code(&mut self) -> Token {
        let mut entry = self.recorder.at(self.now);
        let request = CodeRequest {
            user: USER.to_owned(),
            client: CLIENT.to_owned(),
            redirect_uri: "http://localhost/".to_owned(),
            challenge: None,
            scope: None,
        };
        self.authority.issue_code(&mut entry, request)
    }

    fn redeem(&mut self, code: &Token) -> Result<Pair, Refusal> {
        let mut entry = self.recorder.at(self.now);
        let redemption = Redemption {
            code: code.expose(),
            redirect_uri: "http://localhost/",
            verifier: None,
        };
        self.authority
            .redeem(&mut entry, CLIENT, &redemption)
            .map(Pair::from)
            .map_err(|refused| refused.reason)
    }

    fn revoke(&mut self, client: &str, token: &Token) -> Result<(), Refusal> {
        let mut entry = self.recorder.at(self.now);
        self.authority
            .revoke(&mut entry, client, token.expose())
            .map_err(|refused| refused.reason)
    }

    fn bearer(&self, token: &Token) -> Result<u64, BearerRefusal> {
        self.authority
            .bearer(self.now, token.expose())
            .map(|bearer| bearer.generation)
            .map_err(|bad| bad.reason)
    }

    fn counts(&self) -> Counts {
        self.recorder.counts()
    }
}

#[track_caller]
fn refused<T>(result: Result<T, Refusal>) -> Refusal {
    result.err().expect("tokens were granted")
}

#[test]
fn a_chain_of_rotations_goes_on_as_long_as_each_token_is_used_once() {
    let mut world = World::new();
    let (_, mut granted) = world.login();
    for generation in 1..=100 {
        granted = world.refresh(&granted.refresh).unwrap();
        assert_eq!(world.bearer(&granted.access), Ok(generation));
    }
    assert_eq!(world.counts().rotations, 100);
    assert_eq!(world.counts().reuse, 0);
}

#[test]
fn a_spent_refresh_token_ends_the_family_with_its_access_tokens() {
    let mut world = World::new();
    let (_, first) = world.login();
    let second = world.refresh(&first.refresh).unwrap();
    assert_eq!(
        refused(world.refresh(&first.refresh)),
        Refusal::SpentRefreshToken
    );
    assert_eq!(
        refused(world.refresh(&second.refresh)),
        Refusal::FamilyEnded
    );
    assert_eq!(world.bearer(&first.access), Err(BearerRefusal::Revoked));
    assert_eq!(world.bearer(&second.access), Err(BearerRefusal::Revoked));
    let counts = world.counts();
    assert_eq!(
        (counts.rotations, counts.reuse, counts.families_revoked),
        (1, 1, 1)
    );
}

#[test]
fn reuse_is_counted_each_time_and_the_end_of_the_family_once() {
    let mut world = World::new();
    let (_, first) = world.login();
    world.refresh(&first.refresh).unwrap();
    for _ in 0..3 {
        refused(world.refresh(&first.refresh));
    }
    assert_eq!(world.counts().reuse, 3);
    assert_eq!(world.counts().families_revoked, 1);
}

#[test]
fn the_reuse_of_one_family_leaves_the_others_alone() {
    let mut world = World::new();
    let (_, mine) = world.login();
    let (_, other) = world.login();
    world.refresh(&mine.refresh).unwrap();
    refused(world.refresh(&mine.refresh));
    assert!(world.refresh(&other.refresh).is_ok());
}

#[test]
fn another_client_does_not_burn_a_refresh_token() {
    let mut world = World::new();
    let (_, granted) = world.login();
    assert_eq!(
        refused(world.refresh_as("publicApplication", granted.refresh.expose())),
        Refusal::ForeignRefreshToken
    );
    assert_eq!(world.counts(), Counts::default());
    assert!(world.refresh(&granted.refresh).is_ok());
}

#[test]
fn an_access_token_is_no_refresh_token_and_the_other_way_round() {
    let mut world = World::new();
    let (_, granted) = world.login();
    assert_eq!(
        refused(world.refresh(&granted.access)),
        Refusal::UnknownRefreshToken
    );
    assert_eq!(
        world.bearer(&granted.refresh),
        Err(BearerRefusal::UnknownToken)
    );
}

#[test]
fn an_access_token_lives_for_its_lifetime_and_not_a_millisecond_longer() {
    let mut world = World::new();
    let (_, granted) = world.login();
    assert_eq!(granted.expires_in_seconds, 120);
    world.now = world.now.plus(LIFETIME - Duration::from_millis(1));
    assert_eq!(world.bearer(&granted.access), Ok(0));
    world.now = world.now.plus(Duration::from_millis(1));
    assert_eq!(world.bearer(&granted.access), Err(BearerRefusal::Expired));
}

#[test]
fn an_older_access_token_outlives_the_rotation() {
    let mut world = World::new();
    let (_, first) = world.login();
    world.refresh(&first.refresh).unwrap();
    assert_eq!(world.bearer(&first.access), Ok(0));
}

#[test]
fn a_code_leads_to_a_family_and_its_second_use_ends_that() {
    let mut world = World::new();
    let code = world.code();
    let granted = world.redeem(&code).unwrap();
    assert_eq!(world.bearer(&granted.access), Ok(0));
    assert_eq!(refused(world.redeem(&code)), Refusal::SpentCode);
    assert_eq!(world.bearer(&granted.access), Err(BearerRefusal::Revoked));
    assert_eq!(
        refused(world.refresh(&granted.refresh)),
        Refusal::FamilyEnded
    );
    assert_eq!(world.counts().families_revoked, 1);
    assert_eq!(world.counts().reuse, 0);
}

#[test]
fn revoking_a_refresh_token_ends_the_family() {
    let mut world = World::new();
    let (_, granted) = world.login();
    assert_eq!(world.revoke(CLIENT, &granted.refresh), Ok(()));
    assert_eq!(world.bearer(&granted.access), Err(BearerRefusal::Revoked));
    assert_eq!(
        refused(world.refresh(&granted.refresh)),
        Refusal::FamilyEnded
    );
    assert_eq!(world.counts().families_revoked, 1);
}

#[test]
fn revoking_an_access_token_takes_only_that_token() {
    let mut world = World::new();
    let (_, first) = world.login();
    let second = world.refresh(&first.refresh).unwrap();
    assert_eq!(world.revoke(CLIENT, &first.access), Ok(()));
    assert_eq!(world.bearer(&first.access), Err(BearerRefusal::Revoked));
    assert_eq!(world.bearer(&second.access), Ok(1));
    assert!(world.refresh(&second.refresh).is_ok());
}

#[test]
fn a_client_cannot_revoke_the_token_of_another() {
    let mut world = World::new();
    let (_, granted) = world.login();
    assert_eq!(
        world.revoke("publicApplication", &granted.refresh),
        Err(Refusal::ForeignToken)
    );
    assert!(world.refresh(&granted.refresh).is_ok());
}

#[test]
fn revoking_a_user_ends_all_his_families_and_nobody_elses() {
    let mut world = World::new();
    let (_, one) = world.login();
    let (_, two) = world.login();
    let mut entry = world.recorder.at(world.now);
    let (_, other) = world.authority.login(
        &mut entry,
        Some("tricky@example.com"),
        CLIENT,
        Grant::Password,
        None,
    );
    assert_eq!(world.authority.end_user(&mut entry, USER), 2);
    assert_eq!(world.authority.end_user(&mut entry, USER), 0);
    assert_eq!(refused(world.refresh(&one.refresh)), Refusal::FamilyEnded);
    assert_eq!(refused(world.refresh(&two.refresh)), Refusal::FamilyEnded);
    assert!(world.refresh(&Pair::from(other).refresh).is_ok());
}

#[test]
fn a_made_up_pair_is_worth_nothing_and_costs_nothing() {
    let mut world = World::new();
    world.login();
    let made_up = Pair::from(world.authority.made_up());
    assert_eq!(
        refused(world.refresh(&made_up.refresh)),
        Refusal::UnknownRefreshToken
    );
    assert_eq!(
        world.bearer(&made_up.access),
        Err(BearerRefusal::UnknownToken)
    );
    assert_eq!(world.counts(), Counts::default());
}

#[test]
fn the_journal_tells_the_chain_by_fingerprints() {
    let mut world = World::new();
    let (family, first) = world.login();
    let second = world.refresh(&first.refresh).unwrap();
    let events = world.recorder.snapshot().events;
    assert_eq!(
        events[1].kind,
        EventKind::Rotation {
            family,
            generation: 1,
            spent: Fingerprint::of(first.refresh.expose()),
            refresh: Fingerprint::of(second.refresh.expose()),
            access: Fingerprint::of(second.access.expose()),
        }
    );
}

#[test]
fn of_too_many_families_the_one_that_ended_first_is_forgotten() {
    let mut world = World::new();
    world.authority.max_families = 3;
    let (one, kept) = world.login();
    let (_, ended) = world.login();
    let (three, ended_later) = world.login();
    for pair in [&ended, &ended_later] {
        world.refresh(&pair.refresh).unwrap();
        assert!(world.refresh(&pair.refresh).is_err());
    }
    let ids = |world: &World| -> Vec<FamilyId> {
        let mut ids: Vec<_> = world.authority.families().map(|(id, _)| id).collect();
        ids.sort();
        ids
    };
    let (four, _) = world.login();
    assert_eq!(ids(&world), [one, three, four]);
    let unknown = Some(Refusal::UnknownRefreshToken);
    assert_eq!(world.refresh(&ended.refresh).err(), unknown);
    let (five, _) = world.login();
    assert_eq!(ids(&world), [one, four, five]);
    // None has ended, so the oldest goes.
    let (six, _) = world.login();
    assert_eq!(ids(&world), [four, five, six]);
    assert_eq!(world.refresh(&kept.refresh).err(), unknown);
}
