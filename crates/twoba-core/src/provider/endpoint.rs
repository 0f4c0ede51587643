//! Addresses that may get a secret, kept as they were given. Their names are not resolved.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use http::Uri;
use http::uri::{Authority, Scheme};

/// The address of a server's endpoint: `https`, or `http` on this machine only.
///
/// It is kept byte for byte. No slash is added or removed, and a query stays.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    uri: Uri,
    text: String,
}

/// Why a text cannot be an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// The text is not an absolute URL with a scheme and a host.
    #[error("not an absolute URL: write it as https://host/path")]
    NotAbsolute,
    /// The scheme is neither `https` nor `http`.
    #[error("the scheme is neither https nor http")]
    Scheme,
    /// The scheme is `http` and the host is another machine. Secrets would travel unencrypted.
    #[error("plain http is refused except on loopback: use https")]
    PlainHttp,
    /// The text after the host and a colon is no port from 1 to 65535.
    #[error("the port is no number from 1 to 65535")]
    Port,
    /// The host is neither a name nor an address.
    #[error("the host is neither a name nor an address")]
    Host,
    /// The URL has a fragment, which would never reach the server.
    #[error("the URL has a fragment (#...): leave it out")]
    Fragment,
    /// The URL has a query, although other paths are to be appended to it.
    #[error("the URL has a query (?...): leave it out")]
    Query,
    /// The URL has a user name or password before the host.
    #[error("the URL holds credentials before the host: leave them out")]
    Credentials,
}

impl Endpoint {
    /// Reads an endpoint's address.
    ///
    /// # Errors
    ///
    /// - the text is no URL, or has no scheme or host: [`EndpointError::NotAbsolute`]
    /// - the scheme is neither `https` nor `http`: [`EndpointError::Scheme`]
    /// - the scheme is `http` and the host is not loopback: [`EndpointError::PlainHttp`]
    /// - the URL has a `#`: [`EndpointError::Fragment`]
    /// - the URL has an `@` before the host: [`EndpointError::Credentials`]
    /// - the host is followed by a colon and no port from 1 to 65535: [`EndpointError::Port`]
    /// - the host has characters that no name has, more than 253 bytes, or an empty label; or it is
    ///   in brackets and no IPv6 address; or it is a number and no IPv4 address:
    ///   [`EndpointError::Host`]
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        // RFC 6749 section 3.1: an endpoint has no fragment. `Uri` would drop it silently.
        if text.contains('#') {
            return Err(EndpointError::Fragment);
        }
        let uri: Uri = text.parse().map_err(|_| EndpointError::NotAbsolute)?;
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err(EndpointError::NotAbsolute);
        };
        if authority.as_str().contains('@') {
            return Err(EndpointError::Credentials);
        }
        let host = authority.host();
        if host.is_empty() {
            return Err(EndpointError::NotAbsolute);
        }
        if !has_sound_port(authority) {
            return Err(EndpointError::Port);
        }
        if !is_host(host) {
            return Err(EndpointError::Host);
        }
        if *scheme == Scheme::HTTP {
            if !is_loopback(host) {
                return Err(EndpointError::PlainHttp);
            }
        } else if *scheme != Scheme::HTTPS {
            return Err(EndpointError::Scheme);
        }
        Ok(Self {
            uri,
            text: text.to_string(),
        })
    }

    /// An endpoint from a constant of this crate. A test parses each of these constants.
    pub(super) fn documented(text: &'static str) -> Self {
        Self {
            uri: Uri::from_static(text),
            text: text.to_string(),
        }
    }

    /// The same address with another last segment of its path, where that is `from`; a slash behind
    /// it stays.
    pub(super) fn with_last_segment(&self, from: &str, to: &str) -> Option<Self> {
        let (bare, slash) = match self.text.strip_suffix('/') {
            Some(bare) => (bare, "/"),
            None => (self.text.as_str(), ""),
        };
        let before = bare.strip_suffix(from)?;
        let has_path = self.uri.path().len() > 1 && self.uri.query().is_none();
        if !before.ends_with('/') || !has_path {
            return None;
        }
        Self::parse(&format!("{before}{to}{slash}")).ok()
    }

    /// The address as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The address as a URI.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Scheme, host and port of the address.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin::of(&self.uri).unwrap_or_else(|| Origin {
            https: true,
            host: String::new(),
            port: 0,
        })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({})", self.text)
    }
}

/// Whether the address has no port, or one that can be connected to. HTTP clients would silently
/// replace an unreadable port by the default one.
fn has_sound_port(authority: &Authority) -> bool {
    let text = authority.as_str();
    let behind = text.rsplit_once('@').map_or(text, |(_, behind)| behind);
    let port = behind.get(authority.host().len()..).unwrap_or_default();
    let Some(digits) = port.strip_prefix(':') else {
        return port.is_empty();
    };
    let are_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    are_digits && digits.parse::<u16>().is_ok_and(|port| port != 0)
}

/// Whether the text can be a host: an address, or a name as resolvers look it up (RFC 1123 section
/// 2.1). Underscores are allowed, because internal names in companies have them.
fn is_host(host: &str) -> bool {
    if let Some(rest) = host.strip_prefix('[') {
        let address = rest.strip_suffix(']');
        return address.is_some_and(|address| address.parse::<core::net::Ipv6Addr>().is_ok());
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let is_label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(is_letter);
    if name.len() > 253 || !name.split('.').all(is_label) {
        return false;
    }
    // What ends in a number is an address for every resolver, in ways of its own: 127.1, 0x7f.1.
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_hexadecimal = last
        .as_bytes()
        .first_chunk::<2>()
        .is_some_and(|start| start.eq_ignore_ascii_case(b"0x"));
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit()) || is_hexadecimal;
    !is_number || name.parse::<core::net::Ipv4Addr>().is_ok()
}

/// Whether a host is this machine: `localhost`, or a loopback address. The name is not resolved.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host);
    bare.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<core::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// A scheme, host and port. Tokens are sent to origins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    https: bool,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of an absolute `https` or `http` URI. Its host is in lower case, and a missing
    /// port is the default one of the scheme. `None` for any other URI, and for one whose port is
    /// no number from 1 to 65535.
    #[must_use]
    pub fn of(uri: &Uri) -> Option<Self> {
        if !uri.authority().is_some_and(has_sound_port) {
            return None;
        }
        let scheme = uri.scheme()?;
        let https = *scheme == Scheme::HTTPS;
        if !https && *scheme != Scheme::HTTP {
            return None;
        }
        Some(Self {
            https,
            host: uri.host()?.to_ascii_lowercase(),
            port: uri.port_u16().unwrap_or(if https { 443 } else { 80 }),
        })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, usual) = if self.https {
            ("https", 443)
        } else {
            ("http", 80)
        };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port != usual {
            write!(f, ":{}", self.port)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Provider;

    // shows: AZ13
    #[test]
    fn plain_http_is_for_this_machine_only() {
        for good in [
            "https://a.example/token",
            "http://127.0.0.1:8080/OAuth/Token",
            "http://[::1]:1/t",
            "http://localhost/t",
            "http://127.3.2.1/t",
            "https://a.example:65535/t",
            "https://a.example./t",
            "https://my_server/t",
            "https://xn--bcher-kva.example/t",
            "https://192.0.2.7:8443/t",
            "https://[2001:db8::7]:8443/t",
        ] {
            assert_eq!(Endpoint::parse(good).unwrap().to_string(), good);
        }
        for (bad, why) in [
            ("http://a.example/token", EndpointError::PlainHttp),
            ("http://localhost.example/token", EndpointError::PlainHttp),
            ("http://128.0.0.1/", EndpointError::PlainHttp),
            ("ftp://a.example/", EndpointError::Scheme),
            ("a.example/token", EndpointError::NotAbsolute),
            ("/token", EndpointError::NotAbsolute),
            ("", EndpointError::NotAbsolute),
            ("https://a.example/#x", EndpointError::Fragment),
            ("https://me:pw@a.example/", EndpointError::Credentials),
            ("https://a.example:65536/", EndpointError::Port),
            ("https://a.example:99999/token", EndpointError::Port),
            ("https://a.example:0/token", EndpointError::Port),
            ("https://a.example:/token", EndpointError::Port),
            ("https://a.example:+80/token", EndpointError::Port),
            ("https://a.example:80a/token", EndpointError::Port),
            ("http://127.0.0.1:70000/token", EndpointError::Port),
            ("http://[::1]:70000/token", EndpointError::Port),
            ("https://a..example/", EndpointError::Host),
            ("https://a_example!/", EndpointError::Host),
            ("https://300.0.0.1/", EndpointError::Host),
            ("https://127.1/", EndpointError::Host),
            ("https://0x7f.1/", EndpointError::Host),
            ("https://127.0.0.0x1/", EndpointError::Host),
            ("https://127.0.0.0X1/", EndpointError::Host),
        ] {
            assert_eq!(Endpoint::parse(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn an_address_with_a_port_that_is_none_has_no_origin() {
        for uri in [
            "https://a.example:65536/",
            "https://a.example:/",
            "https://me@a.example:0/",
        ] {
            assert_eq!(Origin::of(&uri.parse().unwrap()), None, "{uri}");
        }
        for (uri, origin) in [
            ("https://me@a.example:1/", "https://a.example:1"),
            ("https://[::1]:443/x", "https://[::1]"),
        ] {
            let found = Origin::of(&uri.parse().unwrap()).unwrap();
            assert_eq!(found.to_string(), origin);
        }
    }

    #[test]
    fn an_endpoint_is_kept_as_it_was_given() {
        for text in ["https://A.example/o/token/", "https://a.example/t?tenant=a"] {
            let endpoint = Endpoint::parse(text).unwrap();
            assert_eq!(endpoint.uri(), &text.parse::<Uri>().unwrap());
        }
    }

    #[test]
    fn the_documented_endpoints_are_endpoints() {
        for provider in [
            Provider::two_ba(),
            Provider::two_ba_connect(),
            Provider::two_ba_beta(),
        ] {
            for endpoint in [
                Some(provider.token_endpoint()),
                provider.authorization_endpoint(),
                provider.service_base(),
                provider.soap_base(),
                provider.apix_base(),
                provider.unifeed_base(),
            ] {
                let text = endpoint.unwrap().to_string();
                assert_eq!(Endpoint::parse(&text).as_ref(), Ok(endpoint.unwrap()));
            }
        }
    }
}
