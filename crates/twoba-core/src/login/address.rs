//! Compares the address that a person has copied from the browser with the login's redirect URI.

use alloc::vec::Vec;
use core::net::Ipv6Addr;

use super::redirect::RedirectUri;

/// The parts of an address before its query, as far as they are present. Browsers hide the scheme,
/// and a person may copy the path alone.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Address<'a> {
    scheme: Option<&'a str>,
    host: Option<&'a str>,
    port: Option<&'a str>,
    path: Option<&'a str>,
}

impl<'a> Address<'a> {
    pub(super) fn parse(text: &'a str) -> Self {
        let (scheme, rest) = match scheme(text) {
            Some((scheme, rest)) if rest.starts_with('/') => (Some(scheme), rest),
            // `urn:ietf:wg:oauth:2.0:oob`, and `localhost:8080` of a browser without schemes.
            Some((scheme, rest)) if !rest.starts_with(|c: char| c.is_ascii_digit()) => {
                let path = Some(rest);
                let scheme = Some(scheme);
                return Self {
                    scheme,
                    path,
                    ..Self::default()
                };
            }
            Some(_) | None => (None, text),
        };
        let behind = rest.strip_prefix("//");
        let authority = match behind {
            Some(behind) => Some(behind),
            // A word that could be anything says nothing.
            None => (scheme.is_none() && !rest.starts_with('/') && rest.contains(['/', '.', ':']))
                .then_some(rest),
        };
        let Some(authority) = authority else {
            let path = rest.starts_with('/').then_some(rest);
            return Self {
                scheme,
                path,
                ..Self::default()
            };
        };
        let end = authority.find('/').unwrap_or(authority.len());
        let (authority, path) = authority.split_at(end);
        let (host, port) = parts(authority);
        Self {
            scheme,
            host: Some(host),
            port,
            path: Some(path),
        }
    }

    /// Whether the parts that are present agree with `redirect`.
    pub(super) fn agrees_with(&self, redirect: &RedirectUri) -> bool {
        let whole = redirect.as_str();
        let expected = Address::parse(whole.split_once('?').map_or(whole, |(before, _)| before));
        let agree = |given: Option<&str>, wanted: Option<&str>| match (given, wanted) {
            (Some(given), Some(wanted)) => given.eq_ignore_ascii_case(wanted),
            (given, None) => given.is_none(),
            (None, Some(_)) => true,
        };
        let same_port = self.host.is_none()
            || number(port(self, &expected)) == number(port(&expected, &expected));
        let same_host = match (self.host, expected.host) {
            (Some(given), Some(wanted)) => same_host(given, wanted),
            (given, wanted) => agree(given, wanted),
        };
        // Unlike the rest, its case counts.
        let same_path = self.path.is_none() || segments(self.path) == segments(expected.path);
        agree(self.scheme, expected.scheme) && same_host && same_port && same_path
    }
}

/// The segments of a path without `.` and `..`, which a browser takes away. No path is the path `/`
/// (RFC 3986 section 6.2.3).
fn segments(path: Option<&str>) -> Vec<&str> {
    let path = path.filter(|path| !path.is_empty()).unwrap_or("/");
    let is_dot = |segment: &str| segment == "." || segment.eq_ignore_ascii_case("%2e");
    let is_up = |segment: &str| {
        let dots = segment.to_ascii_lowercase().replace("%2e", ".");
        dots == ".."
    };
    let mut kept = Vec::new();
    let mut all = path.split('/').peekable();
    while let Some(segment) = all.next() {
        if is_up(segment) {
            // The root has nothing above it.
            if kept.len() > 1 {
                kept.pop();
            }
        } else if !is_dot(segment) {
            kept.push(segment);
            continue;
        }
        // Such a segment at the end leaves the slash before it.
        if all.peek().is_none() {
            kept.push("");
        }
    }
    kept
}

/// The port, or the default port of the scheme.
fn port<'p>(address: &Address<'p>, expected: &Address<'p>) -> Option<&'p str> {
    let scheme = address.scheme.or(expected.scheme);
    address.port.or(match scheme {
        Some(scheme) if scheme.eq_ignore_ascii_case("http") => Some("80"),
        Some(scheme) if scheme.eq_ignore_ascii_case("https") => Some("443"),
        Some(_) | None => None,
    })
}

/// Host and port of `host[:port]`; the brackets of an IPv6 address belong to the host. A text that
/// is anything else is a host as a whole, which agrees with no other.
fn parts(authority: &str) -> (&str, Option<&str>) {
    let port_at = match authority.find(']') {
        Some(end) => end.saturating_add(1),
        None => authority.find(':').unwrap_or(authority.len()),
    };
    match authority.split_at_checked(port_at) {
        Some((host, "")) => (host, None),
        Some((host, rest)) => match rest.strip_prefix(':') {
            // RFC 3986 section 3.2.3: a colon without a port is as none.
            Some("") => (host, None),
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, Some(port)),
            Some(_) | None => (authority, None),
        },
        None => (authority, None),
    }
}

/// Whether two hosts are the same. A browser writes an IPv6 address in its shortest form.
fn same_host(one: &str, other: &str) -> bool {
    let address = |host: &str| {
        let inner = host.strip_prefix('[')?.strip_suffix(']')?;
        inner.parse::<Ipv6Addr>().ok()
    };
    let (first, second) = (address(one), address(other));
    one.eq_ignore_ascii_case(other) || first.is_some() && first == second
}

/// A port as a number: a browser takes leading zeros away.
fn number(port: Option<&str>) -> Option<Result<u16, &str>> {
    port.map(|port| port.parse().map_err(|_| port))
}

/// The scheme of a URL, and the text after its colon.
pub(super) fn scheme(text: &str) -> Option<(&str, &str)> {
    // RFC 3986 section 3.1: a letter, then letters, digits, `+`, `-` and `.`.
    let (scheme, after) = text.split_once(':')?;
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    (is_scheme && scheme.chars().all(letters)).then_some((scheme, after))
}
