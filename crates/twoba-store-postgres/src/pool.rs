//! Where connections come from: a pool of the caller, or the small one of this file.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::{Client, Config, NoTls};

use crate::tls::Tls;

/// An idle connection is tested before it is used again after this time. Firewalls forget
/// connections after some minutes.
const TESTED_AFTER: Duration = Duration::from_secs(30);

/// How long an idle connection may take to answer the test. A live one takes milliseconds.
const TEST_LIMIT: Duration = Duration::from_secs(1);

/// A pool of connections to one database.
///
/// Implement it for the pool that your program has. Its connections must not be set up for anything
/// in particular: the store uses no prepared statements and leaves no settings behind.
#[async_trait]
pub trait Connections: Send + Sync {
    /// Takes a connection. The store drops the future when the time of its operation is over.
    ///
    /// # Errors
    ///
    /// - no connection can be made
    async fn take(&self) -> Result<Box<dyn Connection>, Box<dyn StdError + Send + Sync>>;

    /// Forgets all idle connections. They lead to a server that is of no use any more, for example
    /// because it became a replica. By default this does nothing, and the store notices it of each
    /// connection when it uses that.
    fn forget_idle(&self) {}
}

/// A connection that was taken from a pool. Dropping it gives it back.
pub trait Connection: Send + Sync {
    /// The client.
    fn client(&self) -> &Client;

    /// Closes the connection, whose state is unknown, instead of giving it back.
    fn discard(self: Box<Self>);
}

/// The pool of this crate.
pub(crate) struct OwnPool {
    config: Config,
    tls: Option<Tls>,
    runtime: Handle,
    places: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Idle>>>,
}

struct Idle {
    client: Client,
    since: Instant,
}

impl OwnPool {
    /// Makes a pool of at most `size` connections, and no connection yet.
    pub(crate) fn new(config: Config, tls: Option<Tls>, size: usize, runtime: Handle) -> Self {
        Self {
            config,
            tls,
            runtime,
            places: Arc::new(Semaphore::new(size.clamp(1, Semaphore::MAX_PERMITS))),
            idle: Arc::default(),
        }
    }

    async fn connect(&self) -> Result<Client, tokio_postgres::Error> {
        // The connection's own task ends when its client is dropped.
        match self.tls.clone() {
            Some(tls) => {
                let (client, connection) = self.config.connect(tls).await?;
                drop(self.runtime.spawn(connection));
                Ok(client)
            }
            None => {
                let (client, connection) = self.config.connect(NoTls).await?;
                drop(self.runtime.spawn(connection));
                Ok(client)
            }
        }
    }

    /// An idle connection that works: the one that was used last.
    async fn idle(&self) -> Option<Client> {
        loop {
            let idle = lock(&self.idle).pop()?;
            if idle.client.is_closed() {
                continue;
            }
            if idle.since.elapsed() < TESTED_AFTER || answers(&idle.client).await {
                return Some(idle.client);
            }
        }
    }
}

async fn answers(client: &Client) -> bool {
    let test = client.execute_typed("SELECT 1", &[]);
    matches!(tokio::time::timeout(TEST_LIMIT, test).await, Ok(Ok(_)))
}

fn lock(idle: &Mutex<Vec<Idle>>) -> MutexGuard<'_, Vec<Idle>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Connections for OwnPool {
    async fn take(&self) -> Result<Box<dyn Connection>, Box<dyn StdError + Send + Sync>> {
        let place = Arc::clone(&self.places).acquire_owned().await?;
        let client = match self.idle().await {
            Some(client) => client,
            None => self.connect().await?,
        };
        Ok(Box::new(Taken {
            client: Some(client),
            idle: Arc::clone(&self.idle),
            place: Some(place),
        }))
    }

    fn forget_idle(&self) {
        lock(&self.idle).clear();
    }
}

/// A connection of this pool in use.
struct Taken {
    /// `None` only while it is dropped.
    client: Option<Client>,
    idle: Arc<Mutex<Vec<Idle>>>,
    place: Option<OwnedSemaphorePermit>,
}

impl Connection for Taken {
    #[expect(
        clippy::unwrap_used,
        reason = "it is there until this value is dropped"
    )]
    fn client(&self) -> &Client {
        self.client.as_ref().unwrap()
    }

    fn discard(mut self: Box<Self>) {
        self.client = None;
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if let Some(client) = self.client.take().filter(|client| !client.is_closed()) {
            let since = Instant::now();
            lock(&self.idle).push(Idle { client, since });
        }
        // The place becomes free once the connection lies there.
        self.place = None;
    }
}
