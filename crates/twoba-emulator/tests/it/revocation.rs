//! The revocation endpoint.

use twoba_emulator::Emulator;

use crate::wire::{CLIENT, Reply, encode, get, log_in, post, refresh, search};

fn revoke(emulator: &Emulator, client: &str, token: &str) -> Reply {
    let form = format!("{client}&token={}", encode(token));
    post(emulator, "/connect/revocation", &form)
}

#[test]
fn giving_a_refresh_token_up_ends_the_family() {
    let emulator = Emulator::builder().start().unwrap();
    let granted = log_in(&emulator);
    let reply = revoke(&emulator, CLIENT, &granted.member("refresh_token"));
    assert_eq!((reply.status, reply.text()), (200, "{}"));
    assert_eq!(
        search(&emulator, &granted.member("access_token")).status,
        401
    );
    assert_eq!(
        refresh(&emulator, &granted.member("refresh_token")).status,
        400
    );
    assert_eq!(emulator.counts().families_revoked, 1);
    assert_eq!(emulator.counts().reuse, 0);
}

#[test]
fn an_unknown_token_is_revoked_just_as_well() {
    let emulator = Emulator::builder().start().unwrap();
    let reply = revoke(&emulator, CLIENT, "nonsense");
    assert_eq!((reply.status, reply.text()), (200, "{}"));
    assert_eq!(emulator.counts().families_revoked, 0);
}

#[test]
fn only_a_proven_client_revokes_and_only_its_own_tokens() {
    let emulator = Emulator::builder().start().unwrap();
    let granted = log_in(&emulator).member("refresh_token");
    for (client, status, error) in [
        (
            "client_id=myApplication&client_secret=x",
            401,
            "invalid_client",
        ),
        ("client_id=nobody", 401, "invalid_client"),
        ("client_id=publicApplication", 400, "invalid_grant"),
    ] {
        let reply = revoke(&emulator, client, &granted);
        assert_eq!(
            (reply.status, reply.member("error").as_str()),
            (status, error)
        );
    }
    assert_eq!(
        revoke(&emulator, CLIENT, "").member("error"),
        "invalid_request"
    );
    assert_eq!(refresh(&emulator, &granted).status, 200);
    // Counted are token requests only.
    assert_eq!(emulator.counts().refused, 0);
}

#[test]
fn only_post_revokes() {
    let emulator = Emulator::builder().start().unwrap();
    let reply = get(&emulator, "/connect/revocation", &[]);
    assert_eq!(reply.status, 405);
}
