//! The database as a whole: what it says of itself, what was kept aside, how it is sealed again, and
//! how its sessions move.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::OptionalExtension;
use twoba_core::limits::RECORD_MAX;
use twoba_core::{SessionKey, StoredGrant};
use twoba_store::{
    About, Content, Due, KeptAside, KeyId, Label, Lease, Maintained, Mark, Protection,
    SEAL_OVERHEAD, Store as _, StoreError, is_sealed, key_of,
};

use crate::SqliteStore;
use crate::database::{Database, Ending};
use crate::failure::Fault;
use crate::lease::{SqliteLease, Taking};
use crate::listing::number;
use crate::rows::{READ_MAX, Rows, bytes_in};
use crate::schema;

/// The beginning of the name of bytes that were kept aside.
const NAME: &str = "replaced-";

/// How many records are sealed again in one transaction. Others write in between.
const BATCH: i64 = 100;

/// How much of a record is read to see which key it is sealed with.
const HEAD: usize = 64;

/// The tables with records.
const TABLES: [&str; 3] = ["session", "rescue", "aside"];

impl Maintained for SqliteStore {
    fn about(&self) -> Result<About, StoreError> {
        let database = &self.database;
        let facts = database.read(|_, facts| Ok(facts.clone()));
        let facts = facts.map_err(|fault| fault.told("read", database.place()))?;
        let address = format!("sqlite:{}", database.path().display());
        let mut about = About::new("sqlite", address, facts.protection);
        about.is_copy = !database.number()?.has(&facts.home);
        about.schema = Some(facts.schema);
        about.mark = facts.mark;
        Ok(about)
    }

    fn adopt(&self) -> Result<(), StoreError> {
        Self::adopt(self)
    }

    fn kept_aside(&self, of: Option<&SessionKey>) -> Result<Vec<KeptAside>, StoreError> {
        let kept = self.database.kept_aside(of);
        kept.map_err(|fault| fault.told("read", self.database.place()))
    }

    fn restore(&self, kept: &KeptAside) -> Result<(), StoreError> {
        let lease = self.try_lease(&kept.key)?.ok_or(StoreError::Busy)?;
        let restored = self
            .database
            .write_session(Ending::Durable, &kept.key, |rows| rows.restore(kept));
        restored.map_err(|fault| fault.told("write", self.database.place()))?;
        lease.release();
        Ok(())
    }

    fn discard(&self, kept: &KeptAside) -> Result<(), StoreError> {
        let discarded = self.database.write(Ending::Durable, |connection, _| {
            let statement = "DELETE FROM aside WHERE id = ?1";
            connection.execute(statement, [id_of(kept)])?;
            Ok(())
        });
        discarded.map_err(|fault| fault.told("write", self.database.place()))
    }

    fn seal_again(&self, with: KeyId) -> Result<usize, StoreError> {
        let sealed = self.database.seal_again(with);
        sealed.map_err(|fault| fault.told("write", self.database.place()))
    }

    fn set_mark(&self, mark: Option<&Mark>) -> Result<(), StoreError> {
        let marked = self.database.write(Ending::Durable, |connection, _| {
            Ok(schema::set_mark(connection, mark)?)
        });
        marked.map_err(|fault| fault.told("write", self.database.place()))
    }

    fn hold(&self, key: &SessionKey) -> Result<Option<Box<dyn Lease>>, StoreError> {
        let lease = SqliteLease::try_take(&self.database, key, Taking::ToMove)?;
        Ok(lease.map(|lease| -> Box<dyn Lease> { Box::new(lease) }))
    }

    fn put(
        &self,
        key: &SessionKey,
        content: &Content,
        during: Option<&Mark>,
    ) -> Result<(), StoreError> {
        let put = self.database.write_session(Ending::Durable, key, |rows| {
            rows.check_move(during)?;
            rows.put(content)
        });
        put.map_err(|fault| fault.told("write", self.database.place()))
    }

    fn remove(&self, key: &SessionKey, during: Option<&Mark>) -> Result<(), StoreError> {
        let removed = self.database.write_session(Ending::Durable, key, |rows| {
            rows.check_move(during)?;
            rows.remove()
        });
        removed.map_err(|fault| fault.told("write", self.database.place()))
    }
}

/// The number in the name of kept bytes. No row has the number 0.
fn id_of(kept: &KeptAside) -> i64 {
    let id = kept.name.strip_prefix(NAME);
    id.and_then(|id| id.parse().ok()).unwrap_or(0)
}

impl Database {
    fn kept_aside(&self, of: Option<&SessionKey>) -> Result<Vec<KeptAside>, Fault> {
        self.read(|connection, facts| {
            let mut statement = connection.prepare(
                "SELECT id, key, substr(record, 1, ?2), since FROM aside
                 WHERE ?1 IS NULL OR key = ?1 ORDER BY id DESC",
            )?;
            let mut rows = statement.query((of.map(SessionKey::as_str), number(READ_MAX)))?;
            let mut kept = Vec::new();
            while let Some(row) = rows.next()? {
                // What is no key was not written by this program.
                let Ok(key) = SessionKey::stored(row.get::<_, String>(1)?) else {
                    continue;
                };
                let of_key = Rows {
                    database: self,
                    connection,
                    facts,
                    key: &key,
                };
                let record = of_key.opened(Label::Record(&key), bytes_in(row, 2)?)?;
                let name = format!("{NAME}{}", row.get::<_, i64>(0)?);
                kept.push(KeptAside::new(key, name, time(row.get(3)?), record));
            }
            Ok(kept)
        })
    }

    fn seal_again(&self, with: KeyId) -> Result<usize, Fault> {
        let protection = Protection::Encrypted(with);
        self.protector().check(protection, self.place())?;
        // From here on, each write uses the new key.
        self.write(Ending::Durable, |connection, facts| {
            if facts.protection == Protection::Plain {
                let place = self.place().to_owned();
                return Err(StoreError::NotEncrypted { place }.into());
            }
            Ok(schema::set(
                connection,
                "protection",
                &protection.to_string(),
            )?)
        })?;
        let mut sealed = 0;
        for table in TABLES {
            let mut after = Some(0);
            while let Some(last) = after {
                let (count, next) = self.seal_batch(table, with, last)?;
                sealed += count;
                after = next;
            }
        }
        Ok(sealed)
    }

    /// Seals the next rows of a table. Returns how many, and the last of them if there may be more.
    fn seal_batch(
        &self,
        table: &str,
        with: KeyId,
        after: i64,
    ) -> Result<(usize, Option<i64>), Fault> {
        self.write(Ending::Durable, |connection, facts| {
            let query = format!(
                "SELECT id, key, substr(record, 1, {HEAD}) FROM {table} WHERE id > ?1
                 ORDER BY id LIMIT {BATCH}"
            );
            let mut statement = connection.prepare(&query)?;
            let mut rows = statement.query([after])?;
            let (mut sealed, mut last) = (0, None);
            while let Some(row) = rows.next()? {
                let id = row.get(0)?;
                last = Some(id);
                let other = key_of(&bytes_in(row, 2)?).is_some_and(|key| key != with);
                let key = SessionKey::stored(row.get::<_, String>(1)?);
                let (true, Ok(key)) = (other, key) else {
                    continue;
                };
                let of_key = Rows {
                    database: self,
                    connection,
                    facts,
                    key: &key,
                };
                sealed += usize::from(of_key.seal_row(table, id)?);
            }
            Ok((sealed, last))
        })
    }
}

impl Rows<'_> {
    /// Seals a row with the key of the database. Returns false if its bytes cannot be opened.
    fn seal_row(self, table: &str, id: i64) -> Result<bool, Fault> {
        let label = match table {
            "rescue" => Label::Rescue(self.key),
            _ => Label::Record(self.key),
        };
        let query = format!("SELECT record FROM {table} WHERE id = ?1");
        let stored = self
            .connection
            .query_row(&query, [id], |row| bytes_in(row, 0))?;
        let record = self.opened(label, stored.clone())?;
        if record.expose() == stored {
            return Ok(false);
        }
        let sealed = self.protected(label, &record)?;
        let statement = format!("UPDATE {table} SET record = ?2 WHERE id = ?1");
        self.connection.execute(&statement, (id, &*sealed))?;
        Ok(true)
    }

    fn restore(self, kept: &KeptAside) -> Result<(), Fault> {
        let query = "SELECT substr(record, 1, ?3) FROM aside WHERE id = ?1 AND key = ?2";
        let values = (id_of(kept), self.key.as_str(), number(READ_MAX));
        let stored = self
            .connection
            .query_row(query, values, |row| bytes_in(row, 0))
            .optional()?
            .ok_or(Fault::Sqlite(rusqlite::Error::QueryReturnedNoRows))?;
        if cannot_be_a_record(&stored) {
            return Err(Fault::Sqlite(rusqlite::Error::InvalidQuery));
        }
        let record = self.opened(Label::Record(self.key), stored)?;
        self.connection
            .execute("DELETE FROM aside WHERE id = ?1", [id_of(kept)])?;
        self.keep_aside()?;
        self.store_record(&record, dates(&record))
    }

    /// Refuses to go on with a move that is over.
    fn check_move(self, during: Option<&Mark>) -> Result<(), Fault> {
        let place = self.database.place();
        Ok(Mark::check(self.facts.mark.as_ref(), during, place)?)
    }

    fn put(self, content: &Content) -> Result<(), Fault> {
        self.remove()?;
        for kept in content.kept_aside.iter().rev() {
            let record = self.protected(Label::Record(self.key), &kept.record)?;
            self.connection.execute(
                "INSERT INTO aside (key, record, since) VALUES (?1, ?2, ?3)",
                (self.key.as_str(), &*record, millis(kept.since)),
            )?;
        }
        if let Some(rescued) = &content.rescued {
            self.rescue(rescued)?;
        }
        if let Some(record) = &content.record {
            self.store_record(record, dates(record))?;
        }
        Ok(())
    }

    fn remove(self) -> Result<(), Fault> {
        for table in TABLES {
            self.delete(&format!("DELETE FROM {table} WHERE key = ?1"))?;
        }
        Ok(())
    }
}

/// Whether bytes that were read are only the beginning of what cannot be a record.
fn cannot_be_a_record(stored: &[u8]) -> bool {
    let overhead = if is_sealed(stored) { SEAL_OVERHEAD } else { 0 };
    stored.len() > RECORD_MAX + overhead
}

/// The dates of a record, if it can be read.
fn dates(record: &StoredGrant) -> [Option<twoba_core::Timestamp>; 2] {
    let schedule = record.schedule();
    [Due::Refresh, Due::KeepBy].map(|which| which.in_schedule(schedule.as_ref()?))
}

fn time(millis: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
