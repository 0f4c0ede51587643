//! A refresh token from elsewhere is exchanged, and becomes a login only then.

use super::*;
use crate::secret::RefreshToken;

fn import(world: &mut World, session: &mut Session) -> Result<Imported, RefreshError> {
    let step = started(world, session);
    world.drive(step)
}

fn started<'s>(world: &World, session: &'s mut Session) -> Step<'s, Imported> {
    let token = RefreshToken::parse("rt-0").unwrap();
    let (now, stored) = (world.now, world.stored.clone());
    session.import(now, token, Some("somebody".into()), stored)
}

/// An import whose request is about to leave.
fn left<'s>(world: &mut World, session: &'s mut Session) -> Step<'s, Imported> {
    let Step::Save(intent, receipt) = started(world, session) else {
        panic!("the intent comes first");
    };
    world.save(&intent, receipt)
}

fn reason(outcome: &Result<Imported, RefreshError>) -> TroubleReason {
    let Err(RefreshError::Unavailable(trouble) | RefreshError::Misconfigured(trouble)) = outcome
    else {
        panic!("{outcome:?}");
    };
    trouble.reason
}

fn why(outcome: &Result<Imported, RefreshError>) -> Cause {
    let Err(RefreshError::ImportRefused(verdict)) = outcome else {
        panic!("{outcome:?}");
    };
    verdict.cause
}

fn has_candidate(world: &World) -> bool {
    let record = record::parse_of_anybody(world.stored.as_ref().unwrap());
    record.unwrap().candidate.is_some()
}

#[test]
fn an_imported_token_that_the_server_takes_is_a_login() {
    for logged_in_before in [false, true] {
        let (mut world, mut session) = (World::new(), session());
        if logged_in_before {
            world.log_in(&mut super::session()).unwrap();
        }
        world.will([granted(5)]);
        let imported = import(&mut world, &mut session).unwrap();
        assert_eq!(imported.id.generation, 1);
        assert_eq!(session.token(START).unwrap().expose(), "at-5");
        assert_eq!(session.status(START).user.as_deref(), Some("somebody"));
        assert_eq!(world.presented, ["rt-0"]);
        assert!(!has_candidate(&world));
        assert_eq!(world.refresh(&mut super::session()), Ok("at-5".into()));
    }
}

#[test]
fn what_comes_to_nothing_leaves_what_was_there() {
    let bare = Act::Answer(400, "text/plain", String::new());
    let page = Act::Answer(502, "text/html", "<html>".into());
    let (lost, unsent) = (SendFailure::MaybeSent, SendFailure::NotSent);
    for act in [
        refusal("invalid_grant"),
        refusal("invalid_client"),
        bare,
        page,
        Act::Fail(lost),
        Act::Fail(unsent),
        Act::Answer(200, "application/json", "{".into()),
    ] {
        let (mut world, mut session) = logged_in();
        world.will([act]);
        import(&mut world, &mut session).unwrap_err();
        assert_eq!(session.token(world.now).unwrap().expose(), "at-1");
        assert_eq!(world.refresh(&mut super::session()), Ok("at-1".into()));
        world.now = at(119);
        world.will([granted(2)]);
        assert_eq!(world.refresh(&mut super::session()), Ok("at-2".into()));
        assert_eq!(world.presented, ["rt-0", "rt-1"]);
    }
}

#[test]
fn each_failure_is_told_as_what_it_is() {
    let no_login = |world: &mut World| {
        let nobody = cause(&world.refresh(&mut session()));
        assert_eq!(nobody, Some(Cause::NoLogin));
    };
    let (mut world, mut session) = (World::new(), session());
    world.will([refusal("invalid_grant")]);
    assert_eq!(why(&import(&mut world, &mut session)), Cause::Refused);
    no_login(&mut world);
    world.will([refusal("invalid_client")]);
    let outcome = import(&mut world, &mut session);
    assert_eq!(reason(&outcome), TroubleReason::Configuration);
    world.will([Act::Fail(SendFailure::NotSent)]);
    let outcome = import(&mut world, &mut session);
    assert_eq!(reason(&outcome), TroubleReason::NotSent);
    assert!(!has_candidate(&world), "it is dropped");
    no_login(&mut world);
}

#[test]
fn a_lost_answer_follows_the_replay_rule_for_the_imported_token_alone() {
    let (mut world, mut session) = logged_in();
    world.will([Act::Fail(SendFailure::MaybeSent)]);
    let outcome = import(&mut world, &mut session);
    assert_eq!(reason(&outcome), TroubleReason::AnswerLost);
    assert!(has_candidate(&world));
    // Refreshes of the session that is there carry it along.
    world.now = at(119);
    world.will([granted(2)]);
    world.refresh(&mut super::session()).unwrap();
    assert!(has_candidate(&world));
    world.will([refusal("invalid_grant")]);
    let outcome = import(&mut world, &mut super::session());
    assert_eq!(why(&outcome), Cause::AnswerLost);
    assert!(!has_candidate(&world));
    assert_eq!(world.refresh(&mut super::session()), Ok("at-2".into()));

    // The second one is good, or lost too.
    for act in [granted(5), Act::Fail(SendFailure::MaybeSent)] {
        let (mut world, mut session) = logged_in();
        world.will([Act::Fail(SendFailure::MaybeSent), act]);
        import(&mut world, &mut session).unwrap_err();
        match import(&mut world, &mut super::session()) {
            Ok(_) => assert_eq!(world.refresh(&mut super::session()), Ok("at-5".into())),
            outcome => assert_eq!(why(&outcome), Cause::AnswerLost),
        }
        assert!(!has_candidate(&world));
    }

    // Where nothing is replayed it is over at once.
    let never = || session_of(Provider::two_ba().with_replay(Replay::Never), "secret");
    let mut world = World::new();
    world.log_in(&mut never()).unwrap();
    world.will([Act::Fail(SendFailure::MaybeSent)]);
    assert_eq!(why(&import(&mut world, &mut never())), Cause::AnswerLost);
    assert_eq!(world.refresh(&mut never()), Ok("at-1".into()));
}

#[test]
fn a_crash_between_request_and_answer_is_a_lost_answer() {
    let (mut world, mut session) = logged_in();
    drop(left(&mut world, &mut session));
    // Whoever imports it again waits until no request can be out.
    let outcome = import(&mut world, &mut super::session());
    assert_eq!(reason(&outcome), TroubleReason::AnswerLost);
    assert_eq!(world.refresh(&mut super::session()), Ok("at-1".into()));
    world.now = at(35);
    world.will([granted(5)]);
    import(&mut world, &mut super::session()).unwrap();
    assert_eq!(world.refresh(&mut super::session()), Ok("at-5".into()));
}

#[test]
fn the_token_that_is_stored_already_changes_nothing() {
    let (mut world, mut session) = logged_in();
    let before = world.stored.clone();
    let (now, stored) = (world.now, world.stored.clone());
    let token = RefreshToken::parse("rt-1").unwrap();
    let imported = world
        .drive(session.import(now, token, None, stored))
        .unwrap();
    assert_eq!(Some(imported.id), session.token_id());
    assert_eq!(world.stored, before);
    assert!(world.presented.is_empty());
}

#[test]
fn a_login_or_a_logout_ends_an_import_that_is_out() {
    for logs_in in [true, false] {
        let endpoint = Endpoint::parse("https://id.example/revoke").unwrap();
        let revocable = || {
            session_of(
                Provider::two_ba().with_revocation_endpoint(endpoint.clone()),
                "secret",
            )
        };
        let mut world = World::new();
        world.log_in(&mut revocable()).unwrap();
        let mut slow = revocable();
        let step = left(&mut world, &mut slow);
        if logs_in {
            world.log_in(&mut revocable()).unwrap();
        } else {
            let (now, stored) = (world.now, world.stored.clone());
            world.drive(revocable().forget(now, stored)).unwrap();
        }
        world.will([granted(5), Act::Answer(200, "text/plain", String::new())]);
        assert_eq!(world.drive(step), Err(RefreshError::Contended));
        assert_eq!(world.revoked, ["rt-5"], "of the import that came too late");
        let left = world.refresh(&mut revocable());
        assert_eq!(left.is_ok(), logs_in);
    }
}

#[test]
fn what_an_import_replaces_is_revoked_behind_it() {
    let endpoint = Endpoint::parse("https://id.example/revoke").unwrap();
    let revocable = || {
        session_of(
            Provider::two_ba().with_revocation_endpoint(endpoint.clone()),
            "secret",
        )
    };
    let mut world = World::new();
    world.log_in(&mut revocable()).unwrap();
    world.will([granted(5), Act::Fail(SendFailure::NotSent)]);
    import(&mut world, &mut revocable()).unwrap();
    assert_eq!(world.revoked, ["rt-1"]);
    assert_eq!(world.refresh(&mut revocable()), Ok("at-5".into()));
}

#[test]
fn a_tombstone_stays_where_an_import_is_refused() {
    let (mut world, mut session) = logged_in();
    let (now, stored) = (world.now, world.stored.clone());
    world.drive(session.forget(now, stored)).unwrap();
    world.will([refusal("invalid_grant")]);
    import(&mut world, &mut super::session()).unwrap_err();
    let gone = cause(&world.refresh(&mut super::session()));
    assert_eq!(gone, Some(Cause::LoggedOut));
    world.will([granted(5)]);
    import(&mut world, &mut super::session()).unwrap();
    assert_eq!(world.refresh(&mut super::session()), Ok("at-5".into()));
}

#[test]
fn an_import_that_cannot_be_stored_presents_nothing() {
    let (mut world, mut session) = (World::new(), session());
    world.read_only = true;
    let failed = import(&mut world, &mut session);
    assert_eq!(failed, Err(RefreshError::NotStored));
    assert!(world.presented.is_empty());
}

#[test]
fn bytes_that_nobody_can_read_are_kept_aside() {
    let mut world = World::new();
    world.stored = Some(StoredGrant::from_bytes(b"torn".to_vec()));
    world.will([granted(5)]);
    import(&mut world, &mut session()).unwrap();
    assert_eq!(world.kept_aside, 1);
    assert_eq!(world.refresh(&mut session()), Ok("at-5".into()));
}

#[test]
fn a_logout_ends_an_import_that_is_out_though_nobody_was_logged_in() {
    for logged_out_before in [false, true] {
        let mut world = World::new();
        if logged_out_before {
            world.log_in(&mut session()).unwrap();
            let (now, stored) = (world.now, world.stored.clone());
            world.drive(session().forget(now, stored)).unwrap();
        }
        let mut slow = session();
        let step = left(&mut world, &mut slow);
        let (now, stored) = (world.now, world.stored.clone());
        world.drive(session().forget(now, stored)).unwrap();
        assert!(!has_candidate(&world));
        world.will([granted(5)]);
        assert_eq!(world.drive(step), Err(RefreshError::Contended));
        let outcome = world.refresh(&mut session());
        let Err(RefreshError::LoginRequired(verdict)) = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(verdict.cause, Cause::LoggedOut);
    }
}

#[test]
fn a_logout_forgets_a_token_whose_import_has_lost_its_answer() {
    let (mut world, mut session) = (World::new(), session_of(once(), "secret"));
    world.will([Act::Fail(SendFailure::MaybeSent)]);
    assert_eq!(
        reason(&import(&mut world, &mut session)),
        TroubleReason::AnswerLost
    );
    assert!(has_candidate(&world));
    let (now, stored) = (world.now, world.stored.clone());
    world.drive(session.logout(now, stored)).unwrap();
    assert!(!has_candidate(&world));
    // Once more there is nothing to end.
    let writes = world.writes;
    let (now, stored) = (world.now, world.stored.clone());
    world.drive(session.logout(now, stored)).unwrap();
    assert_eq!(world.writes, writes);
}

#[test]
fn an_import_replaces_no_record_of_another_program_before_its_token_is_known_to_work() {
    let mut world = World::new();
    world.log_in(&mut session()).unwrap();
    let stored = world.stored.clone();
    let outcome = import(&mut world, &mut session_of(once(), "secret"));
    let foreign = RecordError::Foreign("authorization server");
    assert_eq!(outcome, Err(RefreshError::Record(foreign)));
    assert!(world.presented.is_empty());
    assert_eq!(world.stored, stored);
}

/// Its process was stopped for a while, so that the lease is the importer's by now.
#[test]
fn an_intent_that_waited_is_taken_back_behind_an_import() {
    let (mut world, mut slow) = super::unsent::due();
    let (intent, receipt) = change(slow.obtain(Want::Usable, world.now, world.stored.clone()));
    world.stored = Some(intent.record().clone());
    world.now = at(127);
    let (anew, receipt) = change(receipt.saved(world.now, Durable::assertion(&intent)));
    drop(left(&mut world, &mut session()));
    let step = world.save(&anew, receipt);
    let overtaken = world.drive(step).map(drop);
    assert_eq!(overtaken, Err(RefreshError::Contended));
    assert!(slow.has_unsent());
    let stored = world.stored.clone();
    world.drive(slow.take_back(stored)).unwrap();
    assert!(has_candidate(&world));
    // Nothing has been presented, and nothing counts.
    world.will([granted(2)]);
    assert_eq!(world.refresh(&mut session()), Ok("at-2".into()));
    assert_eq!(world.presented, ["rt-1"]);
}
