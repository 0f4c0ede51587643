//! Opens a store: what it has to promise is looked at before anything is kept in it.

use std::error::Error as StdError;
use std::sync::Arc;

use twoba_store::{DatabaseFailure, Protection, StoreError};

use crate::address::Address;
use crate::builder::Builder;
use crate::database::{Database, Row};
use crate::failure::Failed;
use crate::pool::Connections;
use crate::schema::{self, Home, SchemaName, SchemaNameError};
use crate::shared::Shared;
use crate::sql::Statements;
use crate::store::PostgresStore;
use crate::tasks::run_on;

const DOING: &str = "open";

/// What the server says about itself. A server of another kind may not know a setting.
const PROMISES: &str = "SELECT current_setting('fsync', true), \
    current_setting('full_page_writes', true), current_setting('synchronous_commit', true), \
    current_setting('transaction_read_only', true)";

/// Whether the server is a replica, and how far it is behind, in seconds.
const REPLICA: &str = "SELECT pg_is_in_recovery(), \
    extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8";

impl PostgresStore {
    /// The settings of a store at this address, with a small pool of its own.
    #[must_use]
    pub fn builder(address: Address) -> Builder {
        Builder::new(address)
    }

    /// The settings of a store that uses the connections of the caller. `name` is the name of the
    /// database in errors.
    #[must_use]
    pub fn builder_on(connections: Arc<dyn Connections>, name: &str) -> Builder {
        Builder::on_pool(connections, name)
    }

    /// The statements that [`Builder::migrate`] runs, for somebody who runs them by hand. Running
    /// them again changes nothing. A store that they make has this protection.
    ///
    /// # Errors
    ///
    /// - the text is no name of a schema
    pub fn migrations(
        schema: &str,
        protection: Protection,
    ) -> Result<String, Box<dyn StdError + Send + Sync>> {
        let name: Result<_, SchemaNameError> = SchemaName::parse(schema);
        Ok(schema::sql(&name?, protection, Home::ClusterAndDatabase))
    }
}

impl Builder {
    /// Opens the store.
    ///
    /// # Errors
    ///
    /// - no keys were given, and plain text was not asked for: [`StoreError::KeyUnavailable`]
    /// - the keys do not fit the store: [`StoreError::Encrypted`], [`StoreError::NotEncrypted`],
    ///   [`StoreError::KeyUnknown`]
    /// - the store needs a newer program: [`StoreError::SchemaNewer`]
    /// - there are no tables, the database is a replica, it does not promise to keep what it has
    ///   committed, or it cannot be used: [`StoreError::Database`]
    pub async fn open(self) -> Result<PostgresStore, StoreError> {
        let runtime = self.parts()?.0.runtime;
        run_on(&runtime, async move { open(&self).await }).await
    }

    /// Makes the tables, or brings those of an earlier release up to date, and opens the store.
    /// Programs of the earlier release can go on meanwhile. Running it again, or in several programs
    /// at once, changes nothing.
    ///
    /// # Errors
    ///
    /// - as for [`open`](Self::open)
    /// - the user may not make tables: [`StoreError::Database`]
    pub async fn migrate(self) -> Result<PostgresStore, StoreError> {
        let runtime = self.parts()?.0.runtime;
        run_on(&runtime, async move {
            migrate(&self).await?;
            open(&self).await
        })
        .await
    }
}

async fn open(builder: &Builder) -> Result<PostgresStore, StoreError> {
    let (database, statements, protector) = builder.parts()?;
    check_promises(&database).await?;
    let (statements, facts) = facts(&database, statements).await?;
    let least: i32 = facts.get(&database, DOING, 1)?;
    let version: i32 = facts.get(&database, DOING, 0)?;
    if version < schema::VERSION {
        let why = "the tables are those of an earlier release; bring them up to date";
        let failed = Failed::unsent(DatabaseFailure::NoTables, why);
        return Err(failed.into_error(DOING, &database.place));
    }
    let text: &str = facts.get(&database, DOING, 2)?;
    let protection = Protection::parse(text).ok_or_else(|| database.odd(DOING))?;
    protector.check(protection, &database.place)?;
    let shared = Shared::new(
        database,
        statements,
        protector,
        protection,
        builder.claim_lifetime,
    );
    shared.check_least_program(least)?;
    Ok(PostgresStore {
        shared: Arc::new(shared),
    })
}

async fn migrate(builder: &Builder) -> Result<(), StoreError> {
    const MIGRATING: &str = "make the tables in";
    let (database, statements, protector) = builder.parts()?;
    check_promises(&database).await?;
    let protection = protector.of_a_new_store()?;
    let names_cluster = database
        .attempt("SELECT 1 FROM pg_control_system()", &[])
        .await;
    let home = match names_cluster {
        Ok(_) => Home::ClusterAndDatabase,
        Err(failed) if failed.in_doubt => return Err(failed.into_error(MIGRATING, &database.place)),
        Err(_) => Home::DatabaseOnly,
    };
    // Making what is there takes locks that hold up every program, so it is not made.
    if let Ok(rows) = database.attempt(&statements.is_whole(), &[]).await
        && !rows.is_empty()
    {
        return Ok(());
    }
    let sql = schema::sql(&statements.schema, protection, home);
    match database.locking_batch(MIGRATING, &sql).await {
        // Two programs that make the same tables at the same time get in each other's way once.
        Err(_) => database.locking_batch(MIGRATING, &sql).await,
        Ok(()) => Ok(()),
    }
}

/// The facts of the store, and the statements that suit the server.
async fn facts(
    database: &Database,
    statements: Statements,
) -> Result<(Statements, Row), StoreError> {
    let first = database.attempt(&statements.facts(), &[]).await;
    let is_other = |failed: &Failed| {
        matches!(
            failed.failure,
            DatabaseFailure::Other | DatabaseFailure::Denied
        ) && !failed.in_doubt
    };
    let (statements, rows) = match first {
        Err(failed) if is_other(&failed) => {
            // The server does not tell this user its cluster, or it has none.
            let statements = Statements {
                home: Home::DatabaseOnly,
                ..statements
            };
            let rows = database.rows(DOING, &statements.facts(), &[]).await?;
            (statements, rows)
        }
        Err(failed) => return Err(failed.into_error(DOING, &database.place)),
        Ok(rows) => (statements, rows),
    };
    let row = rows.into_iter().next();
    Ok((statements, row.ok_or_else(|| database.odd(DOING))?))
}

/// Refuses a server that may forget what it has committed, or that takes no writes.
async fn check_promises(database: &Database) -> Result<(), StoreError> {
    let refused = |failure: DatabaseFailure, why: String| {
        Failed::unsent(failure, why).into_error(DOING, &database.place)
    };
    if let Ok(rows) = database.attempt(REPLICA, &[]).await
        && let Some(row) = rows.first()
        && row.get::<bool>(database, DOING, 0)?
    {
        let behind: Option<f64> = row.get(database, DOING, 1)?;
        let behind = behind.map_or_else(String::new, |seconds| {
            format!(" that is {seconds:.1} seconds behind")
        });
        let why = format!("it is a replica{behind}; connect to the primary");
        return Err(refused(DatabaseFailure::ReadOnly, why));
    }
    let row = database.row(DOING, PROMISES, &[]).await?;
    let settings = [
        (0, "fsync", "turn it on in postgresql.conf"),
        (1, "full_page_writes", "turn it on in postgresql.conf"),
        (
            2,
            "synchronous_commit",
            "ALTER ROLE .. SET synchronous_commit = on",
        ),
    ];
    for (column, name, remedy) in settings {
        let value: Option<&str> = row.get(database, DOING, column)?;
        if value == Some("off") {
            let why = format!("{name} is off: a crash could bring spent tokens back; {remedy}");
            return Err(refused(DatabaseFailure::NotDurable, why));
        }
    }
    let read_only: Option<&str> = row.get(database, DOING, 3)?;
    if read_only == Some("on") {
        let why = String::from("its transactions are read-only (default_transaction_read_only)");
        return Err(refused(DatabaseFailure::ReadOnly, why));
    }
    Ok(())
}
