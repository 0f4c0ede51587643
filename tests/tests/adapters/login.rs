//! Logging in, by password and by browser, and everything that can be wrong about it.

use twoba_core::{Advice, CallbackError, Client, ErrorCode, LoginError, SessionState, TokenError};
use twoba_emulator::{Fault, FaultPoint};
use twoba_store::ErrorKind;
use twoba_tests::{
    Browser, PASSWORD, USER, World, location, log_in_at_emulator, query_of, token_error,
};

const REDIRECT: &str = "http://127.0.0.1:8123/callback";

scenarios! {
    a_password_login_leads_to_a_token_that_the_service_takes,
    a_password_arrives_as_it_was_typed,
    a_browser_login_of_a_public_client_uses_pkce,
    a_browser_login_of_a_confidential_client_works_too,
    a_login_that_the_user_cancels_is_denied,
    an_answer_to_another_login_is_refused_before_anything_is_sent,
    a_wrong_password_is_refused_and_nothing_is_stored,
    a_wrong_secret_is_the_configurations_fault,
    a_failed_login_leaves_the_session_that_was_there,
    a_login_without_an_answer_may_be_tried_again,
    a_login_is_not_redirected,
}

fn a_password_login_leads_to_a_token_that_the_service_takes(world: &World) {
    let session = world.session();
    assert_eq!(session.status().unwrap().state, SessionState::None);
    let token = session.login(USER, PASSWORD).unwrap();
    assert_eq!(session.token().unwrap(), token);
    let found = session.get("Product/Search", &[("query", "kabelgoot")]);
    assert!(found.unwrap().value()["Total"].as_u64() > Some(0));

    let status = session.status().unwrap();
    assert_eq!(status.state, SessionState::Valid);
    assert_eq!(status.user.as_deref(), Some(USER));
    assert_eq!(status.generation, Some(1));
    assert_eq!(world.counts().token_posts, 1);
    assert_eq!(world.counts().password, 1);
}

fn a_password_arrives_as_it_was_typed(world: &World) {
    let session = world.session();
    let token = session.login("tricky@example.com", "p@ss word+&=%\u{e9}");
    token.unwrap();
}

fn a_browser_login_of_a_public_client_uses_pkce(world: &World) {
    let client = Client::public(world.provider(), "publicApplication").unwrap();
    let session = world.session_of(client);
    let (url, login) = session.start_login(REDIRECT).unwrap();
    let sent_back = log_in_at_emulator(&world.emulator, &url, USER, PASSWORD);
    assert!(sent_back.starts_with(REDIRECT));
    assert!(login.is_answered_by(query_of(&sent_back)));
    let token = session.finish_login(login, query_of(&sent_back)).unwrap();

    assert_eq!(session.token().unwrap(), token);
    session.get("Product/Search", &[("query", "a")]).unwrap();
    assert_eq!(world.counts().authorization_code, 1);
    world.pass(121);
    assert_ne!(session.token().unwrap(), token);
    assert_eq!(world.counts().rotations, 1);
}

fn a_browser_login_of_a_confidential_client_works_too(world: &World) {
    let session = world.session();
    let (url, login) = session.start_login("http://[::1]:9/cb?tenant=7").unwrap();
    let sent_back = log_in_at_emulator(&world.emulator, &url, USER, PASSWORD);
    session.finish_login(login, query_of(&sent_back)).unwrap();
    assert_eq!(session.status().unwrap().generation, Some(1));
}

fn a_login_that_the_user_cancels_is_denied(world: &World) {
    let session = world.session();
    let (url, login) = session.start_login(REDIRECT).unwrap();
    let mut browser = Browser::new(world.emulator.addr());
    let page = browser.get(&url);
    let path = url.split('?').next().unwrap();
    let answer = browser.submit(path, &page, &[("action", "cancel")]);
    let query = query_of(location(&answer));

    let error = session.finish_login(login, query).unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::Login(LoginError::Denied {
            code: ErrorCode::AccessDenied,
            ..
        })
    ));
    assert_eq!(error.advice(), Advice::LogIn);
    assert_eq!(world.counts().token_posts, 0);
}

// shows: AZ5 AZ7
fn an_answer_to_another_login_is_refused_before_anything_is_sent(world: &World) {
    let session = world.session();
    let (url, _forgotten) = session.start_login(REDIRECT).unwrap();
    let (_, login) = session.start_login(REDIRECT).unwrap();
    let sent_back = log_in_at_emulator(&world.emulator, &url, USER, PASSWORD);
    assert!(!login.is_answered_by(query_of(&sent_back)));
    let error = session
        .finish_login(login, query_of(&sent_back))
        .unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::Login(LoginError::Callback(CallbackError::State))
    ));
    assert_eq!(world.counts().token_posts, 0);
}

fn a_wrong_password_is_refused_and_nothing_is_stored(world: &World) {
    let session = world.session();
    let error = session.login(USER, "mypassword").unwrap_err();
    assert!(matches!(token_error(&error), TokenError::Refused(_)));
    assert_eq!(token_error(&error).facts().status, 400);
    assert_eq!(
        token_error(&error).facts().code,
        Some(ErrorCode::InvalidGrant)
    );
    assert_eq!(error.advice(), Advice::LogIn);
    assert_eq!(session.status().unwrap().state, SessionState::None);
    assert_eq!(world.counts().refused, 1);
}

fn a_wrong_secret_is_the_configurations_fault(world: &World) {
    let session = world.session_of(World::client_of(world.provider(), "wrong"));
    let error = session.login(USER, PASSWORD).unwrap_err();
    assert_eq!(
        token_error(&error).facts().code,
        Some(ErrorCode::InvalidClient)
    );
    assert_eq!(error.advice(), Advice::FixConfiguration);
}

fn a_failed_login_leaves_the_session_that_was_there(world: &World) {
    let session = world.logged_in();
    let token = session.token().unwrap();
    session.login(USER, "wrong").unwrap_err();
    assert_eq!(session.token().unwrap(), token);
    assert_eq!(world.session().token().unwrap(), token);
}

fn a_login_without_an_answer_may_be_tried_again(world: &World) {
    world.next(FaultPoint::Password, Fault::DropAfterCommit);
    let session = world.session();
    let error = session.login(USER, PASSWORD).unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::Login(LoginError::NotDelivered(_))
    ));
    assert_eq!(world.counts().password, 1, "nothing is repeated unasked");
    session.login(USER, PASSWORD).unwrap();
}

fn a_login_is_not_redirected(world: &World) {
    let location = format!("{}/connect/token", world.emulator.url());
    let fault = Fault::Redirect {
        status: 307,
        location,
    };
    world.next(FaultPoint::Password, fault);
    let error = world.session().login(USER, PASSWORD).unwrap_err();
    assert_eq!(token_error(&error).facts().status, 307);
    assert_eq!(world.counts().token_posts, 1);
}
