//! Sends by ureq, with settings that follow, repeat and hide nothing.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::uri::Scheme;
use http::{Request, Response, Uri};
use twoba_core::{Form, SendFailure};
use twoba_keeper::proxy::{self, Proxies};
use twoba_keeper::wires::{
    CONNECT_MAX, IDLE_CONNECTIONS_MAX, RESPONSE_BODY_MAX, SERVICE_BODY_MAX, SERVICE_IDLE_MAX,
    STREAM_TOTAL_MAX,
};
use twoba_keeper::{Answer, Authorities, Body, Settings};
use twoba_store::TransportError;
use ureq::config::{AutoHeaderValue, Config, ConfigBuilder};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::typestate::AgentScope;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectionDetails, Connector, DefaultConnector, NextTimeout};
use ureq::{Agent, AsSendBody, Error, Proxy};

use crate::heads::{Mending, with_codings};
use crate::streamed::Streamed;

/// Sends token requests and service calls, each over its own connections.
pub(crate) struct Transport {
    token: Pool,
    service: Pool,
}

/// Connections for one purpose.
struct Pool {
    agent: Agent,
    idle: Duration,
    /// The proxies of the environment, unless the caller has set a proxy or none.
    environment: Option<Proxies>,
    body_max: usize,
}

impl Transport {
    /// Makes a transport with the caller's settings. The settings that a rotating refresh token
    /// needs are made here, whatever the caller chose.
    pub(crate) fn new(
        http: ConfigBuilder<AgentScope>,
        service: Option<Agent>,
        settings: &Settings,
    ) -> Self {
        let config = http
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_age(SERVICE_IDLE_MAX)
            .timeout_connect(Some(CONNECT_MAX))
            .timeout_global(Some(settings.request_total))
            .build();
        let environment = Proxies::from_env();
        let is_as_said = config.proxy().is_some() && config.proxy() == of(&environment).as_ref();
        let environment = is_as_said.then_some(environment);
        // One for all connections: it reads the platform's certificates, once.
        let connector = Arc::new(DefaultConnector::default());
        let pool = |idle, body_max| Pool {
            agent: Agent::with_parts(
                config.clone(),
                Marking(Arc::clone(&connector)),
                Marking(DefaultResolver::default()),
            ),
            idle,
            environment: environment.clone(),
            body_max,
        };
        Self {
            token: pool(settings.token_idle, RESPONSE_BODY_MAX),
            service: match service {
                Some(agent) => Pool {
                    idle: agent.config().max_idle_age(),
                    agent,
                    environment: None,
                    body_max: SERVICE_BODY_MAX,
                },
                None => pool(SERVICE_IDLE_MAX, SERVICE_BODY_MAX),
            },
        }
    }

    /// Sends a token request. Any status is an answer.
    pub(crate) fn send(&self, request: Request<Form>) -> Answer {
        let (parts, form) = request.into_parts();
        self.token
            .exchange(Request::from_parts(parts, form.as_ref()))
    }

    /// Sends a service call. Any status is an answer.
    pub(crate) fn call(&self, request: Request<Vec<u8>>) -> Answer {
        let (parts, body) = request.into_parts();
        self.service
            .exchange(Request::from_parts(parts, body.as_slice()))
    }

    /// Sends a service call whose answer is read while it arrives.
    pub(crate) fn stream(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Streamed>, TransportError> {
        let (parts, body) = request.into_parts();
        let request = Request::from_parts(parts, body.as_slice());
        let response = self.service.head(request, Some(STREAM_TOTAL_MAX))?;
        Ok(response.map(|body| Streamed::new(body.into_reader())))
    }
}

impl Pool {
    /// The head of the answer, within `total` or the time limit of the settings.
    fn head(
        &self,
        request: Request<&[u8]>,
        total: Option<Duration>,
    ) -> Result<Response<ureq::Body>, TransportError> {
        let uri = request.uri().clone();
        let response = if request.body().is_empty() {
            self.run(request.map(|_| ()), total)
        } else {
            self.run(request, total)
        };
        let mut response = response.map_err(|error| self.unanswered(error, &uri))?;
        with_codings(response.headers_mut());
        Ok(response)
    }

    fn exchange(&self, request: Request<&[u8]>) -> Answer {
        let (parts, body) = self.head(request, None)?.into_parts();
        let read = Body::read(body.into_reader(), self.body_max);
        let body = read.map_err(|error| TransportError {
            failure: SendFailure::MaybeSent,
            cause: error.into(),
        })?;
        Ok(Response::from_parts(parts, body))
    }

    fn run(
        &self,
        request: Request<impl AsSendBody>,
        total: Option<Duration>,
    ) -> Result<Response<ureq::Body>, Error> {
        let proxy = self.proxy_for(request.uri()).cloned();
        let total = total.or(self.agent.config().timeouts().global);
        let request = self.agent.configure_request(request);
        let request = request.max_idle_age(self.idle).proxy(proxy);
        // Any status is an answer, also where the caller's own agent thinks otherwise.
        let request = request.http_status_as_error(false).timeout_global(total);
        self.agent.run(request.build())
    }

    /// The proxy for this address. Plain http is for this machine only and goes through none: a
    /// proxy would read the traffic, and would reach its own loopback instead of this one.
    fn proxy_for(&self, uri: &Uri) -> Option<&Proxy> {
        let is_plain = uri.scheme() == Some(&Scheme::HTTP);
        let environment = self.environment.as_ref();
        let goes_without = environment.is_some_and(|of| of.proxy_for(uri).is_none());
        let proxy = self.agent.config().proxy();
        proxy.filter(|_| !is_plain && !goes_without)
    }

    fn unanswered(&self, error: Error, uri: &Uri) -> TransportError {
        let error = unanswered(error);
        let used = self.proxy_for(uri);
        let Some(used) = used.filter(|_| error.failure == SendFailure::NotSent) else {
            return error;
        };
        let environment = self.environment.as_ref();
        let cause = match environment.and_then(|of| of.proxy_for(uri)) {
            Some(proxy) => proxy.failed(error.cause),
            None => proxy::through(&format!("{}:{}", used.host(), used.port()), error.cause),
        };
        TransportError { cause, ..error }
    }
}

/// The proxy of the environment in ureq's form.
fn of(environment: &Proxies) -> Option<Proxy> {
    let proxy = environment.proxy()?;
    // What the one takes for an address, the other does too.
    Proxy::new(proxy.url()).ok()
}

/// The initial settings: the platform's certificates, the proxy of the environment, and no header
/// that nobody asked for.
pub(crate) fn http_defaults() -> ConfigBuilder<AgentScope> {
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .build();
    Agent::config_builder()
        .max_idle_connections(IDLE_CONNECTIONS_MAX)
        .max_idle_connections_per_host(IDLE_CONNECTIONS_MAX)
        .tls_config(tls)
        .proxy(of(&Proxies::from_env()))
        .user_agent(concat!("twoba/", env!("CARGO_PKG_VERSION")))
        .accept_encoding(AutoHeaderValue::None)
}

/// The same settings, with these authorities as the only trusted ones.
pub(crate) fn trusting(
    http: ConfigBuilder<AgentScope>,
    authorities: &Authorities,
) -> ConfigBuilder<AgentScope> {
    let roots = authorities.certificates();
    let roots = roots.map(|der| Certificate::from_der(der).to_owned());
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(roots.collect())))
        .build();
    http.tls_config(tls)
}

/// Resolves and connects as ureq does, and marks failures in these steps. No byte of the request
/// leaves before a connection stands, TLS included.
#[derive(Debug)]
struct Marking<T>(T);

impl Connector<()> for Marking<Arc<DefaultConnector>> {
    type Out = Mending;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<()>,
    ) -> Result<Option<Self::Out>, Error> {
        // All requests have the TLS settings of their agent. Said to have some of its own, each
        // connection would read the platform's certificates anew.
        let details = ConnectionDetails {
            uri: details.uri,
            addrs: details.addrs.clone(),
            config: details.config,
            request_level: false,
            resolver: details.resolver,
            now: details.now,
            timeout: details.timeout,
            current_time: Arc::clone(&details.current_time),
            run_connector: Arc::clone(&details.run_connector),
            register_shutdown: Arc::clone(&details.register_shutdown),
        };
        let connected = self.0.connect(&details, chained);
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
        let resolved = self.0.resolve(uri, config, timeout);
        resolved.map_err(not_connected)
    }
}

/// The socket address of a URI that holds an address instead of a name.
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
    // The way to a proxy is marked already.
    if is_marked(&error) {
        return error;
    }
    Error::Other(Box::new(NotConnected(error)))
}

fn is_marked(error: &Error) -> bool {
    matches!(error, Error::Other(cause) if cause.is::<NotConnected>())
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
    // The other two fail before anything is resolved.
    let failure = if is_marked(&error) || matches!(error, Error::BadUri(_) | Error::InvalidProxyUrl)
    {
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
