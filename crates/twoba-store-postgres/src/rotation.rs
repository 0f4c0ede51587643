//! A new key for the store, while programs use it.

use std::sync::Arc;

use tokio_postgres::types::Type;
use twoba_store::{KeyId, Label, Protection, StoreError, key_of as key_of_seal};

use crate::claims::key_of;
use crate::database::Row;
use crate::shared::{Shared, bytes_of};
use crate::store::PostgresStore;
use crate::tasks::run;

const DOING: &str = "seal the records again in";

/// How many records are read at once. The longest record has half a megabyte.
const BATCH: i64 = 50;

/// Where sealed bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Session,
    KeptAside,
    Rescue,
}

impl PostgresStore {
    /// Has all programs write with this key from now on. Each of them must have it among its keys
    /// already, and keep the earlier keys until [`encrypt_again`](Self::encrypt_again) is done.
    ///
    /// # Errors
    ///
    /// - the key is not among those of this program: [`StoreError::KeyUnknown`]
    /// - the store is not encrypted: [`StoreError::NotEncrypted`]
    /// - the database cannot be used: [`StoreError::Database`]
    pub async fn use_key(&self, key: KeyId) -> Result<(), StoreError> {
        const DOING: &str = "set the key of";
        let shared = Arc::clone(&self.shared);
        run(&self.shared, async move {
            let wanted = Protection::Encrypted(key);
            let place = &shared.database.place;
            shared.protector.check(wanted, place)?;
            let values = [(&wanted.to_string() as _, Type::TEXT)];
            let statement = shared.statements.use_key();
            let rows = shared.database.rows(DOING, &statement, &values).await?;
            if rows.is_empty() {
                let place = place.clone();
                return Err(StoreError::NotEncrypted { place });
            }
            Ok(())
        })
        .await
    }

    /// Seals everything again that is not sealed with the current key, in small batches, while
    /// programs use the store. Returns how many records, rescued grants and bytes that were kept
    /// aside it has sealed. After it has returned 0, no earlier key is needed any more, unless bytes
    /// were kept aside because they are damaged.
    ///
    /// # Errors
    ///
    /// - a key is missing: [`StoreError::KeyUnknown`] or another
    /// - the store is not encrypted: [`StoreError::NotEncrypted`]
    /// - the database cannot be used: [`StoreError::Database`]
    pub async fn encrypt_again(&self) -> Result<u64, StoreError> {
        let protection = self.protection().await?;
        let Protection::Encrypted(id) = protection else {
            let place = self.shared.database.place.clone();
            return Err(StoreError::NotEncrypted { place });
        };
        let shared = Arc::clone(&self.shared);
        run(&self.shared, async move {
            let mut sealed = 0;
            for place in [Place::Session, Place::KeptAside, Place::Rescue] {
                sealed += seal_all(&shared, place, id).await?;
            }
            Ok(sealed)
        })
        .await
    }
}

async fn seal_all(shared: &Shared, of: Place, id: KeyId) -> Result<u64, StoreError> {
    let mut after: Vec<u8> = Vec::new();
    let (mut number, mut sealed) = (i64::MIN, 0_u64);
    loop {
        let values = [
            (&after as _, Type::BYTEA),
            (&number as _, Type::INT8),
            (&BATCH as _, Type::INT8),
        ];
        let page = shared
            .database
            .rows(DOING, &of.page(shared), &values)
            .await?;
        let Some(last) = page.last() else {
            return Ok(sealed);
        };
        after = last.get(&shared.database, DOING, 0)?;
        number = last.get(&shared.database, DOING, 2)?;
        for row in &page {
            sealed += u64::from(seal_row(shared, of, row, id).await?);
        }
    }
}

/// Whether a row was sealed again. One that somebody has written meanwhile has the new key.
async fn seal_row(shared: &Shared, of: Place, row: &Row, id: KeyId) -> Result<bool, StoreError> {
    let raw: &[u8] = row.get(&shared.database, DOING, 1)?;
    let number: i64 = row.get(&shared.database, DOING, 2)?;
    let Some(key) = key_of(shared, row, DOING)? else {
        return Ok(false);
    };
    if key_of_seal(raw).is_none_or(|found| found == id) {
        return Ok(false);
    }
    let label = match of {
        Place::Session | Place::KeptAside => Label::Record(&key),
        Place::Rescue => Label::Rescue(&key),
    };
    let protection = Protection::Encrypted(id);
    let record = shared.open(protection, label, raw.to_vec())?;
    if record.expose() == raw {
        // Damaged: nobody can open it, and it stays as it is.
        return Ok(false);
    }
    let sealed = shared.protect(protection, label, &record)?;
    let values = [
        (&bytes_of(&key) as _, Type::BYTEA),
        (&sealed.as_ref() as _, Type::BYTEA),
        (&raw as _, Type::BYTEA),
        (&number as _, Type::INT8),
    ];
    let rows = shared
        .database
        .rows(DOING, &of.seal(shared), &values)
        .await?;
    Ok(!rows.is_empty())
}

impl Place {
    fn table(self) -> &'static str {
        match self {
            Self::Session | Self::Rescue => "session",
            Self::KeptAside => "kept_aside",
        }
    }

    fn column(self) -> &'static str {
        match self {
            Self::Session | Self::KeptAside => "record",
            Self::Rescue => "rescued",
        }
    }

    /// Only bytes that were kept aside have a number, as a key can have several.
    fn number(self) -> &'static str {
        match self {
            Self::Session | Self::Rescue => "0::bigint",
            Self::KeptAside => "number",
        }
    }

    /// `$1` and `$2` key and number behind which it goes on, `$3` how many.
    fn page(self, shared: &Shared) -> String {
        let (schema, table) = (&shared.statements.schema, self.table());
        let (column, number) = (self.column(), self.number());
        format!(
            "SELECT key, {column}, {number} FROM {schema}.{table} \
             WHERE (key, {number}) > ($1, $2) \
             AND {column} IS NOT NULL ORDER BY key, {number} LIMIT $3"
        )
    }

    /// `$1` key, `$2` new bytes, `$3` old bytes, `$4` number.
    fn seal(self, shared: &Shared) -> String {
        let (schema, table) = (&shared.statements.schema, self.table());
        let (column, number) = (self.column(), self.number());
        format!(
            "UPDATE {schema}.{table} SET {column} = $2 \
             WHERE key = $1 AND {number} = $4 AND {column} = $3 RETURNING 1::bigint"
        )
    }
}
