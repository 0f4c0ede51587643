//! A blocking client that gets a 2BA access token and keeps it.
//!
//! ```no_run
//! use twoba_blocking::{Client, ClientSecret, FileStore, Password, Provider, Session};
//!
//! let secret = ClientSecret::parse("myApplicationSecret")?;
//! let client = Client::confidential(Provider::two_ba(), "myApplication", secret)?;
//! let store = FileStore::open("/var/lib/my-application/2ba")?;
//! let session = Session::builder(client).store(store).open("default")?;
//! if session.status()?.generation.is_none() {
//!     session.login("me@example.com", &Password::parse("myPassword")?)?;
//! }
//! let found = session.get("Product/Search", &[("query", "kabelgoot")])?;
//! println!("{}", found.value());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod builder;
mod inner;
mod lease;
mod retry;
mod service;
mod session;
mod sign_in;
mod transport;

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
    Clock, Credentials, EarlyRefresh, Error, ErrorKind, FileStore, MemoryStore, Store, StoreError,
};
pub use ureq::config::ConfigBuilder;
pub use ureq::typestate::AgentScope;
