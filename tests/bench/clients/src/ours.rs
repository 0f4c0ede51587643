//! twoba as a program would set it up, at a server of this machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use twoba_core::{Client, ClientSecret, Endpoint, Password, Provider, Timestamp};

use crate::Fault;
use crate::server::Server;

/// Who the client is, at every server.
pub const CLIENT: &str = "myApplication";
/// Its secret.
pub const SECRET: &str = "myApplicationSecret";
/// Who logs in.
pub const USER: &str = "me@example.com";

/// The documented client at this server.
///
/// # Errors
///
/// - never for these constants
pub fn client(server: &Server) -> Result<Client, Fault> {
    let provider = Provider::custom(Endpoint::parse(&server.url())?);
    let secret = ClientSecret::parse(SECRET)?;
    Ok(Client::confidential(provider, CLIENT, secret)?)
}

/// The documented password.
///
/// # Errors
///
/// - never for this constant
pub fn password() -> Result<Password, Fault> {
    Ok(Password::parse("myPassword")?)
}

/// A clock that is moved by hand.
#[derive(Debug, Clone)]
pub struct Time(Arc<AtomicI64>);

impl Default for Time {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(1_800_000_000_000)))
    }
}

impl Time {
    /// Lets every token expire that was granted until now.
    pub fn expire(&self) {
        self.0.fetch_add(3_601_000, Ordering::Relaxed);
    }

    /// The clock of a session.
    pub fn clock(&self) -> impl Fn() -> Timestamp + Send + Sync + 'static {
        let time = Arc::clone(&self.0);
        move || Timestamp::from_unix_millis(time.load(Ordering::Relaxed))
    }
}
