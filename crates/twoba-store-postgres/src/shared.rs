//! What a store and its leases share: the database, the statements, the keys, and who this is.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio_postgres::types::Type;
use twoba_core::{Revision, SessionKey, StoredGrant};
use twoba_store::{Label, Mark, Protection, Protector, StoreError};
use zeroize::Zeroizing;

use crate::database::{Database, Row};
use crate::schema::VERSION;
use crate::sql::Statements;

/// A store as it was opened.
pub(crate) struct Shared {
    pub(crate) database: Database,
    pub(crate) statements: Statements,
    pub(crate) protector: Protector,
    /// As the store said last. Each write compares it with what the store says then.
    protection: Mutex<Protection>,
    /// How long a claim lasts that nobody renews.
    pub(crate) claim_lifetime: Duration,
    /// The process and its machine, for people: "PID at HOST".
    pub(crate) here: String,
}

/// What lies under a key.
pub(crate) struct Stored {
    pub(crate) record: Option<StoredGrant>,
    /// The bytes as they lie there.
    pub(crate) raw: Option<Zeroizing<Vec<u8>>>,
    pub(crate) protection: Protection,
    /// The mark of a move.
    pub(crate) mark: Option<Mark>,
}

impl Shared {
    pub(crate) fn new(
        database: Database,
        statements: Statements,
        protector: Protector,
        protection: Protection,
        claim_lifetime: Duration,
    ) -> Self {
        Self {
            here: here(),
            database,
            statements,
            protector,
            protection: Mutex::new(protection),
            claim_lifetime,
        }
    }

    pub(crate) fn protection(&self) -> Protection {
        *self
            .protection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the protection that the store says it has, and keeps it.
    pub(crate) fn protection_of(
        &self,
        row: &Row,
        doing: &'static str,
        column: usize,
    ) -> Result<Protection, StoreError> {
        let text: &str = row.get(&self.database, doing, column)?;
        let found = Protection::parse(text).ok_or_else(|| self.database.odd(doing))?;
        *self
            .protection
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = found;
        Ok(found)
    }

    /// Refuses a store that asks for a newer program.
    pub(crate) fn check_least_program(&self, least: i32) -> Result<(), StoreError> {
        if least <= VERSION {
            return Ok(());
        }
        Err(StoreError::SchemaNewer {
            place: self.database.place.clone(),
            found: least.unsigned_abs(),
            known: VERSION.unsigned_abs(),
        })
    }

    /// Refuses to refresh in a copy.
    pub(crate) fn check_home(&self, at_home: bool) -> Result<(), StoreError> {
        if at_home {
            return Ok(());
        }
        Err(StoreError::Copied {
            place: self.database.place.clone(),
        })
    }

    /// The mark of a move in a column.
    pub(crate) fn mark_of(
        &self,
        row: &Row,
        doing: &'static str,
        column: usize,
    ) -> Result<Option<Mark>, StoreError> {
        let text: Option<&str> = row.get(&self.database, doing, column)?;
        let mark = text.map(|text| Mark::parse(text).ok_or_else(|| self.database.odd(doing)));
        mark.transpose()
    }

    /// Refuses a store whose sessions are not used here.
    pub(crate) fn check_mark(&self, mark: Option<&Mark>) -> Result<(), StoreError> {
        match mark {
            Some(mark) => Err(mark.refusal(&self.database.place)),
            None => Ok(()),
        }
    }

    pub(crate) fn protect<'r>(
        &self,
        protection: Protection,
        label: Label<'_>,
        record: &'r StoredGrant,
    ) -> Result<Cow<'r, [u8]>, StoreError> {
        self.protector
            .protect(protection, &self.database.place, label, record)
    }

    pub(crate) fn open(
        &self,
        protection: Protection,
        label: Label<'_>,
        raw: Vec<u8>,
    ) -> Result<StoredGrant, StoreError> {
        self.protector
            .open(protection, &self.database.place, label, raw)
    }

    /// Reads what lies under a key.
    pub(crate) async fn read(&self, key: &SessionKey) -> Result<Stored, StoreError> {
        const DOING: &str = "read from";
        let row = self
            .database
            .row(
                DOING,
                &self.statements.read(),
                &[(&bytes_of(key), Type::BYTEA)],
            )
            .await?;
        self.stored(&row, DOING, key)
    }

    /// Reads what lies under a key whose claim has this name and fence. `None` if it was lost.
    pub(crate) async fn read_claimed(
        &self,
        key: &SessionKey,
        name: [u8; 16],
        fence: i64,
    ) -> Result<Option<Stored>, StoreError> {
        const DOING: &str = "read from";
        let values = [
            (&bytes_of(key) as _, Type::BYTEA),
            (&name.as_slice() as _, Type::BYTEA),
            (&fence as _, Type::INT8),
        ];
        let statement = self.statements.read_claimed();
        let row = self.database.row(DOING, &statement, &values).await?;
        let is_held: bool = row.get(&self.database, DOING, 3)?;
        let stored = self.stored(&row, DOING, key)?;
        Ok(is_held.then_some(stored))
    }

    /// Protection, record and mark from the first columns of a row.
    pub(crate) fn stored(
        &self,
        row: &Row,
        doing: &'static str,
        key: &SessionKey,
    ) -> Result<Stored, StoreError> {
        let protection = self.protection_of(row, doing, 0)?;
        let raw: Option<Vec<u8>> = row.get(&self.database, doing, 1)?;
        let record = match raw.clone() {
            Some(raw) => Some(self.open(protection, Label::Record(key), raw)?),
            None => None,
        };
        Ok(Stored {
            record,
            raw: raw.map(Zeroizing::new),
            protection,
            mark: self.mark_of(row, doing, 2)?,
        })
    }

    /// Ends a claim of this name. If the database cannot be reached, it ends by itself.
    pub(crate) async fn release(&self, key: &SessionKey, name: [u8; 16]) {
        let values = [
            (&bytes_of(key) as _, Type::BYTEA),
            (&name.as_slice() as _, Type::BYTEA),
        ];
        let statement = self.statements.release();
        let released = self
            .database
            .rows("release a claim in", &statement, &values)
            .await;
        // Nobody can be told, and others wait no longer than for its end.
        drop(released);
    }
}

impl Stored {
    /// Whether this revision is the one that is stored.
    pub(crate) fn is(&self, revision: Option<Revision>) -> bool {
        self.record.as_ref().map(StoredGrant::revision) == revision
    }
}

/// A key as the tables have it.
pub(crate) fn bytes_of(key: &SessionKey) -> &[u8] {
    key.as_str().as_bytes()
}

/// This process, for people.
fn here() -> String {
    format!("{} at {}", std::process::id(), host())
}

#[cfg(unix)]
fn host() -> String {
    let name = rustix::system::uname();
    let name = name.nodename().to_string_lossy();
    name.chars().filter(char::is_ascii_graphic).collect()
}

#[cfg(not(unix))]
fn host() -> String {
    let name = std::env::var("COMPUTERNAME").unwrap_or_default();
    name.chars().filter(char::is_ascii_graphic).collect()
}
