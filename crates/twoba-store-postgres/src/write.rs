//! A compare-and-swap, and what became of it where its answer was lost.

use tokio_postgres::types::Type;
use twoba_core::{Change, Durable, SessionKey};
use twoba_store::{ApplyError, DatabaseFailure, Label, StoreError};
use zeroize::Zeroizing;

use crate::failure::Failed;
use crate::shared::{Shared, Stored, bytes_of};
use crate::sql::{Guard, Writing};

const DOING: &str = "write to";

/// How often a change is compared anew. Each time, somebody else has written in between.
const TRIES: usize = 5;

/// Who writes.
#[derive(Debug)]
pub(crate) struct Holder {
    /// The random name of a claim.
    pub(crate) name: [u8; 16],
    /// Its number. It rises when this holder fences off a write whose answer was lost.
    pub(crate) fence: i64,
    /// A write's answer was lost, and the fence could not be raised since.
    pub(crate) in_doubt: bool,
}

impl Holder {
    pub(crate) fn new(name: [u8; 16], fence: i64) -> Self {
        Self {
            name,
            fence,
            in_doubt: false,
        }
    }
}

impl Shared {
    /// Applies a change. With a holder, the change is a part of its claim, and ends it if
    /// `releases`.
    pub(crate) async fn apply(
        &self,
        key: &SessionKey,
        change: &Change,
        mut holder: Option<&mut Holder>,
        releases: bool,
    ) -> Result<Durable, ApplyError> {
        let mut attempt = Attempt::of(change, releases);
        let mut was_in_doubt = false;
        for _ in 0..TRIES {
            let protection = self.protection();
            let written = self
                .write(key, change, holder.as_deref(), &attempt, protection)
                .await;
            let stored = match written {
                Ok(true) => return Ok(Durable::assertion(change)),
                Ok(false) => self.read(key).await?,
                Err(Attempted::Unwritten(error)) => return Err(error.into()),
                Err(Attempted::InDoubt(failed)) => {
                    if let Some(holder) = holder.as_deref_mut() {
                        holder.in_doubt = true;
                    }
                    let again = failed.failure != DatabaseFailure::TimedOut && !was_in_doubt;
                    was_in_doubt = true;
                    let settled = self.settle(key, holder.as_deref_mut()).await;
                    let Ok(stored) = settled else {
                        return Err(failed.into_error(DOING, &self.database.place).into());
                    };
                    if !stored.is(Some(change.revision())) && !again {
                        return Err(failed.into_error(DOING, &self.database.place).into());
                    }
                    stored
                }
            };
            if was_in_doubt && stored.is(Some(change.revision())) {
                return Ok(Durable::assertion(change));
            }
            if holder.is_none() {
                self.check_mark(stored.mark.as_ref())?;
            }
            if !stored.is(change.expected()) {
                return Err(ApplyError::Conflict(stored.record));
            }
            // The protection was changed, or the revision beside the bytes is not theirs, or
            // somebody wrote in between what was there before.
            if stored.protection == protection && !was_in_doubt {
                attempt.by_bytes(stored.raw);
            }
        }
        let failed = Failed::unsent(
            DatabaseFailure::Busy,
            "others changed the record again and again",
        );
        Err(failed.into_error(DOING, &self.database.place).into())
    }

    async fn write(
        &self,
        key: &SessionKey,
        change: &Change,
        holder: Option<&Holder>,
        attempt: &Attempt,
        protection: twoba_store::Protection,
    ) -> Result<bool, Attempted> {
        let record = self.protect(protection, Label::Record(key), change.record())?;
        let statement = self.statements.write(Writing {
            guard: attempt.guard,
            keeps_replaced: change.keeps_replaced(),
            ends_rescue: change.ends_rescue(),
            releases: attempt.releases,
            claimed: holder.is_some(),
        });
        let revision = change.revision().to_bytes();
        let millis = |at: Option<twoba_core::Timestamp>| at.map(|at| at.unix_millis());
        let rows = self
            .database
            .attempt(
                &statement,
                &[
                    (&bytes_of(key), Type::BYTEA),
                    (&record.as_ref(), Type::BYTEA),
                    (&revision.as_slice(), Type::BYTEA),
                    (&millis(change.due_at()), Type::INT8),
                    (&millis(change.keep_by()), Type::INT8),
                    (&protection.to_string(), Type::TEXT),
                    (&holder.map(|holder| holder.name.as_slice()), Type::BYTEA),
                    (&holder.map(|holder| holder.fence), Type::INT8),
                    (
                        &attempt.compared.as_ref().map(|bytes| bytes.as_slice()),
                        Type::BYTEA,
                    ),
                ],
            )
            .await;
        match rows {
            Ok(rows) => Ok(!rows.is_empty()),
            Err(failed) if failed.in_doubt => Err(Attempted::InDoubt(failed)),
            Err(failed) => {
                let error = failed.into_error(DOING, &self.database.place);
                Err(Attempted::Unwritten(error))
            }
        }
    }

    /// Reads what is stored after a write whose answer was lost. Under a claim, that write cannot
    /// come late afterwards.
    pub(crate) async fn settle(
        &self,
        key: &SessionKey,
        holder: Option<&mut Holder>,
    ) -> Result<Stored, StoreError> {
        let Some(holder) = holder else {
            return self.read(key).await;
        };
        let values = [
            (&bytes_of(key) as _, Type::BYTEA),
            (&holder.name.as_slice() as _, Type::BYTEA),
        ];
        let rows = self
            .database
            .rows(DOING, &self.statements.settle(), &values)
            .await?;
        let stored = match rows.first() {
            Some(row) => {
                holder.fence = row.get(&self.database, DOING, 3)?;
                self.stored(row, DOING, key)?
            }
            // Another holder has claimed it since, or the row is gone: nothing fences that off.
            None => self.read(key).await?,
        };
        holder.in_doubt = false;
        Ok(stored)
    }
}

/// What a write compares.
struct Attempt {
    guard: Guard,
    compared: Option<Zeroizing<Vec<u8>>>,
    releases: bool,
}

impl Attempt {
    /// Compares the revision that the change expects.
    fn of(change: &Change, releases: bool) -> Self {
        let expected = change.expected();
        Self {
            guard: match expected {
                None => Guard::Nothing,
                Some(_) => Guard::Revision,
            },
            compared: expected.map(|revision| revision.to_bytes().to_vec().into()),
            releases,
        }
    }

    /// Compares the bytes from now on.
    fn by_bytes(&mut self, raw: Option<Zeroizing<Vec<u8>>>) {
        if raw.is_some() {
            self.guard = Guard::Bytes;
            self.compared = raw;
        }
    }
}

/// Why nothing is known to be written.
enum Attempted {
    /// Nothing was written.
    Unwritten(StoreError),
    /// The server may have written it.
    InDoubt(Failed),
}

impl From<StoreError> for Attempted {
    fn from(error: StoreError) -> Self {
        Self::Unwritten(error)
    }
}
