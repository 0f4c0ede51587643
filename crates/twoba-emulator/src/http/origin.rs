//! Checks whether a request comes from the emulator's own pages, and which host names lead here
//! safely.

use std::net::IpAddr;

use hyper::HeaderMap;
use hyper::header::{HOST, ORIGIN};

use super::request::only;
use crate::world::Shared;

/// Whether a page of another site sent the form. Browsers always name the origin of a POST.
pub(super) fn is_foreign(shared: &Shared, headers: &HeaderMap) -> bool {
    headers.contains_key(ORIGIN)
        && !only(headers, &ORIGIN).is_some_and(|origin| is_own(shared, origin))
}

/// Whether an `Origin` is that of the emulator's own pages.
fn is_own(shared: &Shared, origin: &str) -> bool {
    let place = origin
        .strip_prefix(shared.reached.scheme())
        .and_then(|rest| rest.strip_prefix("://"))
        .and_then(|host| own_port(shared, host));
    place == Some(shared.port)
}

/// Whether the request names a host that leads here. Its arrival is no proof, because the name may
/// be an attacker's (DNS rebinding).
pub(super) fn is_for_own_host(shared: &Shared, headers: &HeaderMap) -> bool {
    let host = only(headers, &HOST);
    host.and_then(|host| own_port(shared, host)).is_some()
}

/// The port of a host that is this machine or the emulator's name.
fn own_port(shared: &Shared, host: &str) -> Option<u16> {
    let usual = match shared.reached.scheme() {
        "https" => "443",
        _ => "80",
    };
    let (name, port) = name_and_port(host, usual)?;
    let is_own = is_loopback(name) || shared.host.eq_ignore_ascii_case(name);
    is_own.then_some(port)
}

fn name_and_port<'h>(host: &'h str, usual: &'h str) -> Option<(&'h str, u16)> {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, port),
        Some(_) | None => (host, usual),
    };
    Some((name, port.parse().ok()?))
}

/// Whether a host is a name of this machine that nobody can take over.
fn is_loopback(name: &str) -> bool {
    let bare = name
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
        .unwrap_or(name);
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn loopback_port(host: &str) -> Option<u16> {
        let (name, port) = name_and_port(host, "80")?;
        is_loopback(name).then_some(port)
    }

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
