//! The rows of one session: how they are read, and replaced by compare-and-swap.

use rusqlite::types::FromSqlError;
use rusqlite::{Connection, OptionalExtension, Row};
use twoba_core::limits::RECORD_MAX;
use twoba_core::{Change, Durable, SessionKey, StoredGrant, Timestamp};
use twoba_store::{ApplyError, Clock as _, Label, SEAL_OVERHEAD, StoreError, SystemClock};

use crate::database::{Database, Ending};
use crate::failure::Fault;
use crate::listing::number;
use crate::schema::Facts;

/// How many kept bytes of one session there are. A person who wants one back has put it aside
/// lately.
const ASIDE_MAX: i64 = 4;

/// The length of a probe's write. It is as long as a session with long tokens, because a full disk
/// still takes a short row.
const PROBE_LEN: i64 = 16 * 1024;

/// The most bytes of a row that are read: one more than a protected record may have.
pub(crate) const READ_MAX: usize = RECORD_MAX + SEAL_OVERHEAD + 1;

/// A session, in the database that is read or written at this moment.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) database: &'a Database,
    pub(crate) connection: &'a Connection,
    pub(crate) facts: &'a Facts,
    pub(crate) key: &'a SessionKey,
}

/// What came of a change.
pub(crate) enum Applied {
    /// It is stored.
    Done(Durable),
    /// These bytes are stored, and not those that the change expects.
    Conflict(Option<StoredGrant>),
}

impl Rows<'_> {
    pub(crate) fn record(self) -> Result<Option<StoredGrant>, Fault> {
        let found = self.bytes("SELECT substr(record, 1, ?2) FROM session WHERE key = ?1")?;
        found
            .map(|bytes| self.opened(Label::Record(self.key), bytes))
            .transpose()
    }

    pub(crate) fn rescued(self) -> Result<Option<StoredGrant>, Fault> {
        let found = self.bytes("SELECT substr(record, 1, ?2) FROM rescue WHERE key = ?1")?;
        found
            .map(|bytes| self.opened(Label::Rescue(self.key), bytes))
            .transpose()
    }

    /// Refuses a database whose sessions are not used here.
    pub(crate) fn is_used_here(self) -> Result<(), Fault> {
        match &self.facts.mark {
            Some(mark) => Err(mark.refusal(self.database.place()).into()),
            None => Ok(()),
        }
    }

    fn bytes(self, query: &str) -> Result<Option<Vec<u8>>, Fault> {
        let read = |row: &Row<'_>| bytes_in(row, 0);
        let values = (self.key.as_str(), number(READ_MAX));
        let mut statement = self.connection.prepare_cached(query)?;
        Ok(statement.query_row(values, read).optional()?)
    }

    pub(crate) fn opened(self, label: Label<'_>, bytes: Vec<u8>) -> Result<StoredGrant, Fault> {
        let (protection, place) = (self.facts.protection, self.database.place());
        let protector = self.database.protector();
        Ok(protector.open(protection, place, label, bytes)?)
    }

    pub(crate) fn protected<'r>(
        self,
        label: Label<'_>,
        record: &'r StoredGrant,
    ) -> Result<std::borrow::Cow<'r, [u8]>, Fault> {
        let (protection, place) = (self.facts.protection, self.database.place());
        let protector = self.database.protector();
        Ok(protector.protect(protection, place, label, record)?)
    }

    /// Replaces the record if it is the one that the change expects.
    pub(crate) fn apply(self, change: &Change) -> Result<Applied, Fault> {
        let stored = self.record()?;
        let revision = stored.as_ref().map(StoredGrant::revision);
        if revision != change.expected() {
            if revision == Some(change.revision()) {
                // Whoever applied it the first time may have been told that it is not known
                // whether it is on the disk. A transaction that writes puts it there.
                self.connection
                    .execute("UPDATE meta SET value = value WHERE name = 'schema'", ())?;
            }
            return Ok(Applied::Conflict(stored));
        }
        if change.keeps_replaced() {
            self.keep_aside()?;
        }
        let dates = [change.due_at(), change.keep_by()];
        match stored {
            Some(_) => self.replace_record(change.record(), dates)?,
            None => self.store_record(change.record(), dates)?,
        }
        if change.ends_rescue() {
            self.delete("DELETE FROM rescue WHERE key = ?1")?;
        }
        Ok(Applied::Done(Durable::assertion(change)))
    }

    /// Keeps the stored bytes aside as a whole, whatever they are. The last few are kept.
    pub(crate) fn keep_aside(self) -> Result<(), Fault> {
        self.delete(
            "DELETE FROM aside WHERE key = ?1
             AND record = (SELECT record FROM session WHERE key = ?1)",
        )?;
        self.connection.execute(
            "INSERT INTO aside (key, record, since)
             SELECT key, record, ?2 FROM session WHERE key = ?1",
            (self.key.as_str(), SystemClock.now().unix_millis()),
        )?;
        self.connection.execute(
            "DELETE FROM aside WHERE key = ?1 AND id NOT IN
             (SELECT id FROM aside WHERE key = ?1 ORDER BY id DESC LIMIT ?2)",
            (self.key.as_str(), ASIDE_MAX),
        )?;
        Ok(())
    }

    pub(crate) fn rescue(self, record: &StoredGrant) -> Result<(), Fault> {
        let record = self.protected(Label::Rescue(self.key), record)?;
        self.connection.execute(
            "INSERT INTO rescue (key, record) VALUES (?1, ?2)
             ON CONFLICT (key) DO UPDATE SET record = ?2",
            (self.key.as_str(), &*record),
        )?;
        Ok(())
    }

    pub(crate) fn store_record(
        self,
        record: &StoredGrant,
        dates: [Option<Timestamp>; 2],
    ) -> Result<(), Fault> {
        self.write_record(
            "INSERT INTO session (key, record, due_at, keep_by) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (key) DO UPDATE SET record = ?2, due_at = ?3, keep_by = ?4",
            record,
            dates,
        )
    }

    /// Stores a record where one is stored, which takes less than the same in any place.
    fn replace_record(
        self,
        record: &StoredGrant,
        dates: [Option<Timestamp>; 2],
    ) -> Result<(), Fault> {
        self.write_record(
            "UPDATE session SET record = ?2, due_at = ?3, keep_by = ?4 WHERE key = ?1",
            record,
            dates,
        )
    }

    fn write_record(
        self,
        statement: &str,
        record: &StoredGrant,
        dates: [Option<Timestamp>; 2],
    ) -> Result<(), Fault> {
        let record = self.protected(Label::Record(self.key), record)?;
        let [due_at, keep_by] = dates.map(|date| date.map(|date| date.unix_millis()));
        let values = (self.key.as_str(), &*record, due_at, keep_by);
        self.connection.prepare_cached(statement)?.execute(values)?;
        Ok(())
    }

    pub(crate) fn delete(self, statement: &str) -> Result<(), Fault> {
        let mut statement = self.connection.prepare_cached(statement)?;
        statement.execute([self.key.as_str()])?;
        Ok(())
    }

    fn fill_probe(self) -> Result<(), Fault> {
        self.connection.execute(
            "INSERT OR REPLACE INTO probe VALUES (?1, zeroblob(?2))",
            (self.key.as_str(), PROBE_LEN),
        )?;
        Ok(())
    }
}

/// The bytes in a column. SQLite makes nothing at all of a part of no bytes.
pub(crate) fn bytes_in(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<u8>> {
    let bytes = row.get_ref(column)?.as_bytes_or_null();
    let bytes = bytes.map_err(|_: FromSqlError| rusqlite::Error::InvalidQuery)?;
    Ok(bytes.unwrap_or_default().to_vec())
}

impl Database {
    pub(crate) fn read_session<T>(
        &self,
        key: &SessionKey,
        work: impl FnOnce(Rows<'_>) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let read = self.read(|connection, facts| {
            work(Rows {
                database: self,
                connection,
                facts,
                key,
            })
        });
        read.map_err(|fault| fault.told("read", self.place()))
    }

    /// Writes to a session.
    pub(crate) fn write_session<T>(
        &self,
        ending: Ending,
        key: &SessionKey,
        work: impl FnOnce(Rows<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.write(ending, |connection, facts| {
            work(Rows {
                database: self,
                connection,
                facts,
                key,
            })
        })
    }

    /// Applies a change, and `also` in the same transaction if it was applied.
    pub(crate) fn apply(
        &self,
        key: &SessionKey,
        change: &Change,
        also: impl FnOnce(Rows<'_>) -> Result<(), Fault>,
    ) -> Result<Durable, ApplyError> {
        let applied = self.write_session(Ending::Durable, key, |rows| {
            let applied = rows.apply(change)?;
            if matches!(applied, Applied::Done(_)) {
                also(rows)?;
            }
            Ok(applied)
        });
        let applied = match applied {
            Err(Fault::Commit(error)) => self.read_again(key, change, error),
            applied => applied,
        };
        match applied {
            Ok(Applied::Done(proof)) => Ok(proof),
            Ok(Applied::Conflict(stored)) => Err(ApplyError::Conflict(stored)),
            Err(fault) => Err(fault.told("write", self.place()).into()),
        }
    }

    /// Finds out whether a change is stored whose transaction was refused at its end. If it is,
    /// the look puts it on the disk too.
    fn read_again(
        &self,
        key: &SessionKey,
        change: &Change,
        error: rusqlite::Error,
    ) -> Result<Applied, Fault> {
        let found = self.write_session(Ending::Durable, key, |rows| {
            let stored = rows.record()?;
            let is_stored = stored.is_some_and(|stored| stored.revision() == change.revision());
            if is_stored {
                rows.apply(change)?;
            }
            Ok(is_stored)
        });
        match found {
            Ok(true) => Ok(Applied::Done(Durable::assertion(change))),
            Ok(false) | Err(_) => Err(Fault::Commit(error)),
        }
    }

    pub(crate) fn rescue(&self, key: &SessionKey, record: &StoredGrant) -> Result<(), StoreError> {
        let rescued = self.write_session(Ending::Durable, key, |rows| rows.rescue(record));
        rescued.map_err(|fault| fault.told("write", self.place()))
    }

    /// Reads the record, writes as much as a record takes, and removes that again.
    pub(crate) fn probe(&self, key: &SessionKey) -> Result<(), StoreError> {
        let probed = self
            .write_session(Ending::Durable, key, |rows| {
                rows.is_used_here()?;
                rows.record()?;
                rows.fill_probe()
            })
            .and_then(|()| {
                self.write_session(Ending::Passing, key, |rows| {
                    rows.delete("DELETE FROM probe WHERE key = ?1")
                })
            });
        probed.map_err(|fault| fault.told("write", self.place()))
    }
}
