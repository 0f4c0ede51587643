//! Writes whose answers are lost: what became of them is read, and told.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use twoba_core::{Durable, StoredGrant};
use twoba_servers::postgres::Postgres;
use twoba_store::conformance::changes::{login, refresh};
use twoba_store::{ApplyError, DatabaseFailure, Lease, Store, StoreError};
use twoba_store_postgres::BlockingPostgresStore;
use twoba_tests::{Strait, Weather};

use crate::scene::{SOON, Tables, cluster, key};

/// A store that is reached by a strait, and the same store reached directly.
struct Scene {
    strait: Strait,
    store: BlockingPostgresStore,
    beside: BlockingPostgresStore,
    _cluster: Postgres,
}

impl Scene {
    fn new() -> Option<Self> {
        let cluster = cluster()?;
        let tables = Tables::new(&cluster, true);
        let server = SocketAddr::from((Ipv4Addr::LOCALHOST, cluster.port()));
        let strait = Strait::to(server);
        let store = tables.by(strait.port()).open_hasty();
        Some(Self {
            store,
            beside: tables.open(),
            strait,
            _cluster: cluster,
        })
    }

    /// Lets the connection that is open meet this weather, and new ones none.
    fn weather(&self, weather: Weather) {
        // So that there is a connection.
        self.store.read(&key("nobody")).unwrap();
        self.strait.for_those_there(weather);
    }

    fn stored(&self) -> Option<StoredGrant> {
        self.beside.read(&key("a")).unwrap()
    }

    fn lease(&self) -> Box<dyn Lease> {
        self.store.try_lease(&key("a")).unwrap().unwrap()
    }
}

#[track_caller]
fn assert_not_known(outcome: Result<Durable, ApplyError>) {
    let timed_out = matches!(
        outcome,
        Err(ApplyError::Store(StoreError::Database {
            failure: DatabaseFailure::TimedOut,
            ..
        }))
    );
    assert!(timed_out, "{outcome:?}");
}

#[test]
fn a_change_whose_answer_is_lost_is_found_to_be_there() {
    let Some(scene) = Scene::new() else { return };
    let mut before = None;
    for weather in [Weather::CutAtAnswer, Weather::SwallowAnswers] {
        let change = login(&key("a"), before);
        scene.weather(weather);
        let proof = scene.store.change(&key("a"), &change).unwrap();
        assert_eq!(proof, Durable::assertion(&change));
        assert_eq!(scene.stored().as_ref(), Some(change.record()));
        before = Some(change.record().clone());
    }
}

#[test]
fn a_change_that_never_arrived_is_sent_again_or_said_to_be_missing() {
    let Some(scene) = Scene::new() else { return };
    let first = login(&key("a"), None);
    scene.weather(Weather::CutAtRequest);
    scene.store.change(&key("a"), &first).unwrap();
    assert_eq!(scene.stored().as_ref(), Some(first.record()));
    let second = login(&key("a"), Some(first.record().clone()));
    scene.weather(Weather::SwallowRequests);
    assert_not_known(scene.store.change(&key("a"), &second));
    assert_eq!(scene.stored().as_ref(), Some(first.record()));
    scene.strait.for_all(Weather::Calm);
    scene.store.change(&key("a"), &second).unwrap();
}

#[test]
fn a_change_of_which_nothing_can_be_learnt_is_in_doubt_and_within_its_time() {
    let Some(scene) = Scene::new() else { return };
    let change = login(&key("a"), None);
    scene.weather(Weather::SwallowAnswers);
    scene.strait.for_all(Weather::SwallowAnswers);
    let started = Instant::now();
    assert_not_known(scene.store.change(&key("a"), &change));
    assert!(started.elapsed() < SOON);
    assert_eq!(scene.stored().as_ref(), Some(change.record()));
    scene.strait.for_all(Weather::Calm);
    match scene.store.change(&key("a"), &change) {
        Err(ApplyError::Conflict(stored)) => assert_eq!(stored.as_ref(), Some(change.record())),
        outcome => panic!("{outcome:?}"),
    }
}

#[test]
fn a_refresh_whose_answers_are_lost_is_stored_step_by_step() {
    let Some(scene) = Scene::new() else { return };
    let first = login(&key("a"), None);
    scene.store.change(&key("a"), &first).unwrap();
    scene.weather(Weather::CutAtAnswer);
    let mut lease = scene.lease();
    let steps = refresh(&key("a"), first.record().clone());
    scene.weather(Weather::CutAtAnswer);
    lease.apply(&steps.intent).unwrap();
    assert_eq!(scene.stored().as_ref(), Some(steps.intent.record()));
    scene.weather(Weather::CutAtAnswer);
    lease.renew().unwrap();
    assert!(scene.beside.try_lease(&key("a")).unwrap().is_none());
    scene.weather(Weather::SwallowAnswers);
    lease.finish(&steps.rotation).unwrap();
    assert_eq!(scene.stored().as_ref(), Some(steps.rotation.record()));
    assert!(scene.beside.try_lease(&key("a")).unwrap().is_some());
}

/// An intent that is said to be missing, and is stored later, would end the session: its request has
/// never left. A login that comes late is another writer's change.
#[test]
fn a_write_that_comes_late_under_a_claim_changes_nothing() {
    let Some(scene) = Scene::new() else { return };
    let first = login(&key("a"), None);
    scene.store.change(&key("a"), &first).unwrap();
    let mut lease = scene.lease();
    let steps = refresh(&key("a"), first.record().clone());
    scene.weather(Weather::HoldRequests);
    assert_not_known(lease.apply(&steps.intent));
    assert_eq!(lease.load().unwrap().as_ref(), Some(first.record()));
    // Without a claim, what is held arrives and is applied.
    let unclaimed = login(&key("b"), None);
    scene.store.read(&key("b")).unwrap();
    scene.strait.for_those_there(Weather::HoldRequests);
    assert_not_known(scene.store.change(&key("b"), &unclaimed));
    scene.strait.for_all(Weather::Calm);
    let until = Instant::now() + Duration::from_secs(10);
    while scene.beside.read(&key("b")).unwrap().is_none() {
        assert!(Instant::now() < until, "what was held does not arrive");
    }
    // The claim's write was held before, and let go at the same time.
    assert_eq!(scene.stored().as_ref(), Some(first.record()));
    lease.apply(&steps.intent).unwrap();
    lease.finish(&steps.rotation).unwrap();
}
