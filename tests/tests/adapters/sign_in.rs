//! Logging in by itself: once for each end of a grant, whoever asks and however often.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, thread};

use twoba_core::{Cause, Endpoint, Password, Verdict};
use twoba_emulator::{Fault, FaultPoint};
use twoba_keeper::Credentials;
use twoba_store::ErrorKind;
use twoba_tests::{PASSWORD, SECRET, USER, Vault, World, cause};

scenarios! {
    an_ended_grant_leads_to_one_login,
    each_end_leads_to_one_login,
    a_wrong_password_is_tried_once_over_calls_and_processes,
    callers_at_once_lead_to_one_login,
    nobody_yet_leads_to_one_login,
    who_has_logged_out_is_not_logged_in,
    a_vault_without_credentials_is_asked_again,
    a_server_out_of_reach_uses_up_nothing,
    a_login_that_got_no_answer_is_not_repeated,
    a_password_is_not_stored,
}

/// A vault with this password, and how often it was asked.
fn vault(password: &'static str) -> (Vault, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let vault = move |_: &Verdict| {
        count.fetch_add(1, Ordering::SeqCst);
        Some(Credentials::new(USER, Password::parse(password).unwrap()))
    };
    (Arc::new(vault), asked)
}

/// The server ends the grant, and time passes until the client must notice.
fn end_grant(world: &World) {
    assert_eq!(world.emulator.revoke_user(USER), 1);
    world.pass(121);
}

fn an_ended_grant_leads_to_one_login(world: &World) {
    let first = world.logged_in().token().unwrap();
    end_grant(world);
    let (vault, asked) = vault(PASSWORD);
    let session = world.session_with(vault);
    let second = session.token().unwrap();
    assert_ne!(first, second);
    assert_eq!(session.token().unwrap(), second);
    assert_eq!(world.session().token().unwrap(), second, "it is stored");
    let counts = world.counts();
    assert_eq!((counts.password, counts.refresh), (2, 1));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

fn each_end_leads_to_one_login(world: &World) {
    let (vault, asked) = vault(PASSWORD);
    let session = world.session_with(vault);
    session.login(USER, PASSWORD).unwrap();
    for ends in 1..4 {
        end_grant(world);
        session.token().unwrap();
        assert_eq!(asked.load(Ordering::SeqCst), ends);
    }
}

fn a_wrong_password_is_tried_once_over_calls_and_processes(world: &World) {
    drop(world.logged_in());
    end_grant(world);
    let (vault, asked) = vault("wrong");
    let failed = world.session_with(Arc::clone(&vault)).token().unwrap_err();
    assert!(matches!(failed.kind(), ErrorKind::Login(_)), "{failed}");
    for _ in 0..26 {
        let session = world.session_with(Arc::clone(&vault));
        for _ in 0..20 {
            assert_eq!(cause(&session.token().unwrap_err()), Cause::Refused);
        }
    }
    assert_eq!(world.counts().password, 2);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    // A person who logs in makes the next end claimable.
    world.session().login(USER, PASSWORD).unwrap();
    end_grant(world);
    assert!(world.session_with(vault).token().is_err());
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

fn callers_at_once_lead_to_one_login(world: &World) {
    drop(world.logged_in());
    end_grant(world);
    let (vault, asked) = vault(PASSWORD);
    let session = world.session_with(vault);
    let tokens = session.tokens_at_once(20);
    assert!(tokens.iter().all(Result::is_ok), "{tokens:?}");
    assert_eq!(world.counts().password, 2);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

fn nobody_yet_leads_to_one_login(world: &World) {
    let (right, _) = vault(PASSWORD);
    let (wrong, asked) = vault("wrong");
    for _ in 0..3 {
        assert!(world.session_with(Arc::clone(&wrong)).token().is_err());
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let tried = world.session_with(Arc::clone(&right)).token().unwrap_err();
    assert_eq!(cause(&tried), Cause::NoLogin, "the one login was that");
    world.session().login(USER, PASSWORD).unwrap();
    end_grant(world);
    world.session_with(right).token().unwrap();
}

fn who_has_logged_out_is_not_logged_in(world: &World) {
    world.logged_in().logout().unwrap();
    let (vault, asked) = vault(PASSWORD);
    let refused = world.session_with(vault).token().unwrap_err();
    assert_eq!(cause(&refused), Cause::LoggedOut);
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

fn a_vault_without_credentials_is_asked_again(world: &World) {
    drop(world.logged_in());
    end_grant(world);
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let vault = move |verdict: &Verdict| {
        assert_eq!(verdict.cause, Cause::Refused);
        let times = count.fetch_add(1, Ordering::SeqCst);
        let password = Password::parse(PASSWORD).unwrap();
        (times > 0).then(|| Credentials::new(USER, password))
    };
    let session = world.session_with(Arc::new(vault));
    assert_eq!(cause(&session.token().unwrap_err()), Cause::Refused);
    session.token().unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

fn a_server_out_of_reach_uses_up_nothing(world: &World) {
    // Nothing listens on this port: whoever had it has gone.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/OAuth/Token", listener.local_addr().unwrap());
    drop(listener);
    let nowhere = world
        .provider()
        .with_token_endpoint(Endpoint::parse(&url).unwrap());
    let (vault, asked) = vault(PASSWORD);
    let session = world.session_of_with(World::client_of(nowhere, SECRET), vault);
    for times in 1..4 {
        let failed = session.token().unwrap_err();
        assert!(failed.is_unsent_login(), "{failed}");
        assert_eq!(asked.load(Ordering::SeqCst), times);
    }
}

fn a_login_that_got_no_answer_is_not_repeated(world: &World) {
    drop(world.logged_in());
    end_grant(world);
    world.next(FaultPoint::Password, Fault::DropBefore);
    let (vault, asked) = vault(PASSWORD);
    let session = world.session_with(vault);
    assert!(matches!(
        session.token().unwrap_err().kind(),
        ErrorKind::Login(_)
    ));
    assert_eq!(cause(&session.token().unwrap_err()), Cause::Refused);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

fn a_password_is_not_stored(world: &World) {
    let (vault, _) = vault(PASSWORD);
    let session = world.session_with(vault);
    let printed = thread::scope(|scope| {
        let caller = scope.spawn(|| format!("{:?} {session:?}", session.token().unwrap()));
        caller.join().unwrap()
    });
    assert!(!printed.contains(PASSWORD));
    let Some(folder) = world.place.folder() else {
        return;
    };
    for entry in fs::read_dir(folder).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(PASSWORD));
    }
}
