//! The crates huskarl and yup-oauth2, set up for the same jobs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use huskarl::cache::{
    GrantTokenSource, InMemoryRefreshTokenStore, InMemoryTokenCache, NoSource, RefreshTokenStore,
    TokenSource,
};
use huskarl::core::client_auth::ClientSecret;
use huskarl::core::secrets::ProvidedSecret;
use huskarl::grant::refresh::RefreshGrant;
use huskarl::token::RefreshToken;
use huskarl_reqwest::ReqwestClient;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use yup_oauth2::authenticator::Authenticator;
use yup_oauth2::storage::{TokenInfo, TokenStorage, TokenStorageError};
use yup_oauth2::{
    ApplicationSecret, CustomHyperClientBuilder, InstalledFlowAuthenticator,
    InstalledFlowReturnMethod,
};

use crate::Fault;
use crate::ours::{CLIENT, SECRET};
use crate::server::Server;

const REFRESH_TOKEN: &str = "refresh-00000000000000000000";

/// What all sessions of huskarl share.
pub struct Huskarl(RefreshGrant);

/// One session of huskarl.
pub type HuskarlSession =
    InMemoryTokenCache<GrantTokenSource<RefreshGrant, InMemoryRefreshTokenStore>>;

impl Huskarl {
    /// A client at this server that sends by `http`.
    ///
    /// # Errors
    ///
    /// - never for an address of this machine
    pub fn new(server: &Server, http: reqwest::Client) -> Result<Self, Fault> {
        let secret = ProvidedSecret::new(SECRET.into());
        let grant = RefreshGrant::builder()
            .token_endpoint(server.url().parse()?)
            .client_id(CLIENT)
            .http_client(ReqwestClient::from(http))
            .client_auth(ClientSecret::new(secret))
            .build();
        Ok(Self(grant))
    }

    /// A session that has a refresh token and nothing else.
    ///
    /// # Errors
    ///
    /// - never: its store is in memory
    pub async fn session(&self) -> Result<HuskarlSession, Fault> {
        let store = InMemoryRefreshTokenStore::default();
        store
            .set(&RefreshToken::new(REFRESH_TOKEN.into(), None))
            .await?;
        let source = GrantTokenSource::builder()
            .grant(self.0.clone())
            .grant_parameters(NoSource)
            .refresh_store(store)
            .build();
        Ok(InMemoryTokenCache::builder().source(source).build())
    }
}

/// Forgets the token, so that the next caller refreshes.
pub fn expire(session: &HuskarlSession) {
    session.invalidate();
}

/// One session of yup-oauth2.
pub type YupSession = Authenticator<HttpConnector>;

/// A place for one token, which a test can let expire: that crate reads the system's clock.
#[derive(Debug, Clone)]
pub struct YupStore(Arc<YupSlot>);

#[derive(Debug)]
struct YupSlot {
    token: Mutex<TokenInfo>,
    expired: AtomicBool,
}

impl Default for YupStore {
    fn default() -> Self {
        Self(Arc::new(YupSlot {
            token: Mutex::new(TokenInfo {
                access_token: None,
                refresh_token: Some(REFRESH_TOKEN.to_owned()),
                expires_at: None,
                id_token: None,
            }),
            expired: AtomicBool::new(true),
        }))
    }
}

impl YupStore {
    /// Lets the token be over.
    pub fn expire(&self) {
        self.0.expired.store(true, Ordering::Relaxed);
    }

    fn token(&self) -> TokenInfo {
        let token = self.0.token.lock();
        token.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl TokenStorage for YupStore {
    async fn set(&self, _: &[&str], token: TokenInfo) -> Result<(), TokenStorageError> {
        *self.0.token.lock().unwrap_or_else(PoisonError::into_inner) = token;
        self.0.expired.store(false, Ordering::Relaxed);
        Ok(())
    }

    async fn get(&self, _: &[&str]) -> Option<TokenInfo> {
        let mut token = self.token();
        if self.0.expired.load(Ordering::Relaxed) {
            token.expires_at = Some(time::OffsetDateTime::UNIX_EPOCH);
        }
        Some(token)
    }
}

/// The HTTP client that sessions of yup-oauth2 share.
#[must_use]
pub fn hyper() -> Client<HttpConnector, String> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new()).build(connector)
}

/// A session of yup-oauth2 that has a refresh token and nothing else.
///
/// # Errors
///
/// - never: nothing is asked for here
pub async fn yup(
    server: &Server,
    http: Client<HttpConnector, String>,
    store: YupStore,
) -> Result<YupSession, Fault> {
    let secret = ApplicationSecret {
        client_id: CLIENT.to_owned(),
        client_secret: SECRET.to_owned(),
        token_uri: server.url(),
        ..ApplicationSecret::default()
    };
    let session = InstalledFlowAuthenticator::with_client(
        secret,
        InstalledFlowReturnMethod::Interactive,
        CustomHyperClientBuilder::from(http),
    );
    Ok(session.with_storage(Box::new(store)).build().await?)
}
