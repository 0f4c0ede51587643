//! The addresses to which a selection may go.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Why a `hookUrl` cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HookProblem {
    Missing,
    Malformed,
    UsesTls,
    Elsewhere,
    IsHere,
}

/// An absolute http or https URL that a selection may be returned to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReturnUrl(String);

impl ReturnUrl {
    pub(super) fn parse(text: &str) -> Option<Self> {
        // Nothing else: a `javascript:` URL would run as this page.
        let rest = ["http://", "https://"]
            .into_iter()
            .find_map(|scheme| text.strip_prefix(scheme))?;
        let (authority, _) = split(rest);
        let is_clean = text.bytes().all(|byte| byte.is_ascii_graphic())
            && !text.contains(['#', '\\', '"', '<', '>'])
            && !authority.contains('@')
            && !authority.is_empty()
            && !authority.starts_with(':');
        is_clean.then(|| Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The target of a selection that the server itself sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// The addresses, in the order of trial.
    pub(super) addresses: Vec<SocketAddr>,
    /// The host in the URL.
    pub(super) host: String,
    /// Path and query.
    pub(super) path: String,
}

impl Target {
    /// The URL as it was given, with a missing slash added.
    pub(super) fn url(&self) -> String {
        format!("http://{}{}", self.host, self.path)
    }

    /// The target of a URL, which must be plain http to another port of this machine.
    pub(super) fn of(url: &ReturnUrl, own_port: u16) -> Result<Self, HookProblem> {
        let rest = url
            .as_str()
            .strip_prefix("http://")
            .ok_or(HookProblem::UsesTls)?;
        let (authority, path) = split(rest);
        let (name, port) = host_and_port(authority).ok_or(HookProblem::Malformed)?;
        let addresses: Vec<IpAddr> = if name.eq_ignore_ascii_case("localhost") {
            // Not looked up: a name server has no say in what this machine is.
            vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
        } else {
            name.parse()
                .ok()
                .filter(IpAddr::is_loopback)
                .into_iter()
                .collect()
        };
        if addresses.is_empty() {
            return Err(HookProblem::Elsewhere);
        }
        // The control interface trusts whoever calls from this machine, and that would be us.
        if port == own_port {
            return Err(HookProblem::IsHere);
        }
        Ok(Self {
            addresses: addresses
                .into_iter()
                .map(|address| SocketAddr::new(address, port))
                .collect(),
            host: authority.to_owned(),
            path: if path.starts_with('/') {
                path.to_owned()
            } else {
                format!("/{path}")
            },
        })
    }
}

/// Splits off the authority from the rest.
fn split(rest: &str) -> (&str, &str) {
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    rest.split_at_checked(end).unwrap_or((rest, ""))
}

/// The host without brackets, and the port.
fn host_and_port(authority: &str) -> Option<(&str, u16)> {
    let (name, port) = match authority.strip_prefix('[') {
        Some(bracketed) => {
            let (name, after) = bracketed.split_once(']')?;
            (
                name,
                after
                    .strip_prefix(':')
                    .or(after.is_empty().then_some("80"))?,
            )
        }
        None => authority.split_once(':').unwrap_or((authority, "80")),
    };
    Some((name, port.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_returns_to_http_and_https_only() {
        for text in [
            "http://localhost/",
            "https://shop.example/receive?session=7&x='",
            "http://[::1]:8080",
        ] {
            assert!(ReturnUrl::parse(text).is_some(), "{text}");
        }
        for text in [
            "",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "nl.2ba.uol://request",
            "//evil.example/",
            "/relative",
            "http://",
            "http:///path",
            "http://:80/",
            "http://user@host/",
            "http://host/#fragment",
            "http://host/\r\nX: y",
            "http://host/ space",
            "http://host\\@evil/",
            " http://host/",
        ] {
            assert_eq!(ReturnUrl::parse(text), None, "{text}");
        }
    }

    fn target(text: &str) -> Result<Target, HookProblem> {
        Target::of(&ReturnUrl::parse(text).unwrap(), 4711)
    }

    #[test]
    fn the_emulator_itself_posts_to_other_ports_of_this_machine_only() {
        let found = target("http://localhost:8000/a?b").unwrap();
        assert_eq!(found.path, "/a?b");
        assert_eq!(found.host, "localhost:8000");
        assert_eq!(found.addresses.len(), 2);
        assert_eq!(target("http://127.0.0.1").unwrap().path, "/");
        assert_eq!(target("http://[::1]:1?x").unwrap().path, "/?x");
        for (text, expected) in [
            ("https://localhost/", HookProblem::UsesTls),
            ("http://192.0.2.1/", HookProblem::Elsewhere),
            ("http://0.0.0.0/", HookProblem::Elsewhere),
            ("http://127.0.0.1.evil.example/", HookProblem::Elsewhere),
            ("http://localhost.evil.example/", HookProblem::Elsewhere),
            ("http://[::ffff:127.0.0.1]/", HookProblem::Elsewhere),
            ("http://localhost:4711/_emulator/reset", HookProblem::IsHere),
            ("http://[::1]:4711/", HookProblem::IsHere),
            ("http://localhost:99999/", HookProblem::Malformed),
            ("http://[::1]x/", HookProblem::Malformed),
        ] {
            assert_eq!(target(text), Err(expected), "{text}");
        }
    }
}
