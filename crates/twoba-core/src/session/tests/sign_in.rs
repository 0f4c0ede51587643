//! A program may log in by itself once for each end of a grant.

use super::*;

impl World {
    fn claim(&mut self, session: &mut Session) -> Result<SignIn, RefreshError> {
        let (now, stored) = (self.now, self.stored.clone());
        self.drive(session.claim_sign_in(now, stored))
    }

    fn release(&mut self, session: &mut Session) -> Result<SignIn, RefreshError> {
        let stored = self.stored.clone();
        self.drive(session.release_sign_in(stored))
    }
}

fn claimed(outcome: &Result<SignIn, RefreshError>) -> Option<Cause> {
    match outcome {
        Ok(SignIn::Claimed(verdict)) => Some(verdict.cause),
        _ => None,
    }
}

fn taken(outcome: Result<SignIn, RefreshError>) -> Option<Cause> {
    cause(&outcome.map(|_| String::new()))
}

fn dead() -> World {
    let (mut world, mut session) = logged_in();
    world.now = at(119);
    world.will([refusal("invalid_grant")]);
    assert_eq!(cause(&world.refresh(&mut session)), Some(Cause::Refused));
    world
}

#[test]
fn a_verdict_is_claimed_once_over_all_processes() {
    let mut world = dead();
    assert_eq!(claimed(&world.claim(&mut session())), Some(Cause::Refused));
    for _ in 0..3 {
        assert_eq!(taken(world.claim(&mut session())), Some(Cause::Refused));
    }
    assert_eq!(cause(&world.refresh(&mut session())), Some(Cause::Refused));
}

#[test]
fn two_who_claim_at_once_get_one_claim() {
    let mut world = dead();
    let (mut first, mut second) = (session(), session());
    let stored = world.stored.clone();
    let one = first.claim_sign_in(world.now, stored.clone());
    let other = second.claim_sign_in(world.now, stored);
    assert_eq!(claimed(&world.drive(one)), Some(Cause::Refused));
    assert_eq!(taken(world.drive(other)), Some(Cause::Refused));
}

#[test]
fn two_who_claim_in_one_millisecond_never_write_the_same_bytes() {
    let claim = |stored: Option<StoredGrant>| {
        let mut session = session();
        match session.claim_sign_in(at(119), stored) {
            Step::Save(change, _) => change.record().revision(),
            step @ (Step::Send(..) | Step::Done(_)) => panic!("{step:?}"),
        }
    };
    for stored in [None, dead().stored] {
        assert_ne!(claim(stored.clone()), claim(stored));
    }
}

#[test]
fn a_claim_of_somebody_else_is_not_given_back() {
    let mut world = dead();
    let (mut first, mut second) = (session(), session());
    assert_eq!(claimed(&world.claim(&mut first)), Some(Cause::Refused));
    // A person has logged in meanwhile, and the next end was claimed by another program.
    world.log_in(&mut session()).unwrap();
    world.now = at(300);
    world.will([refusal("invalid_grant")]);
    world.refresh(&mut session()).unwrap_err();
    assert_eq!(claimed(&world.claim(&mut second)), Some(Cause::Refused));
    assert_eq!(world.release(&mut first), Ok(SignIn::Released));
    assert_eq!(taken(world.claim(&mut session())), Some(Cause::Refused));
    assert_eq!(world.release(&mut second), Ok(SignIn::Released));
    assert_eq!(claimed(&world.claim(&mut first)), Some(Cause::Refused));
}

#[test]
fn nobody_yet_is_claimed_once_too() {
    let mut world = World::new();
    assert_eq!(claimed(&world.claim(&mut session())), Some(Cause::NoLogin));
    assert_eq!(taken(world.claim(&mut session())), Some(Cause::NoLogin));
    assert_eq!(cause(&world.refresh(&mut session())), Some(Cause::NoLogin));
    assert_eq!(session().status(world.now).state, SessionState::None);
    assert_eq!(world.release(&mut session()), Ok(SignIn::Released));
    assert_eq!(claimed(&world.claim(&mut session())), Some(Cause::NoLogin));
}

#[test]
fn a_login_makes_the_next_end_claimable() {
    let mut world = dead();
    assert_eq!(claimed(&world.claim(&mut session())), Some(Cause::Refused));
    world.log_in(&mut session()).unwrap();
    assert_eq!(world.claim(&mut session()), Ok(SignIn::NotNeeded));
    world.now = at(300);
    world.will([refusal("invalid_grant")]);
    assert_eq!(cause(&world.refresh(&mut session())), Some(Cause::Refused));
    assert_eq!(claimed(&world.claim(&mut session())), Some(Cause::Refused));
}

#[test]
fn a_claim_is_given_back_when_no_password_has_left() {
    let mut world = dead();
    assert_eq!(claimed(&world.claim(&mut session())), Some(Cause::Refused));
    assert_eq!(world.release(&mut session()), Ok(SignIn::Released));
    assert_eq!(claimed(&world.claim(&mut session())), Some(Cause::Refused));
}

#[test]
fn who_has_logged_out_is_not_logged_in_by_a_program() {
    let (mut world, mut session) = logged_in();
    let (now, stored) = (world.now, world.stored.clone());
    world.drive(session.forget(now, stored)).unwrap();
    assert_eq!(taken(world.claim(&mut session)), Some(Cause::LoggedOut));
    assert_eq!(world.release(&mut session), Ok(SignIn::Released));
    assert_eq!(taken(world.claim(&mut session)), Some(Cause::LoggedOut));
}

#[test]
fn a_claim_that_cannot_be_stored_allows_nothing() {
    let mut world = dead();
    world.read_only = true;
    assert_eq!(world.claim(&mut session()), Err(RefreshError::NotStored));
}

#[test]
fn an_ended_token_without_a_refresh_token_can_be_claimed() {
    let mut world = World::new();
    let body = r#"{"access_token":"at-1","token_type":"bearer","expires_in":120}"#;
    let mut session = session();
    let act = Act::Answer(200, "application/json", body.into());
    let fresh = fresh(session.client(), START, &act);
    world.drive(session.adopt(fresh, None)).unwrap();
    assert_eq!(world.claim(&mut session), Ok(SignIn::NotNeeded));
    world.now = at(120);
    assert_eq!(
        claimed(&world.claim(&mut session)),
        Some(Cause::NoRefreshToken)
    );
    assert_eq!(
        taken(world.claim(&mut session)),
        Some(Cause::NoRefreshToken)
    );
}
