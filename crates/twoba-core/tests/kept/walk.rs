//! A walk of sessions over one stored value, drawn from a number: the same number makes the
//! same records, byte for byte, as long as a session decides and writes as it did.

use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{Request, Response};
use twoba_core::{
    Client, ClientSecret, Durable, Endpoint, Form, Goal, Password, Provider, RefreshToken, Replay,
    Seed, SendFailure, Session, SessionKey, Step, StoredGrant, Timestamp, Want,
};

/// How a server can treat lost answers, one walk each.
pub(crate) const REPLAYS: [Replay; 3] = [
    Replay::Once,
    Replay::Never,
    Replay::Within(Duration::from_secs(60)),
];

const PAUSES: [u64; 8] = [0, 0, 1, 2, 31, 70, 119, 3_700];

/// Status, media type, body; a status of 0 is a request that failed.
const ANSWERS: [(u16, &str, &str); 16] = [
    (0, "not sent", ""),
    (0, "maybe sent", ""),
    (
        200,
        "application/json",
        r#"{"access_token":"gAAAGw231OZX\"w\\iH_wV","token_type":"bearer","expires_in":120,"refresh_token":"LwfI!IAAAA FLDVU"}"#,
    ),
    (
        200,
        "application/json",
        r#"{"access_token":"at-2","token_type":"Bearer","expires_in":3600,"scope":"apix \u00e9"}"#,
    ),
    (
        200,
        "application/json",
        r#"{"access_token":"at-3","token_type":"bearer","refresh_token":"rt-3"}"#,
    ),
    (
        200,
        "application/json",
        r#"{"access_token":"at-4","token_type":"bearer","expires_in":0,"refresh_token":"rt-4"}"#,
    ),
    (200, "application/json", r#"{"access_token":"#),
    (200, "text/html", "<html>"),
    (302, "text/html", ""),
    (400, "application/json", r#"{"error":"invalid_grant"}"#),
    (400, "text/plain", ""),
    (
        401,
        "application/json",
        r#"{"error":"invalid_client","error_description":"who is \"this\"?\u001b[31m \u20ac"}"#,
    ),
    (
        400,
        "application/json",
        r#"{"error":"strange_\u00fc","error_description":"x"}"#,
    ),
    (429, "text/plain", "later"),
    (503, "text/html", "<html>"),
    (
        200,
        "application/json",
        r#"{"access_token":"at-5","token_type":"bearer","expires_in":"soon","refresh_token":"rt-5"}"#,
    ),
];

/// Clock, store and chance of one walk.
pub(crate) struct Walk {
    now: Timestamp,
    stored: Option<StoredGrant>,
    /// Every record that was written, in order.
    pub(crate) written: Vec<StoredGrant>,
    chance: u64,
    seeds: u64,
    provider: Provider,
}

impl Walk {
    /// The records of so many events.
    pub(crate) fn records(number: u64, events: usize, replay: Replay) -> Vec<StoredGrant> {
        let revocation = Endpoint::parse("https://authorize.2ba.nl/OAuth/Revoke").unwrap();
        let mut walk = Self {
            now: Timestamp::from_unix_seconds(1_000_000),
            stored: None,
            written: Vec::new(),
            chance: number,
            seeds: 0,
            provider: Provider::two_ba()
                .with_replay(replay)
                // A member that the kept program does not know.
                .with_keep_alive(None)
                .with_revocation_endpoint(revocation),
        };
        for _ in 0..events {
            walk.event();
        }
        walk.written
    }

    /// The next number below `bound`: a generator of 64 bits, by Knuth's constants, of which
    /// the upper bits are the good ones.
    fn draw(&mut self, bound: u64) -> u64 {
        self.chance = self
            .chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.chance >> 33) % bound
    }

    fn event(&mut self) {
        let mut session = self.session();
        let pause = PAUSES[usize::try_from(self.draw(8)).unwrap()];
        self.now = match self.draw(12) {
            // The clock is set back, or another host's is behind.
            0 => self.now.saturating_sub(Duration::from_secs(pause.min(31))),
            _ => self.now.saturating_add(Duration::from_secs(pause)),
        };
        let (now, stored) = (self.now, self.stored.clone());
        let observed = session.observe(stored.as_ref());
        assert_eq!(observed, Ok(()));
        let crash = self.draw(8) == 0;
        match (self.draw(40), session.token_id()) {
            (0, _) => self.log_in(&mut session),
            (1, _) => {
                let token = RefreshToken::parse("imported").unwrap();
                let user = Some("monteur@example.com".to_owned());
                self.drive(session.import(now, token, user, stored), false);
            }
            (2, _) if self.draw(3) == 0 => self.drive(session.forget(now, stored), false),
            (3, _) if self.draw(3) == 0 => self.drive(session.logout(now, stored), false),
            (4 | 5, _) => self.drive(session.claim_sign_in(now, stored), false),
            (6, _) => self.drive(session.release_sign_in(stored), false),
            (7, Some(id)) => {
                self.drive(session.obtain(Want::Rejected(id), now, stored), crash);
            }
            (8, Some(id)) => {
                self.drive(session.obtain(Want::Other(id), now, stored), crash);
            }
            _ => {
                self.drive(session.obtain(Want::Usable, now, stored), crash);
            }
        }
    }

    fn session(&mut self) -> Session {
        let secret = if self.draw(7) == 0 { "other" } else { "secret" };
        let secret = ClientSecret::parse(secret).unwrap();
        let client = Client::confidential(self.provider.clone(), "myApplication", secret).unwrap();
        let key = SessionKey::parse("default").unwrap();
        let mut seed = [0; 32];
        self.seeds += 1;
        seed[..8].copy_from_slice(&self.seeds.to_be_bytes());
        Session::new(Arc::new(client), &key, Seed::from_bytes(seed))
    }

    fn log_in(&mut self, session: &mut Session) {
        let (_, media_type, body) = ANSWERS[2 + usize::try_from(self.draw(4)).unwrap()];
        let response = Response::builder()
            .header(CONTENT_TYPE, media_type)
            .body(body)
            .unwrap();
        let password = Password::parse("myPassword").unwrap();
        let (_request, reply) =
            session
                .client()
                .password("d\u{e9}mo@example.com", &password, self.now);
        let fresh = reply.received(self.now, &response).unwrap();
        let stored = self.stored.clone();
        self.drive(session.adopt(fresh, stored), false);
    }

    fn drive<T: Goal>(&mut self, mut step: Step<'_, T>, crash: bool) {
        loop {
            step = match step {
                Step::Save(change, receipt) => {
                    let stands = self.stored.as_ref().map(StoredGrant::revision);
                    assert_eq!(stands, change.expected());
                    if self.draw(16) == 0 {
                        receipt.failed(self.now)
                    } else {
                        self.stored = Some(change.record().clone());
                        self.written.push(change.record().clone());
                        if crash {
                            return;
                        }
                        receipt.saved(self.now, Durable::assertion(&change))
                    }
                }
                Step::Send(request, reply) => match self.answer(&request) {
                    Ok(response) => reply.received(self.now, &response),
                    Err(failure) => reply.failed(self.now, failure),
                },
                Step::Done(_) => return,
            };
        }
    }

    fn answer(&mut self, _: &Request<Form>) -> Result<Response<&'static str>, SendFailure> {
        // A third of the answers is good in any case, and a third says nothing.
        let which = match self.draw(3) {
            0 => 2 + self.draw(4),
            1 => self.draw(2),
            _ => self.draw(16),
        };
        self.now = self.now.saturating_add(Duration::from_millis(250));
        let (status, media_type, body) = ANSWERS[usize::try_from(which).unwrap()];
        match (status, media_type) {
            (0, "not sent") => Err(SendFailure::NotSent),
            (0, _) => Err(SendFailure::MaybeSent),
            (status, media_type) => Ok(Response::builder()
                .status(status)
                .header(CONTENT_TYPE, media_type)
                .header(RETRY_AFTER, "7")
                .body(body)
                .unwrap()),
        }
    }
}
