//! Addresses that a secret may be sent to, kept as they were given; names are not resolved.

use alloc::string::{String, ToString};
use core::fmt;

use http::Uri;
use http::uri::Scheme;

/// The address of a server's endpoint: `https`, or `http` on this machine only.
///
/// It is kept byte for byte: no slash is added or removed, a query part stays.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    uri: Uri,
    text: String,
}

/// Why a text cannot be an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// It is not an absolute URL with a scheme and a host.
    #[error("not an absolute URL: write it as https://host/path")]
    NotAbsolute,
    /// Its scheme is neither `https` nor `http`.
    #[error("the scheme is neither https nor http")]
    Scheme,
    /// It is `http` and the host is not this machine: secrets would travel in the clear.
    #[error("plain http is refused except on loopback: use https")]
    PlainHttp,
    /// It has a fragment, which would never reach the server.
    #[error("the URL has a fragment (#...): leave it out")]
    Fragment,
    /// It has a user name or password before the host.
    #[error("the URL holds credentials before the host: leave them out")]
    Credentials,
}

impl Endpoint {
    /// Reads an endpoint's address.
    ///
    /// # Errors
    ///
    /// - no scheme or host, or not a URL: [`EndpointError::NotAbsolute`]
    /// - another scheme than `https` or `http`: [`EndpointError::Scheme`]
    /// - `http` to a host that is not loopback: [`EndpointError::PlainHttp`]
    /// - `#` in it: [`EndpointError::Fragment`]
    /// - `@` before the host: [`EndpointError::Credentials`]
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
        if authority.host().is_empty() {
            return Err(EndpointError::NotAbsolute);
        }
        if *scheme == Scheme::HTTP {
            if !is_loopback(authority.host()) {
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

    /// One of the constants of this crate; a test reads each of them through `parse`.
    pub(super) fn documented(text: &'static str) -> Self {
        Self {
            uri: Uri::from_static(text),
            text: text.to_string(),
        }
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

/// Whether a host is this machine, by its name alone.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host);
    bare.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<core::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Scheme, host and port: who may get a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    https: bool,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of an absolute `https` or `http` URI, the host in lower case and a
    /// missing port as the scheme's own; `None` for any other URI.
    #[must_use]
    pub fn of(uri: &Uri) -> Option<Self> {
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
        ] {
            assert_eq!(Endpoint::parse(bad), Err(why), "{bad}");
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
            ] {
                let text = endpoint.unwrap().to_string();
                assert_eq!(Endpoint::parse(&text).as_ref(), Ok(endpoint.unwrap()));
            }
        }
    }
}
