//! Decides what surrounds a session in a test: the emulator, its clock seen from the client, and a store.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use twoba_core::{Client, ClientSecret, Endpoint, Provider, Timestamp};
use twoba_emulator::{Builder, Clock, Counts, Emulator, Fault, FaultPoint, FaultRule};

use crate::chance::Chance;
use crate::place::{Kind, Place};
use crate::program::OwnSession;
use crate::subject::{Adapter, Early, Extras, Subject, Vault};
use crate::{CLIENT, PASSWORD, SECRET, USER};

/// When a world begins, since 1970: in November 2026.
const START: Duration = Duration::from_secs(1_795_000_000);

/// An emulated 2BA on a manual clock, and one place to keep sessions. All sessions of a world tell
/// the time by the emulator's clock.
#[derive(Debug)]
pub struct World {
    /// The server, and the judge.
    pub emulator: Arc<Emulator>,
    /// Where the sessions are kept.
    pub place: Place,
    adapter: Adapter,
    /// How many sessions were opened; each draws its own.
    opened: AtomicU64,
    /// By how many milliseconds the clients' clock is behind the server's.
    lag: Arc<AtomicU64>,
}

impl World {
    /// A world as 2BA documents it.
    #[must_use]
    pub fn new(adapter: Adapter, kind: Kind) -> Self {
        Self::with(adapter, kind, |builder| builder)
    }

    /// A world with another emulator.
    #[must_use]
    pub fn with(adapter: Adapter, kind: Kind, change: impl FnOnce(Builder) -> Builder) -> Self {
        let seed = Chance::of(0).draw();
        let clock = Clock::ManualFrom(SystemTime::UNIX_EPOCH + START);
        let builder = change(Emulator::builder().clock(clock).seed(seed));
        Self {
            emulator: Arc::new(builder.start().unwrap()),
            place: Place::new(kind),
            adapter,
            opened: AtomicU64::new(0),
            lag: Arc::default(),
        }
    }

    /// The emulator as a provider: 2BA's rules, other addresses.
    #[must_use]
    pub fn provider(&self) -> Provider {
        Provider::two_ba()
            .with_token_endpoint(self.endpoint("/OAuth/Token"))
            .with_authorization_endpoint(self.endpoint("/OAuth/Authorize"))
            .with_service_base(self.endpoint("/1/json/"))
            .with_apix_base(self.endpoint("/apix/api/v1/"))
            .with_unifeed_base(self.endpoint("/unifeed/"))
    }

    /// An address of the emulator.
    #[must_use]
    pub fn endpoint(&self, path: &str) -> Endpoint {
        Endpoint::parse(&format!("{}{path}", self.emulator.url())).unwrap()
    }

    /// The documented client.
    #[must_use]
    pub fn client(&self) -> Client {
        Self::client_of(self.provider(), SECRET)
    }

    /// The documented client, of another provider or with another secret.
    #[must_use]
    pub fn client_of(provider: Provider, secret: &str) -> Client {
        let secret = ClientSecret::parse(secret).unwrap();
        Client::confidential(provider, CLIENT, secret).unwrap()
    }

    /// A session of the documented client, opened on the world's place as by a new process.
    #[must_use]
    pub fn session(&self) -> Box<dyn Subject> {
        self.session_of(self.client())
    }

    /// A session of another client, on the same place.
    #[must_use]
    pub fn session_of(&self, client: Client) -> Box<dyn Subject> {
        self.open(client, None)
    }

    /// A session of the documented client that can log in by itself, on the same place.
    #[must_use]
    pub fn session_with(&self, vault: Vault) -> Box<dyn Subject> {
        self.session_of_with(self.client(), vault)
    }

    /// The same of another client.
    #[must_use]
    pub fn session_of_with(&self, client: Client, vault: Vault) -> Box<dyn Subject> {
        self.open(client, Some(vault))
    }

    /// The clients' clock.
    pub fn clock(&self) -> impl Fn() -> Timestamp + Send + Sync + 'static {
        let (emulator, lag) = (Arc::clone(&self.emulator), Arc::clone(&self.lag));
        move || {
            let behind = Duration::from_millis(lag.load(Ordering::SeqCst));
            let since = emulator.now().duration_since(SystemTime::UNIX_EPOCH);
            Timestamp::from_unix_millis(0)
                .saturating_add(since.unwrap())
                .saturating_sub(behind)
        }
    }

    fn open(&self, client: Client, vault: Option<Vault>) -> Box<dyn Subject> {
        let chance = Chance::of(self.opened.fetch_add(1, Ordering::SeqCst) + 1);
        let extras = Extras {
            vault,
            entropy: Some(Box::new(move || chance.draw())),
            ..Extras::default()
        };
        self.adapter
            .open_with(client, &self.place, Early::Inline, self.clock(), extras)
    }

    /// The session of the documented client itself, with these scopes, on the same place.
    #[must_use]
    pub fn program(&self, scopes: &[&str]) -> OwnSession {
        self.program_of(self.client(), scopes)
    }

    /// The same of another client.
    #[must_use]
    pub fn program_of(&self, client: Client, scopes: &[&str]) -> OwnSession {
        let chance = Chance::of(self.opened.fetch_add(1, Ordering::SeqCst) + 1);
        let (place, clock) = (&self.place, self.clock());
        OwnSession::open(self.adapter, client, place, scopes, clock, chance).unwrap()
    }

    /// A session in which the user has just logged in by password.
    #[must_use]
    pub fn logged_in(&self) -> Box<dyn Subject> {
        self.logged_in_with(self.client())
    }

    /// The same with another client.
    #[must_use]
    pub fn logged_in_with(&self, client: Client) -> Box<dyn Subject> {
        let session = self.session_of(client);
        session.login(USER, PASSWORD).unwrap();
        session
    }

    /// Lets time pass, for the server and for the clients.
    pub fn pass(&self, seconds: u64) {
        let passed = self.emulator.advance(Duration::from_secs(seconds));
        passed.unwrap();
    }

    /// Lets time pass for the server alone: the clients' clock stands still.
    pub fn pass_for_the_server(&self, seconds: u64) {
        self.lag.fetch_add(seconds * 1000, Ordering::SeqCst);
        self.pass(seconds);
    }

    /// Plays a fault on the next such request.
    pub fn next(&self, on: FaultPoint, fault: Fault) {
        self.emulator.add_fault(FaultRule::next(on, fault));
    }

    /// Plays a fault on every such request from now on.
    pub fn every(&self, on: FaultPoint, fault: Fault) {
        self.emulator.add_fault(FaultRule::every(on, fault));
    }

    /// What the judge has counted.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.emulator.counts()
    }
}
