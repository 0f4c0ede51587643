//! Takes claims: of one session, or of those that are due.

use std::sync::Arc;

use tokio_postgres::types::Type;
use twoba_core::{SessionKey, Timestamp};
use twoba_store::{AsyncLease, DatabaseFailure, Due, StoreError};

use crate::database::Row;
use crate::failure::Failed;
use crate::lease::PostgresLease;
use crate::schema::VERSION;
use crate::shared::{Shared, bytes_of};
use crate::sql::Taking;

const DOING: &str = "claim a session in";

/// Claims one session; `None` if somebody has it.
pub(crate) async fn try_claim(
    shared: &Arc<Shared>,
    key: &SessionKey,
    taking: Taking,
) -> Result<Option<Box<dyn AsyncLease>>, StoreError> {
    let claim = claim(shared, key, taking).await?;
    Ok(claim.map(|(name, fence)| lease(shared, key.clone(), name, fence)))
}

/// The name and the fence of a claim that was made.
pub(crate) async fn claim(
    shared: &Shared,
    key: &SessionKey,
    taking: Taking,
) -> Result<Option<([u8; 16], i64)>, StoreError> {
    let name = name(shared)?;
    let fence = claim_as(shared, key, name, taking).await?;
    Ok(fence.map(|fence| (name, fence)))
}

fn lease(shared: &Arc<Shared>, key: SessionKey, name: [u8; 16], fence: i64) -> Box<dyn AsyncLease> {
    Box::new(PostgresLease::new(Arc::clone(shared), key, name, fence))
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
) -> Result<Option<i64>, StoreError> {
    let database = &shared.database;
    let statement = shared.statements.claim(taking);
    let rows = match attempt(shared, &statement, key, name).await {
        Ok(rows) => rows,
        Err(failed) if failed.in_doubt => return settled(shared, key, name, failed).await,
        Err(failed) => return Err(failed.into_error(DOING, &database.place)),
    };
    let row = rows.first().ok_or_else(|| database.odd(DOING))?;
    shared.check_least_program(row.get(database, DOING, 0)?)?;
    let protection = shared.protection_of(row, DOING, 1)?;
    shared.check_home(row.get(database, DOING, 2)?)?;
    let fence: Option<i64> = row.get(database, DOING, 3)?;
    let exists: bool = row.get(database, DOING, 4)?;
    if taking == Taking::InUse {
        shared.check_mark(shared.mark_of(row, DOING, 5)?.as_ref())?;
    }
    if fence.is_none() && !exists {
        return first_claim(shared, key, name, taking).await;
    }
    if fence.is_some() {
        // A program without the key must not keep others from the session.
        let checked = shared.protector.check(protection, &database.place);
        if let Err(error) = checked {
            shared.release(key, name).await;
            return Err(error);
        }
    }
    Ok(fence)
}

async fn first_claim(
    shared: &Shared,
    key: &SessionKey,
    name: [u8; 16],
    taking: Taking,
) -> Result<Option<i64>, StoreError> {
    let database = &shared.database;
    let statement = shared.statements.first_claim(taking);
    match attempt(shared, &statement, key, name).await {
        Ok(rows) => rows
            .first()
            .map(|row| row.get(database, DOING, 0))
            .transpose(),
        Err(failed) if failed.in_doubt => settled(shared, key, name, failed).await,
        Err(failed) => Err(failed.into_error(DOING, &database.place)),
    }
}

/// Whether a claim was made whose answer was lost. One that comes later ends by itself.
async fn settled(
    shared: &Shared,
    key: &SessionKey,
    name: [u8; 16],
    failed: Failed,
) -> Result<Option<i64>, StoreError> {
    let values = [
        (&bytes_of(key) as _, Type::BYTEA),
        (&name.as_slice() as _, Type::BYTEA),
    ];
    let found = shared
        .database
        .rows(DOING, &shared.statements.claimed(), &values)
        .await;
    match found.as_deref() {
        Ok([row, ..]) => row.get(&shared.database, DOING, 0).map(Some),
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
        let lease = lease(shared, key.clone(), name, fence);
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
