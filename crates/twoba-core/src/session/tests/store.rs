//! What a change tells its store besides the bytes, and what it carries along.

use super::*;
use serde_json::{Value, json};

use crate::envelope::Envelope;

const ENVELOPE: Envelope = Envelope {
    kind: "twoba-session",
    version: 1,
};

fn json_of(stored: &StoredGrant) -> Value {
    serde_json::from_slice(ENVELOPE.open(stored.expose()).unwrap()).unwrap()
}

/// What is stored, with these members beside binding and state.
fn with(stored: Option<&StoredGrant>, members: &Value) -> StoredGrant {
    let mut record = json_of(stored.unwrap());
    for (name, value) in members.as_object().unwrap() {
        record[name] = value.clone();
    }
    StoredGrant::from_bytes(ENVELOPE.around(record.to_string().as_bytes()))
}

/// Whether these are all the members beside those of this release.
fn has(stored: &StoredGrant, members: &Value) -> bool {
    let mut record = json_of(stored);
    let record = record.as_object_mut().unwrap();
    record.retain(|name, _| !["binding", "state", "keep_by"].contains(&name.as_str()));
    Some(&*record) == members.as_object()
}

#[test]
fn what_a_later_release_has_noted_is_carried_along_until_a_login_or_a_logout() {
    let members = json!({"later": 5_000, "other": {"token": "t"}});
    let (mut world, _) = logged_in();
    let noted = with(world.stored.as_ref(), &members);
    world.stored = Some(noted.clone());
    world.now = at(119);
    for act in [
        granted(2),
        refusal("invalid_grant"),
        refusal("invalid_client"),
        Act::Fail(SendFailure::MaybeSent),
    ] {
        world.stored = Some(noted.clone());
        let mut session = session();
        let (intent, receipt) =
            change(session.obtain(Want::Usable, world.now, Some(noted.clone())));
        assert!(has(intent.record(), &members));
        let step = receipt.saved(world.now, Durable::assertion(&intent));
        world.stored = Some(intent.record().clone());
        world.will([act]);
        drop(world.drive(step));
        let stored = world.stored.as_ref().unwrap();
        assert_ne!(stored.revision(), intent.revision());
        assert!(has(stored, &members));
    }
    let mut person = session();
    let login = fresh(person.client(), world.now, &granted(1));
    let (login, _) = change(person.adopt(login, Some(noted.clone())));
    let (logout, _) = change(person.forget(world.now, Some(noted)));
    for change in [login, logout] {
        assert!(has(change.record(), &json!({})));
    }
}

#[test]
fn a_rotation_keeps_what_was_noted_while_its_request_was_out() {
    let (mut world, mut slow) = logged_in();
    world.now = at(119);
    let step = world.leave(&mut slow);
    let members = json!({"later": 7_000});
    world.stored = Some(with(world.stored.as_ref(), &members));
    world.will([granted(2)]);
    assert_eq!(world.drive(step).unwrap().expose(), "at-2");
    assert!(has(world.stored.as_ref().unwrap(), &members));
}

#[test]
fn what_is_due_stands_in_the_change_and_in_its_bytes_alike() {
    let (mut world, _) = logged_in();
    let due = world.stored.as_ref().unwrap().schedule().unwrap().due_at;
    assert!(due.is_some_and(|due| due > START && due < at(120)));
    world.now = at(119);
    world.will([refusal("invalid_grant")]);
    assert!(world.refresh(&mut session()).is_err());
    let dead = world.stored.as_ref().unwrap().schedule();
    assert_eq!(dead.map(|schedule| schedule.due_at), Some(None));
}

#[test]
fn a_rescued_copy_is_void_after_a_login_a_logout_and_a_rotation_only() {
    let mut world = World::new();
    let mut session = session();
    let login = fresh(session.client(), START, &granted(1));
    let (login, receipt) = change(session.adopt(login, None));
    assert!(login.ends_rescue());
    drop(receipt.saved(START, Durable::assertion(&login)));

    world.now = at(119);
    let stored = Some(login.record().clone());
    let (intent, receipt) = change(session.obtain(Want::Usable, world.now, stored));
    assert!(!intent.ends_rescue());
    let Step::Send(_, reply) = receipt.saved(world.now, Durable::assertion(&intent)) else {
        panic!("the request leaves");
    };
    let body = r#"{"access_token":"at-2","token_type":"bearer","refresh_token":"rt-2"}"#;
    let response = Response::builder()
        .header(CONTENT_TYPE, "application/json")
        .body(body)
        .unwrap();
    let (rotation, receipt) = change(reply.received(world.now, &response));
    assert!(rotation.ends_rescue());
    assert!(matches!(receipt.failed(world.now), Step::Done(Err(_))));
    assert_eq!(session.rescue().as_ref(), Some(rotation.record()));

    let stored = Some(intent.record().clone());
    let (again, receipt) = change(session.obtain(Want::Usable, world.now, stored));
    assert!(again.ends_rescue());
    assert_eq!(
        (again.record(), again.expected()),
        (rotation.record(), rotation.expected())
    );
    // Only the rotation ended its sequence of steps.
    let last = [&login, &intent, &rotation, &again].map(Change::is_last);
    assert_eq!(last, [true, false, true, false]);
    drop(receipt.saved(world.now, Durable::assertion(&again)));
    assert_eq!(session.rescue(), None);

    let stored = Some(again.record().clone());
    let (gone, _) = change(session.forget(world.now, stored));
    assert!(gone.ends_rescue());
    let (claim, _) = change(session.claim_sign_in(world.now, None));
    assert!(!claim.ends_rescue());
}

#[test]
fn a_token_at_hand_says_until_when_nobody_has_to_look_further() {
    let (world, mut session) = logged_in();
    session.observe(world.stored.as_ref()).unwrap();
    let current = session.current(world.now).unwrap();
    let until = current.fresh_until().unwrap();
    assert_eq!(Some(until), current.refresh_due());
    // A refresh that came to nothing is put off, and the token's end is not.
    let late = current.clone().postponed(at(1_000));
    let end = late.fresh_until().unwrap();
    assert!(end > until && current.token(end).is_none());
    let before = end.saturating_sub(Duration::from_millis(1));
    assert!(current.token(before).is_some());
}

/// A store can write and say that it has not; who tries again must not undo what has become of
/// that since.
#[test]
fn a_login_that_was_stored_without_a_word_is_not_stored_over_its_own_successor() {
    let (mut world, mut session, mut other) = (World::new(), session(), session());
    let act = granted(1);
    let login = fresh(session.client(), world.now, &act);
    let (stored, receipt) = change(session.adopt(login, None));
    world.stored = Some(stored.record().clone());
    world.now = at(121);
    world.will([granted(2)]);
    assert_eq!(world.refresh(&mut other), Ok("at-2".into()));
    let step = receipt.conflict(world.now, world.stored.clone());
    let token = world
        .drive(step)
        .map(|token| alloc::string::String::from(token.expose()));
    assert_eq!(token, Ok("at-2".into()));
    assert_eq!(session.token_id().map(|id| id.generation), Some(2));
}

#[test]
fn an_import_that_was_stored_without_a_word_is_not_stored_over_its_own_successor() {
    let (mut world, mut session, mut other) = (World::new(), session(), session());
    let token = crate::secret::RefreshToken::parse("rt-0").unwrap();
    let step = session.import(world.now, token, None, None);
    let (intent, receipt) = change(step);
    let reply = sent(receipt.saved(world.now, Durable::assertion(&intent)));
    let body =
        r#"{"access_token":"at-1","token_type":"bearer","expires_in":120,"refresh_token":"rt-1"}"#;
    let answer = Response::builder().header(CONTENT_TYPE, "application/json");
    let step = reply.received(world.now, &answer.body(body).unwrap());
    let (stored, receipt) = change(step);
    world.stored = Some(stored.record().clone());
    world.now = at(121);
    world.will([granted(2)]);
    assert_eq!(world.refresh(&mut other), Ok("at-2".into()));
    let step = receipt.conflict(world.now, world.stored.clone());
    assert_eq!(
        world.drive(step).map(|imported| imported.id.generation),
        Ok(1)
    );
    assert_eq!(session.token_id().map(|id| id.generation), Some(2));
}

/// A conflict can mean that the lease is lost, and that its new holder is about to ask.
#[test]
fn after_a_conflict_nobody_is_asked_without_a_new_look() {
    let (mut world, mut session) = logged_in();
    world.now = at(150);
    let Step::Save(_, receipt) = session.obtain(Want::Usable, world.now, world.stored.clone())
    else {
        panic!("an intent is saved first");
    };
    // Somebody else has refreshed to a token that has ended by now.
    world.will([granted(2)]);
    world.refresh(&mut super::session()).unwrap();
    world.now = at(400);
    let step = receipt.conflict(world.now, world.stored.clone());
    let contended = world.drive(step).map(|token| token.expose().to_string());
    assert_eq!(contended, Err(RefreshError::Contended));
    assert_eq!(world.presented, ["rt-1"]);
    world.will([granted(3)]);
    assert_eq!(world.refresh(&mut session), Ok("at-3".into()));
}
