//! Sending by reqwest, set so that nothing is followed, repeated or hidden.

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::uri::Scheme;
use http::{Request, Response, Uri};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, Proxy};
use rustls::crypto::{CryptoProvider, ring};
use twoba_core::{Form, SendFailure};
use twoba_keeper::proxy::Proxies;
use twoba_keeper::wires::{CONNECT_MAX, RESPONSE_BODY_MAX, SERVICE_BODY_MAX, SERVICE_IDLE_MAX};
use twoba_keeper::{Answer, Authorities, Body, Settings};
use twoba_store::TransportError;

/// How many header lines an answer may have: as many as the other adapter's HTTP client reads.
const HEADERS_MAX: usize = 128;

/// What the caller wants changed of how requests are sent.
pub(crate) type Change = dyn Fn(ClientBuilder) -> ClientBuilder + Send + Sync;

/// Sends token requests and service calls, each over connections of its own.
pub(crate) struct Transport {
    token: Pool,
    service: Pool,
    change: Box<Change>,
    /// The only good ones, if there are any.
    roots: Option<Vec<Certificate>>,
    environment: Arc<Environment>,
    total: Duration,
}

/// Connections for one purpose. A client is made when it is first needed.
struct Pool {
    idle: Duration,
    client: OnceLock<Client>,
    /// For plain http, which is for this machine only and so goes through no proxy: that
    /// would read along, and would reach its own loopback instead of this one.
    direct: OnceLock<Client>,
}

impl Pool {
    fn new(idle: Duration) -> Self {
        Self {
            idle,
            client: OnceLock::new(),
            direct: OnceLock::new(),
        }
    }

    /// The client that a request to this address goes through.
    fn client_for(&self, uri: &Uri, of: &Transport) -> Result<&Client, reqwest::Error> {
        if uri.scheme() != Some(&Scheme::HTTP) {
            return self.made(&self.client, of.total, || of.wanted());
        }
        self.made(&self.direct, of.total, || http_defaults().no_proxy())
    }

    fn made<'a>(
        &self,
        slot: &'a OnceLock<Client>,
        total: Duration,
        settings: impl FnOnce() -> ClientBuilder,
    ) -> Result<&'a Client, reqwest::Error> {
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        let client = careful(settings(), self.idle, total).build()?;
        Ok(slot.get_or_init(|| client))
    }
}

impl Transport {
    /// A transport with the caller's proxy, roots and the like; what a rotating refresh
    /// token needs is set here, whatever the caller chose.
    pub(crate) fn new(
        change: Box<Change>,
        authorities: Option<&Authorities>,
        settings: &Settings,
    ) -> Result<Self, reqwest::Error> {
        // reqwest takes the process's default; a default that is there stays.
        if CryptoProvider::get_default().is_none() {
            // Losing a race here means that somebody else has set one.
            let _lost: Result<(), _> = ring::default_provider().install_default();
        }
        let roots = authorities.map(|authorities| {
            let roots = authorities.certificates();
            roots.map(Certificate::from_der).collect()
        });
        let transport = Self {
            token: Pool::new(settings.token_idle),
            service: Pool::new(SERVICE_IDLE_MAX),
            change,
            roots: roots.transpose()?,
            environment: Arc::new(Environment::new(Proxies::from_env())),
            total: settings.request_total,
        };
        // Settings that make no client are told of now, and not at the first request.
        let token = &transport.token;
        token.made(&token.client, transport.total, || transport.wanted())?;
        Ok(transport)
    }

    /// A client as the caller wants it.
    fn wanted(&self) -> ClientBuilder {
        let mut http = http_defaults().no_proxy();
        if let Some(roots) = &self.roots {
            http = http.tls_certs_only(roots.clone());
        }
        if self.environment.proxies.proxy().is_none() {
            return (self.change)(http);
        }
        let http = http.proxy(self.environment.asked_first());
        (self.change)(http).proxy(self.environment.asked_last())
    }

    /// Sends a token request; any status is an answer.
    pub(crate) async fn send(&self, request: Request<Form>) -> Answer {
        // The form is wiped when the HTTP client lets go of it.
        let request = request.map(Bytes::from_owner);
        self.exchange(&self.token, request, RESPONSE_BODY_MAX).await
    }

    /// Sends a service call; any status is an answer.
    pub(crate) async fn call(&self, request: Request<Vec<u8>>) -> Answer {
        self.exchange(&self.service, request, SERVICE_BODY_MAX)
            .await
    }

    async fn exchange(
        &self,
        pool: &Pool,
        request: Request<impl Into<reqwest::Body>>,
        body_max: usize,
    ) -> Answer {
        let client = pool.client_for(request.uri(), self).map_err(unanswered)?;
        let uri = request.uri().clone();
        let request = request.try_into().map_err(unanswered)?;
        let response = client.execute(request).await.map_err(unanswered);
        let mut response = response.map_err(|error| self.environment.named(error, &uri))?;
        let mut body = Body::up_to(body_max);
        while let Some(chunk) = response.chunk().await.map_err(unanswered)? {
            if !body.push(&chunk) {
                break;
            }
        }
        let mut answer = Response::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = mem::take(response.headers_mut());
        Ok(answer)
    }
}

/// The proxy of the environment, which holds unless the caller has set proxies or none.
///
/// reqwest asks proxies in turn and takes the first that there is. This one is asked last, behind
/// those of the caller. `no_proxy` cannot be seen, but takes away those that are there by then: so
/// one is asked first that has no proxy for anybody, and only notes that it is there.
struct Environment {
    proxies: Proxies,
    holds: AtomicBool,
    used: AtomicBool,
}

impl Environment {
    fn new(proxies: Proxies) -> Self {
        Self {
            proxies,
            holds: AtomicBool::new(false),
            used: AtomicBool::new(false),
        }
    }

    fn asked_first(self: &Arc<Self>) -> Proxy {
        let environment = Arc::clone(self);
        Proxy::custom(move |_| {
            environment.holds.store(true, Ordering::Relaxed);
            None::<&str>
        })
    }

    fn asked_last(self: &Arc<Self>) -> Proxy {
        let environment = Arc::clone(self);
        Proxy::custom(move |url| {
            let holds = environment.holds.load(Ordering::Relaxed);
            let uri = url.as_str().parse().ok().filter(|_| holds)?;
            let proxy = environment.proxies.proxy_for(&uri)?;
            environment.used.store(true, Ordering::Relaxed);
            Some(proxy.url().to_owned())
        })
    }

    /// The same failure, with the proxy that it happened at.
    fn named(&self, error: TransportError, uri: &Uri) -> TransportError {
        let used = self.used.load(Ordering::Relaxed);
        let used = used && error.failure == SendFailure::NotSent;
        match self.proxies.proxy_for(uri).filter(|_| used) {
            Some(proxy) => TransportError {
                cause: proxy.failed(error.cause),
                ..error
            },
            None => error,
        }
    }
}

/// Set as a rotating refresh token needs it.
fn careful(http: ClientBuilder, idle: Duration, total: Duration) -> ClientBuilder {
    http.redirect(Policy::none())
        .retry(reqwest::retry::never())
        .pool_idle_timeout(idle)
        .connect_timeout(CONNECT_MAX)
        .timeout(total)
        // Codings are undone by the keeper, also where another crate switches these features on.
        .no_gzip()
        .no_deflate()
        .no_brotli()
        .no_zstd()
        // Broken lines beside a good answer are no reason to lose it. RFC 9112 section 5.2 lets a
        // client replace a fold by a space.
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_ignore_invalid_headers_in_responses(true)
        .http1_max_headers(HEADERS_MAX)
}

/// The start of a configuration; certificates are judged as the platform does.
fn http_defaults() -> ClientBuilder {
    Client::builder().user_agent(concat!("twoba/", env!("CARGO_PKG_VERSION")))
}

fn unanswered(error: reqwest::Error) -> TransportError {
    // Connecting includes resolving and TLS; nothing of the request has left by then.
    let failure = if error.is_connect() || error.is_builder() {
        SendFailure::NotSent
    } else {
        SendFailure::MaybeSent
    };
    TransportError {
        failure,
        // The address may hold parameters that are nobody's business.
        cause: Box::new(error.without_url()),
    }
}
