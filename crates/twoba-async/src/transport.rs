//! Sending by reqwest, set so that nothing is followed, repeated or hidden.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::uri::Scheme;
use http::{Request, Response, Uri};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use rustls::crypto::{CryptoProvider, ring};
use twoba_core::limits::{CONNECT_MAX, RESPONSE_BODY_MAX, TOKEN_REQUEST_TOTAL};
use twoba_core::{Form, SendFailure};
use twoba_store::TransportError;

/// A connection that lay idle for longer may be dead, and a request on a dead connection
/// fails in a way that tells nothing.
const IDLE_MAX: Duration = Duration::from_secs(1);

/// Longest answer of a data service, in bytes: 64 MiB. Some lists are long; none is endless.
const SERVICE_BODY_MAX: usize = 64 * 1024 * 1024;

/// Sends token requests and service calls.
#[derive(Clone)]
pub(crate) struct Transport {
    client: Client,
    /// For plain http, which is for this machine only and so goes through no proxy: that
    /// would read along, and would reach its own loopback instead of this one.
    direct: Arc<OnceLock<Client>>,
}

impl Transport {
    /// A transport with the caller's proxy, roots and the like; what a rotating refresh
    /// token needs is set here, whatever the caller chose.
    pub(crate) fn new(http: ClientBuilder) -> Result<Self, reqwest::Error> {
        // reqwest takes the process's default; a default that is there stays.
        if CryptoProvider::get_default().is_none() {
            // Losing a race here means that somebody else has set one.
            let _lost: Result<(), _> = ring::default_provider().install_default();
        }
        Ok(Self {
            client: careful(http).build()?,
            direct: Arc::default(),
        })
    }

    /// The client that a request to this address goes through.
    fn client_for(&self, uri: &Uri) -> Result<&Client, TransportError> {
        if uri.scheme() != Some(&Scheme::HTTP) {
            return Ok(&self.client);
        }
        if let Some(direct) = self.direct.get() {
            return Ok(direct);
        }
        let made = careful(http_defaults()).no_proxy().build();
        let made = made.map_err(unanswered)?;
        Ok(self.direct.get_or_init(|| made))
    }

    /// Sends a token request; any status is an answer.
    pub(crate) async fn send(
        &self,
        request: Request<Form>,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        // One byte more than the core accepts, so that it sees that there is too much.
        self.exchange(request.map(Form::into_bytes), RESPONSE_BODY_MAX + 1)
            .await
    }

    /// Sends a service call; any status is an answer.
    pub(crate) async fn call(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        self.exchange(request, SERVICE_BODY_MAX).await
    }

    async fn exchange(
        &self,
        request: Request<Vec<u8>>,
        body_max: usize,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        let client = self.client_for(request.uri())?;
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
        *answer.headers_mut() = response.headers().clone();
        Ok(answer)
    }
}

/// Set as a rotating refresh token needs it.
fn careful(http: ClientBuilder) -> ClientBuilder {
    http.redirect(Policy::none())
        .retry(reqwest::retry::never())
        .pool_idle_timeout(IDLE_MAX)
        .connect_timeout(CONNECT_MAX)
        .timeout(TOKEN_REQUEST_TOTAL)
}

/// The start of a configuration; certificates are judged as the platform does.
pub(crate) fn http_defaults() -> ClientBuilder {
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
