//! Sending by ureq, set so that nothing is followed, repeated or hidden.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use http::uri::Scheme;
use http::{Request, Response, Uri};
use twoba_core::{Form, SendFailure};
use twoba_keeper::wires::{CONNECT_MAX, RESPONSE_BODY_MAX, SERVICE_BODY_MAX, SERVICE_IDLE_MAX};
use twoba_keeper::{Answer, Body, Settings};
use twoba_store::TransportError;
use ureq::config::{AutoHeaderValue, Config, ConfigBuilder};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::typestate::AgentScope;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectionDetails, Connector, DefaultConnector, NextTimeout};
use ureq::{Agent, AsSendBody, Error};

use crate::heads::{Mending, with_codings};

/// Sends token requests and service calls, each over connections of its own.
pub(crate) struct Transport {
    token: Pool,
    service: Pool,
}

/// Connections for one purpose.
struct Pool {
    agent: Agent,
    idle: Duration,
    body_max: usize,
}

impl Transport {
    /// A transport with the caller's proxy, roots and the like; what a rotating refresh
    /// token needs is set here, whatever the caller chose.
    pub(crate) fn new(http: ConfigBuilder<AgentScope>, settings: &Settings) -> Self {
        let config = http
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_age(SERVICE_IDLE_MAX)
            .timeout_connect(Some(CONNECT_MAX))
            .timeout_global(Some(settings.request_total))
            .build();
        let pool = |idle, body_max| Pool {
            agent: Agent::with_parts(
                config.clone(),
                Marking::<DefaultConnector>::default(),
                Marking::<DefaultResolver>::default(),
            ),
            idle,
            body_max,
        };
        Self {
            token: pool(settings.token_idle, RESPONSE_BODY_MAX),
            service: pool(SERVICE_IDLE_MAX, SERVICE_BODY_MAX),
        }
    }

    /// Sends a token request; any status is an answer.
    pub(crate) fn send(&self, request: Request<Form>) -> Answer {
        let (parts, form) = request.into_parts();
        self.token
            .exchange(Request::from_parts(parts, form.as_ref()))
    }

    /// Sends a service call; any status is an answer.
    pub(crate) fn call(&self, request: Request<Vec<u8>>) -> Answer {
        let (parts, body) = request.into_parts();
        self.service
            .exchange(Request::from_parts(parts, body.as_slice()))
    }
}

impl Pool {
    fn exchange(&self, request: Request<&[u8]>) -> Answer {
        let response = if request.body().is_empty() {
            self.run(request.map(|_| ()))
        } else {
            self.run(request)
        };
        let (mut parts, body) = response.map_err(unanswered)?.into_parts();
        with_codings(&mut parts.headers);
        let read = Body::read(body.into_reader(), self.body_max);
        let body = read.map_err(|error| TransportError {
            failure: SendFailure::MaybeSent,
            cause: error.into(),
        })?;
        Ok(Response::from_parts(parts, body))
    }

    fn run(&self, request: Request<impl AsSendBody>) -> Result<Response<ureq::Body>, Error> {
        let plain = request.uri().scheme() == Some(&Scheme::HTTP);
        let mut request = self
            .agent
            .configure_request(request)
            .max_idle_age(self.idle);
        // Plain http is for this machine only, and so goes through no proxy, which would
        // read along and would reach its own loopback instead of this one.
        if plain {
            request = request.proxy(None);
        }
        self.agent.run(request.build())
    }
}

/// The start of a configuration: certificates as the platform trusts them, no header that
/// nobody asked for.
pub(crate) fn http_defaults() -> ConfigBuilder<AgentScope> {
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .build();
    Agent::config_builder()
        .tls_config(tls)
        .user_agent(concat!("twoba/", env!("CARGO_PKG_VERSION")))
        .accept_encoding(AutoHeaderValue::None)
}

/// Resolves and connects as ureq does, and marks what fails here: not a byte of the request
/// has left before a connection stands, TLS included.
#[derive(Debug, Default)]
struct Marking<T> {
    inner: T,
}

impl Connector<()> for Marking<DefaultConnector> {
    type Out = Mending;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<()>,
    ) -> Result<Option<Self::Out>, Error> {
        let connected = self.inner.connect(details, chained);
        let connected = connected.map_err(not_connected)?;
        Ok(connected.map(Mending::new))
    }
}

impl Resolver for Marking<DefaultResolver> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        // ureq starts a thread for each look-up that has a time limit, and looks up an address
        // that needs none.
        if let Some(address) = literal(uri).filter(|address| allows(config, *address)) {
            let mut resolved = self.empty();
            resolved.push(address);
            return Ok(resolved);
        }
        let resolved = self.inner.resolve(uri, config, timeout);
        resolved.map_err(not_connected)
    }
}

/// Where a URI leads to that holds an address instead of a name.
fn literal(uri: &Uri) -> Option<SocketAddr> {
    let host = uri.host()?;
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let address: IpAddr = bare.unwrap_or(host).parse().ok()?;
    let usual = if uri.scheme() == Some(&Scheme::HTTP) {
        80
    } else {
        443
    };
    Some(SocketAddr::new(address, uri.port_u16().unwrap_or(usual)))
}

/// Whether the caller's settings let this kind of address be used.
fn allows(config: &Config, address: SocketAddr) -> bool {
    let families = config.ip_family();
    let mut kept = families.keep_wanted(std::iter::once(address));
    kept.next().is_some()
}

fn not_connected(error: Error) -> Error {
    Error::Other(Box::new(NotConnected(error)))
}

#[derive(Debug)]
struct NotConnected(Error);

impl fmt::Display for NotConnected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the library's own word before it.
        if let Error::Io(error) = &self.0 {
            return fmt::Display::fmt(error, f);
        }
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for NotConnected {}

fn unanswered(error: Error) -> TransportError {
    let marked = matches!(&error, Error::Other(cause) if cause.is::<NotConnected>());
    // The other two fail before anything is resolved.
    let failure = if marked || matches!(error, Error::BadUri(_) | Error::InvalidProxyUrl) {
        SendFailure::NotSent
    } else {
        SendFailure::MaybeSent
    };
    TransportError {
        failure,
        cause: unwrapped(error),
    }
}

/// The cause in its own words, without the library's name for it.
fn unwrapped(error: Error) -> Box<dyn std::error::Error + Send + Sync> {
    if let Error::Other(cause) = error {
        return cause;
    }
    if let Error::Io(cause) = error {
        return cause.into();
    }
    error.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_needs_no_look_up_and_a_name_does() {
        for (uri, address) in [
            ("http://127.0.0.1:4280/token", Some("127.0.0.1:4280")),
            ("http://127.0.0.1/token", Some("127.0.0.1:80")),
            ("https://[::1]/token", Some("[::1]:443")),
            ("https://[2001:db8::7]:8443/", Some("[2001:db8::7]:8443")),
            ("https://localhost/token", None),
            ("https://127.1/token", None),
            ("https://authorize.2ba.nl/OAuth/Token", None),
        ] {
            let expected = address.map(|address| address.parse().unwrap());
            assert_eq!(literal(&uri.parse().unwrap()), expected, "{uri}");
        }
    }
}
