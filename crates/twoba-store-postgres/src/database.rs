//! Runs statements: each within its time, on a connection that is dropped once its state is unknown.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_postgres::types::{FromSql, ToSql, Type};
use twoba_store::{DatabaseFailure, StoreError};

use crate::failure::Failed;
use crate::pool::Connections;

/// A value of a statement, with its type: unnamed statements need it.
pub(crate) type Value<'v> = (&'v (dyn ToSql + Sync), Type);

/// How often a statement is tried that others were in the way of.
const TRIES: usize = 4;

/// The longest time of a change of the tables. It may have to wait for writers.
const BATCH_LIMIT: Duration = Duration::from_secs(60);

/// The limits of a transaction that takes locks.
const LOCK_LIMITS: &str = "SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '30s';";

/// The pause between two turns, in which others go on.
const LOCK_PAUSE: Duration = Duration::from_millis(500);

/// A database, and how long its operations may take.
pub(crate) struct Database {
    pub(crate) pool: Arc<dyn Connections>,
    /// The database in an error: "the database sessions at db.example.com".
    pub(crate) place: String,
    /// The same as an address that a program takes, without the user: all users of the database
    /// name the same store.
    pub(crate) address: String,
    /// The longest time of a statement, with the wait for a connection.
    pub(crate) deadline: Duration,
    pub(crate) runtime: Handle,
}

impl Database {
    /// Runs a statement that may be run twice. A broken connection is replaced once.
    pub(crate) async fn rows(
        &self,
        doing: &'static str,
        statement: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let first = self.attempt(statement, values).await;
        let outcome = match first {
            Err(failed) if failed.in_doubt && failed.failure != DatabaseFailure::TimedOut => {
                self.attempt(statement, values).await
            }
            first => first,
        };
        outcome.map_err(|failed| failed.into_error(doing, &self.place))
    }

    /// Runs a statement that returns one row, and may be run twice.
    pub(crate) async fn row(
        &self,
        doing: &'static str,
        statement: &str,
        values: &[Value<'_>],
    ) -> Result<Row, StoreError> {
        let rows = self.rows(doing, statement, values).await?;
        rows.into_iter().next().ok_or_else(|| self.odd(doing))
    }

    /// Runs a statement once. The caller finds out what became of it where that is in doubt.
    pub(crate) async fn attempt(
        &self,
        statement: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, Failed> {
        let until = Instant::now() + self.deadline;
        let mut tries = TRIES;
        loop {
            tries -= 1;
            match self.try_once(statement, values, until).await {
                Err(failed) if failed.passes && tries > 0 && Instant::now() < until => {}
                outcome => return outcome,
            }
        }
    }

    async fn try_once(
        &self,
        statement: &str,
        values: &[Value<'_>],
        until: Instant,
    ) -> Result<Vec<Row>, Failed> {
        let taken = timeout_at(until, self.pool.take()).await;
        let taken = taken.map_err(|_| {
            let why = "no connection was made or became free in time";
            Failed::unsent(DatabaseFailure::TimedOut, why)
        })?;
        let connection = taken.map_err(Failed::of_connection)?;
        let answer = connection.client().query_typed(statement, values);
        let failed = match timeout_at(until, answer).await {
            Ok(Ok(rows)) => return Ok(rows.into_iter().map(Row).collect()),
            Ok(Err(error)) => Failed::of_statement(error),
            Err(_) => Failed::unanswered(),
        };
        if failed.is_of_all_connections() {
            self.pool.forget_idle();
        }
        if failed.in_doubt || failed.is_of_all_connections() {
            connection.discard();
        }
        Err(failed)
    }

    /// Runs several statements as one transaction.
    pub(crate) async fn batch(
        &self,
        doing: &'static str,
        statements: &str,
    ) -> Result<(), StoreError> {
        let error = |failed: Failed| failed.into_error(doing, &self.place);
        let until = Instant::now() + BATCH_LIMIT;
        let taken = timeout_at(until, self.pool.take()).await;
        let taken = taken.map_err(|_| error(Failed::unanswered()))?;
        let connection = taken.map_err(|cause| error(Failed::of_connection(cause)))?;
        let work = timeout_at(until, connection.client().batch_execute(statements)).await;
        let failed = match work {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(cause)) => Failed::of_statement(cause),
            Err(_) => Failed::unanswered(),
        };
        connection.discard();
        Err(error(failed))
    }

    /// Runs several statements as one transaction that takes locks. Whoever waits for a lock holds up
    /// all who come later, so that it waits in short turns, and ends by itself if this program does.
    pub(crate) async fn locking_batch(
        &self,
        doing: &'static str,
        statements: &str,
    ) -> Result<(), StoreError> {
        let until = Instant::now() + BATCH_LIMIT;
        let batch = format!("BEGIN; {LOCK_LIMITS} {statements} COMMIT;");
        loop {
            let outcome = self.batch(doing, &batch).await;
            let is_held_up = matches!(
                &outcome,
                Err(StoreError::Database {
                    failure: DatabaseFailure::Busy,
                    ..
                })
            );
            if !is_held_up || Instant::now() + LOCK_PAUSE >= until {
                return outcome;
            }
            sleep(LOCK_PAUSE).await;
        }
    }

    /// The answer of the database is none that a store's tables give.
    pub(crate) fn odd(&self, doing: &'static str) -> StoreError {
        let failed = Failed::unsent(
            DatabaseFailure::NoTables,
            "the tables are not those of a store",
        );
        failed.into_error(doing, &self.place)
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)
    }
}

/// A row of an answer.
pub(crate) struct Row(tokio_postgres::Row);

impl Row {
    /// A value. The tables may have been made by somebody else, so that it may have another type.
    pub(crate) fn get<'r, T: FromSql<'r>>(
        &'r self,
        database: &Database,
        doing: &'static str,
        column: usize,
    ) -> Result<T, StoreError> {
        let value = self.0.try_get(column);
        value.map_err(|_| database.odd(doing))
    }
}
