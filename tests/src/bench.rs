//! Decides what surrounds a session where the server is a script: its clock, its store, its first login.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use twoba_core::{Client, ClientSecret, Endpoint, Provider, Timestamp};
use twoba_testkit::{Act, Script, fixture};

use crate::place::{Kind, Place};
use crate::subject::{Adapter, Early, Extras, Subject};
use crate::{CLIENT, PASSWORD, SECRET, USER};

/// When every bench starts.
const START_MILLIS: i64 = 1_800_000_000_000;

/// A place for sessions whose servers are named one by one; its clock is moved by hand.
#[derive(Debug)]
pub struct Bench {
    adapter: Adapter,
    place: Place,
    now: Arc<AtomicI64>,
}

/// What a session on the bench still has.
#[derive(Debug, PartialEq, Eq)]
pub enum Kept {
    /// A grant that can be refreshed.
    Grant,
    /// A grant whose end is known.
    Verdict,
    /// Nothing.
    Nothing,
}

impl Bench {
    /// An empty bench.
    #[must_use]
    pub fn new(adapter: Adapter) -> Self {
        Self {
            adapter,
            place: Place::new(Kind::Memory),
            now: Arc::new(AtomicI64::new(START_MILLIS)),
        }
    }

    /// A server at `url` with 2BA's rules. Whatever the address, it is one authority.
    #[must_use]
    pub fn provider(url: &str) -> Provider {
        let endpoint = |path: &str| Endpoint::parse(&format!("{url}{path}")).unwrap();
        Provider::two_ba()
            .with_token_endpoint(endpoint("/OAuth/Token"))
            .with_service_base(endpoint("/1/json/"))
    }

    /// A session of the documented client whose server is at `url`.
    #[must_use]
    pub fn session(&self, url: &str) -> Box<dyn Subject> {
        self.session_of(Self::client(url))
    }

    /// The documented client of a server at `url`.
    #[must_use]
    pub fn client(url: &str) -> Client {
        let secret = ClientSecret::parse(SECRET).unwrap();
        Client::confidential(Self::provider(url), CLIENT, secret).unwrap()
    }

    /// A session of this client.
    #[must_use]
    pub fn session_of(&self, client: Client) -> Box<dyn Subject> {
        self.session_with(client, Extras::default())
    }

    /// A session of this client, with what few tests ask for.
    #[must_use]
    pub fn session_with(&self, client: Client, extras: Extras) -> Box<dyn Subject> {
        let now = Arc::clone(&self.now);
        let clock = move || Timestamp::from_unix_millis(now.load(Ordering::SeqCst));
        self.adapter
            .open_with(client, &self.place, Early::Beside, clock, extras)
    }

    /// Lets a user log in at a server that is gone afterwards, and the token expire: every session
    /// on the bench needs a refresh now.
    pub fn log_in_and_expire(&self) {
        let granted = fixture::answer_bytes("2ba/answers/success").unwrap();
        let script = Script::start([Act::AnswerAndClose(granted)]).unwrap();
        let session = self.session(script.url());
        session.login(USER, PASSWORD).unwrap();
        self.pass(121);
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    /// What a new session finds.
    #[must_use]
    pub fn kept(&self) -> Kept {
        use twoba_core::SessionState as State;
        let session = self.session("http://127.0.0.1:1");
        match session.status().unwrap().state {
            State::Valid | State::Stale => Kept::Grant,
            State::LoginRequired(_) => Kept::Verdict,
            State::None | _ => Kept::Nothing,
        }
    }
}
