//! The lease of one session: a row that names the holder and the end.
//!
//! A lease is over when its time has come, when its holder has given it back, or when the process
//! of its holder has ended. The row itself decides who has it. A holder that lost it learns of it
//! when it renews, and its changes find those of the next one.

use std::process;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row};
use twoba_core::{Change, Durable, SessionKey, StoredGrant, Timestamp};
use twoba_store::{Apply, ApplyError, Clock as _, Lease, StoreError, SystemClock};

use crate::database::{Database, Ending};
use crate::failure::Fault;
use crate::holder::{Holder, is_gone};
use crate::rows::Rows;
use crate::schema::Facts;

/// How long a lease is valid without a renewal. It is longer than the 30 s that a request may take,
/// and shorter than the 60 s that others wait.
const GOOD_FOR: Duration = Duration::from_secs(45);

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Claim {
    holder: String,
    /// Which lease of the holder this is.
    number: i64,
    /// The end of the lease, in milliseconds since 1970.
    until: i64,
}

impl Claim {
    /// Whether its time has come. An end that is later than any end written now comes from a clock
    /// that was set back since.
    fn is_over(&self, now: Timestamp) -> bool {
        let latest = end_of_one_taken(now);
        self.until <= now.unix_millis() || latest < self.until
    }
}

fn end_of_one_taken(now: Timestamp) -> i64 {
    now.saturating_add(GOOD_FOR).unix_millis()
}

/// The row of a session; `None` if nobody has claimed its lease.
fn claim(connection: &Connection, key: &SessionKey) -> rusqlite::Result<Option<Claim>> {
    let query = "SELECT holder, number, until FROM lease WHERE key = ?1";
    let claim = |row: &Row<'_>| {
        Ok(Claim {
            holder: row.get(0)?,
            number: row.get(1)?,
            until: row.get(2)?,
        })
    };
    let found = connection
        .prepare_cached(query)?
        .query_row([key.as_str()], claim);
    found.optional()
}

/// The process that has the lease.
pub(crate) fn process_of(rows: Rows<'_>) -> Result<Option<u32>, Fault> {
    let found = rows.connection.query_row(
        "SELECT process FROM lease WHERE key = ?1",
        [rows.key.as_str()],
        |row| row.get(0),
    );
    Ok(found.optional()?)
}

/// Who takes a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taking {
    /// Somebody who uses the session.
    InUse,
    /// Whoever moves the sessions, which are not used meanwhile.
    ToMove,
}

/// A lease that is held, or was.
#[derive(Debug)]
pub(crate) struct SqliteLease {
    database: Arc<Database>,
    key: SessionKey,
    holder: Arc<Holder>,
    /// `None` after it was released or lost.
    held: Option<i64>,
}

impl SqliteLease {
    /// Takes the lease; `None` if another holder has it.
    pub(crate) fn try_take(
        database: &Arc<Database>,
        key: &SessionKey,
        taking: Taking,
    ) -> Result<Option<Self>, StoreError> {
        let taken = Self::take(database, key, taking);
        taken.map_err(|fault| fault.told("take a lease in", database.place()))
    }

    fn take(
        database: &Arc<Database>,
        key: &SessionKey,
        taking: Taking,
    ) -> Result<Option<Self>, Fault> {
        let check = |facts: &Facts| {
            database.is_home(facts)?;
            match &facts.mark {
                Some(mark) if taking == Taking::InUse => {
                    Err(Fault::Store(mark.refusal(database.place())))
                }
                Some(_) | None => Ok(()),
            }
        };
        // Most are refused, and keep nobody from writing.
        let found = database.read(|connection, facts| {
            check(facts)?;
            Ok(claim(connection, key)?)
        })?;
        let holder = database.holder()?;
        let is_free = |claim: &Claim| {
            let is_given_back = claim.holder == holder.name() && !holder.holds(claim.number);
            is_given_back
                || claim.is_over(SystemClock.now())
                || is_gone(database.path(), &claim.holder)
        };
        if found.as_ref().is_some_and(|claim| !is_free(claim)) {
            return Ok(None);
        }
        let number = holder.begin();
        let lease = Self {
            database: Arc::clone(database),
            key: key.clone(),
            holder: Arc::clone(&holder),
            held: Some(number),
        };
        let taken = database.write(Ending::Passing, |connection, facts| {
            check(facts)?;
            let now = claim(connection, key)?;
            if now != found && now.is_some_and(|claim| !is_free(&claim)) {
                return Ok(false);
            }
            lease.write(connection, number)?;
            Ok(true)
        });
        match taken {
            Ok(true) => Ok(Some(lease)),
            Ok(false) => {
                lease.forget();
                Ok(None)
            }
            // Dropping it takes back what may have been written.
            Err(fault) => Err(fault),
        }
    }

    fn write(&self, connection: &Connection, number: i64) -> rusqlite::Result<()> {
        let now = SystemClock.now();
        let mut insert = connection.prepare_cached(
            "INSERT OR REPLACE INTO lease (key, holder, number, process, taken, until)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let inserted = insert.execute((
            self.key.as_str(),
            self.holder.name(),
            number,
            process::id(),
            now.unix_millis(),
            end_of_one_taken(now),
        ));
        inserted.map(drop)
    }

    /// Ends it without a look at the database, where its row is not.
    fn forget(mut self) {
        if let Some(number) = self.held.take() {
            self.holder.end(number);
        }
    }

    /// Somebody else has it, or its last change has ended it.
    fn lost(&mut self, number: i64) -> StoreError {
        self.held = None;
        self.holder.end(number);
        StoreError::LeaseLost
    }

    fn delete(&self, connection: &Connection, number: i64) -> Result<(), Fault> {
        let delete = "DELETE FROM lease WHERE key = ?1 AND holder = ?2 AND number = ?3";
        let values = (self.key.as_str(), self.holder.name(), number);
        connection.prepare_cached(delete)?.execute(values)?;
        Ok(())
    }
}

impl Lease for SqliteLease {
    fn load(&mut self) -> Result<Option<StoredGrant>, StoreError> {
        let number = self.held.ok_or(StoreError::LeaseLost)?;
        // Both in one transaction.
        let found = self.database.read_session(&self.key, |rows| {
            let claim = claim(rows.connection, &self.key)?;
            let is_held = claim
                .is_some_and(|claim| claim.holder == self.holder.name() && claim.number == number);
            Ok((is_held, rows.record()?))
        })?;
        match found {
            (true, record) => Ok(record),
            (false, _) => Err(self.lost(number)),
        }
    }

    fn renew(&mut self) -> Result<(), StoreError> {
        let number = self.held.ok_or(StoreError::LeaseLost)?;
        let renewed = self.database.write(Ending::Passing, |connection, _| {
            let until = end_of_one_taken(SystemClock.now());
            Ok(connection.execute(
                "UPDATE lease SET until = ?4 WHERE key = ?1 AND holder = ?2 AND number = ?3",
                (self.key.as_str(), self.holder.name(), number, until),
            )?)
        });
        let rows =
            renewed.map_err(|fault| fault.told("renew a lease in", self.database.place()))?;
        match rows {
            0 => Err(self.lost(number)),
            _ => Ok(()),
        }
    }

    fn finish(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        let proof = self
            .database
            .apply(&self.key, change, |rows| match self.held {
                Some(number) => self.delete(rows.connection, number),
                None => Ok(()),
            })?;
        if let Some(number) = self.held.take() {
            self.holder.end(number);
        }
        Ok(proof)
    }
}

impl Apply for SqliteLease {
    fn apply(&mut self, change: &Change) -> Result<Durable, ApplyError> {
        self.database.apply(&self.key, change, |_| Ok(()))
    }
}

impl Drop for SqliteLease {
    fn drop(&mut self) {
        let Some(number) = self.held.take() else {
            return;
        };
        let given_back = self.database.write(Ending::Passing, |connection, _| {
            self.delete(connection, number)
        });
        // Where the row stays, others wait until its end. This handle knows better.
        drop(given_back);
        self.holder.end(number);
    }
}
