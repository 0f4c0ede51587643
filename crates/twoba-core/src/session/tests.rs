//! What a session promises, by small scripts: a store of one value, a server of one answer.

mod advice;
mod clocks;
mod dropped;
mod early;
mod effort;
mod import;
mod kept_alive;
mod late;
mod lifetimes;
mod logouts;
mod program;
mod settle;
mod sign_in;
mod states;
mod store;
mod unsent;
mod went_back;
mod window;

use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU8, Ordering};
use core::time::Duration;

use http::header::CONTENT_TYPE;
use http::{Request, Response};

use super::record;
use super::transition::State;
use super::*;
use crate::client::Client;
use crate::form::Form;
use crate::limits::{ATTEMPT_MAX, REJECTION_SPACING};
use crate::login::FreshGrant;
use crate::provider::{Endpoint, Provider, Replay};
use crate::secret::{AccessToken, ClientSecret, Password};
use crate::seed::Seed;
use crate::send::SendFailure;
use crate::stored::{Change, Durable, SessionKey, StoredGrant};
use crate::time::Timestamp;

const START: Timestamp = Timestamp::from_unix_seconds(1_000_000);

/// A server that is asked once more where an answer was lost.
fn once() -> Provider {
    Provider::custom(Endpoint::parse("https://other.example/token").unwrap())
        .with_replay(Replay::Once)
}

fn at(seconds: u64) -> Timestamp {
    START.saturating_add(Duration::from_secs(seconds))
}

/// What the server does with one request.
#[derive(Clone)]
enum Act {
    Answer(u16, &'static str, String),
    Fail(SendFailure),
}

fn granted(number: u32) -> Act {
    Act::Answer(
        200,
        "application/json",
        format!(
            r#"{{"access_token":"at-{number}","token_type":"bearer","expires_in":120,"refresh_token":"rt-{number}"}}"#
        ),
    )
}

fn refusal(code: &str) -> Act {
    let body = format!(r#"{{"error":"{code}"}}"#);
    Act::Answer(400, "application/json", body)
}

/// Clock, store and server of one session's world.
struct World {
    now: Timestamp,
    stored: Option<StoredGrant>,
    /// Writes fail while this is set.
    read_only: bool,
    acts: VecDeque<Act>,
    /// The refresh tokens that were presented.
    presented: Vec<String>,
    /// The tokens that were to be revoked.
    revoked: Vec<String>,
    writes: usize,
    kept_aside: usize,
}

impl World {
    fn new() -> Self {
        Self {
            now: START,
            stored: None,
            read_only: false,
            acts: VecDeque::new(),
            presented: Vec::new(),
            revoked: Vec::new(),
            writes: 0,
            kept_aside: 0,
        }
    }

    fn answer(&mut self, request: &Request<Form>) -> Act {
        let fields: Vec<(String, String)> =
            serde_urlencoded::from_bytes(request.body().as_ref()).unwrap();
        for (name, value) in fields {
            match &*name {
                "refresh_token" => self.presented.push(value),
                "token" => self.revoked.push(value),
                _ => {}
            }
        }
        self.acts.pop_front().expect("no request was expected")
    }

    fn drive<T: Goal>(&mut self, mut step: Step<'_, T>) -> Result<T, RefreshError> {
        loop {
            step = match step {
                Step::Save(change, receipt) => self.save(&change, receipt),
                Step::Send(request, reply) => self.exchange(&request, reply),
                Step::Done(outcome) => return outcome,
            };
        }
    }

    fn exchange<'s, T: Goal>(
        &mut self,
        request: &Request<Form>,
        reply: Reply<'s, T>,
    ) -> Step<'s, T> {
        let act = self.answer(request);
        self.answered(reply, act)
    }

    fn answered<'s, T: Goal>(&self, reply: Reply<'s, T>, act: Act) -> Step<'s, T> {
        match act {
            Act::Answer(status, media_type, body) => {
                let response = Response::builder()
                    .status(status)
                    .header(CONTENT_TYPE, media_type)
                    .body(body)
                    .unwrap();
                reply.received(self.now, &response)
            }
            Act::Fail(failure) => reply.failed(self.now, failure),
        }
    }

    fn save<'s, T: Goal>(&mut self, change: &Change, receipt: Receipt<'s, T>) -> Step<'s, T> {
        if self.read_only {
            return receipt.failed(self.now);
        }
        if self.stored.as_ref().map(StoredGrant::revision) != change.expected() {
            return receipt.conflict(self.now, self.stored.clone());
        }
        self.kept_aside += usize::from(change.keeps_replaced());
        self.stored = Some(change.record().clone());
        self.writes += 1;
        receipt.saved(self.now, Durable::assertion(change))
    }

    fn log_in(&mut self, session: &mut Session) -> Result<String, RefreshError> {
        let fresh = fresh(session.client(), self.now, &granted(1));
        let stored = self.stored.clone();
        let token = self.drive(session.adopt(fresh, stored))?;
        Ok(token.expose().to_string())
    }

    fn refresh(&mut self, session: &mut Session) -> Result<String, RefreshError> {
        let stored = self.stored.clone();
        let token = self.drive(session.obtain(Want::Usable, self.now, stored))?;
        Ok(token.expose().to_string())
    }

    /// A refresh whose intent is stored: its request is about to leave.
    fn leave<'s>(&mut self, session: &'s mut Session) -> Step<'s, AccessToken> {
        let stored = self.stored.clone();
        let Step::Save(intent, receipt) = session.obtain(Want::Usable, self.now, stored) else {
            panic!("the intent comes first");
        };
        self.stored = Some(intent.record().clone());
        receipt.saved(self.now, Durable::assertion(&intent))
    }

    fn rejected(&mut self, session: &mut Session, id: TokenId) -> Result<String, RefreshError> {
        let stored = self.stored.clone();
        let token = self.drive(session.obtain(Want::Rejected(id), self.now, stored))?;
        Ok(token.expose().to_string())
    }

    fn will(&mut self, acts: impl IntoIterator<Item = Act>) {
        self.acts.extend(acts);
    }
}

fn fresh(client: &Client, now: Timestamp, act: &Act) -> FreshGrant {
    let Act::Answer(status, media_type, body) = act else {
        panic!("a login needs an answer");
    };
    let response = Response::builder()
        .status(*status)
        .header(CONTENT_TYPE, *media_type)
        .body(body.clone())
        .unwrap();
    let password = Password::parse("myPassword").unwrap();
    let (_request, reply) = client.password("demo@example.com", &password, now);
    reply.received(now, &response).unwrap()
}

fn session_of(provider: Provider, secret: &str) -> Session {
    let secret = ClientSecret::parse(secret).unwrap();
    let client = Client::confidential(provider, "myApplication", secret).unwrap();
    let key = SessionKey::parse("default").unwrap();
    // Each session has a seed of its own, as in real life: login ids come from it.
    static SESSIONS: AtomicU8 = AtomicU8::new(0);
    let seed = Seed::from_bytes([SESSIONS.fetch_add(1, Ordering::Relaxed); 32]);
    Session::new(Arc::new(client), &key, seed)
}

fn session() -> Session {
    session_of(Provider::two_ba(), "myApplicationSecret")
}

/// A world with a login, and another process's session that knows nothing.
fn logged_in() -> (World, Session) {
    let mut world = World::new();
    let mut first = session();
    assert_eq!(world.log_in(&mut first), Ok("at-1".into()));
    (world, session())
}

/// The next step's change, and the receipt.
fn change<'s, T: Goal>(step: Step<'s, T>) -> (Change, Receipt<'s, T>) {
    match step {
        Step::Save(change, receipt) => (change, receipt),
        Step::Send(..) | Step::Done(_) => panic!("something has to be saved"),
    }
}

/// Where the next step's request ends.
fn sent<'s, T: Goal>(step: Step<'s, T>) -> Reply<'s, T> {
    match step {
        Step::Send(_, reply) => reply,
        Step::Save(..) | Step::Done(_) => panic!("something has to be sent"),
    }
}

fn cause(outcome: &Result<String, RefreshError>) -> Option<Cause> {
    match outcome {
        Err(RefreshError::LoginRequired(verdict)) => Some(verdict.cause),
        _ => None,
    }
}

#[test]
fn a_token_is_withheld_until_saved() {
    let mut session = session();
    let fresh = fresh(session.client(), START, &granted(1));
    let Step::Save(change, receipt) = session.adopt(fresh.clone(), None) else {
        panic!("a login has to be saved first");
    };
    assert!(!format!("{change:?} {receipt:?}").contains("at-1"));
    let Step::Done(outcome) = receipt.failed(START) else {
        panic!("a write that failed ends it");
    };
    assert_eq!(outcome, Err(RefreshError::NotStored));
    assert_eq!(session.token(START), None);

    let Step::Save(change, receipt) = session.adopt(fresh, None) else {
        panic!("a login has to be saved first");
    };
    let proof = Durable::assertion(&change);
    let Step::Done(Ok(token)) = receipt.saved(START, proof) else {
        panic!("a saved login is handed out");
    };
    assert_eq!(token.expose(), "at-1");
    assert_eq!(session.token(START), Some(&token));
}

#[test]
fn the_proof_of_another_change_proves_nothing() {
    let (mut one, mut other) = (session(), session_of(Provider::two_ba(), "x"));
    let (grant, elsewhere) = (
        fresh(one.client(), START, &granted(1)),
        fresh(other.client(), START, &granted(2)),
    );
    let (Step::Save(_, receipt), Step::Save(change, _)) =
        (one.adopt(grant, None), other.adopt(elsewhere, None))
    else {
        panic!("both have to be saved");
    };
    let step = receipt.saved(START, Durable::assertion(&change));
    assert!(matches!(step, Step::Done(Err(RefreshError::WrongProof))));
}

#[test]
fn a_grant_whose_save_has_another_proof_is_stored_by_the_next_call() {
    let (mut world, mut session) = logged_in();
    world.now = at(121);
    let stored = world.stored.clone();
    let (intent, receipt) = change(session.obtain(Want::Usable, world.now, stored));
    world.stored = Some(intent.record().clone());
    let reply = sent(receipt.saved(world.now, Durable::assertion(&intent)));
    let (_rotation, receipt) = change(world.answered(reply, granted(2)));
    let outcome = world.drive(receipt.saved(world.now, Durable::assertion(&intent)));
    assert_eq!(outcome, Err(RefreshError::WrongProof));
    assert_eq!(world.refresh(&mut session), Ok("at-2".into()));
    assert!(!session.has_unsaved());
}

#[test]
fn a_fresh_token_asks_nobody() {
    let (mut world, mut session) = logged_in();
    let writes = world.writes;
    assert_eq!(world.refresh(&mut session), Ok("at-1".into()));
    assert_eq!((world.presented.len(), world.writes), (0, writes));
}

#[test]
fn a_refresh_leaves_after_its_intent_is_stored_and_is_handed_out_after_the_rotation_is() {
    let (mut world, mut session) = logged_in();
    world.now = at(119);
    let stored = world.stored.clone();
    let (intent, receipt) = change(session.obtain(Want::Usable, world.now, stored));
    assert_ne!(Some(intent.revision()), intent.expected());
    let reply = sent(receipt.saved(world.now, Durable::assertion(&intent)));
    let (rotation, receipt) = change(world.answered(reply, granted(2)));
    assert_eq!(rotation.expected(), Some(intent.revision()));
    let Step::Done(Ok(token)) = receipt.saved(world.now, Durable::assertion(&rotation)) else {
        panic!("then the token");
    };
    assert_eq!(token.expose(), "at-2");
    assert_eq!(session.token_id().map(|id| id.generation), Some(2));
}

#[test]
fn an_intent_that_has_waited_is_saved_anew_before_the_request() {
    let (mut world, mut session) = logged_in();
    world.now = at(119);
    let stored = world.stored.clone();
    let Step::Save(intent, receipt) = session.obtain(Want::Usable, world.now, stored) else {
        panic!("the intent comes first");
    };
    world.stored = Some(intent.record().clone());
    world.now = at(125);
    let step = receipt.saved(world.now, Durable::assertion(&intent));
    let Step::Save(again, _) = &step else {
        panic!("six seconds later others may have taken over");
    };
    assert_eq!(again.expected(), Some(intent.revision()));
    world.will([granted(2)]);
    assert_eq!(
        world.drive(step).map(|token| token.expose().to_string()),
        Ok("at-2".into())
    );
}

// shows: RF3
#[test]
fn a_newer_generation_in_the_store_is_adopted_and_nothing_is_sent() {
    let (mut world, mut other) = logged_in();
    let mut stale = session();
    stale.observe(world.stored.as_ref()).unwrap();
    world.now = at(119);
    world.will([granted(2)]);
    assert_eq!(world.refresh(&mut other), Ok("at-2".into()));
    // No further answer is scripted: a second request would fail the test.
    assert_eq!(world.refresh(&mut stale), Ok("at-2".into()));
    assert_eq!(world.presented, ["rt-1"]);
}

#[test]
fn a_refresh_without_a_new_refresh_token_keeps_the_old_one() {
    let (mut world, mut session) = logged_in();
    let body = r#"{"access_token":"at-2","token_type":"bearer","expires_in":120}"#;
    world.will([
        Act::Answer(200, "application/json", body.into()),
        granted(3),
    ]);
    world.now = at(119);
    assert_eq!(world.refresh(&mut session), Ok("at-2".into()));
    world.now = at(250);
    assert_eq!(world.refresh(&mut session), Ok("at-3".into()));
    assert_eq!(world.presented, ["rt-1", "rt-1"]);
}

// shows: RF2
#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn only_a_verdict_ends_a_grant() {
    let page = |status| Act::Answer(status, "text/html", "<html>".into());
    let bare = Act::Answer(400, "text/plain", String::new());
    for (act, two_ba, custom) in [
        (refusal("invalid_grant"), "login", "login"),
        (refusal("invalid_request"), "login", "configuration"),
        (bare, "login", "later"),
        (refusal("invalid_client"), "configuration", "configuration"),
        (
            refusal("unauthorized_client"),
            "configuration",
            "configuration",
        ),
        (refusal("invalid_scope"), "configuration", "configuration"),
        (refusal("what_is_this"), "later", "later"),
        (page(200), "later", "later"),
        (page(302), "later", "later"),
        (page(400), "later", "later"),
        (page(403), "later", "later"),
        (page(429), "later", "later"),
        (page(502), "later", "later"),
        (
            Act::Answer(
                500,
                "application/json",
                r#"{"error":"invalid_grant"}"#.into(),
            ),
            "later",
            "later",
        ),
        (
            Act::Answer(200, "application/json", "{\"access".into()),
            "later",
            "later",
        ),
        (Act::Fail(SendFailure::NotSent), "later", "later"),
        (Act::Fail(SendFailure::MaybeSent), "later", "later"),
    ] {
        let elsewhere = Provider::custom(Endpoint::parse("https://id.example/token").unwrap());
        for (provider, expected) in [(Provider::two_ba(), two_ba), (elsewhere, custom)] {
            let mut world = World::new();
            let mut session = session_of(provider, "secret");
            world.log_in(&mut session).unwrap();
            world.now = at(121);
            world.will([act.clone()]);
            let outcome = match world.refresh(&mut session).unwrap_err() {
                RefreshError::LoginRequired(_) => "login",
                RefreshError::Misconfigured(_) => "configuration",
                RefreshError::Unavailable(_) => "later",
                RefreshError::RejectedByService
                | RefreshError::NotStored
                | RefreshError::Contended
                | RefreshError::ImportRefused(_)
                | RefreshError::StoreWentBack { .. }
                | RefreshError::Record(_)
                | RefreshError::WrongProof => "something else",
            };
            assert_eq!(outcome, expected);
        }
    }
}

// shows: RF2 RF3
#[test]
fn a_dead_grant_is_said_again_by_every_process_without_a_request() {
    let (mut world, mut other) = logged_in();
    world.now = at(119);
    world.will([refusal("invalid_grant")]);
    assert_eq!(cause(&world.refresh(&mut other)), Some(Cause::Refused));
    for _ in 0..3 {
        assert_eq!(cause(&world.refresh(&mut session())), Some(Cause::Refused));
    }
    assert_eq!(world.presented, ["rt-1"]);
    assert_eq!(world.log_in(&mut other), Ok("at-1".into()));
    assert!(world.refresh(&mut session()).is_ok(), "a login unlatches");
}

#[test]
fn the_old_token_is_served_while_an_early_refresh_fails() {
    let (mut world, mut session) = logged_in();
    world.now = at(100);
    world.will([Act::Fail(SendFailure::NotSent)]);
    assert_eq!(world.refresh(&mut session), Ok("at-1".into()));
    assert_eq!(
        world.refresh(&mut session),
        Ok("at-1".into()),
        "and nothing is sent again"
    );
    world.now = at(119);
    world.will([granted(2)]);
    assert_eq!(world.refresh(&mut session), Ok("at-2".into()));
}

#[test]
fn a_lost_answer_is_replayed_once_and_only_when_the_old_token_is_of_no_use() {
    let (mut world, mut other) = logged_in();
    world.now = at(100);
    world.will([Act::Fail(SendFailure::MaybeSent)]);
    assert_eq!(world.refresh(&mut other), Ok("at-1".into()));
    world.now = at(110);
    assert_eq!(world.refresh(&mut other), Ok("at-1".into()));
    assert_eq!(world.presented.len(), 1);

    world.now = at(121);
    world.will([granted(2)]);
    assert_eq!(world.refresh(&mut session()), Ok("at-2".into()));
    assert_eq!(world.presented, ["rt-1", "rt-1"]);
}

#[test]
fn a_second_lost_answer_ends_the_session_with_its_reason() {
    let (mut world, mut session) = logged_in();
    world.now = at(121);
    world.will([
        Act::Fail(SendFailure::MaybeSent),
        Act::Fail(SendFailure::MaybeSent),
    ]);
    let Err(RefreshError::Unavailable(trouble)) = world.refresh(&mut session) else {
        panic!("the first loss is only a wait");
    };
    world.now = trouble.until;
    assert_eq!(cause(&world.refresh(&mut session)), Some(Cause::AnswerLost));
    world.now = at(1000);
    assert_eq!(cause(&world.refresh(&mut session)), Some(Cause::AnswerLost));
    assert_eq!(world.presented.len(), 2);
}

#[test]
fn without_replay_a_lost_answer_ends_the_session_at_once() {
    let mut world = World::new();
    let mut session = session_of(Provider::two_ba().with_replay(Replay::Never), "secret");
    world.log_in(&mut session).unwrap();
    world.now = at(119);
    world.will([Act::Fail(SendFailure::MaybeSent)]);
    assert_eq!(cause(&world.refresh(&mut session)), Some(Cause::AnswerLost));
}

#[test]
fn a_crash_with_a_request_out_is_waited_for_and_then_replayed_once() {
    let (mut world, mut crashing) = logged_in();
    world.now = at(121);
    for attempt in 1..=2_u64 {
        drop(world.leave(&mut crashing));
        let before = world.refresh(&mut session());
        assert!(
            matches!(before, Err(RefreshError::Unavailable(_))),
            "{before:?}"
        );
        world.now = at(121 + attempt * ATTEMPT_MAX.as_secs());
    }
    assert_eq!(
        cause(&world.refresh(&mut session())),
        Some(Cause::AnswerLost)
    );
    assert!(world.presented.is_empty());
}

#[test]
fn a_request_that_was_not_sent_does_not_count_as_an_attempt() {
    let (mut world, mut session) = logged_in();
    world.now = at(119);
    for _ in 0..20 {
        world.will([Act::Fail(SendFailure::NotSent)]);
        let Err(RefreshError::Unavailable(trouble)) = world.refresh(&mut session) else {
            panic!("an unreachable server is waited for");
        };
        assert!(trouble.wait(world.now) <= Duration::from_secs(60));
        world.now = trouble.until;
    }
    world.will([granted(2)]);
    assert_eq!(world.refresh(&mut session), Ok("at-2".into()));
}

#[test]
fn a_refused_client_is_tried_again_as_soon_as_its_configuration_changes() {
    let (mut world, mut wrong) = logged_in();
    world.now = at(119);
    world.will([refusal("invalid_client")]);
    let outcome = world.refresh(&mut wrong);
    assert!(matches!(outcome, Err(RefreshError::Misconfigured(_))));
    assert_eq!(world.refresh(&mut wrong), outcome, "the same one waits");
    world.will([granted(2)]);
    let mut mended = session_of(Provider::two_ba(), "anotherSecret");
    assert_eq!(world.refresh(&mut mended), Ok("at-2".into()));
}

#[test]
fn a_store_that_cannot_be_written_keeps_the_refresh_token_unspent() {
    let (mut world, mut session) = logged_in();
    world.read_only = true;
    world.now = at(100);
    assert_eq!(world.refresh(&mut session), Ok("at-1".into()));
    world.now = at(119);
    assert_eq!(world.refresh(&mut session), Err(RefreshError::NotStored));
    assert!(world.presented.is_empty());
}

#[test]
fn a_grant_that_could_not_be_stored_is_kept_and_stored_by_the_next_call() {
    let (mut world, mut session) = logged_in();
    world.now = at(119);
    let step = world.leave(&mut session);
    world.read_only = true;
    world.will([granted(2)]);
    assert_eq!(world.drive(step).err(), Some(RefreshError::NotStored));
    assert_eq!(
        session.token(world.now),
        None,
        "what is not stored is not read"
    );
    world.read_only = false;
    assert_eq!(world.refresh(&mut session), Ok("at-2".into()));
    assert_eq!(world.presented, ["rt-1"]);
}

// shows: US8
#[test]
fn a_rejected_token_is_replaced_once_and_then_the_service_is_believed() {
    let (mut world, mut session) = logged_in();
    session.observe(world.stored.as_ref()).unwrap();
    let first = session.token_id().unwrap();
    world.will([granted(2)]);
    assert_eq!(world.rejected(&mut session, first), Ok("at-2".into()));
    // Stragglers that hold the old token get the new one and cause nothing.
    for _ in 0..10 {
        assert_eq!(world.rejected(&mut session, first), Ok("at-2".into()));
    }
    let second = session.token_id().unwrap();
    let outcome = world.rejected(&mut session, second);
    assert_eq!(outcome, Err(RefreshError::RejectedByService));
    assert_eq!(
        world.refresh(&mut session),
        Ok("at-2".into()),
        "others go on"
    );
}

#[test]
fn a_token_without_a_known_end_is_replaced_by_401s_a_minute_apart() {
    let mut world = World::new();
    let mut session = session();
    let endless = |number: u32| {
        let body = format!(
            r#"{{"access_token":"at-{number}","token_type":"bearer","refresh_token":"rt-{number}"}}"#
        );
        Act::Answer(200, "application/json", body)
    };
    let grant = fresh(session.client(), START, &endless(1));
    world.drive(session.adopt(grant, None)).unwrap();
    world.now = at(1_000_000);
    assert!(session.token(world.now).is_some());
    for number in 2..5 {
        let id = session.token_id().unwrap();
        world.will([endless(number)]);
        assert_eq!(world.rejected(&mut session, id), Ok(format!("at-{number}")));
        let id = session.token_id().unwrap();
        let again = world.rejected(&mut session, id);
        assert_eq!(again, Err(RefreshError::RejectedByService));
        world.now = world.now.saturating_add(REJECTION_SPACING);
    }
}

#[test]
fn a_newer_login_wins_over_a_refresh_that_is_still_out() {
    let (mut world, mut slow) = logged_in();
    world.now = at(119);
    let step = world.leave(&mut slow);
    let mut person = session();
    let login = fresh(person.client(), world.now, &granted(7));
    let stored = world.stored.clone();
    world.drive(person.adopt(login, stored)).unwrap();
    world.will([granted(2)]);
    let late = world.drive(step).map(|token| token.expose().to_string());
    assert_eq!(late, Ok("at-7".into()), "the late grant is dropped");
}

#[test]
fn nothing_but_a_login_brings_a_session_back_after_a_logout() {
    let (mut world, mut slow) = logged_in();
    world.now = at(119);
    let step = world.leave(&mut slow);
    let mut person = session();
    let stored = world.stored.clone();
    let gone = world.drive(person.logout(world.now, stored)).unwrap();
    assert_eq!(gone.revocation, Revocation::NotAsked, "2BA offers none");
    world.will([granted(2)]);
    let late = world.drive(step).map(|token| token.expose().to_string());
    assert_eq!(cause(&late), Some(Cause::LoggedOut));
    assert_eq!(
        cause(&world.refresh(&mut session())),
        Some(Cause::LoggedOut)
    );
    assert_eq!(session().status(world.now).state, SessionState::None);
    assert!(world.log_in(&mut session()).is_ok());
}

#[test]
fn a_logout_revokes_where_the_provider_can_and_ends_here_in_any_case() {
    let endpoint = Endpoint::parse("https://id.example/revoke").unwrap();
    let provider = Provider::two_ba().with_revocation_endpoint(endpoint);
    let done = Act::Answer(200, "text/html", "<html>".into());
    for (act, revoked) in [
        (done, true),
        (Act::Answer(503, "text/html", String::new()), false),
        (refusal("unsupported_token_type"), false),
        (Act::Fail(SendFailure::MaybeSent), false),
    ] {
        let mut world = World::new();
        let mut session = session_of(provider.clone(), "secret");
        world.log_in(&mut session).unwrap();
        world.will([act]);
        let stored = world.stored.clone();
        let gone = world.drive(session.logout(world.now, stored)).unwrap();
        assert_eq!(gone.revocation == Revocation::Revoked, revoked);
        assert_eq!(cause(&world.refresh(&mut session)), Some(Cause::LoggedOut));
        assert!(!format!("{:?}", world.stored).contains("rt-1"));
    }
}

#[test]
fn bytes_that_cannot_be_read_stay_until_an_explicit_login() {
    let mut world = World::new();
    let mut session = session();
    let damaged = StoredGrant::from_bytes(b"twoba-session 1 0000".to_vec());
    world.stored = Some(damaged.clone());
    let outcome = world.refresh(&mut session);
    assert_eq!(outcome, Err(RefreshError::Record(RecordError::Torn)));
    assert_eq!(world.stored, Some(damaged));
    assert!(world.log_in(&mut session).is_ok());
    assert_eq!(world.kept_aside, 1);
}

// shows: RF4
#[test]
fn a_record_of_another_server_or_client_is_not_used() {
    let (mut world, _) = logged_in();
    let mut elsewhere = session_of(Provider::two_ba_beta(), "myApplicationSecret");
    let outcome = world.refresh(&mut elsewhere);
    assert_eq!(
        outcome,
        Err(RefreshError::Record(RecordError::Foreign(
            "authorization server"
        )))
    );
    let mut connect = session_of(Provider::two_ba_connect(), "myApplicationSecret");
    assert!(world.refresh(&mut connect).is_ok(), "the same authority");
}

#[test]
fn a_server_that_hands_out_ended_tokens_is_not_asked_for_each_call() {
    let mut world = World::new();
    let mut session = session();
    world.log_in(&mut session).unwrap();
    world.now = at(119);
    let body =
        r#"{"access_token":"at-2","token_type":"bearer","expires_in":0,"refresh_token":"r"}"#;
    world.will([Act::Answer(200, "application/json", body.into())]);
    assert_eq!(world.refresh(&mut session), Ok("at-2".into()));
    let again = world.refresh(&mut session).unwrap_err();
    assert!(matches!(again, RefreshError::Unavailable(_)), "{again:?}");
    assert!(
        again.to_string().contains("its token has ended already"),
        "{again}"
    );
}

#[test]
fn a_status_tells_all_but_the_tokens() {
    let (world, mut session) = logged_in();
    assert_eq!(session.status(world.now).state, SessionState::None);
    session.observe(world.stored.as_ref()).unwrap();
    let status = session.status(world.now);
    assert_eq!(status.state, SessionState::Valid);
    assert_eq!(status.user.as_deref(), Some("demo@example.com"));
    assert_eq!(status.generation, Some(1));
    assert_eq!(status.expires_at, Some(at(120)));
    assert_eq!(session.status(at(119)).state, SessionState::Stale);
    let printed = format!("{status:?} {session:?}");
    assert!(
        !printed.contains("at-1") && !printed.contains("rt-1"),
        "{printed}"
    );
}

#[test]
fn a_caller_who_wants_another_token_repeats_no_lost_answer_while_the_old_one_serves() {
    let (mut world, mut session) = (World::new(), session_of(once(), "secret"));
    world.log_in(&mut session).unwrap();
    let id = session.token_id().unwrap();
    let wants = |world: &mut World, session: &mut Session, want| {
        let stored = world.stored.clone();
        let step = session.obtain(want, world.now, stored);
        world.drive(step).map(|token| token.expose().to_string())
    };
    world.now = at(10);
    world.will([Act::Fail(SendFailure::MaybeSent)]);
    assert!(wants(&mut world, &mut session, Want::Other(id)).is_err());
    world.now = at(60);
    let outcome = wants(&mut world, &mut session, Want::Other(id));
    let Err(RefreshError::Unavailable(trouble)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(trouble.reason, TroubleReason::AnswerLost);
    // The margin before the end of a token of 120 seconds.
    assert_eq!(
        trouble.until,
        at(120).saturating_sub(Duration::from_millis(2_400))
    );
    assert_eq!(world.presented.len(), 1);
    // For who was rejected, the token serves nobody any more.
    let (mut rejected, mut its) = (World::new(), session_of(once(), "secret"));
    (rejected.now, rejected.stored) = (world.now, world.stored.clone());
    rejected.will([granted(2)]);
    assert_eq!(
        wants(&mut rejected, &mut its, Want::Rejected(id)),
        Ok("at-2".into())
    );
    // Nor does it behind its end.
    world.now = trouble.until;
    world.will([granted(2)]);
    assert_eq!(
        wants(&mut world, &mut session, Want::Other(id)),
        Ok("at-2".into())
    );
}
