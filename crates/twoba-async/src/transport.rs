//! Sending by reqwest, set so that nothing is followed, repeated or hidden.

use std::mem;
use std::sync::OnceLock;
use std::time::Duration;

use http::uri::Scheme;
use http::{Request, Response, Uri};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use rustls::crypto::{CryptoProvider, ring};
use twoba_core::limits::{CONNECT_MAX, RESPONSE_BODY_MAX, TOKEN_REQUEST_TOTAL};
use twoba_core::{Form, SendFailure};
use twoba_store::TransportError;

/// How long a connection may have lain idle that a token request goes out on. One that the server
/// has closed meanwhile fails in a way that tells nothing, so that it is taken only right after
/// another token request.
const TOKEN_IDLE_MAX: Duration = Duration::from_millis(250);

/// The same for service calls, which may be repeated: shorter than servers keep theirs.
const SERVICE_IDLE_MAX: Duration = Duration::from_secs(15);

/// Longest answer of a data service, in bytes: 64 MiB. Some lists are long; none is endless.
const SERVICE_BODY_MAX: usize = 64 * 1024 * 1024;

/// What the caller wants changed of how requests are sent.
pub(crate) type Change = dyn Fn(ClientBuilder) -> ClientBuilder + Send + Sync;

/// Sends token requests and service calls, each over connections of its own.
pub(crate) struct Transport {
    token: Pool,
    service: Pool,
    change: Box<Change>,
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
    fn client_for(&self, uri: &Uri, change: &Change) -> Result<&Client, reqwest::Error> {
        if uri.scheme() != Some(&Scheme::HTTP) {
            return self.made(&self.client, || change(http_defaults()));
        }
        self.made(&self.direct, || http_defaults().no_proxy())
    }

    fn made<'a>(
        &self,
        slot: &'a OnceLock<Client>,
        settings: impl FnOnce() -> ClientBuilder,
    ) -> Result<&'a Client, reqwest::Error> {
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        let client = careful(settings(), self.idle).build()?;
        Ok(slot.get_or_init(|| client))
    }
}

impl Transport {
    /// A transport with the caller's proxy, roots and the like; what a rotating refresh
    /// token needs is set here, whatever the caller chose.
    pub(crate) fn new(change: Box<Change>) -> Result<Self, reqwest::Error> {
        // reqwest takes the process's default; a default that is there stays.
        if CryptoProvider::get_default().is_none() {
            // Losing a race here means that somebody else has set one.
            let _lost: Result<(), _> = ring::default_provider().install_default();
        }
        let transport = Self {
            token: Pool::new(TOKEN_IDLE_MAX),
            service: Pool::new(SERVICE_IDLE_MAX),
            change,
        };
        // Settings that make no client are told of now, and not at the first request.
        let token = &transport.token;
        token.made(&token.client, || (transport.change)(http_defaults()))?;
        Ok(transport)
    }

    /// Sends a token request; any status is an answer.
    pub(crate) async fn send(
        &self,
        request: Request<Form>,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        // One byte more than the core accepts, so that it sees that there is too much.
        self.exchange(
            &self.token,
            request.map(Form::into_bytes),
            RESPONSE_BODY_MAX + 1,
        )
        .await
    }

    /// Sends a service call; any status is an answer.
    pub(crate) async fn call(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        self.exchange(&self.service, request, SERVICE_BODY_MAX)
            .await
    }

    async fn exchange(
        &self,
        pool: &Pool,
        request: Request<Vec<u8>>,
        body_max: usize,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        let client = pool.client_for(request.uri(), &*self.change);
        let client = client.map_err(unanswered)?;
        let request = request.try_into().map_err(unanswered)?;
        let mut response = client.execute(request).await.map_err(unanswered)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unanswered)? {
            let left = body_max.saturating_sub(body.len());
            body.extend_from_slice(chunk.get(..left).unwrap_or(&chunk));
            if body.len() >= body_max {
                break;
            }
        }
        let mut answer = Response::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = mem::take(response.headers_mut());
        Ok(answer)
    }
}

/// Set as a rotating refresh token needs it.
fn careful(http: ClientBuilder, idle: Duration) -> ClientBuilder {
    http.redirect(Policy::none())
        .retry(reqwest::retry::never())
        .pool_idle_timeout(idle)
        .connect_timeout(CONNECT_MAX)
        .timeout(TOKEN_REQUEST_TOTAL)
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
