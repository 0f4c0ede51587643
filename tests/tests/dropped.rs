//! Futures that are dropped, and runtimes with them: a caller's end ends no exchange, and the end of
//! everything equals a crash at that place.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper of a test fails the test"
)]

use std::future::{pending, poll_fn, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use async_trait::async_trait;
use http::{Request, Response};
use tokio::runtime::{self, Runtime};
use tokio::sync::Notify;
use twoba_core::{
    Cause, Change, Client, Durable, Form, Replay, Seed, SendFailure, Session, SessionKey,
    StoredGrant, Timestamp, Want,
};
use twoba_store::{
    ApplyError, AsyncApply, AsyncLease, AsyncStore, Due, Error, Lease, Listed, MemoryStore, Store,
    StoreError, TransportError, drive_async,
};
use twoba_testkit::exchange;
use twoba_tests::{Adapter, Kind, PASSWORD, SECRET, USER, World, cause, refresh_token_at};

/// A store in memory with a place to wait before and behind each operation.
#[derive(Clone, Default)]
struct Gated {
    store: MemoryStore,
    gates: Arc<Gates>,
}

/// The waiting places, counted; at one of them whoever comes by is kept.
#[derive(Default)]
struct Gates {
    passed: AtomicUsize,
    closed: AtomicUsize,
    reached: Notify,
    /// Told behind a change without a lease, of which there is one in each work, and behind a lease
    /// that was given back.
    changed: Notify,
}

impl Gates {
    /// Keeps whoever comes to the place of this number, counted from 1 from now on.
    fn close(&self, number: usize) {
        self.passed.store(0, Ordering::SeqCst);
        self.closed.store(number, Ordering::SeqCst);
    }

    /// Lets everybody through. Who is kept already stays where it is.
    fn open(&self) {
        self.closed.store(0, Ordering::SeqCst);
    }

    async fn pass(&self) {
        let number = self.passed.fetch_add(1, Ordering::SeqCst) + 1;
        if number == self.closed.load(Ordering::SeqCst) {
            self.reached.notify_one();
            pending::<()>().await;
        }
    }

    /// The same for who waits but a moment: it goes on when it is polled again.
    async fn pass_slowly(&self) {
        let number = self.passed.fetch_add(1, Ordering::SeqCst) + 1;
        if number == self.closed.load(Ordering::SeqCst) {
            self.reached.notify_one();
            tokio::task::yield_now().await;
        }
    }
}

/// Whether who comes to a closed gate is kept for ever.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    ForEver,
    AMoment,
}

#[derive(Clone)]
struct GatedStore {
    gated: Gated,
    kept: Kept,
}

impl GatedStore {
    async fn pass(&self) {
        match self.kept {
            Kept::ForEver => self.gated.gates.pass().await,
            Kept::AMoment => self.gated.gates.pass_slowly().await,
        }
    }
}

#[async_trait]
impl AsyncStore for GatedStore {
    async fn read(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        self.pass().await;
        let read = self.gated.store.read(key);
        self.pass().await;
        read
    }

    async fn try_lease(&self, key: &SessionKey) -> Result<Option<Box<dyn AsyncLease>>, StoreError> {
        self.pass().await;
        let lease = self.gated.store.try_lease(key)?;
        let lease = lease.map(|lease| -> Box<dyn AsyncLease> {
            Box::new(GatedLease {
                lease,
                store: self.clone(),
            })
        });
        self.pass().await;
        Ok(lease)
    }

    async fn change(&self, key: &SessionKey, change: &Change) -> Result<Durable, ApplyError> {
        self.pass().await;
        let changed = self.gated.store.change(key, change);
        self.pass().await;
        self.gated.gates.changed.notify_one();
        changed
    }

    async fn probe(&self, key: &SessionKey) -> Result<(), StoreError> {
        self.pass().await;
        let probed = self.gated.store.probe(key);
        self.pass().await;
        probed
    }

    async fn due(
        &self,
        which: Due,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError> {
        self.gated.store.due(which, before, limit)
    }

    async fn list(
        &self,
        after: Option<&SessionKey>,
        limit: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        self.gated.store.list(after, limit)
    }

    async fn rescue(&self, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError> {
        self.gated.store.rescue(key, record)
    }

    async fn rescued(&self, key: &SessionKey) -> Result<Option<StoredGrant>, StoreError> {
        self.gated.store.rescued(key)
    }
}

struct GatedLease {
    lease: Box<dyn Lease>,
    store: GatedStore,
}

impl Drop for GatedLease {
    fn drop(&mut self) {
        self.store.gated.gates.changed.notify_one();
    }
}

#[async_trait]
impl AsyncLease for GatedLease {
    async fn load(&mut self) -> Result<Option<StoredGrant>, StoreError> {
        self.store.pass().await;
        let loaded = self.lease.load();
        self.store.pass().await;
        loaded
    }

    async fn renew(&mut self) -> Result<(), StoreError> {
        self.lease.renew()
    }
}

#[async_trait]
impl AsyncApply for GatedLease {
    async fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.store.pass().await;
        let applied = self.lease.apply(change);
        self.store.pass().await;
        applied
    }
}

const KEY: &str = "default";

/// A world in which somebody has logged in, and the token has ended.
struct Scene {
    world: World,
    gated: Gated,
    replay: Replay,
}

impl Scene {
    fn new(replay: Replay) -> Self {
        let scene = Self {
            world: World::new(Adapter::Async, Kind::Memory),
            gated: Gated::default(),
            replay,
        };
        let runtime = threads();
        let session = scene.session(Kept::ForEver);
        let password = twoba_core::Password::parse(PASSWORD).unwrap();
        runtime.block_on(session.login(USER, &password)).unwrap();
        runtime.block_on(scene.gated.gates.changed.notified());
        scene.world.pass(121);
        scene
    }

    fn client(&self) -> Client {
        World::client_of(self.world.provider().with_replay(self.replay), SECRET)
    }

    fn session(&self, kept: Kept) -> twoba_async::Session {
        let store = GatedStore {
            gated: self.gated.clone(),
            kept,
        };
        twoba_async::Session::builder(self.client())
            .store(store)
            .clock(self.world.clock())
            .http(|http| http.no_proxy())
            .open(KEY)
            .unwrap()
    }

    fn stored(&self) -> serde_json::Value {
        let key = SessionKey::parse(KEY).unwrap();
        let stored = self.gated.store.read(&key).unwrap().unwrap();
        let text = String::from_utf8(stored.expose().to_vec()).unwrap();
        let json: serde_json::Value =
            serde_json::from_str(text.split_once('\n').unwrap().1).unwrap();
        json["state"]["held"].clone()
    }

    /// What the next process finds after a crash here, by the table of the replay rules.
    fn assert_as_after_a_crash(&self, place: usize) {
        self.gated.gates.open();
        let (counts, stored) = (self.world.counts(), self.stored());
        let (asked, rotated) = (!stored["intent"].is_null(), counts.rotations == 1);
        let saved = stored["generation"] == 2;
        assert!(
            asked || counts.refresh == 0 || saved,
            "no request without an intent"
        );
        self.world.pass(36);
        let session = self.session(Kept::ForEver);
        let token = threads().block_on(session.token());
        let reuse = self.world.counts().reuse;
        let kept = match self.replay {
            Replay::Once => !rotated || saved,
            Replay::Never | Replay::Within(_) | _ => !asked,
        };
        let presented_twice = self.replay == Replay::Once && rotated && !saved;
        assert_eq!(reuse, u64::from(presented_twice), "place {place}");
        match token {
            Ok(_) => assert!(kept, "place {place}"),
            Err(error) => {
                assert!(!kept, "place {place}: {error}");
                assert_eq!(cause(&error), Cause::AnswerLost, "place {place}");
            }
        }
    }
}

fn threads() -> Runtime {
    runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

/// Waits until somebody is at the closed gate, or `call` is done, which is true.
async fn done_before<T>(gates: &Gates, call: impl Future<Output = T>) -> bool {
    let done = tokio::select! {
        biased;
        () = gates.reached.notified() => false,
        _ = call => true,
    };
    // Somebody may have come to the gate, and have gone on, after it was looked at.
    tokio::select! {
        biased;
        () = gates.reached.notified(), if done => false,
        () = ready(()) => done,
    }
}

/// Drops a call at each place in turn, and has what it began looked at; how many places there are.
fn dropped_anywhere<F: Future>(
    call: impl Fn(&Scene, twoba_async::Session) -> F,
    look: impl AsyncFn(&Scene, &twoba_async::Session),
) -> usize {
    let mut places = 0;
    loop {
        let scene = Scene::new(Replay::Never);
        let session = scene.session(Kept::AMoment);
        let gates = Arc::clone(&scene.gated.gates);
        gates.close(places + 1);
        let done = threads().block_on(async {
            let done = done_before(&gates, call(&scene, session.clone())).await;
            // The call is dropped; what it began goes on.
            look(&scene, &session).await;
            done
        });
        assert_eq!(scene.world.counts().reuse, 0);
        if done {
            return places;
        }
        places += 1;
    }
}

async fn assert_refreshed(scene: &Scene, session: &twoba_async::Session) {
    session.token().await.unwrap();
    let counts = scene.world.counts();
    assert_eq!((counts.refresh, counts.rotations), (1, 1));
    assert_eq!(scene.stored()["generation"], 2);
}

#[test]
fn a_caller_that_is_dropped_anywhere_loses_no_rotation() {
    let token = |_: &Scene, session: twoba_async::Session| async move { session.token().await };
    // Read, lease, load and two changes, each with a place before and one behind.
    assert_eq!(dropped_anywhere(token, assert_refreshed), 10);
    let refresh = |_: &Scene, session: twoba_async::Session| async move { session.refresh().await };
    // It reads once more, to know which token it is that another one is wanted for.
    assert_eq!(dropped_anywhere(refresh, assert_refreshed), 12);
}

#[test]
fn a_caller_that_is_dropped_anywhere_in_a_login_loses_no_login() {
    let login = |_: &Scene, session: twoba_async::Session| async move {
        let password = twoba_core::Password::parse(PASSWORD).unwrap();
        session.login(USER, &password).await
    };
    let look = async |scene: &Scene, session: &twoba_async::Session| {
        scene.gated.gates.changed.notified().await;
        session.token().await.unwrap();
        let counts = scene.world.counts();
        assert_eq!((counts.password, counts.refresh), (2, 0));
        assert_eq!(scene.stored()["generation"], 1);
    };
    // Probe, read and change.
    assert_eq!(dropped_anywhere(login, look), 6);
}

#[test]
fn a_caller_that_is_dropped_anywhere_in_a_logout_is_logged_out() {
    let logout = |_: &Scene, session: twoba_async::Session| async move { session.logout().await };
    let look = async |scene: &Scene, session: &twoba_async::Session| {
        scene.gated.gates.changed.notified().await;
        let refused = session.token().await.unwrap_err();
        assert_eq!(cause(&refused), Cause::LoggedOut);
        assert_eq!(scene.world.counts().refresh, 0);
    };
    // Probe, read and change.
    assert_eq!(dropped_anywhere(logout, look), 6);
}

#[test]
fn a_caller_that_is_dropped_anywhere_in_an_import_loses_no_import() {
    let import = |scene: &Scene, session: twoba_async::Session| {
        let brought = refresh_token_at(scene.world.emulator.url());
        async move { session.import(brought, None).await }
    };
    let look = async |scene: &Scene, session: &twoba_async::Session| {
        scene.gated.gates.changed.notified().await;
        session.token().await.unwrap();
        let counts = scene.world.counts();
        assert_eq!((counts.refresh, counts.rotations), (1, 1));
        assert_eq!(scene.stored()["generation"], 1);
    };
    // Lease, load and two changes.
    assert_eq!(dropped_anywhere(import, look), 8);
}

/// A caller that is dropped after each of its own polls.
#[test]
fn a_caller_that_is_dropped_after_any_poll_loses_no_rotation() {
    for polls in 1..5 {
        let scene = Scene::new(Replay::Never);
        let session = scene.session(Kept::AMoment);
        threads().block_on(async {
            let mut call = Box::pin(session.token());
            let mut left = polls;
            poll_fn(|context| {
                let polled = call.as_mut().poll(context);
                left -= 1;
                match polled {
                    Poll::Pending if left > 0 => Poll::Pending,
                    Poll::Ready(_) | Poll::Pending => Poll::Ready(()),
                }
            })
            .await;
            drop(call);
            session.token().await.unwrap();
        });
        let counts = scene.world.counts();
        assert_eq!((counts.rotations, counts.reuse), (1, 0), "{polls} polls");
    }
}

#[test]
fn a_runtime_that_is_dropped_anywhere_is_a_crash_there() {
    for replay in [Replay::Once, Replay::Never] {
        let mut places = 0;
        loop {
            let scene = Scene::new(replay);
            let session = scene.session(Kept::ForEver);
            let gates = Arc::clone(&scene.gated.gates);
            gates.close(places + 1);
            let runtime = threads();
            let done = runtime.block_on(done_before(&gates, session.token()));
            drop(runtime);
            drop(session);
            if done {
                break;
            }
            scene.assert_as_after_a_crash(places + 1);
            places += 1;
        }
        assert_eq!(places, 10);
    }
}

/// Sends a request to the emulator; a place to wait before and behind it.
async fn send(scene: &Scene, request: Request<Form>) -> Result<Response<Vec<u8>>, TransportError> {
    let gates = &scene.gated.gates;
    gates.pass().await;
    let address = scene.world.emulator.url().trim_start_matches("http://");
    let answer = exchange(address.parse().unwrap(), &request.map(Form::into_bytes));
    gates.pass().await;
    answer.map_err(|error| TransportError {
        failure: SendFailure::MaybeSent,
        cause: error.into(),
    })
}

async fn driven(scene: &Scene) -> Result<twoba_core::AccessToken, Error> {
    let key = SessionKey::parse(KEY).unwrap();
    let mut session = Session::new(Arc::new(scene.client()), &key, Seed::from_bytes([5; 32]));
    let store = GatedStore {
        gated: scene.gated.clone(),
        kept: Kept::ForEver,
    };
    let clock = scene.world.clock();
    let mut lease = store.try_lease(&key).await?.unwrap();
    let stored = lease.load().await?;
    let step = session.obtain(Want::Usable, clock(), stored);
    drive_async(step, &clock, &mut *lease, |request| send(scene, request)).await
}

#[test]
fn a_loop_that_is_dropped_anywhere_is_a_crash_there() {
    for replay in [Replay::Once, Replay::Never] {
        let mut places = 0;
        loop {
            let scene = Scene::new(replay);
            scene.gated.gates.close(places + 1);
            let done = threads().block_on(done_before(&scene.gated.gates, driven(&scene)));
            if done {
                break;
            }
            scene.assert_as_after_a_crash(places + 1);
            places += 1;
        }
        // Lease, load, intent, request and rotation, each with a place before and one behind.
        assert_eq!(places, 10);
    }
}
