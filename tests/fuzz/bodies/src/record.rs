//! A stored session: whatever stands there, nothing leaves before it is saved.

use std::sync::{Arc, LazyLock};

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response, StatusCode};
use serde_json::Value;
use twoba_core::{
    AccessToken, Change, Client, Durable, Endpoint, Goal, LoggedOut, Provider, RefreshError,
    RefreshToken, Seed, SendFailure, Session, SessionKey, SessionState, SignIn, Step, StoredGrant,
    Timestamp, Want,
};

use crate::choice::pick;
use crate::sealed::sealed;
use crate::shown::assert_fit_to_print;

const CLOCKS: [Timestamp; 6] = [
    Timestamp::from_unix_seconds(1_700_000_000),
    Timestamp::from_unix_seconds(1_700_003_601),
    Timestamp::from_unix_seconds(1_900_000_000),
    Timestamp::from_unix_seconds(0),
    Timestamp::from_unix_millis(i64::MIN),
    Timestamp::from_unix_millis(i64::MAX),
];

/// What is asked of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Request {
    Usable,
    Other,
    Rejected,
    Forget,
    Logout,
    Import,
    SignIn,
}

impl Request {
    /// Whether a person said so, so that even unreadable bytes are replaced.
    fn replaces(self) -> bool {
        matches!(self, Self::Forget | Self::Logout | Self::Import)
    }
}

const REQUESTS: [Request; 7] = [
    Request::Usable,
    Request::Other,
    Request::Rejected,
    Request::Forget,
    Request::Logout,
    Request::Import,
    Request::SignIn,
];

/// More effects than any sequence of steps has.
const EFFECTS_MAX: usize = 64;

static CLIENT: LazyLock<Option<Arc<Client>>> = LazyLock::new(|| {
    let endpoint = |text| Endpoint::parse(text).ok();
    let provider = Provider::custom(endpoint("https://id.example/token")?)
        .with_revocation_endpoint(endpoint("https://id.example/revoke")?);
    Client::public(provider, "app").ok().map(Arc::new)
});

/// Carries a session on from a record: three choices (clock, what is wanted, how effects
/// end), then the record, taken as it is and in a sound envelope.
///
/// # Panics
///
/// - a record is read in two ways, or what a session writes is not read as it was meant
/// - a request leaves whose intent is not stored, or a token that is not
/// - a sequence of steps does not end
pub fn record(data: &[u8]) {
    let Some((&[clock, request, ends], bytes)) = data.split_first_chunk() else {
        return;
    };
    let (Some(&now), Some(&request)) = (pick(&CLOCKS, clock), pick(&REQUESTS, request)) else {
        return;
    };
    for bytes in [bytes.to_vec(), sealed("twoba-session", bytes)] {
        let world = World {
            now,
            ends,
            stored: Some(StoredGrant::from_bytes(bytes)),
            written: true,
        };
        world.run(request);
    }
}

fn session(stored: Option<&StoredGrant>) -> Option<Session> {
    let key = SessionKey::parse("k").ok()?;
    let client = CLIENT.clone()?;
    let mut session = Session::new(client, &key, Seed::from_bytes([9; 32]));
    session.observe(stored).ok()?;
    Some(session)
}

/// A store and a server that fail as the input says.
struct World {
    now: Timestamp,
    ends: u8,
    stored: Option<StoredGrant>,
    /// Whether each change could be written so far.
    written: bool,
}

impl World {
    fn run(mut self, request: Request) {
        let Some(mut session) = session(None) else {
            panic!("the session of this target cannot be made");
        };
        let read = session.observe(self.stored.as_ref());
        assert_eq!(read, session.observe(self.stored.as_ref()));
        let status = session.status(self.now);
        match &read {
            Ok(()) => assert_consistent(&session, self.now),
            Err(error) => {
                assert_fit_to_print(error);
                assert_eq!(status.state, SessionState::None);
                assert!(session.token(self.now).is_none() && session.token_id().is_none());
            }
        }
        let (stored, now, id) = (self.stored.clone(), self.now, session.token_id());
        let before = self.stored.as_ref().map(StoredGrant::revision);
        match (request, id) {
            (Request::Other, Some(id)) => self.token(session.obtain(Want::Other(id), now, stored)),
            (Request::Rejected, Some(id)) => {
                self.token(session.obtain(Want::Rejected(id), now, stored))
            }
            (Request::Forget, _) => self.logged_out(session.forget(now, stored)),
            (Request::Logout, _) => self.logged_out(session.logout(now, stored)),
            (Request::Import, _) => self.imported(&mut session, stored),
            (Request::SignIn, _) => self.signed_in(session.claim_sign_in(now, stored)),
            (Request::Usable | Request::Other | Request::Rejected, _) => {
                self.token(session.obtain(Want::Usable, now, stored));
            }
        }
        let after = self.stored.as_ref().map(StoredGrant::revision);
        // Unreadable bytes are replaced by an explicit login or logout only.
        assert!(read.is_ok() || request.replaces() || before == after);
        // A setback that could not be written holds in the process all the same.
        if self.written && read.is_ok() && request != Request::SignIn {
            let again = self::session(self.stored.as_ref());
            let again = again.map(|again| (again.status(now), again.token_id()));
            assert_eq!(again, Some((session.status(now), session.token_id())));
        }
    }

    fn token(&mut self, step: Step<'_, AccessToken>) {
        match self.carry_out(step) {
            Ok(token) => {
                let state = self.state();
                let stored = state.pointer("/held/grant/access_token");
                assert_eq!(stored.and_then(Value::as_str), Some(token.expose()));
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }

    fn logged_out(&mut self, step: Step<'_, LoggedOut>) {
        if self.carry_out(step).is_ok() {
            assert!(self.stored.is_none() || self.state().get("gone").is_some());
        }
    }

    fn imported(&mut self, session: &mut Session, stored: Option<StoredGrant>) {
        let Ok(token) = RefreshToken::parse("imported") else {
            return;
        };
        let step = session.import(self.now, token, None, stored);
        if self.carry_out(step).is_ok() {
            let state = self.state();
            assert!(state.pointer("/held/grant/refresh_token").is_some());
            assert!(self.record().get("candidate").is_none());
        }
    }

    fn signed_in(&mut self, step: Step<'_, SignIn>) {
        if let Ok(SignIn::Claimed(_)) = self.carry_out(step) {
            let state = self.state();
            let claims = ["/held/sign_in_at", "/nobody/sign_in_at"];
            let claim = claims.iter().find_map(|claim| state.pointer(claim));
            assert!(claim.is_some_and(Value::is_i64), "{claim:?}");
        }
    }

    fn carry_out<T: Goal>(&mut self, mut step: Step<'_, T>) -> Result<T, RefreshError> {
        for _ in 0..EFFECTS_MAX {
            step = match step {
                Step::Done(outcome) => return outcome,
                Step::Save(change, receipt) => match self.ends & 0b11 {
                    0 | 1 => receipt.saved(self.now, self.save(&change)),
                    2 => {
                        self.written = false;
                        receipt.failed(self.now)
                    }
                    _ => receipt.conflict(self.now, self.stored.clone()),
                },
                Step::Send(request, reply) => {
                    assert_eq!(request.method(), Method::POST);
                    let refreshes = request.uri().path() == "/token";
                    let record = self.record();
                    let intents = ["/state/held/intent/attempt", "/candidate/intent/attempt"];
                    let saved = intents.iter().any(|at| record.pointer(at).is_some());
                    assert!(!refreshes || saved, "sent before saved");
                    match self.answer() {
                        Ok(response) => reply.received(self.now, &response),
                        Err(failure) => reply.failed(self.now, failure),
                    }
                }
            };
            // How the next effect ends.
            self.ends = self.ends.rotate_right(2);
        }
        panic!("more than {EFFECTS_MAX} effects");
    }

    fn save(&mut self, change: &Change) -> Durable {
        let now = self.stored.as_ref().map(StoredGrant::revision);
        assert_eq!(change.expected(), now);
        assert_eq!(change.revision(), change.record().revision());
        self.stored = Some(change.record().clone());
        let read = session(self.stored.as_ref());
        assert!(read.is_some(), "a session cannot read what it wrote");
        Durable::assertion(change)
    }

    fn state(&self) -> Value {
        self.record().get("state").cloned().unwrap_or_default()
    }

    /// What is stored, by a parser that knows nothing of sessions.
    fn record(&self) -> Value {
        let bytes = self.stored.as_ref().map(StoredGrant::expose);
        let json = bytes.and_then(|bytes| bytes.splitn(2, |&b| b == b'\n').nth(1));
        serde_json::from_slice(json.unwrap_or_default()).unwrap_or_default()
    }

    fn answer(&self) -> Result<Response<&'static str>, SendFailure> {
        let (status, body) = match self.ends >> 4 {
            0 => (200, r#"{"access_token":"next","token_type":"bearer"}"#),
            1 => (
                200,
                r#"{"access_token":"n","token_type":"bearer","refresh_token":"m","expires_in":60}"#,
            ),
            2 => (
                200,
                r#"{"access_token":"n","token_type":"bearer","expires_in":0}"#,
            ),
            3 => (400, r#"{"error":"invalid_grant"}"#),
            4 => (401, r#"{"error":"invalid_client"}"#),
            5 => (503, ""),
            6 => (400, ""),
            7 => (200, r#"{"access_token":"#),
            8 => (302, ""),
            9 => (429, ""),
            10 => (400, r#"{"error":"invalid_request"}"#),
            11 => return Err(SendFailure::NotSent),
            _ => return Err(SendFailure::MaybeSent),
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        Ok(response)
    }
}

/// What a session says of itself fits together.
fn assert_consistent(session: &Session, now: Timestamp) {
    let status = session.status(now);
    let token = session.token(now);
    match status.state {
        SessionState::Valid => assert!(token.is_some()),
        SessionState::Stale | SessionState::None => assert!(token.is_none()),
        SessionState::LoginRequired(_) | _ => assert!(status.generation.is_some()),
    }
    assert_eq!(
        status.generation,
        session.token_id().map(|id| id.generation)
    );
    assert_ne!(status.generation, Some(0));
    if let Some(token) = token {
        assert!(token.expose().bytes().all(|b| b.is_ascii_graphic()));
    }
}
