//! The introspection endpoint.

use std::time::Duration;

use serde_json::json;
use twoba_emulator::{Clock, Emulator, Policy};

use crate::wire::{CLIENT, Reply, encode, get, log_in, post, refresh, search, token};

fn introspect(emulator: &Emulator, client: &str, token: &str) -> Reply {
    let form = format!("{client}&token={}", encode(token));
    post(emulator, "/connect/introspect", &form)
}

fn is_active(emulator: &Emulator, token: &str) -> bool {
    let document = introspect(emulator, CLIENT, token).json();
    if document["active"] == false {
        // RFC 7662 section 2.2: nothing tells a bad token from one that never was.
        assert_eq!(document, json!({ "active": false }));
    }
    document["active"] == true
}

#[test]
fn a_good_token_says_whose_it_is_and_until_when() {
    let emulator = Emulator::builder().clock(Clock::Manual).start().unwrap();
    let now = emulator
        .now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let granted = log_in(&emulator);
    let reply = introspect(&emulator, CLIENT, &granted.member("access_token"));
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(
        reply.json(),
        json!({
            "active": true,
            "client_id": "myApplication",
            "username": "demo@example.com",
            "sub": "demo@example.com",
            "token_type": "bearer",
            "exp": (now + Duration::from_secs(120)).as_secs(),
            "iat": now.as_secs(),
            "iss": emulator.url(),
        })
    );
    let refresh_token = introspect(&emulator, CLIENT, &granted.member("refresh_token")).json();
    assert_eq!(refresh_token["active"], true);
    assert!(refresh_token.get("exp").is_none() && refresh_token.get("token_type").is_none());
}

#[test]
fn a_token_is_active_as_long_as_it_would_be_taken() {
    let emulator = Emulator::builder().clock(Clock::Manual).start().unwrap();
    let first = log_in(&emulator);
    emulator.advance(Duration::from_secs(120)).unwrap();
    assert!(!is_active(&emulator, &first.member("access_token")));
    let second = refresh(&emulator, &first.member("refresh_token"));
    assert!(!is_active(&emulator, &first.member("refresh_token")));
    assert!(is_active(&emulator, &second.member("refresh_token")));
    assert!(is_active(&emulator, &second.member("access_token")));
    emulator.revoke_user("demo@example.com");
    assert!(!is_active(&emulator, &second.member("refresh_token")));
    assert!(!is_active(&emulator, &second.member("access_token")));
    assert!(!is_active(&emulator, "nonsense"));
    assert_eq!(emulator.counts().reuse, 0, "asking spends nothing");
}

#[test]
fn a_refresh_token_is_active_inside_its_window_and_until_it_lay_too_long() {
    let builder = Emulator::builder().clock(Clock::Manual);
    let emulator = builder
        .policy(Policy::Grace(Duration::from_secs(30)))
        .start()
        .unwrap();
    let spent = log_in(&emulator).member("refresh_token");
    refresh(&emulator, &spent);
    assert!(is_active(&emulator, &spent));
    emulator.advance(Duration::from_secs(30)).unwrap();
    assert!(!is_active(&emulator, &spent));

    emulator.set_policy(Policy::Expires(Duration::from_secs(60)));
    let unused = log_in(&emulator).member("refresh_token");
    let document = introspect(&emulator, CLIENT, &unused).json();
    assert_eq!(
        document["exp"].as_u64().unwrap() - document["iat"].as_u64().unwrap(),
        60
    );
    emulator.advance(Duration::from_secs(60)).unwrap();
    assert!(!is_active(&emulator, &unused));
}

#[test]
fn only_a_client_with_a_secret_may_ask() {
    let emulator = Emulator::builder().start().unwrap();
    let granted = log_in(&emulator).member("access_token");
    for (client, status, error) in [
        ("client_id=publicApplication", 400, "unauthorized_client"),
        ("client_id=nobody", 401, "invalid_client"),
        (
            "client_id=myApplication&client_secret=x",
            401,
            "invalid_client",
        ),
        ("", 401, "invalid_client"),
    ] {
        let reply = introspect(&emulator, client, &granted);
        assert_eq!(reply.status, status, "{client}");
        assert_eq!(reply.json()["error"], error, "{client}");
    }
    assert_eq!(post(&emulator, "/connect/introspect", CLIENT).status, 400);
    assert_eq!(get(&emulator, "/connect/introspect", &[]).status, 405);
    assert_eq!(emulator.counts().refused, 0, "no token was asked for");
}

#[test]
fn a_client_gets_tokens_for_itself() {
    let emulator = Emulator::builder().start().unwrap();
    let granted = token(&emulator, "grant_type=client_credentials");
    assert_eq!(granted.status, 200);
    let document = granted.json();
    assert!(document.get("refresh_token").is_none());
    let access = granted.member("access_token");
    assert_eq!(search(&emulator, &access).status, 200);
    let found = introspect(&emulator, CLIENT, &access).json();
    assert_eq!(found["sub"], "myApplication");
    assert!(found.get("username").is_none());
    assert_eq!(emulator.counts().client_credentials, 1);
    assert_eq!(emulator.state().families[0].user, None);

    let public = post(
        &emulator,
        "/connect/token",
        "client_id=publicApplication&grant_type=client_credentials",
    );
    assert_eq!(public.json()["error"], "unauthorized_client");
}
