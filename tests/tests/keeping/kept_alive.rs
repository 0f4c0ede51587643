//! Sessions that die if nobody uses them, kept alive by who is asked to.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time;
use twoba_async::KeptAlive;
use twoba_core::{Password, SessionKey, Timestamp};
use twoba_store::{AsyncStore, Direct, Due, Store, StoreError, pass_on};
use twoba_tests::{Adapter, Doing, PASSWORD, USER};

use crate::scene::{Scene, is_not_stored};

const DAY: u64 = 24 * 60 * 60;

/// Sessions of one client in one store, in a program whose pauses take no time.
struct Program {
    scene: Scene,
    sessions: twoba_async::Sessions,
}

/// A store that lists what was due a while ago.
struct Behind<S> {
    store: S,
    listed: Vec<SessionKey>,
}

impl<S: Store> Store for Behind<S> {
    pass_on!(store: read try_lease change probe list rescue rescued);

    fn due(&self, _: Due, _: Timestamp, _: usize) -> Result<Vec<SessionKey>, StoreError> {
        Ok(self.listed.clone())
    }
}

impl Program {
    fn new() -> Self {
        let scene = Scene::new(Adapter::Async);
        let sessions = Self::sessions(&scene, Direct::new(scene.store.clone()));
        Self { scene, sessions }
    }

    fn sessions(scene: &Scene, store: impl AsyncStore + 'static) -> twoba_async::Sessions {
        let client = twoba_tests::World::client_of(
            scene
                .provider()
                .with_keep_alive(Some(Duration::from_secs(10 * DAY))),
            twoba_tests::SECRET,
        );
        let builder = twoba_async::Sessions::builder(client)
            .store(store)
            .clock(scene.world.clock())
            .http(|http| http.no_proxy());
        builder.build().unwrap()
    }

    fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(work)
    }

    fn log_in(&self, keys: &[&str]) {
        let password = Password::parse(PASSWORD).unwrap();
        for key in keys {
            let session = self.sessions.open(key).unwrap();
            self.block_on(session.login(USER, &password)).unwrap();
        }
    }

    /// Time goes on by itself while nothing else happens.
    fn keep_alive(&self) -> KeptAlive {
        self.block_on(async {
            let kept = self.sessions.keep_alive();
            tokio::pin!(kept);
            loop {
                let a_while = time::timeout(Duration::from_millis(200), kept.as_mut());
                if let Ok(kept) = a_while.await {
                    return kept.unwrap();
                }
                time::pause();
                time::advance(Duration::from_secs(1)).await;
                time::resume();
            }
        })
    }

    fn generations(&self, keys: &[&str]) -> Vec<u64> {
        let generation = |key: &&str| {
            let session = self.sessions.open(key).unwrap();
            self.block_on(session.status()).unwrap().generation.unwrap()
        };
        keys.iter().map(generation).collect()
    }
}

#[test]
fn what_is_near_its_end_is_refreshed_and_nothing_else() {
    let program = Program::new();
    program.log_in(&["a", "b", "c"]);
    program.scene.world.pass(9 * DAY);
    assert_eq!(program.keep_alive().refreshed, 0, "nothing is near its end");
    program.log_in(&["d"]);
    program
        .block_on(program.sessions.open("c").unwrap().token())
        .unwrap();
    program.scene.world.pass(DAY + 1);
    let kept = program.keep_alive();
    assert_eq!((kept.refreshed, kept.failed.len()), (2, 0));
    assert_eq!(program.generations(&["a", "b", "c", "d"]), [2, 2, 2, 1]);
    // Each of them has ten more days now.
    assert_eq!(program.keep_alive().refreshed, 0);
    program.scene.world.pass(10 * DAY + 1);
    assert_eq!(program.keep_alive().refreshed, 4);
    let counts = program.scene.world.counts();
    assert_eq!((counts.refresh, counts.reuse), (7, 0));
}

#[test]
fn nothing_happens_unless_it_is_asked_for() {
    let program = Program::new();
    program.log_in(&["a"]);
    program.scene.world.pass(30 * DAY);
    assert_eq!(program.sessions.clear_up(), 0);
    assert_eq!(program.scene.world.counts().refresh, 0);
}

#[test]
fn one_that_fails_stops_none_of_the_others() {
    let program = Program::new();
    let keys = ["a", "b", "c"];
    program.log_in(&keys);
    program.scene.world.pass(10 * DAY + 1);
    program.scene.store.fail_times(Doing::Apply, 1);
    let kept = program.keep_alive();
    assert_eq!(kept.refreshed, 2);
    let [(key, error)] = &*kept.failed else {
        unreachable!("{kept:?}");
    };
    assert!(is_not_stored(error), "{error}");
    assert!(keys.contains(&key.as_str()));
    // The next night it is done.
    assert_eq!(program.keep_alive().refreshed, 1);
    let generations: BTreeSet<u64> = program.generations(&keys).into_iter().collect();
    assert_eq!(generations, BTreeSet::from([2]));
}

#[test]
fn two_nightly_jobs_refresh_each_session_once() {
    let mut program = Program::new();
    let keys = ["a", "b"];
    program.log_in(&keys);
    program.scene.world.pass(10 * DAY + 1);
    let listed = keys.map(|key| SessionKey::parse(key).unwrap()).into();
    assert_eq!(program.keep_alive().refreshed, 2);
    // Another host has listed them before that, and comes to them now.
    let store = Behind {
        store: program.scene.store.clone(),
        listed,
    };
    program.sessions = Program::sessions(&program.scene, Direct::new(store));
    let kept = program.keep_alive();
    assert_eq!((kept.refreshed, kept.failed.len()), (2, 0));
    assert_eq!(program.generations(&keys), [2, 2]);
    assert_eq!(program.scene.world.counts().refresh, 2);
}
