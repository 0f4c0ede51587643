//! Product Data behind its scopes, as it is on the wire and in the list of requests.

use twoba_emulator::{Emulator, EventKind, Fault, FaultPoint, FaultRule};

use crate::wire::{CLIENT, Reply, get, post};

const STOCK: &str = "/rest/api/v1/stock/2008710000103/A00108";
const DETAILS: &str = "/rest/api/v1/products/bulk/details?limit=2&manufacturerIdGln=2008710000011";

fn bearer(emulator: &Emulator, scope: &str) -> String {
    let form = format!("grant_type=client_credentials&{CLIENT}&scope={scope}");
    let reply = post(emulator, "/connect/token", &form);
    format!("Bearer {}", reply.member("access_token"))
}

fn ask(emulator: &Emulator, path: &str, bearer: &str) -> Reply {
    get(emulator, path, &[("Authorization", bearer)])
}

#[test]
fn a_token_opens_what_its_scopes_name() {
    let emulator = Emulator::builder().start().unwrap();
    let bearer = bearer(&emulator, "read:stock");
    let reply = ask(&emulator, STOCK, &bearer);
    assert_eq!(
        (reply.status, reply.header("api-version")),
        (200, Some("1.0.0"))
    );
    let reply = ask(&emulator, DETAILS, &bearer);
    assert_eq!(reply.status, 403);
    assert_eq!(
        reply.header("content-type"),
        Some("application/problem+json; charset=utf-8")
    );
    assert_eq!(
        reply.header("www-authenticate"),
        Some(r#"Bearer error="insufficient_scope", scope="read:products""#)
    );
    let reply = get(&emulator, STOCK, &[]);
    assert_eq!(
        (reply.status, reply.header("www-authenticate")),
        (401, Some("Bearer"))
    );
    assert_eq!(reply.json()["status"], 401);
    assert_eq!(emulator.counts().service_calls, 3);
}

#[test]
fn a_call_is_journaled_by_its_operation_and_listed_without_what_may_be_secret() {
    let emulator = Emulator::builder().start().unwrap();
    let bearer = bearer(&emulator, "read:products");
    assert_eq!(ask(&emulator, DETAILS, &bearer).status, 200);
    let named = emulator.journal().events.into_iter().any(|event| {
        event.kind
            == EventKind::ServiceCall {
                function: Some("products/bulk/details"),
            }
    });
    assert!(named);
    let seen = serde_json::to_value(emulator.requests())
        .unwrap()
        .to_string();
    assert!(
        seen.contains("/rest/api/v1/products/bulk/details"),
        "{seen}"
    );
    assert!(
        seen.contains("manufacturerIdGln") && seen.contains("2008710000011"),
        "{seen}"
    );
    assert!(!seen.contains(bearer.strip_prefix("Bearer ").unwrap()));
}

#[test]
fn faults_of_services_are_its_too() {
    let emulator = Emulator::builder().start().unwrap();
    let bearer = bearer(&emulator, "read:stock");
    emulator.add_fault(FaultRule::next(FaultPoint::Service, Fault::Bare400));
    assert_eq!(ask(&emulator, STOCK, &bearer).status, 400);
    assert_eq!(ask(&emulator, STOCK, &bearer).status, 200);
}
