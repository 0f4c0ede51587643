//! Decides what surrounds a session here: a store that can be hindered, and a server whose answers can be held back.

use std::time::{Duration, Instant};

use twoba_core::{Client, Provider, RefreshError, SessionKey, StoredGrant};
use twoba_store::{Error, ErrorKind, Lease, Store, StoreError};
use twoba_tests::{
    Adapter, Detour, Doing, Early, Extras, Hindered, Kind, PASSWORD, Place, SECRET, Subject, USER,
    World, on_threads, on_tokio,
};

pub(crate) const KEY: &str = "default";

/// The documented token lives for 120 s: due from here on, and still usable.
pub(crate) const DUE: u64 = 100;

/// And this is behind its end.
pub(crate) const ENDED: u64 = 121;

pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) store: Hindered,
    pub(crate) detour: Detour,
    adapter: Adapter,
}

impl Scene {
    pub(crate) fn new(adapter: Adapter) -> Self {
        Self::over(adapter, Hindered::default())
    }

    pub(crate) fn over(adapter: Adapter, store: Hindered) -> Self {
        let world = World::new(adapter, Kind::Memory);
        let server = world.emulator.url().trim_start_matches("http://");
        Self {
            detour: Detour::to(server.parse().unwrap()),
            store,
            adapter,
            world,
        }
    }

    /// The same, where somebody has logged in whose token has ended.
    pub(crate) fn ended(adapter: Adapter) -> Self {
        let scene = Self::new(adapter);
        scene.log_in();
        scene.world.pass(ENDED);
        scene
    }

    /// A provider that can revoke, behind the detour.
    pub(crate) fn provider(&self) -> Provider {
        let url = format!("{}/OAuth/Token", self.detour.url());
        let provider = self.world.provider();
        provider
            .with_token_endpoint(twoba_core::Endpoint::parse(&url).unwrap())
            .with_revocation_endpoint(self.world.endpoint("/connect/revocation"))
    }

    pub(crate) fn client(&self) -> Client {
        World::client_of(self.provider(), SECRET)
    }

    /// Sessions on threads, before anything else is chosen.
    pub(crate) fn on_threads(&self) -> twoba_blocking::Builder {
        twoba_blocking::Sessions::builder(self.client())
            .store(self.store.clone())
            .clock(self.world.clock())
            .http(|http| http.proxy(None))
    }

    /// Sessions on Tokio, before anything else is chosen.
    pub(crate) fn on_tokio(&self) -> twoba_async::Builder {
        twoba_async::Sessions::builder(self.client())
            .blocking_store(self.store.clone())
            .clock(self.world.clock())
            .http(|http| http.no_proxy())
    }

    /// Handles of one key in one process of this adapter.
    pub(crate) fn handles(&self, adapter: Adapter, count: usize) -> Vec<Box<dyn Subject>> {
        match adapter {
            Adapter::Blocking => {
                let sessions = self.on_threads().build();
                let handles = (0..count).map(|_| on_threads(sessions.open(KEY).unwrap()));
                handles.collect()
            }
            Adapter::Async => {
                let sessions = self.on_tokio().build().unwrap();
                let handles = (0..count).map(|_| on_tokio(sessions.open(KEY).unwrap()));
                handles.collect()
            }
        }
    }

    /// A session that refreshes early itself.
    pub(crate) fn session(&self) -> Box<dyn Subject> {
        self.session_with(Early::Inline, Extras::default())
    }

    pub(crate) fn session_with(&self, early: Early, extras: Extras) -> Box<dyn Subject> {
        self.session_of(self.client(), early, extras)
    }

    pub(crate) fn session_of(
        &self,
        client: Client,
        early: Early,
        extras: Extras,
    ) -> Box<dyn Subject> {
        let place = Place::Hindered(self.store.clone());
        let clock = self.world.clock();
        self.adapter.open_with(client, &place, early, clock, extras)
    }

    /// A session of another process, whose way to the store is free.
    pub(crate) fn elsewhere(&self) -> Box<dyn Subject> {
        let place = Place::Hindered(self.store.elsewhere());
        let clock = self.world.clock();
        self.adapter
            .open(self.client(), &place, Early::Inline, clock)
    }

    pub(crate) fn logged_in(&self, early: Early) -> Box<dyn Subject> {
        let session = self.session_with(early, Extras::default());
        session.login(USER, PASSWORD).unwrap();
        session
    }

    /// Somebody logs in, in another process that ends.
    pub(crate) fn log_in(&self) {
        self.elsewhere().login(USER, PASSWORD).unwrap();
    }

    pub(crate) fn stored(&self) -> StoredGrant {
        let key = SessionKey::parse(KEY).unwrap();
        self.store.elsewhere().read(&key).unwrap().unwrap()
    }

    /// The lease as another process holds it.
    pub(crate) fn lease(&self) -> Option<Box<dyn Lease>> {
        let key = SessionKey::parse(KEY).unwrap();
        self.store.elsewhere().try_lease(&key).unwrap()
    }

    /// Has a call of `session` get a new token that its store does not take, and so fail.
    pub(crate) fn leave_unsaved(&self, call: impl FnOnce() + Send) {
        self.detour.hold();
        std::thread::scope(|scope| {
            let calling = scope.spawn(call);
            self.detour.wait_for_held(1);
            self.store.fail(Doing::Apply);
            self.detour.let_go();
            calling.join().unwrap();
        });
        assert_eq!(self.world.counts().rotations, 1);
    }

    /// Waits until the lease has been tried so many times more, or nobody is left who tries.
    pub(crate) fn wait_for_tries(&self, tries: usize, is_over: impl Fn() -> bool) {
        let enough = self.store.begun(Doing::TryLease) + tries;
        while self.store.begun(Doing::TryLease) < enough && !is_over() {
            std::thread::yield_now();
        }
    }

    /// The generation that is stored.
    pub(crate) fn generation(&self) -> Option<u64> {
        self.elsewhere().status().unwrap().generation
    }

    /// One refresh, and its rotation is what others find.
    #[track_caller]
    pub(crate) fn assert_kept(&self) {
        self.assert_stored();
        self.elsewhere().token().unwrap();
        self.assert_stored();
    }

    /// What the one refresh has brought is stored, and nothing more was asked for.
    #[track_caller]
    pub(crate) fn assert_stored(&self) {
        assert_eq!(self.generation(), Some(2));
        let counts = self.world.counts();
        assert_eq!((counts.refresh, counts.rotations, counts.reuse), (1, 1, 0));
    }
}

pub(crate) fn is_busy(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Store(StoreError::Busy))
}

pub(crate) fn is_not_stored(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Store(StoreError::Io { .. }) | ErrorKind::Refresh(RefreshError::NotStored)
    )
}

/// What comes of it, and how long it takes.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let outcome = work();
    (outcome, started.elapsed())
}
