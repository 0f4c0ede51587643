//! Sends by reqwest, with settings that follow, repeat and hide nothing.

use std::error::Error;
use std::mem;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::uri::Scheme;
use http::{Request, Response, Uri};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use rustls::crypto::{CryptoProvider, ring};
use twoba_core::Form;
use twoba_keeper::proxy::Proxies;
use twoba_keeper::wires::{
    CONNECT_MAX, RESPONSE_BODY_MAX, SERVICE_BODY_MAX, SERVICE_IDLE_MAX, STREAM_STALL_MAX,
    STREAM_TOTAL_MAX,
};
use twoba_keeper::{Answer, Authorities, Body, Settings};
use twoba_store::TransportError;

use crate::environment::Environment;
use crate::streamed::Streamed;
use crate::tls::{Change, Tls};
use crate::unanswered::unanswered;

/// The most header lines of an answer. The other adapter's HTTP client reads as many.
const HEADERS_MAX: usize = 128;

/// Sends token requests and service calls, each over its own connections.
pub(crate) struct Transport {
    token: Pool,
    service: Pool,
    tls: Tls,
    environment: Arc<Environment>,
    total: Duration,
}

/// Connections for one purpose. A client is made when it is first needed.
struct Pool {
    idle: Duration,
    client: OnceLock<Client>,
    /// The client for plain http. That is for this machine only, so it goes through no proxy: a
    /// proxy would read the traffic, and would reach its own loopback instead of this one.
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

    /// Connections of this client only.
    fn of(client: Client) -> Self {
        Self {
            idle: SERVICE_IDLE_MAX,
            direct: OnceLock::from(client.clone()),
            client: OnceLock::from(client),
        }
    }

    /// The client for a request to this address.
    fn client_for(&self, uri: &Uri, of: &Transport) -> Result<&Client, reqwest::Error> {
        if uri.scheme() != Some(&Scheme::HTTP) {
            return self.made(&self.client, of.total, || of.wanted());
        }
        self.made(&self.direct, of.total, || {
            // Nobody is trusted where nobody has to be: no certificates are read.
            http_defaults().no_proxy().tls_certs_only([])
        })
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
    /// Makes a transport with the caller's settings. The settings that a rotating refresh token
    /// needs are made here, whatever the caller chose.
    pub(crate) fn new(
        change: Option<Box<Change>>,
        authorities: Option<&Authorities>,
        service: Option<Client>,
        settings: &Settings,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        // reqwest takes the process's default; a default that is there stays.
        if CryptoProvider::get_default().is_none() {
            // Losing a race here means that somebody else has set one.
            let _lost: Result<(), _> = ring::default_provider().install_default();
        }
        let transport = Self {
            token: Pool::new(settings.token_idle),
            service: service.map_or_else(|| Pool::new(SERVICE_IDLE_MAX), Pool::of),
            tls: match change {
                None => Tls::one_for_all(authorities)?,
                Some(change) => Tls::of_the_caller(change, authorities)?,
            },
            environment: Arc::new(Environment::new(Proxies::from_env())),
            total: settings.request_total,
        };
        // Settings that make no client are told of now, and not at the first request.
        let token = &transport.token;
        token.made(&token.client, transport.total, || transport.wanted())?;
        Ok(transport)
    }

    /// A client with the caller's settings.
    fn wanted(&self) -> ClientBuilder {
        let http = http_defaults().no_proxy();
        if self.environment.is_silent() {
            return self.tls.on(http);
        }
        let http = http.proxy(self.environment.asked_first());
        self.tls.on(http).proxy(self.environment.asked_last())
    }

    /// Sends a token request. Any status is an answer.
    pub(crate) async fn send(&self, request: Request<Form>) -> Answer {
        // The form is wiped when the HTTP client lets go of it.
        let request = request.map(Bytes::from_owner);
        self.exchange(&self.token, request, RESPONSE_BODY_MAX).await
    }

    /// Sends a service call. Any status is an answer.
    pub(crate) async fn call(&self, request: Request<Vec<u8>>) -> Answer {
        self.exchange(&self.service, request, SERVICE_BODY_MAX)
            .await
    }

    /// Sends a service call whose answer is read while it arrives.
    pub(crate) async fn stream(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Streamed>, TransportError> {
        let total = Some(STREAM_TOTAL_MAX);
        let mut response = self.execute(&self.service, request, total).await?;
        let mut answer = Response::new(());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = mem::take(response.headers_mut());
        Ok(answer.map(|()| Streamed::new(response)))
    }

    async fn execute(
        &self,
        pool: &Pool,
        request: Request<impl Into<reqwest::Body>>,
        total: Option<Duration>,
    ) -> Result<reqwest::Response, TransportError> {
        let client = pool.client_for(request.uri(), self).map_err(unanswered)?;
        let uri = request.uri().clone();
        let mut request: reqwest::Request = request.try_into().map_err(unanswered)?;
        if total.is_some() {
            *request.timeout_mut() = total;
        }
        let response = client.execute(request).await.map_err(unanswered);
        response.map_err(|error| self.environment.named(error, &uri))
    }

    async fn exchange(
        &self,
        pool: &Pool,
        request: Request<impl Into<reqwest::Body>>,
        body_max: usize,
    ) -> Answer {
        let mut response = self.execute(pool, request, None).await?;
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

/// Makes the settings that a rotating refresh token needs.
fn careful(http: ClientBuilder, idle: Duration, total: Duration) -> ClientBuilder {
    http.redirect(Policy::none())
        .retry(reqwest::retry::never())
        .pool_idle_timeout(idle)
        .connect_timeout(CONNECT_MAX)
        .timeout(total)
        .read_timeout(STREAM_STALL_MAX)
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

/// The initial settings. Certificates are verified as the platform does.
fn http_defaults() -> ClientBuilder {
    Client::builder().user_agent(concat!("twoba/", env!("CARGO_PKG_VERSION")))
}
