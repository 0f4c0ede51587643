//! What a store is opened with.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use twoba_store::seal::Sealer;
use twoba_store::{DatabaseFailure, Protector, StoreError};

use crate::address::Address;
use crate::database::Database;
use crate::failure::Failed;
use crate::pool::{Connections, OwnPool};
use crate::schema::{Home, SCHEMA, SchemaName};
use crate::sql::Statements;

/// How long a claim lasts that nobody renews: longer than a token request may take.
const CLAIM_LIFETIME: Duration = Duration::from_secs(45);

/// How long an operation may take. Healthy databases take milliseconds.
const DEADLINE: Duration = Duration::from_secs(5);

/// How many connections a program has by default. Claims hold none while a request is out.
const CONNECTIONS: usize = 8;

/// The settings of a [`PostgresStore`](crate::PostgresStore) that is not open yet.
pub struct Builder {
    source: Source,
    protector: Option<Protector>,
    schema: String,
    pub(crate) claim_lifetime: Duration,
    deadline: Duration,
    connections: usize,
    runtime: Option<Handle>,
}

/// Where connections come from.
enum Source {
    Own(Box<Address>),
    OfTheCaller(Arc<dyn Connections>, String),
}

impl Builder {
    pub(crate) fn new(address: Address) -> Self {
        let schema = address.schema.clone();
        let plain = address.is_plain.then(Protector::without_keys);
        let mut builder = Self::of(Source::Own(Box::new(address)));
        builder.protector = plain;
        if let Some(schema) = schema {
            builder.schema = schema;
        }
        builder
    }

    pub(crate) fn on_pool(pool: Arc<dyn Connections>, name: &str) -> Self {
        Self::of(Source::OfTheCaller(pool, format!("the database {name}")))
    }

    fn of(source: Source) -> Self {
        Self {
            source,
            protector: None,
            schema: SCHEMA.to_owned(),
            claim_lifetime: CLAIM_LIFETIME,
            deadline: DEADLINE,
            connections: CONNECTIONS,
            runtime: None,
        }
    }

    /// Sets the keys of the store. Records are sealed before they leave the program, so that neither
    /// the database nor its logs and backups hold a token.
    #[must_use]
    pub fn keys(mut self, sealer: Sealer) -> Self {
        self.protector = Some(Protector::with_keys(sealer));
        self
    }

    /// Sets that records are stored as they are. Everybody who can read the database, its backups or
    /// its logs of statements can then use the sessions of all its users.
    #[must_use]
    pub fn plain_text_that_every_log_can_hold(mut self) -> Self {
        self.protector = Some(Protector::without_keys());
        self
    }

    /// Sets what seals the records, like [`keys`](Self::keys). A protector without keys changes
    /// nothing, because plain text has to be asked for by its name, here or in the address.
    #[must_use]
    pub fn protector(mut self, protector: Protector) -> Self {
        if protector.has_keys() {
            self.protector = Some(protector);
        }
        self
    }

    /// Sets the schema with the tables: by default that of the address, or else `twoba`. Its name has
    /// 1 to 63 of the characters `a` to `z`, `0` to `9` and `_`, and begins with a letter.
    #[must_use]
    pub fn schema(mut self, name: impl Into<String>) -> Self {
        self.schema = name.into();
        self
    }

    /// Sets how long a claim lasts that nobody renews: 45 seconds by default. A shorter time lets
    /// others go on sooner after a crash. It has to be longer than a token request may take, which
    /// is 30 seconds; otherwise two programs may refresh one session. All programs of a fleet set
    /// the same.
    #[must_use]
    pub fn claim_lifetime(mut self, lifetime: Duration) -> Self {
        self.claim_lifetime = lifetime;
        self
    }

    /// Sets how long a statement may take, including the wait for a connection: 5 seconds by
    /// default. An operation whose answer was lost has to find out what became of it, and may take
    /// three times as long.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets how many connections this program has at most: 8 by default, at least 1. A pool of the
    /// caller has its own limit.
    #[must_use]
    pub fn connections(mut self, most: usize) -> Self {
        self.connections = most;
        self
    }

    /// Sets the Tokio runtime on which the store's work runs. By default it is the one on which the
    /// store is opened. Its drivers for I/O and time have to be enabled.
    #[must_use]
    pub fn runtime(mut self, runtime: Handle) -> Self {
        self.runtime = Some(runtime);
        self
    }

    /// Makes what the store runs its statements with, and no connection yet.
    pub(crate) fn parts(&self) -> Result<(Database, Statements, Protector), StoreError> {
        let (place, address) = match &self.source {
            Source::Own(address) => (address.place.clone(), address.named(&self.schema)),
            Source::OfTheCaller(_, place) => (place.clone(), place.clone()),
        };
        let misconfigured = |source: Box<dyn std::error::Error + Send + Sync>| {
            Failed::unsent(DatabaseFailure::Misconfigured, source).into_error("use", &place)
        };
        let schema = SchemaName::parse(&self.schema);
        let schema = schema.map_err(|error| misconfigured(error.into()))?;
        let protector = self.protector.clone().ok_or_else(no_keys)?;
        let runtime = match &self.runtime {
            Some(runtime) => runtime.clone(),
            None => Handle::try_current().map_err(|error| misconfigured(error.into()))?,
        };
        let pool: Arc<dyn Connections> = match &self.source {
            Source::OfTheCaller(pool, _) => Arc::clone(pool),
            Source::Own(address) => {
                let tls = address.tls().map_err(|error| misconfigured(error.into()))?;
                let config = address.config.clone();
                Arc::new(OwnPool::new(config, tls, self.connections, runtime.clone()))
            }
        };
        let database = Database {
            pool,
            place,
            address,
            deadline: self.deadline,
            runtime,
        };
        let home = Home::ClusterAndDatabase;
        Ok((database, Statements { schema, home }, protector))
    }
}

/// The caller has given no keys, and has not asked for plain text.
#[derive(Debug, thiserror::Error)]
#[error(
    "no key was given, and a store without one needs plain_text_that_every_log_can_hold=yes in its address"
)]
struct NoKeys;

fn no_keys() -> StoreError {
    StoreError::KeyUnavailable {
        place: String::from("the settings of this program"),
        source: Box::new(NoKeys),
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match &self.source {
            Source::Own(address) => &address.place,
            Source::OfTheCaller(_, place) => place,
        };
        f.debug_struct("Builder")
            .field("place", place)
            .field("schema", &self.schema)
            .field("claim_lifetime", &self.claim_lifetime)
            .field("deadline", &self.deadline)
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}
