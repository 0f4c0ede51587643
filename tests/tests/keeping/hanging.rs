//! A store that hangs, for example on a network folder, holds up nobody who does not wait for it.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime;
use tokio::time::timeout;
use twoba_core::Password;
use twoba_keeper::Credentials;
use twoba_tests::{Adapter, Doing, PASSWORD, USER};

use crate::scene::{KEY, Scene};

/// It passes in any case: the store hangs until it is healed.
const PATIENCE: Duration = Duration::from_millis(20);

/// One thread runs all tasks.
fn runtime() -> runtime::Runtime {
    let mut builder = runtime::Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().unwrap()
}

#[test]
fn a_store_that_hangs_in_a_refresh_holds_up_no_timer_and_no_other_task() {
    for doing in [Doing::Read, Doing::TryLease, Doing::Apply] {
        let scene = Arc::new(Scene::ended(Adapter::Async));
        let session = scene.on_tokio().open(KEY).unwrap();
        scene.store.keep(doing);
        let calling = session.clone();
        let hanging = Arc::clone(&scene);
        runtime().block_on(async {
            let caller = tokio::spawn(async move {
                let called = timeout(PATIENCE, calling.token()).await;
                assert!(called.is_err(), "{doing:?}");
                hanging.store.wait_for_kept();
            });
            caller.await.unwrap();
            tokio::spawn(async {}).await.unwrap();
            scene.store.heal(doing);
            // The same refresh goes on.
            session.token().await.unwrap();
        });
        scene.assert_kept();
    }
}

/// Runs in a task of the keeper, and is the application's all the same.
#[test]
fn a_store_that_hangs_in_a_hook_holds_up_no_timer_of_that() {
    let scene = Arc::new(Scene::new(Adapter::Async));
    let others = scene.on_tokio().open("other").unwrap();
    let hanging = Arc::clone(&scene);
    let session = scene.on_tokio().sign_in(move |_| {
        let (scene, others) = (Arc::clone(&hanging), others.clone());
        async move {
            scene.store.keep(Doing::Read);
            let status = timeout(PATIENCE, others.status()).await;
            assert!(status.is_err());
            scene.store.heal(Doing::Read);
            let password = Password::parse(PASSWORD).ok()?;
            Some(Credentials::new(USER, password))
        }
    });
    let session = session.open(KEY).unwrap();
    runtime().block_on(async {
        let calling = tokio::spawn(async move { session.token().await });
        calling.await.unwrap().unwrap();
    });
    assert_eq!(scene.world.counts().password, 1);
}
