//! Takes claims: of one session, or of those that are due.

use std::sync::Arc;

use tokio_postgres::types::Type;
use twoba_core::{SessionKey, Timestamp};
use twoba_store::{AsyncLease, DatabaseFailure, Due, Found, Label, StoreError};

use crate::database::Row;
use crate::failure::Failed;
use crate::lease::PostgresLease;
use crate::schema::VERSION;
use crate::shared::{Shared, bytes_of};
use crate::sql::Taking;
use crate::write::Holder;

const DOING: &str = "claim a session in";

/// Claims one session; `None` if somebody has it.
pub(crate) async fn try_claim(
    shared: &Arc<Shared>,
    key: &SessionKey,
    taking: Taking,
) -> Result<Option<Box<dyn AsyncLease>>, StoreError> {
    let claim = claim(shared, key, taking).await?;
    Ok(claim.map(|claim| lease(shared, key.clone(), claim)))
}

/// A claim that was made, and what was read by the statement that made it.
type Claimed = (Holder, Option<Found>);

/// Claims a session; `None` if somebody has it.
pub(crate) async fn claim(
    shared: &Shared,
    key: &SessionKey,
    taking: Taking,
) -> Result<Option<Claimed>, StoreError> {
    let name = name(shared)?;
    claim_as(shared, key, name, taking).await
}

fn lease(shared: &Arc<Shared>, key: SessionKey, claim: Claimed) -> Box<dyn AsyncLease> {
    let (holder, found) = claim;
    Box::new(PostgresLease::new(Arc::clone(shared), key, holder, found))
}

/// A name that no other claim has.
fn name(shared: &Shared) -> Result<[u8; 16], StoreError> {
    let mut name = [0; 16];
    let drawn = getrandom::fill(&mut name);
    drawn.map_err(|_| {
        let failed = Failed::unsent(
            DatabaseFailure::Other,
            "the system has no randomness to offer",
        );
        failed.into_error(DOING, &shared.database.place)
    })?;
    Ok(name)
}

/// Sends one of the two statements that claim a session.
async fn attempt(
    shared: &Shared,
    statement: &str,
    key: &SessionKey,
    name: [u8; 16],
) -> Result<Vec<Row>, Failed> {
    let values = [
        (&bytes_of(key) as _, Type::BYTEA),
        (&name.as_slice() as _, Type::BYTEA),
        (&shared.here as _, Type::TEXT),
        (&shared.claim_lifetime.as_secs_f64() as _, Type::FLOAT8),
        (&VERSION as _, Type::INT4),
    ];
    shared.database.attempt(statement, &values).await
}

async fn claim_as(
    shared: &Shared,
    key: &SessionKey,
    name: [u8; 16],
    taking: Taking,
) -> Result<Option<Claimed>, StoreError> {
    let database = &shared.database;
    let statement = shared.statements.claim(taking);
    let rows = match attempt(shared, &statement, key, name).await {
        Ok(rows) => rows,
        Err(failed) if failed.in_doubt => return settled(shared, key, name, failed).await,
        Err(failed) => return Err(failed.into_error(DOING, &database.place)),
    };
    let Some(row) = rows.first() else {
        return match why_refused(shared, key, taking).await? {
            Refused::Claimed => Ok(None),
            Refused::NoRow => first_claim(shared, key, name, taking).await,
        };
    };
    let fence = row.get(database, DOING, 4)?;
    match found(shared, row, key) {
        Ok(found) => Ok(Some((Holder::new(name, fence), Some(found)))),
        Err(error) => {
            // A program without the key must not keep others from the session.
            shared.release(key, name).await;
            Err(error)
        }
    }
}

/// What a claim has read in its own statement.
fn found(shared: &Shared, row: &Row, key: &SessionKey) -> Result<Found, StoreError> {
    let protection = shared.protection_of(row, DOING, 0)?;
    shared.protector.check(protection, &shared.database.place)?;
    let rescued: Option<Vec<u8>> = row.get(&shared.database, DOING, 3)?;
    let open = |raw| shared.open(protection, Label::Rescue(key), raw);
    Ok(Found {
        record: shared.stored(row, DOING, key)?.record,
        rescued: rescued.map(open).transpose()?,
    })
}

/// Why a claim was not made that nothing else forbids.
enum Refused {
    /// Somebody has it.
    Claimed,
    /// The key has no row yet.
    NoRow,
}

/// Why a claim was not made.
async fn why_refused(
    shared: &Shared,
    key: &SessionKey,
    taking: Taking,
) -> Result<Refused, StoreError> {
    let database = &shared.database;
    let values = [(&bytes_of(key) as _, Type::BYTEA)];
    let statement = shared.statements.refusal();
    let row = database.row(DOING, &statement, &values).await?;
    shared.check_least_program(row.get(database, DOING, 0)?)?;
    shared.protection_of(&row, DOING, 1)?;
    shared.check_home(row.get(database, DOING, 2)?)?;
    if taking == Taking::InUse {
        shared.check_mark(shared.mark_of(&row, DOING, 3)?.as_ref())?;
    }
    let exists: bool = row.get(database, DOING, 4)?;
    Ok(if exists {
        Refused::Claimed
    } else {
        Refused::NoRow
    })
}

async fn first_claim(
    shared: &Shared,
    key: &SessionKey,
    name: [u8; 16],
    taking: Taking,
) -> Result<Option<Claimed>, StoreError> {
    let database = &shared.database;
    let statement = shared.statements.first_claim(taking);
    let fence = match attempt(shared, &statement, key, name).await {
        Ok(rows) => rows
            .first()
            .map(|row| row.get(database, DOING, 0))
            .transpose()?,
        Err(failed) if failed.in_doubt => return settled(shared, key, name, failed).await,
        Err(failed) => return Err(failed.into_error(DOING, &database.place)),
    };
    Ok(fence.map(|fence| (Holder::new(name, fence), Some(Found::default()))))
}

/// Whether a claim was made whose answer was lost. One that comes later ends by itself.
async fn settled(
    shared: &Shared,
    key: &SessionKey,
    name: [u8; 16],
    failed: Failed,
) -> Result<Option<Claimed>, StoreError> {
    let values = [
        (&bytes_of(key) as _, Type::BYTEA),
        (&name.as_slice() as _, Type::BYTEA),
    ];
    let claimed = shared
        .database
        .rows(DOING, &shared.statements.claimed(), &values)
        .await;
    match claimed.as_deref() {
        Ok([row, ..]) => {
            let fence = row.get(&shared.database, DOING, 0)?;
            Ok(Some((Holder::new(name, fence), None)))
        }
        Ok([]) | Err(_) => Err(failed.into_error(DOING, &shared.database.place)),
    }
}

/// Claims sessions that are due, the earliest first. Those of other holders are passed over.
pub(crate) async fn claim_due(
    shared: &Arc<Shared>,
    which: Due,
    before: Timestamp,
    limit: usize,
) -> Result<Vec<(SessionKey, Box<dyn AsyncLease>)>, StoreError> {
    let database = &shared.database;
    check_facts(shared).await?;
    let name = name(shared)?;
    let claimed = database
        .attempt(
            &shared.statements.claim_due(which),
            &[
                (&before.unix_millis(), Type::INT8),
                (&name.as_slice(), Type::BYTEA),
                (&shared.here, Type::TEXT),
                (&shared.claim_lifetime.as_secs_f64(), Type::FLOAT8),
                (&VERSION, Type::INT4),
                (&i64::try_from(limit).unwrap_or(i64::MAX), Type::INT8),
            ],
        )
        .await;
    // Claims whose answer was lost end by themselves: others take them up later.
    let rows = claimed.map_err(|failed| failed.into_error(DOING, &database.place))?;
    let mut due = Vec::with_capacity(rows.len());
    for row in &rows {
        let at: i64 = row.get(database, DOING, 2)?;
        let fence: i64 = row.get(database, DOING, 1)?;
        if let Some(key) = key_of(shared, row, DOING)? {
            due.push((at, key, fence));
        }
    }
    due.sort_unstable();
    let leased = due.into_iter().map(|(_, key, fence)| {
        let claim = (Holder::new(name, fence), None);
        let lease = lease(shared, key.clone(), claim);
        (key, lease)
    });
    Ok(leased.collect())
}

/// Refuses a copy, a store of a newer program, and one whose key is missing.
async fn check_facts(shared: &Shared) -> Result<(), StoreError> {
    let database = &shared.database;
    let facts = database.row(DOING, &shared.statements.facts(), &[]).await?;
    shared.check_least_program(facts.get(database, DOING, 1)?)?;
    let protection = shared.protection_of(&facts, DOING, 2)?;
    shared.check_home(facts.get(database, DOING, 3)?)?;
    shared.check_mark(shared.mark_of(&facts, DOING, 4)?.as_ref())?;
    shared.protector.check(protection, &database.place)
}

/// The key in the first column; `None` if it is none of a session.
pub(crate) fn key_of(
    shared: &Shared,
    row: &Row,
    doing: &'static str,
) -> Result<Option<SessionKey>, StoreError> {
    let bytes: &[u8] = row.get(&shared.database, doing, 0)?;
    let text = std::str::from_utf8(bytes).ok();
    Ok(text.and_then(|text| SessionKey::stored(text).ok()))
}
