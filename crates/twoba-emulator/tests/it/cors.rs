//! What pages of another origin may read.

use twoba_emulator::Emulator;

use crate::wire::{CLIENT, Reply, control, get, log_in, send};

const PAGE: &str = "http://localhost:5173";

fn emulator() -> Emulator {
    Emulator::builder().cors(PAGE).start().unwrap()
}

fn preflight(emulator: &Emulator, path: &str, origin: &str) -> Reply {
    let headers = [
        ("Origin", origin),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "authorization"),
    ];
    send(emulator, "OPTIONS", path, &headers, "")
}

#[test]
fn a_browser_that_asks_first_is_told_yes_for_the_page_that_was_named() {
    let emulator = emulator();
    for path in [
        "/OAuth/Token",
        "/connect/revocation",
        "/1/json/Product/Search",
    ] {
        let reply = preflight(&emulator, path, PAGE);
        assert_eq!(reply.status, 204, "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), Some(PAGE));
        assert_eq!(
            reply.header("access-control-allow-methods"),
            Some("GET, POST")
        );
        let allowed = reply.header("access-control-allow-headers").unwrap();
        assert!(allowed.contains("Authorization"), "{allowed}");
        assert_eq!(reply.header("vary"), Some("Origin"));
    }
    assert_eq!(emulator.counts().token_posts, 0);
}

#[test]
fn nobody_else_is_told_yes() {
    let emulator = emulator();
    for origin in [
        "http://localhost:5174",
        "https://localhost:5173",
        "null",
        "",
    ] {
        let reply = preflight(&emulator, "/OAuth/Token", origin);
        assert_eq!(
            reply.header("access-control-allow-origin"),
            None,
            "{origin}"
        );
        assert_ne!(reply.status, 204, "{origin}");
    }
    let closed = Emulator::builder().start().unwrap();
    let reply = preflight(&closed, "/OAuth/Token", PAGE);
    assert_eq!(reply.header("access-control-allow-origin"), None);
    assert_eq!(reply.header("vary"), None);
}

#[test]
fn the_page_reads_what_it_is_answered() {
    let emulator = emulator();
    let form =
        format!("grant_type=password&username=demo@example.com&password=myPassword&{CLIENT}");
    let headers = [
        ("Origin", PAGE),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let granted = send(&emulator, "POST", "/OAuth/Token", &headers, &form);
    assert_eq!(granted.status, 200);
    assert_eq!(granted.header("access-control-allow-origin"), Some(PAGE));
    let token = format!("Bearer {}", log_in(&emulator).member("access_token"));
    let search = "/1/json/Product/Search?query=kabelgoot";
    let found = get(
        &emulator,
        search,
        &[("Origin", PAGE), ("Authorization", &token)],
    );
    assert_eq!(found.status, 200);
    assert_eq!(found.header("access-control-allow-origin"), Some(PAGE));
    // Why a token was refused stands in a header.
    let refused = get(&emulator, search, &[("Origin", PAGE)]);
    assert_eq!(refused.status, 401);
    let readable = refused.header("access-control-expose-headers").unwrap();
    assert!(readable.contains("WWW-Authenticate"), "{readable}");
}

#[test]
fn console_and_login_page_stay_closed() {
    let emulator = emulator();
    for path in [
        "/_emulator/journal",
        "/_emulator/policy",
        "/OAuth/Authorize",
        "/connect/authorize",
    ] {
        let reply = preflight(&emulator, path, PAGE);
        assert_eq!(reply.header("access-control-allow-origin"), None, "{path}");
        let reply = get(&emulator, path, &[("Origin", PAGE)]);
        assert_eq!(reply.header("access-control-allow-origin"), None, "{path}");
    }
    assert_eq!(
        get(&emulator, "/_emulator/journal", &[("Origin", PAGE)]).status,
        403
    );
    assert_eq!(control(&emulator, "reset", "").status, 200);
}

#[test]
fn what_is_no_origin_is_refused() {
    for text in [
        "*",
        "localhost:5173",
        "http://",
        "http://localhost:5173/",
        "http://LOCALHOST",
    ] {
        let refused = Emulator::builder().cors(text).start().unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::InvalidInput, "{text}");
        assert!(refused.to_string().contains("origin"), "{refused}");
    }
}
