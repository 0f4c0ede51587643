//! A rotation that the store did not take, in a program that goes on: it is kept with its lease, tried again and
//! again, and let go of in the end or when a login or logout makes it void.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{self, Runtime};
use tokio::time::{self, Instant};
use twoba_core::{Client, SessionKey};
use twoba_emulator::EndReason;
use twoba_store::{Direct, Store};
use twoba_tests::{Adapter, Doing, Early, PASSWORD, USER, World};

use crate::scene::{ENDED, KEY, Scene, is_not_stored, timed};

/// A program on Tokio, with a session whose rotation the store has not taken.
struct Program {
    scene: Scene,
    runtime: Runtime,
    session: twoba_async::Session,
}

impl Program {
    fn new() -> Self {
        let scene = Scene::new(Adapter::Async);
        let client = scene.client();
        Self::of(scene, client)
    }

    fn of(scene: Scene, client: Client) -> Self {
        scene.log_in();
        scene.world.pass(ENDED);
        let session = twoba_async::Session::builder(client)
            .store(Direct::new(scene.store.clone()))
            .clock(scene.world.clock())
            .http(|http| http.no_proxy())
            .open(KEY)
            .unwrap();
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        scene.leave_unsaved(|| {
            let failed = runtime.block_on(session.token()).unwrap_err();
            assert!(is_not_stored(&failed), "{failed}");
        });
        Self {
            scene,
            runtime,
            session,
        }
    }

    /// Lets time pass for the program alone; the rest of the world stands still, and nothing may
    /// go over the wire.
    fn pass(&self, span: Duration) {
        self.runtime.block_on(async {
            time::pause();
            time::sleep(span).await;
            time::resume();
        });
    }

    fn is_leased(&self) -> bool {
        self.scene.lease().is_none()
    }
}

#[test]
fn a_session_that_its_caller_drops_stores_its_grant_when_it_can() {
    let Program {
        scene,
        runtime,
        session,
    } = Program::new();
    drop(session);
    runtime.block_on(async {
        time::pause();
        time::sleep(Duration::from_secs(20)).await;
        scene.store.heal(Doing::Apply);
        time::sleep(Duration::from_secs(11)).await;
    });
    scene.assert_kept();
}

#[test]
fn a_grant_that_the_store_does_not_take_is_kept_with_a_lease_that_is_renewed_for_five_minutes() {
    let program = Program::new();
    let mut renewed = program.scene.store.begun(Doing::Renew);
    for _ in 0..19 {
        program.pass(Duration::from_secs(15));
        assert!(program.is_leased());
        // A claim lives for 45 s.
        let so_far = program.scene.store.begun(Doing::Renew);
        assert!(so_far > renewed);
        renewed = so_far;
    }
    program.scene.store.heal(Doing::Apply);
    program.pass(Duration::from_secs(10));
    assert!(!program.is_leased());
    program.scene.assert_kept();
}

#[test]
fn a_grant_that_no_store_takes_is_left_for_others_after_five_minutes_and_kept_here() {
    let program = Program::new();
    program.pass(Duration::from_secs(301));
    assert!(!program.is_leased());
    let store = program.scene.store.elsewhere();
    let rescued = store.rescued(&SessionKey::parse(KEY).unwrap()).unwrap();
    assert!(rescued.is_some());
    let tries = program.scene.store.begun(Doing::Apply);
    program.pass(Duration::from_secs(600));
    assert_eq!(program.scene.store.begun(Doing::Apply), tries);
    // The next caller tries again, and nothing was lost.
    program.scene.store.heal(Doing::Apply);
    let token = program.runtime.block_on(program.session.token());
    token.unwrap();
    program.scene.assert_kept();
}

#[test]
fn a_lease_that_is_lost_to_others_while_a_grant_is_unsaved_is_taken_again() {
    let program = Program::new();
    program.scene.store.lose_the_lease();
    let tries = program.scene.store.begun(Doing::TryLease);
    program.pass(Duration::from_secs(30));
    assert!(program.scene.store.begun(Doing::TryLease) > tries);
    assert!(program.is_leased());
    program.scene.store.heal(Doing::Apply);
    program.pass(Duration::from_secs(11));
    program.scene.assert_kept();
}

/// Without the revocation that it could ask for, no time passes at all.
#[test]
fn a_logout_gives_the_lease_of_an_unsaved_grant_back_at_once() {
    let scene = Scene::new(Adapter::Async);
    let provider = scene.world.provider();
    let url = format!("{}/OAuth/Token", scene.detour.url());
    let provider = provider.with_token_endpoint(twoba_core::Endpoint::parse(&url).unwrap());
    let program = Program::of(scene, World::client_of(provider, twoba_tests::SECRET));
    // So that the next retry is seconds away.
    program.pass(Duration::from_secs(60));
    program.runtime.block_on(async {
        time::pause();
        let started = Instant::now();
        program.session.forget().await.unwrap();
        // As long as somebody has something to do, no time passes.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(Instant::now(), started);
        assert!(!program.is_leased());
    });
}

#[test]
fn a_login_gives_the_lease_of_an_unsaved_grant_back_at_once_and_has_that_revoked() {
    let program = Program::new();
    program.pass(Duration::from_secs(60));
    // The next retry is up to ten seconds away.
    let ((), took) = timed(|| {
        program.runtime.block_on(async {
            let password = twoba_core::Password::parse(PASSWORD).unwrap();
            program.session.login(USER, &password).await.unwrap();
            while program.is_leased() {
                time::sleep(Duration::from_millis(1)).await;
            }
        });
    });
    assert!(took < Duration::from_secs(4), "{took:?}");
    let families = program.scene.world.emulator.state().families;
    let ended: Vec<_> = families.iter().map(|family| family.ended).collect();
    assert_eq!(ended[0], None, "the new login is alive");
    assert_eq!(ended[1].unwrap().reason, EndReason::RevokedByClient);
}

#[test]
fn a_login_or_logout_lets_others_go_on_while_a_grant_is_unsaved() {
    Adapter::each(|adapter| {
        for logs_in in [true, false] {
            let scene = Scene::new(adapter);
            let session = scene.logged_in(Early::Beside);
            scene.world.pass(ENDED);
            scene.leave_unsaved(|| assert!(session.token().is_err()));
            if logs_in {
                session.login(USER, PASSWORD).unwrap();
            } else {
                session.logout().unwrap();
            }
            scene.world.pass(ENDED);
            // It waits for the lease, if at all.
            let elsewhere = scene.elsewhere();
            assert_eq!(elsewhere.token().is_ok(), logs_in);
            assert_eq!(scene.world.counts().reuse, 0);
        }
    });
}

/// Nobody looks after a session whose runtime has ended; the next runtime has somebody.
#[test]
fn a_session_that_outlives_a_runtime_is_looked_after_in_the_next_one() {
    let Program {
        scene,
        runtime,
        session,
    } = Program::new();
    drop(runtime);
    let next = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let failed = next.block_on(session.token()).unwrap_err();
    assert!(is_not_stored(&failed), "{failed}");
    let scene = Arc::new(scene);
    next.block_on(async {
        time::pause();
        scene.store.heal(Doing::Apply);
        time::sleep(Duration::from_secs(11)).await;
    });
    scene.assert_kept();
}
