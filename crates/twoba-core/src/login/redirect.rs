//! Redirect URIs: checked once, and then kept byte for byte.

use alloc::string::String;

use crate::provider::is_loopback;

/// The address where the login page sends the browser back. It is kept byte for byte, as it was
/// registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri(String);

/// Why a text cannot be a redirect URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedirectUriError {
    /// The text is not an absolute URI, or has white space or anything but ASCII.
    #[error("not an absolute URI in ASCII")]
    NotAbsolute,
    /// The URI has a fragment.
    #[error("the URI has a fragment (#...): leave it out")]
    Fragment,
    /// The URI is plain `http` to another machine. The code would travel unencrypted.
    #[error("plain http is refused except on loopback: use https")]
    PlainHttp,
}

impl RedirectUri {
    /// Reads a redirect URI: `https`, `http` on loopback, or an application's own scheme.
    ///
    /// # Errors
    ///
    /// - the text is relative, or has white space or non-ASCII: [`RedirectUriError::NotAbsolute`]
    /// - it has a `#` (RFC 6749 section 3.1.2): [`RedirectUriError::Fragment`]
    /// - it is `http` to a host that is not loopback: [`RedirectUriError::PlainHttp`]
    pub fn parse(text: impl Into<String>) -> Result<Self, RedirectUriError> {
        let text = text.into();
        if text.contains('#') {
            return Err(RedirectUriError::Fragment);
        }
        let Some((scheme, rest)) = text.split_once(':') else {
            return Err(RedirectUriError::NotAbsolute);
        };
        // RFC 3986 section 3.1.
        let named = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
        if !named || rest.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(RedirectUriError::NotAbsolute);
        }
        let http = scheme.eq_ignore_ascii_case("http");
        if http || scheme.eq_ignore_ascii_case("https") {
            let host = host(rest).ok_or(RedirectUriError::NotAbsolute)?;
            if http && !is_loopback(host) {
                return Err(RedirectUriError::PlainHttp);
            }
        }
        Ok(Self(text))
    }

    /// The URI as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The host of `//host[:port][/path][?query]`, if it has one and no user name stands before it.
fn host(rest: &str) -> Option<&str> {
    let rest = rest.strip_prefix("//")?;
    let authority = rest.split(['/', '?']).next()?;
    if authority.contains('@') {
        return None;
    }
    let host = match authority.find(']') {
        Some(end) => authority.get(..=end)?,
        None => authority.split(':').next()?,
    };
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    // shows: AZ14 TK7
    #[test]
    fn a_redirect_uri_is_kept_byte_for_byte() {
        for good in [
            "https://App.example:443/cb?x=%7e",
            "http://127.0.0.1:43215/tokenreceiver",
            "http://[::1]:8080",
            "http://localhost:8080",
            "nl.2ba.uol://tokenreceiver",
            "urn:ietf:wg:oauth:2.0:oob",
        ] {
            assert_eq!(RedirectUri::parse(good).unwrap().as_str(), good);
        }
    }

    // shows: AZ10 AZ14
    #[test]
    fn a_redirect_that_would_leak_the_code_is_refused() {
        for (bad, why) in [
            ("/callback", RedirectUriError::NotAbsolute),
            ("", RedirectUriError::NotAbsolute),
            ("https:", RedirectUriError::NotAbsolute),
            ("https:///x", RedirectUriError::NotAbsolute),
            ("https://a b", RedirectUriError::NotAbsolute),
            (
                "http://127.0.0.1@evil.example/",
                RedirectUriError::NotAbsolute,
            ),
            ("https://a.example/#", RedirectUriError::Fragment),
            ("http://a.example/cb", RedirectUriError::PlainHttp),
            (
                "HTTP://127.0.0.1.evil.example/cb",
                RedirectUriError::PlainHttp,
            ),
        ] {
            assert_eq!(RedirectUri::parse(bad), Err(why), "{bad}");
        }
    }
}
