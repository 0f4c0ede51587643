//! An async client that gets a 2BA access token and keeps it valid. It runs on Tokio.
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
//!
//! A program that acts for many people opens one [`Sessions`], and from it a [`Session`] for each
//! key. The sessions share connections, one store and one clock. A session has no HTTP client of
//! its own.
//!
//! ```no_run
//! # use twoba_async::{Client, Error, FileStore, Sessions};
//! # async fn example(client: Client, store: FileStore) -> Result<(), Error> {
//! let sessions = Sessions::builder(client).blocking_store(store).build()?;
//! let session = sessions.open("installer-4711")?;
//! let found = session.get("Product/Search", &[("query", "kabelgoot")]).await;
//! # Ok(())
//! # }
//! ```
//!
//! A program can also have a session for itself, without a user. It uses client credentials, as
//! 2BA's Product Data does.
//!
//! ```no_run
//! # use twoba_async::{Client, ClientSecret, Endpoint, Error, FileStore, Provider, Sessions};
//! # async fn example(store: FileStore) -> Result<(), Box<dyn std::error::Error>> {
//! let provider = Provider::custom(Endpoint::parse("https://identity.2ba.nl/connect/token")?)
//!     .with_service_base(Endpoint::parse("https://rest.2ba.nl/api/v1/")?);
//! let secret = ClientSecret::parse("myApplicationSecret")?;
//! let client = Client::confidential(provider, "myApplication", secret)?;
//! let sessions = Sessions::builder(client).blocking_store(store).build()?;
//! let program = sessions.program(["read:products"])?;
//! let bearer = |token: &twoba_async::AccessToken| format!("Bearer {}", token.expose());
//! let header = program.with_token(bearer).await?;
//! # Ok(())
//! # }
//! ```

mod builder;
mod environment;
mod offload;
mod program;
mod runtime;
mod service;
mod session;
mod sessions;
mod streamed;
mod tls;
mod transport;
mod unanswered;
mod waiting;

pub use builder::Builder;
pub use offload::{BlockingThreads, SpawnBlocking};
pub use program::Program;
pub use service::{GetError, Pages, ProductData, Service};
pub use session::Session;
pub use sessions::Sessions;
pub use streamed::Streamed;
#[doc(inline)]
pub use twoba_keeper::names::*;
pub use twoba_services::{
    self as services, Function, JsonAnswer, JsonCall, ServiceError, ServiceErrorKind,
};
pub use twoba_store::{AsyncLease, AsyncStore};
