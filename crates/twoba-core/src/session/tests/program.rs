//! The session of a program itself: one request, no intent, no end.

use super::*;
use crate::assertion::{SignError, Signer};

fn client(scopes: &[&str]) -> Client {
    let secret = ClientSecret::parse("myApplicationSecret").unwrap();
    let client = Client::confidential(Provider::two_ba_connect(), "myApplication", secret);
    client.unwrap().with_scopes(scopes).unwrap()
}

pub(super) fn program() -> Session {
    of(client(&["read:stock", "read:products"]))
}

fn of(client: Client) -> Session {
    static SESSIONS: AtomicU8 = AtomicU8::new(0);
    let seed = Seed::from_bytes([SESSIONS.fetch_add(1, Ordering::Relaxed); 32]);
    Session::of_program(Arc::new(client), seed)
}

pub(super) fn own(number: u32) -> Act {
    let body =
        format!(r#"{{"access_token":"at-{number}","token_type":"Bearer","expires_in":120}}"#);
    Act::Answer(200, "application/json", body)
}

fn ask(world: &mut World, session: &mut Session, want: Want) -> Result<String, RefreshError> {
    let stored = world.stored.clone();
    let own = world.drive(session.obtain_own(want, world.now, stored))?;
    Ok(own.token.expose().to_string())
}

pub(super) fn usable(world: &mut World, session: &mut Session) -> Result<String, RefreshError> {
    ask(world, session, Want::Usable)
}

#[test]
fn a_token_is_asked_for_at_once_and_handed_out_once_it_is_stored() {
    let mut session = program();
    let Step::Send(request, reply) = session.obtain_own(Want::Usable, START, None) else {
        panic!("no intent comes before it");
    };
    let body = core::str::from_utf8(request.body().as_ref()).unwrap();
    assert!(body.starts_with("grant_type=client_credentials&scope=read%3Astock+read%3Aproducts&"));
    let Act::Answer(_, media_type, body) = own(1) else {
        panic!("a success");
    };
    let response = Response::builder()
        .header(CONTENT_TYPE, media_type)
        .body(body)
        .unwrap();
    let Step::Save(change, receipt) = reply.received(START, &response) else {
        panic!("it has to be stored first");
    };
    assert!(!format!("{change:?} {receipt:?}").contains("at-1"));
    assert!(change.record().expose().starts_with(b"twoba-program 1 "));
    assert!(change.due_at().is_some());
    assert_eq!(change.keep_by(), None);
    let Step::Done(Ok(own)) = receipt.saved(START, Durable::assertion(&change)) else {
        panic!("then it is handed out");
    };
    assert_eq!(own.token.expose(), "at-1");
    let status = session.status(START);
    assert_eq!(status.state, SessionState::Valid);
    assert_eq!(status.generation, Some(1));
    assert_eq!(status.scope.as_deref(), Some("read:stock read:products"));
}

#[test]
fn all_who_share_a_store_share_the_token_until_it_is_due() {
    let mut world = World::new();
    world.will([own(1)]);
    assert_eq!(usable(&mut world, &mut program()), Ok("at-1".into()));
    // The same scopes in another order.
    let mut other = of(client(&["read:products", "read:stock"]));
    assert_eq!(usable(&mut world, &mut other), Ok("at-1".into()));
    assert_eq!(other.status(world.now).state, SessionState::Valid);
    let due = other.refresh_due(world.now).unwrap();
    assert!(due > at(80) && due <= at(96), "{due:?}");
    world.now = due;
    world.will([own(2)]);
    assert_eq!(usable(&mut world, &mut other), Ok("at-2".into()));
    assert_eq!(other.token_id().map(|id| id.generation), Some(2));
    // Another process that knew the first one adopts what stands there.
    assert_eq!(usable(&mut world, &mut program()), Ok("at-2".into()));
}

#[test]
fn a_refresh_token_in_the_answer_is_ignored() {
    let mut world = World::new();
    world.will([granted(1)]);
    assert_eq!(usable(&mut world, &mut program()), Ok("at-1".into()));
    let stored = world.stored.clone().unwrap();
    assert!(!String::from_utf8_lossy(stored.expose()).contains("rt-1"));
    world.now = at(200);
    world.will([granted(2)]);
    assert_eq!(usable(&mut world, &mut program()), Ok("at-2".into()));
    assert!(world.presented.is_empty());
}

#[test]
fn a_refused_client_is_kept_waiting_durably_and_tried_at_once_when_it_has_changed() {
    for code in [
        "invalid_client",
        "invalid_scope",
        "unauthorized_client",
        "invalid_grant",
    ] {
        let mut world = World::new();
        world.will([refusal(code)]);
        let outcome = usable(&mut world, &mut program());
        let Err(RefreshError::Misconfigured(trouble)) = outcome else {
            panic!("{code}: {outcome:?}");
        };
        // Another process waits too, and nothing is sent.
        let again = usable(&mut world, &mut program());
        assert_eq!(again, Err(RefreshError::Misconfigured(trouble.clone())));
        let status = {
            let mut other = program();
            other.observe(world.stored.as_ref()).unwrap();
            other.status(world.now)
        };
        assert_eq!(
            (status.state, status.generation),
            (SessionState::Stale, None)
        );
        // Another secret is tried at once.
        let secret = ClientSecret::parse("another").unwrap();
        let client = Client::confidential(Provider::two_ba_connect(), "myApplication", secret);
        let scopes = ["read:stock", "read:products"];
        let mut changed = of(client.unwrap().with_scopes(scopes).unwrap());
        world.will([own(1)]);
        assert_eq!(
            usable(&mut world, &mut changed),
            Ok("at-1".into()),
            "{code}"
        );
        assert_eq!(changed.token_id().map(|id| id.generation), Some(1));
    }
}

#[test]
fn failures_in_passing_back_off_and_never_end_anything() {
    let failures = [
        Act::Answer(503, "text/html", String::new()),
        Act::Answer(400, "text/html", String::new()),
        Act::Answer(200, "application/json", "{\"access_token\":".into()),
        Act::Answer(200, "text/html", "<html>".into()),
        Act::Fail(SendFailure::NotSent),
        Act::Fail(SendFailure::MaybeSent),
    ];
    let mut world = World::new();
    for (number, failure) in (1..).zip(failures) {
        world.will([failure]);
        let outcome = usable(&mut world, &mut program());
        let Err(RefreshError::Unavailable(trouble)) = outcome else {
            panic!("{number}: {outcome:?}");
        };
        assert_eq!(trouble.failures, number);
        assert!(matches!(
            usable(&mut world, &mut program()),
            Err(RefreshError::Unavailable(_))
        ));
        world.now = trouble.until;
    }
    world.will([own(1)]);
    assert_eq!(usable(&mut world, &mut program()), Ok("at-1".into()));
}

#[test]
fn an_early_failure_leaves_the_usable_token() {
    let mut world = World::new();
    world.will([own(1), Act::Fail(SendFailure::MaybeSent)]);
    let mut session = program();
    assert_eq!(usable(&mut world, &mut session), Ok("at-1".into()));
    world.now = at(100);
    assert_eq!(usable(&mut world, &mut session), Ok("at-1".into()));
    assert!(session.refresh_due(world.now).unwrap() > world.now);
    world.now = at(119);
    world.will([own(2)]);
    assert_eq!(usable(&mut world, &mut session), Ok("at-2".into()));
}

#[test]
fn a_401_causes_one_new_token_a_minute_and_none_for_one_that_was_born_of_it() {
    let mut world = World::new();
    world.will([own(1), own(2)]);
    let mut session = program();
    assert_eq!(usable(&mut world, &mut session), Ok("at-1".into()));
    let first = session.token_id().unwrap();
    let rejected = |world: &mut World, id| ask(world, &mut program(), Want::Rejected(id));
    assert_eq!(rejected(&mut world, first), Ok("at-2".into()));
    // Stragglers get the current one.
    assert_eq!(rejected(&mut world, first), Ok("at-2".into()));
    session.observe(world.stored.as_ref()).unwrap();
    let second = session.token_id().unwrap();
    for seconds in [1, 61] {
        world.now = at(seconds);
        let outcome = rejected(&mut world, second);
        assert_eq!(outcome, Err(RefreshError::RejectedByService));
    }
    // The next one comes when it is due, and may be rejected in its turn.
    world.now = at(110);
    world.will([own(3), own(4)]);
    assert_eq!(usable(&mut world, &mut session), Ok("at-3".into()));
    let third = session.token_id().unwrap();
    assert_eq!(rejected(&mut world, third), Ok("at-4".into()));
}

#[test]
fn what_the_store_did_not_take_is_stored_before_anything_else_is_asked_for() {
    let mut world = World::new();
    world.will([own(1)]);
    world.read_only = true;
    let mut session = program();
    assert_eq!(
        usable(&mut world, &mut session),
        Err(RefreshError::NotStored)
    );
    assert!(session.has_unsaved());
    assert_eq!(
        usable(&mut world, &mut session),
        Err(RefreshError::NotStored)
    );
    world.read_only = false;
    assert_eq!(usable(&mut world, &mut session), Ok("at-1".into()));
    assert!(!session.has_unsaved());
}

#[test]
fn an_ended_token_is_handed_to_who_waits_and_asked_for_no_more_than_the_backoff_allows() {
    let mut world = World::new();
    let body = r#"{"access_token":"at-1","token_type":"Bearer","expires_in":0}"#;
    world.will([Act::Answer(200, "application/json", body.into())]);
    assert_eq!(usable(&mut world, &mut program()), Ok("at-1".into()));
    let again = usable(&mut world, &mut program());
    assert!(matches!(again, Err(RefreshError::Unavailable(_))));
    world.now = at(1);
    let body = r#"{"access_token":"at-2","token_type":"Bearer"}"#;
    world.will([Act::Answer(200, "application/json", body.into())]);
    assert_eq!(usable(&mut world, &mut program()), Ok("at-2".into()));
    // Nobody knows its end: it is used until a 401.
    world.now = at(1_000_000);
    assert_eq!(usable(&mut world, &mut program()), Ok("at-2".into()));
}

#[test]
fn a_logout_forgets_the_token_and_the_next_caller_asks_anew() {
    let mut world = World::new();
    world.will([own(1)]);
    let mut session = program();
    assert_eq!(usable(&mut world, &mut session), Ok("at-1".into()));
    let stored = world.stored.clone();
    let gone = world.drive(session.forget(world.now, stored)).unwrap();
    assert_eq!(gone.revocation, Revocation::NotAsked);
    assert_eq!(session.status(world.now).state, SessionState::None);
    world.will([own(2)]);
    assert_eq!(usable(&mut world, &mut session), Ok("at-2".into()));
    assert_eq!(session.token_id().map(|id| id.generation), Some(1));
}

#[test]
fn a_token_that_comes_after_a_logout_is_dropped_for_a_new_one() {
    let mut world = World::new();
    world.will([own(1)]);
    let mut session = program();
    assert_eq!(usable(&mut world, &mut session), Ok("at-1".into()));
    world.now = at(110);
    let stored = world.stored.clone();
    let Step::Send(_, reply) = session.obtain_own(Want::Usable, world.now, stored) else {
        panic!("it is due");
    };
    let mut other = program();
    let stored = world.stored.clone();
    world.drive(other.forget(world.now, stored)).unwrap();
    let Act::Answer(_, media_type, body) = own(2) else {
        panic!("a success");
    };
    let response = Response::builder()
        .header(CONTENT_TYPE, media_type)
        .body(body)
        .unwrap();
    world.will([own(3)]);
    let step = reply.received(world.now, &response);
    let token = world.drive(step).unwrap().token;
    assert_eq!(token.expose(), "at-3");
}

#[test]
fn records_of_persons_and_programs_never_take_each_others_place() {
    let (person_world, mut person) = logged_in();
    let foreign = Err(RefreshError::Record(RecordError::Foreign(
        "kind of session",
    )));
    let mut world = World::new();
    world.stored.clone_from(&person_world.stored);
    assert_eq!(usable(&mut world, &mut program()), foreign);
    assert_eq!(world.stored, person_world.stored);

    world.stored = None;
    world.will([own(1)]);
    assert_eq!(usable(&mut world, &mut program()), Ok("at-1".into()));
    let stored = world.stored.clone();
    assert_eq!(world.refresh(&mut person), foreign);
    assert_eq!(world.stored, stored);
    assert!(stored.unwrap().schedule().is_some());

    // Nor can one be driven as the other.
    let step = person.obtain_own(Want::Usable, START, None);
    assert!(matches!(step, Step::Done(Err(RefreshError::Record(_)))));
    let mut own = program();
    let step = own.obtain(Want::Usable, START, None);
    assert!(matches!(step, Step::Done(Err(RefreshError::Record(_)))));
    let login = fresh(own.client(), START, &granted(1));
    let step = own.adopt(login, None);
    assert!(matches!(step, Step::Done(Err(RefreshError::Record(_)))));
    // Nor under the key of other scopes.
    let key = SessionKey::of_program("myApplication", "read:stock");
    let mut other = Session::new(Arc::new(client(&[])), &key, Seed::from_bytes([1; 32]));
    let step = other.obtain_own(Want::Usable, START, None);
    assert!(matches!(step, Step::Done(Err(RefreshError::Record(_)))));
}

#[test]
fn a_newer_record_of_a_program_is_said_and_left_as_it_is() {
    let mut world = World::new();
    let newer = b"twoba-program 2 0123456789abcdef\n{}".to_vec();
    world.stored = Some(StoredGrant::from_bytes(newer.clone()));
    let outcome = usable(&mut world, &mut program());
    let expected = RecordError::Newer { version: 2 };
    assert_eq!(outcome, Err(RefreshError::Record(expected)));
    assert_eq!(world.stored.unwrap().expose(), newer);
}

#[test]
fn a_store_that_went_back_costs_one_request() {
    let mut world = World::new();
    world.will([own(1), own(2), own(3)]);
    let mut session = program();
    assert_eq!(usable(&mut world, &mut session), Ok("at-1".into()));
    let backup = world.stored.clone();
    let id = session.token_id().unwrap();
    assert_eq!(
        ask(&mut world, &mut session, Want::Rejected(id)),
        Ok("at-2".into())
    );
    let seen = session.token_id().unwrap();
    world.stored = backup;
    let mut later = program();
    later.remember(seen);
    assert_eq!(usable(&mut world, &mut later), Ok("at-3".into()));
    assert_eq!(later.token_id().map(|id| id.generation), Some(3));
}

struct Key(bool);

impl Signer for Key {
    fn algorithm(&self) -> &str {
        "ES256"
    }

    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignError> {
        match self.0 {
            true => Ok(b"signature".to_vec()),
            false => Err(SignError::new("canary")),
        }
    }
}

fn signing(works: bool) -> Client {
    let provider = Provider::two_ba_connect();
    Client::signing(provider, "myApplication", Arc::new(Key(works))).unwrap()
}

#[test]
fn a_key_proves_programs_and_persons_alike() {
    let mut session = of(signing(true));
    let Step::Send(request, _) = session.obtain_own(Want::Usable, START, None) else {
        panic!("it is asked for");
    };
    let body = String::from_utf8_lossy(request.body().as_ref()).into_owned();
    assert!(body.contains("&client_assertion=ey"), "{body}");

    let key = SessionKey::parse("default").unwrap();
    let client = Arc::new(signing(true));
    let mut person = Session::new(client, &key, Seed::from_bytes([9; 32]));
    let mut world = World::new();
    world.log_in(&mut person).unwrap();
    world.now = at(119);
    let Step::Send(request, _) = world.leave(&mut person) else {
        panic!("it is due");
    };
    let body = String::from_utf8_lossy(request.body().as_ref()).into_owned();
    assert!(body.starts_with("grant_type=refresh_token"), "{body}");
    assert!(body.contains("&client_assertion=ey"), "{body}");
}

#[test]
fn a_key_that_does_not_sign_is_waited_for_like_a_server_that_is_out_of_reach() {
    let mut world = World::new();
    let outcome = usable(&mut world, &mut of(signing(false)));
    let Err(RefreshError::Unavailable(trouble)) = &outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(trouble.reason, TroubleReason::NotSent);
    let said = trouble.to_string();
    assert_eq!(
        said,
        "the token request was not made: the client's key did not sign"
    );

    let key = SessionKey::parse("default").unwrap();
    let client = Arc::new(signing(false));
    let mut person = Session::new(client, &key, Seed::from_bytes([9; 32]));
    let mut world = World::new();
    world.log_in(&mut person).unwrap();
    world.now = at(119);
    let outcome = world.refresh(&mut person);
    assert!(
        matches!(outcome, Err(RefreshError::Unavailable(_))),
        "{outcome:?}"
    );
    // The refresh token was not presented, and is good for the next attempt.
    let mut repaired = Session::new(Arc::new(signing(true)), &key, Seed::from_bytes([8; 32]));
    world.now = at(130);
    world.will([granted(2)]);
    assert_eq!(world.refresh(&mut repaired), Ok("at-2".into()));
}
