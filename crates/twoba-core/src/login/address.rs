//! Compares the address that a person has copied from the browser with the login's redirect URI.

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
        let same_port = self.host.is_none() || port(self, &expected) == port(&expected, &expected);
        // RFC 3986 section 6.2.3: no path is the path `/`. Unlike the rest its case counts.
        let same_path = self.path.is_none() || path(self.path) == path(expected.path);
        agree(self.scheme, expected.scheme)
            && agree(self.host, expected.host)
            && same_port
            && same_path
    }
}

fn path(path: Option<&str>) -> &str {
    path.filter(|path| !path.is_empty()).unwrap_or("/")
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

/// Host and port of `host[:port]`; the brackets of an IPv6 address belong to the host.
fn parts(authority: &str) -> (&str, Option<&str>) {
    let port_at = match authority.rfind(']') {
        Some(end) => end.saturating_add(1),
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, rest) = authority
        .split_at_checked(port_at)
        .unwrap_or((authority, ""));
    // RFC 3986 section 3.2.3: a colon without a port is as none.
    (host, rest.strip_prefix(':').filter(|port| !port.is_empty()))
}

/// The scheme of a URL, and the text after its colon.
pub(super) fn scheme(text: &str) -> Option<(&str, &str)> {
    // RFC 3986 section 3.1: a letter, then letters, digits, `+`, `-` and `.`.
    let (scheme, after) = text.split_once(':')?;
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    (is_scheme && scheme.chars().all(letters)).then_some((scheme, after))
}
