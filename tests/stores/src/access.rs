//! What a process needs to use the store of the scene: where it is, its key, and the token server.

use std::path::PathBuf;

use tokio::runtime::Runtime;
use twoba_async::Sessions;
use twoba_core::{Client, ClientSecret, Endpoint, Password, Provider};
use twoba_measure::Fault;
use twoba_store::seal::{KeyFile, Sealer};
use twoba_store_postgres::{Address, Builder, PostgresStore};

use crate::plan::AT_ONCE;

/// The documented client.
pub(crate) const CLIENT: &str = "myApplication";
/// Its secret.
pub(crate) const SECRET: &str = "myApplicationSecret";
/// Who logs in.
pub(crate) const USER: &str = "demo@example.com";
/// With this password.
pub(crate) const PASSWORD: &str = "myPassword";

/// Where everything is.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) port: u16,
    pub(crate) keys: PathBuf,
    pub(crate) url: String,
}

impl Access {
    /// The words from which [`parse`](Self::parse) makes the same.
    pub(crate) fn words(&self) -> [String; 3] {
        let keys = self.keys.to_string_lossy().into_owned();
        [self.port.to_string(), keys, self.url.clone()]
    }

    pub(crate) fn parse(words: &[&str]) -> Result<Self, Fault> {
        let [port, keys, url] = words else {
            return Err("no port, key file and address".into());
        };
        Ok(Self {
            port: port.parse()?,
            keys: PathBuf::from(keys),
            url: (*url).to_owned(),
        })
    }

    pub(crate) fn sealer(&self) -> Sealer {
        Sealer::new(KeyFile::new(&self.keys))
    }

    /// The settings of the encrypted store in PostgreSQL.
    pub(crate) fn builder(&self) -> Result<Builder, Fault> {
        let address = format!("postgres://admin@127.0.0.1:{}/postgres", self.port);
        let builder = PostgresStore::builder(Address::parse(&address)?);
        Ok(builder.keys(self.sealer()).connections(AT_ONCE))
    }

    pub(crate) fn token_endpoint(&self) -> String {
        format!("{}/OAuth/Token", self.url)
    }

    /// All sessions, as a program opens them.
    pub(crate) fn sessions(&self, runtime: &Runtime) -> Result<Sessions, Fault> {
        let store = runtime.block_on(self.builder()?.runtime(runtime.handle().clone()).open())?;
        let endpoint = Endpoint::parse(&self.token_endpoint())?;
        let provider = Provider::two_ba().with_token_endpoint(endpoint);
        let client = Client::confidential(provider, CLIENT, ClientSecret::parse(SECRET)?)?;
        let sessions = Sessions::builder(client).store(store);
        Ok(sessions.http(reqwest::ClientBuilder::no_proxy).build()?)
    }

    pub(crate) fn password() -> Result<Password, Fault> {
        Ok(Password::parse(PASSWORD)?)
    }
}

/// The key of a session.
pub(crate) fn key(number: usize) -> String {
    format!("installer-{number:07}")
}
