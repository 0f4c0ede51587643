//! A server's description: its endpoints, and its departures from the specification as named data.

mod endpoint;
mod rules;
mod two_ba;

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

pub use endpoint::{Endpoint, EndpointError, Origin, is_loopback};
pub use rules::{Rule, Rules};
use serde::{Deserialize, Serialize};

use crate::jsonp::CallbackName;

/// How a client authenticates at the token endpoint. A request never uses two ways at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// `client_id` and `client_secret` as fields of the form body. 2BA documents this way.
    Form,
    /// HTTP Basic with both parts form-encoded first, as RFC 6749 section 2.3.1 demands.
    Basic,
    /// HTTP Basic with both parts unencoded. Several servers expect this instead.
    BasicRaw,
    /// No authentication. Every client is public and sends only its id, in the form body.
    None,
}

/// Whether the client may present a refresh token again after its answer was lost.
///
/// A server that rotates refresh tokens may have spent the token. A server that never saw the
/// request has not. Only the makers of a server know what it does with a spent token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Replay {
    /// Never. A lost answer ends the session. Use it for servers that punish a second use.
    Never,
    /// Once more. If the server never saw the first request, this saves the session. If it did, the
    /// session was lost anyway.
    Once,
    /// Any number of times within this span of the first attempt, and once more after it, as with
    /// `Once`. Use it for a server that declares such a window, in which it repeats its first
    /// answer. The client repeats at once, even if the old access token is still valid.
    Within(Duration),
}

/// The description of an authorization server and of the services that accept its tokens.
///
/// ```
/// use twoba_core::{Endpoint, Provider, Replay};
///
/// let provider = Provider::custom(Endpoint::parse("https://id.example/token")?)
///     .with_authorization_endpoint(Endpoint::parse("https://id.example/authorize")?)
///     .with_replay(Replay::Never);
/// assert_eq!(provider.authority(), "https://id.example");
/// # Ok::<(), twoba_core::EndpointError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    authority: String,
    token_endpoint: Endpoint,
    authorization_endpoint: Option<Endpoint>,
    revocation_endpoint: Option<Endpoint>,
    introspection_endpoint: Option<Endpoint>,
    issuer: Option<Issuer>,
    service_base: Option<Endpoint>,
    soap_base: Option<Endpoint>,
    apix_base: Option<Endpoint>,
    unifeed_base: Option<Endpoint>,
    service_origins: Vec<Origin>,
    authentication: ClientAuthentication,
    rules: Rules,
    replay: Replay,
    refresh_window: Option<Duration>,
    keep_alive: Option<Duration>,
    callback: Option<CallbackName>,
    assertion_audience: Option<String>,
}

/// The name that a server gives itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Issuer {
    pub(crate) name: String,
    /// Whether the server has announced that every answer of its login page carries `iss`.
    pub(crate) announced: bool,
}

impl Provider {
    /// Describes any other server. It has the rules of RFC 6749 ([`Rules::standard`]), the client
    /// secret in the form body, and one replay of a lost answer.
    ///
    /// Its authority is the origin of the token endpoint, unless
    /// [`with_authority`](Self::with_authority) sets another.
    #[must_use]
    pub fn custom(token_endpoint: Endpoint) -> Self {
        Self {
            authority: token_endpoint.origin().to_string(),
            token_endpoint,
            authorization_endpoint: None,
            revocation_endpoint: None,
            introspection_endpoint: None,
            issuer: None,
            service_base: None,
            soap_base: None,
            apix_base: None,
            unifeed_base: None,
            service_origins: Vec::new(),
            authentication: ClientAuthentication::Form,
            rules: Rules::standard(),
            replay: Replay::Once,
            refresh_window: None,
            keep_alive: None,
            callback: None,
            assertion_audience: None,
        }
    }

    /// Sets the name that stored sessions are bound to. The issuer is a good choice.
    #[must_use]
    pub fn with_authority(mut self, authority: impl Into<String>) -> Self {
        self.authority = authority.into();
        self
    }

    /// Sets the token endpoint. The authority stays, so stored sessions stay valid.
    #[must_use]
    pub fn with_token_endpoint(mut self, endpoint: Endpoint) -> Self {
        self.token_endpoint = endpoint;
        self
    }

    /// Sets the page where a person logs in.
    #[must_use]
    pub fn with_authorization_endpoint(mut self, endpoint: Endpoint) -> Self {
        self.authorization_endpoint = Some(endpoint);
        self
    }

    /// Sets the endpoint that revokes tokens (RFC 7009).
    #[must_use]
    pub fn with_revocation_endpoint(mut self, endpoint: Endpoint) -> Self {
        self.revocation_endpoint = Some(endpoint);
        self
    }

    /// Sets the endpoint that describes a token (RFC 7662).
    #[must_use]
    pub fn with_introspection_endpoint(mut self, endpoint: Endpoint) -> Self {
        self.introspection_endpoint = Some(endpoint);
        self
    }

    /// Sets the server's own name. An `iss` in an answer of the login page must equal it (RFC
    /// 9207). An answer without `iss` is accepted.
    #[must_use]
    pub fn with_issuer(mut self, name: impl Into<String>) -> Self {
        self.issuer = Some(Issuer {
            name: name.into(),
            announced: false,
        });
        self
    }

    /// Sets the server's own name like [`with_issuer`](Self::with_issuer), and refuses an answer of
    /// the login page without `iss`. Use it if the server has announced that it sends `iss`.
    #[must_use]
    pub fn with_announced_issuer(mut self, name: impl Into<String>) -> Self {
        self.issuer = Some(Issuer {
            name: name.into(),
            announced: true,
        });
        self
    }

    /// Sets the rules to [`Rules::strict`]. The client then refuses everything that the
    /// specification does not allow.
    #[must_use]
    pub fn strict(self) -> Self {
        self.with_rules(Rules::strict())
    }

    /// Sets the address of the services. Its origin becomes the only one that gets tokens. Origins
    /// that [`with_service_origin`](Self::with_service_origin) adds later also get them.
    ///
    /// SOAP is spoken where the last part of the path says `soap` instead of `json`, as 2BA has it;
    /// with another path there is no SOAP until [`with_soap_base`](Self::with_soap_base) says where.
    /// The bases of ApiX and Unifeed are forgotten: they were those of another environment.
    #[must_use]
    pub fn with_service_base(mut self, base: Endpoint) -> Self {
        self.service_origins = Vec::from([base.origin()]);
        self.soap_base = base.with_last_segment("json", "soap");
        self.apix_base = None;
        self.unifeed_base = None;
        self.service_base = Some(base);
        self
    }

    /// Sets the address of the SOAP services. Its origin gets tokens too.
    #[must_use]
    pub fn with_soap_base(mut self, base: Endpoint) -> Self {
        self.service_origins.push(base.origin());
        self.soap_base = Some(base);
        self
    }

    /// Sets the address of the functions of ApiX. Its origin gets tokens too.
    #[must_use]
    pub fn with_apix_base(mut self, base: Endpoint) -> Self {
        self.service_origins.push(base.origin());
        self.apix_base = Some(base);
        self
    }

    /// Sets the address of Unifeed's start page. A browser brings the token there, in the address:
    /// no header with a token is sent to this origin.
    #[must_use]
    pub fn with_unifeed_base(mut self, base: Endpoint) -> Self {
        self.unifeed_base = Some(base);
        self
    }

    /// Adds an origin that may get tokens.
    #[must_use]
    pub fn with_service_origin(mut self, origin: Origin) -> Self {
        self.service_origins.push(origin);
        self
    }

    /// Sets the way of client authentication.
    #[must_use]
    pub fn with_authentication(mut self, authentication: ClientAuthentication) -> Self {
        self.authentication = authentication;
        self
    }

    /// Sets the rules.
    #[must_use]
    pub fn with_rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// Sets how to treat a lost answer.
    #[must_use]
    pub fn with_replay(mut self, replay: Replay) -> Self {
        self.replay = replay;
        self
    }

    /// Sets the span before the end of a token in which the server allows a refresh. The client
    /// refreshes no earlier. Exact Online, for example, allows the last 30 s of ten minutes.
    /// Without a window, a refresh is due at about 80 % of the lifetime, and the client learns from
    /// the answers of the server what it does not allow.
    #[must_use]
    pub fn with_refresh_window(mut self, window: Duration) -> Self {
        self.refresh_window = Some(window);
        self
    }

    /// Sets how long after its last refresh an unused grant is refreshed. `keep_alive` of an
    /// adapter does that. `None` if unused grants do not expire.
    #[must_use]
    pub fn with_keep_alive(mut self, after: Option<Duration>) -> Self {
        self.keep_alive = after;
        self
    }

    /// Sets the JSONP callback name. The client then asks the token endpoint for JSONP.
    #[must_use]
    pub fn with_callback(mut self, callback: CallbackName) -> Self {
        self.callback = Some(callback);
        self
    }

    /// Sets the audience in the assertions of clients that [sign](crate::Client::signing). Use it
    /// for a server that expects its own name there, such as its issuer. The default is the token
    /// endpoint (RFC 7523 section 3).
    #[must_use]
    pub fn with_assertion_audience(mut self, audience: impl Into<String>) -> Self {
        self.assertion_audience = Some(audience.into());
        self
    }

    /// The audience of a client's assertions.
    #[must_use]
    pub fn assertion_audience(&self) -> &str {
        let endpoint = self.token_endpoint.as_str();
        self.assertion_audience.as_deref().unwrap_or(endpoint)
    }

    /// The name that stored sessions are bound to.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The endpoint that issues tokens.
    #[must_use]
    pub fn token_endpoint(&self) -> &Endpoint {
        &self.token_endpoint
    }

    /// The span before the end of a token in which it is refreshed, if the provider sets one.
    #[must_use]
    pub fn refresh_window(&self) -> Option<Duration> {
        self.refresh_window
    }

    /// How long after its last refresh an unused grant is refreshed, if at all.
    #[must_use]
    pub fn keep_alive(&self) -> Option<Duration> {
        self.keep_alive
    }

    /// The page where a person logs in, if the server is known to have one.
    #[must_use]
    pub fn authorization_endpoint(&self) -> Option<&Endpoint> {
        self.authorization_endpoint.as_ref()
    }

    /// The endpoint that revokes tokens, if the server is known to have one. 2BA documents none.
    #[must_use]
    pub fn revocation_endpoint(&self) -> Option<&Endpoint> {
        self.revocation_endpoint.as_ref()
    }

    /// The endpoint that describes a token, if the server is known to have one.
    #[must_use]
    pub fn introspection_endpoint(&self) -> Option<&Endpoint> {
        self.introspection_endpoint.as_ref()
    }

    /// The server's own name, and whether its login page sends it.
    pub(crate) fn issuer(&self) -> Option<&Issuer> {
        self.issuer.as_ref()
    }

    /// The base address of the services. Service and function names are appended to it.
    #[must_use]
    pub fn service_base(&self) -> Option<&Endpoint> {
        self.service_base.as_ref()
    }

    /// The address that names of SOAP services are appended to.
    #[must_use]
    pub fn soap_base(&self) -> Option<&Endpoint> {
        self.soap_base.as_ref()
    }

    /// The address that functions of ApiX are appended to.
    #[must_use]
    pub fn apix_base(&self) -> Option<&Endpoint> {
        self.apix_base.as_ref()
    }

    /// The address of Unifeed's start page.
    #[must_use]
    pub fn unifeed_base(&self) -> Option<&Endpoint> {
        self.unifeed_base.as_ref()
    }

    /// Whether a token of this provider may be sent to `uri`.
    #[must_use]
    pub fn serves(&self, uri: &http::Uri) -> bool {
        Origin::of(uri).is_some_and(|origin| self.service_origins.contains(&origin))
    }

    /// How the client authenticates.
    #[must_use]
    pub fn authentication(&self) -> ClientAuthentication {
        self.authentication
    }

    /// The departures from the specification that this server may make.
    #[must_use]
    pub fn rules(&self) -> Rules {
        self.rules
    }

    /// How to treat a lost answer.
    #[must_use]
    pub fn replay(&self) -> Replay {
        self.replay
    }

    /// The JSONP callback name for the token endpoint, if there is one.
    #[must_use]
    pub fn callback(&self) -> Option<&CallbackName> {
        self.callback.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_documented_paths_are_one_authority() {
        let (classic, connect) = (Provider::two_ba(), Provider::two_ba_connect());
        assert_eq!(classic.authority(), connect.authority());
        assert_ne!(classic.token_endpoint(), connect.token_endpoint());
        assert_ne!(
            classic.authority(),
            Provider::two_ba_beta().authority(),
            "another environment is another authority"
        );
    }

    // shows: US7
    #[test]
    fn a_token_goes_to_named_origins_only() {
        let provider = Provider::two_ba();
        let serves = |uri: &str| provider.serves(&uri.parse().unwrap());
        assert!(serves("https://api.2ba.nl/1/json/Product/Search?query=x"));
        assert!(serves("https://API.2ba.nl:443/1/soap/Product"));
        assert!(!serves("http://api.2ba.nl/1/json/Product/Search"));
        assert!(!serves("https://api.2ba.nl.example/1/json/"));
        assert!(!serves("https://api.2ba.nl:444/1/json/"));
        assert!(!serves("/1/json/"));
        assert!(serves("https://apix.2ba.nl/api/v1/Product/1"));
        assert!(!serves("https://unifeed.2ba.nl/"), "no header goes there");
    }

    #[test]
    fn another_service_base_brings_its_own_soap_and_forgets_the_rest() {
        let base = |text: &str| Endpoint::parse(text).unwrap();
        let soap = |text: &str| {
            let provider = Provider::two_ba().with_service_base(base(text));
            assert_eq!(provider.apix_base(), None);
            assert_eq!(provider.unifeed_base(), None);
            provider.soap_base().map(ToString::to_string)
        };
        for (json, expected) in [
            (
                "https://a.example/1/json/",
                Some("https://a.example/1/soap/"),
            ),
            ("https://a.example/1/json", Some("https://a.example/1/soap")),
            ("https://json/json/", Some("https://json/soap/")),
            ("https://json/", None),
            ("https://a.example/api/v1/", None),
            ("https://a.example/json/v1/", None),
            ("https://a.example/xjson/", None),
            ("https://a.example/json/?x=/json/", None),
        ] {
            assert_eq!(soap(json).as_deref(), expected, "{json}");
        }
        let provider = Provider::two_ba()
            .with_service_base(base("https://a.example/1/json/"))
            .with_soap_base(base("https://b.example/"))
            .with_apix_base(base("https://c.example/"))
            .with_unifeed_base(base("https://d.example/"));
        let serves = |uri: &str| provider.serves(&uri.parse().unwrap());
        assert!(serves("https://a.example/") && serves("https://b.example/x"));
        assert!(serves("https://c.example/") && !serves("https://d.example/"));
        assert!(!serves("https://apix.2ba.nl/"));
    }
}
