//! An async client that gets a 2BA access token and keeps it. It runs on Tokio.
//!
//! ```no_run
//! use twoba_async::{Client, ClientSecret, FileStore, Password, Provider, Session};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let secret = ClientSecret::parse("myApplicationSecret")?;
//! let client = Client::confidential(Provider::two_ba(), "myApplication", secret)?;
//! let store = FileStore::open("/var/lib/my-application/2ba")?;
//! let session = Session::builder(client).blocking_store(store).open("default")?;
//! if session.status().await?.generation.is_none() {
//!     let password = Password::parse("myPassword")?;
//!     session.login("me@example.com", &password).await?;
//! }
//! let found = session.get("Product/Search", &[("query", "kabelgoot")]).await?;
//! println!("{}", found.value());
//! # Ok(())
//! # }
//! ```

mod blocking;
mod builder;
mod inner;
mod lease;
mod retry;
mod service;
mod session;
mod sign_in;
mod transport;

pub use blocking::SpawnBlocking;
pub use builder::Builder;
pub use service::GetError;
pub use session::Session;
pub use twoba_core::{
    AccessToken, Advice, Client, ClientSecret, Endpoint, LoggedOut, Login, LoginError, Password,
    Provider, RedirectUri, RefreshError, RefreshToken, Revocation, SessionKey, SessionState,
    Status, Timestamp, Verdict,
};
pub use twoba_services::{JsonAnswer, JsonCall, ServiceError, ServiceErrorKind};
pub use twoba_store::{
    AsyncLease, AsyncStore, Clock, Credentials, EarlyRefresh, Error, ErrorKind, FileStore,
    MemoryStore, Store, StoreError,
};
