//! Decides whether a page that sends a request is the emulator's own, and which names of this machine cannot be taken over.

use std::net::IpAddr;

use hyper::HeaderMap;
use hyper::header::ORIGIN;

use super::request::only;
use crate::world::Shared;

/// Whether a page of another site sent the form: browsers always say where a POST comes from.
pub(super) fn is_foreign(shared: &Shared, headers: &HeaderMap) -> bool {
    headers.contains_key(ORIGIN)
        && !only(headers, &ORIGIN).is_some_and(|origin| is_own(shared, origin))
}

/// Whether an `Origin` is that of the emulator's own pages.
pub(super) fn is_own(shared: &Shared, origin: &str) -> bool {
    origin.strip_prefix("http://").and_then(loopback_port) == Some(shared.port)
}

/// The port of a host that is a name of this machine and cannot be taken over; 80 if it has none.
pub(super) fn loopback_port(host: &str) -> Option<u16> {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, port),
        Some(_) | None => (host, "80"),
    };
    let bare = name
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
        .unwrap_or(name);
    let is_loopback = bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    is_loopback.then(|| port.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_cannot_be_taken_over_are_loopback() {
        for (host, port) in [
            ("127.0.0.1", 80),
            ("127.0.0.1:8080", 8080),
            ("127.9.9.9:1", 1),
            ("localhost", 80),
            ("LocalHost:81", 81),
            ("[::1]", 80),
            ("[::1]:8080", 8080),
        ] {
            assert_eq!(loopback_port(host), Some(port), "{host}");
        }
        for host in [
            "",
            "example.com",
            "localhost.evil.example",
            "127.0.0.1.evil.example:80",
            "0.0.0.0",
            "192.168.1.1:80",
            "[::2]:80",
            "localhost:",
            "localhost:99999",
            "evil@localhost",
            "localhost:80:80",
        ] {
            assert_eq!(loopback_port(host), None, "{host}");
        }
    }
}
