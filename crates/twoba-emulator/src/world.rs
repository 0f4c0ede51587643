//! The state that HTTP and in-process callers share behind one lock, and the operations on it.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use twoba_sample_services::{Mount, SampleServices};

use crate::application::Application;
use crate::assertions::Assertions;
use crate::authority::{Authority, Granted, Refused};
use crate::behavior::Behavior;
use crate::clock::Timekeeper;
use crate::control_error::ControlError;
use crate::fault::{Arrival, Fault, FaultPlan, FaultRule};
use crate::grant::Grant;
use crate::identifier::FamilyId;
use crate::journal::{
    self, Counts, EndReason, Endpoint, Entry, Event, EventKind, Head, Journal, Kept, Recorder,
    Requests, Visit,
};
use crate::policy::Policy;
use crate::registry::Registry;
use crate::secret::Secret;
use crate::state::State;
use crate::timestamp::{Timestamp, millis};
use crate::update::{self, Cursor, Heard, News};

/// The settings that do not change while an emulator runs.
pub(crate) struct Setup {
    pub(crate) registry: Registry,
    pub(crate) behavior: Behavior,
    pub(crate) reached: Reached,
    pub(crate) applications: Vec<Application>,
}

/// How clients reach the emulator.
#[derive(Default)]
pub(crate) struct Reached {
    /// Its name, if that differs from its address.
    pub(crate) name: Option<String>,
    /// The origin whose pages may read its answers.
    pub(crate) cors: Option<String>,
    /// The secret that control calls need.
    pub(crate) secret: Option<Secret>,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<crate::tls::Tls>,
}

impl Reached {
    pub(crate) fn scheme(&self) -> &'static str {
        #[cfg(feature = "tls")]
        if self.tls.is_some() {
            return "https";
        }
        "http"
    }

    /// The host in its addresses.
    fn host(&self, address: SocketAddr) -> String {
        match (&self.name, address.ip()) {
            (Some(name), _) => name.clone(),
            // An address that stands for all of them leads nowhere.
            (None, ip) if ip.is_unspecified() => "localhost".to_owned(),
            (None, IpAddr::V4(ip)) => ip.to_string(),
            (None, IpAddr::V6(ip)) => format!("[{ip}]"),
        }
    }
}

/// The state that all connections and the in-process handle share.
pub(crate) struct Shared {
    /// The address, without a slash at the end. It is also the issuer.
    pub(crate) url: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) registry: Registry,
    pub(crate) behavior: Behavior,
    pub(crate) reached: Reached,
    pub(crate) applications: Vec<Application>,
    /// The services beside the authorization server.
    pub(crate) services: Box<dyn Mount>,
    world: Mutex<World>,
    /// A counter of the callers that follow the events: each holds a clone.
    followers: Arc<()>,
}

/// The right to follow the events, until it is dropped.
pub(crate) struct Follower(#[expect(dead_code, reason = "it is counted")] Arc<()>);

impl Shared {
    pub(crate) fn new(address: SocketAddr, setup: Setup, world: World) -> Self {
        let port = address.port();
        let host = setup.reached.host(address);
        let url = format!("{}://{host}:{port}", setup.reached.scheme());
        Self {
            services: Box::new(SampleServices::new(url.clone(), port)),
            url,
            host,
            port,
            registry: setup.registry,
            behavior: setup.behavior,
            reached: setup.reached,
            applications: setup.applications,
            world: Mutex::new(world),
            followers: Arc::default(),
        }
    }

    /// The state, locked until the guard is dropped. The guard never crosses an await.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        // No operation leaves the state half changed, so a panic elsewhere does not spoil it.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets another caller follow the events, unless `at_most` do so already.
    pub(crate) fn follower(&self, at_most: usize) -> Option<Follower> {
        let follower = Follower(Arc::clone(&self.followers));
        // The first is the emulator's own.
        (Arc::strong_count(&self.followers) <= at_most + 1).then_some(follower)
    }

    /// Clock, policy, families and faults at the moment.
    pub(crate) fn state(&self) -> State {
        self.world().state(self.behavior)
    }

    /// The news since the last look, or everything for a watcher who has not seen this run.
    pub(crate) fn news(&self, since: Option<Cursor>) -> News {
        self.world().news(since, self.behavior)
    }
}

/// Everything that changes while an emulator runs.
pub(crate) struct World {
    seed: [u8; 32],
    token_lifetime: Duration,
    /// The policy at the start.
    policy: Policy,
    authority: Authority,
    recorder: Recorder,
    requests: Arc<Mutex<Requests>>,
    faults: FaultPlan,
    faults_set: u64,
    clock: Timekeeper,
    assertions: Assertions,
}

impl World {
    pub(crate) fn new(
        seed: [u8; 32],
        token_lifetime: Duration,
        policy: Policy,
        clock: Timekeeper,
    ) -> Self {
        Self {
            seed,
            token_lifetime,
            policy,
            authority: Authority::new(seed, token_lifetime, policy),
            recorder: Recorder::default(),
            requests: Arc::default(),
            faults: FaultPlan::default(),
            faults_set: 0,
            clock,
            assertions: Assertions::default(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn journal(&self) -> Journal {
        self.recorder.snapshot()
    }

    pub(crate) const fn counts(&self) -> Counts {
        self.recorder.counts()
    }

    pub(crate) fn is_on_a_manual_clock(&self) -> bool {
        self.clock.is_manual()
    }

    fn state(&self, behavior: Behavior) -> State {
        State::new(
            self.clock.now(),
            self.clock.name(),
            self.token_lifetime,
            behavior,
            &self.authority,
            self.faults.rules(),
        )
    }

    /// The kept events from a position on.
    pub(crate) fn events_from(&self, sequence: u64, at_most: usize) -> Vec<Event> {
        self.recorder.from(sequence, at_most)
    }

    /// Begins a request that will be remembered.
    pub(crate) fn visit(&self, head: Head) -> Visit {
        Visit::new(&self.requests, self.clock.now(), head)
    }

    /// The number of requests so far, and the kept ones after the first `after`.
    pub(crate) fn requests_after(&self, after: u64) -> (u64, Vec<(u64, Kept)>) {
        let requests = journal::lock(&self.requests);
        (requests.total(), requests.after(after))
    }

    /// The cursor after all news.
    pub(crate) fn cursor(&self) -> Cursor {
        Cursor {
            run: self.run(),
            events: self.recorder.sequence(),
            requests: journal::lock(&self.requests).total(),
            faults: self.faults_set,
        }
    }

    /// A number that tells this run from others, and reveals nothing of its tokens.
    fn run(&self) -> u64 {
        let digest = Sha256::new().chain_update(self.seed).chain_update("run");
        let digest: [u8; 32] = digest.finalize().into();
        digest
            .first_chunk()
            .map_or(0, |start| u64::from_be_bytes(*start))
    }

    fn news(&self, since: Option<Cursor>, behavior: Behavior) -> News {
        let cursor = self.cursor();
        let since = since.filter(|since| since.run == cursor.run);
        let (events, requests, at_most) = match since {
            Some(since) => (since.events, since.requests, update::MAX_EVENTS),
            None => (0, 0, usize::MAX),
        };
        News {
            cursor,
            all: since.is_none(),
            counts: self.recorder.counts(),
            state: self.state(behavior),
            events: self.recorder.after(events, at_most),
            requests: self.requests_after(requests).1,
        }
    }

    /// The requests since the last look, and the events from the first of theirs on.
    pub(crate) fn watched(&self, since: Cursor) -> Heard {
        let cursor = self.cursor();
        let seen = if since.run == cursor.run {
            since.requests
        } else {
            0
        };
        let (_, requests) = self.requests_after(seen);
        let led_to = requests
            .iter()
            .flat_map(|(_, kept)| kept.events.iter().flatten());
        let events = match led_to.min() {
            Some(first) => self.recorder.after(first.get() - 1, usize::MAX),
            None => Vec::new(),
        };
        Heard {
            cursor,
            requests,
            events,
        }
    }

    /// Calls the authorization server with the journal open at the current time.
    pub(crate) fn decide<T>(
        &mut self,
        decision: impl FnOnce(&mut Authority, &mut Entry<'_>) -> T,
    ) -> T {
        let before = self.recorder.sequence();
        let mut entry = self.recorder.at(self.clock.now());
        let decided = decision(&mut self.authority, &mut entry);
        journal::caused(before + 1..self.recorder.sequence() + 1);
        decided
    }

    /// Records an event outside the authorization server.
    pub(crate) fn record(&mut self, kind: EventKind) {
        self.recorder.at(self.clock.now()).record(kind);
        let sequence = self.recorder.sequence();
        journal::caused(sequence..sequence + 1);
    }

    /// Records a refusal.
    pub(crate) fn refuse(&mut self, endpoint: Endpoint, refused: Refused) {
        self.record(EventKind::Refused {
            endpoint,
            reason: refused.reason,
            family: refused.family,
        });
    }

    /// A pair that looks right and was never valid.
    pub(crate) fn made_up(&mut self) -> Granted {
        self.authority.made_up()
    }

    /// Whether an assertion of this client comes for the first time. It is remembered until it
    /// expires.
    pub(crate) fn takes_assertion(&mut self, client: &str, number: &str, until: Timestamp) -> bool {
        let now = self.clock.now();
        self.assertions.takes(client, number, until, now)
    }

    /// Counts a token request, and returns the fault that it meets.
    pub(crate) fn token_request(&mut self, grant: Grant) -> Option<Fault> {
        self.record(EventKind::TokenRequest { grant });
        self.meet(Arrival::Token(grant))
    }

    /// Counts a service call, and returns the fault that it meets.
    pub(crate) fn service_call(&mut self, function: Option<&'static str>) -> Option<Fault> {
        self.record(EventKind::ServiceCall { function });
        self.meet(Arrival::Service)
    }

    /// Counts a revocation request, and returns the fault that it meets.
    pub(crate) fn revocation_request(&mut self) -> Option<Fault> {
        self.meet(Arrival::Revocation)
    }

    fn meet(&mut self, arrival: Arrival) -> Option<Fault> {
        let (on, then) = self.faults.meet(arrival)?;
        self.record(EventKind::FaultPlayed {
            on,
            then: then.clone(),
        });
        Some(then)
    }

    pub(crate) fn advance(&mut self, by: Duration) -> Result<SystemTime, ControlError> {
        let now = self.clock.advance(by).ok_or(ControlError::ClockIsReal)?;
        self.record(EventKind::ClockAdvanced {
            milliseconds: millis(by),
        });
        Ok(now.to_system())
    }

    pub(crate) fn set_policy(&mut self, policy: Policy) {
        self.decide(|authority, entry| authority.set_policy(entry, policy));
    }

    pub(crate) fn add_fault(&mut self, rule: FaultRule) {
        self.faults.add(rule);
        self.faults_set += 1;
    }

    pub(crate) fn set_faults(&mut self, rules: Vec<FaultRule>) {
        self.faults.set(rules);
        self.faults_set += 1;
    }

    pub(crate) fn revoke_user(&mut self, user: &str) -> usize {
        self.decide(|authority, entry| authority.end_user(entry, user))
    }

    pub(crate) fn has_family_of(&self, user: &str) -> bool {
        self.authority.has_family_of(user)
    }

    pub(crate) fn revoke_family(&mut self, family: FamilyId) -> bool {
        self.decide(|authority, entry| {
            authority.end_family(entry, family, EndReason::RevokedByOperator)
        })
    }

    pub(crate) fn reset(&mut self) {
        // Another seed, so that tokens from before the reset are unknown after it.
        self.seed = Sha256::new()
            .chain_update(self.seed)
            .chain_update("reset")
            .finalize()
            .into();
        self.authority = Authority::new(self.seed, self.token_lifetime, self.policy);
        self.recorder = Recorder::default();
        // Requests that are under way are remembered in the old list, which nobody reads.
        self.requests = Arc::default();
        self.faults = FaultPlan::default();
        self.faults_set = 0;
        self.assertions = Assertions::default();
        self.clock.reset();
    }
}
